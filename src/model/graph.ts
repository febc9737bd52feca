/** An ONNX model as plain records: what the file says, before anybody asks what it means. */

/** Element types by their number in onnx.proto3, TensorProto.DataType. */
export const ELEMENT_TYPES = {
  1: "float32",
  2: "uint8",
  3: "int8",
  4: "uint16",
  5: "int16",
  6: "int32",
  7: "int64",
  8: "string",
  9: "bool",
  10: "float16",
  11: "float64",
  12: "uint32",
  13: "uint64",
  16: "bfloat16",
} as const;

/** `other`: a type that no regression model computes with, such as complex or 4-bit numbers. */
export type ElementType = typeof ELEMENT_TYPES[keyof typeof ELEMENT_TYPES] | "other";

/** A constant tensor; `values` is undefined for strings and other types without float64 values. */
export interface Tensor {
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly values: Float64Array | undefined;
}

/** A value that a node carries beside its inputs. */
export type Attribute =
  | { readonly kind: "float"; readonly value: number }
  | { readonly kind: "int"; readonly value: number }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "tensor"; readonly value: Tensor }
  | { readonly kind: "graph"; readonly value: GraphBody }
  | { readonly kind: "floats"; readonly value: readonly number[] }
  | { readonly kind: "ints"; readonly value: readonly number[] }
  | { readonly kind: "strings"; readonly value: readonly string[] }
  /** Inside of a function: the attribute of this name that the function's caller gives. */
  | { readonly kind: "reference"; readonly value: string }
  /** Sparse tensors, types, lists of tensors or graphs. */
  | { readonly kind: "other"; readonly value: undefined };

/** One use of an operator. */
export interface GraphNode {
  readonly op: string;
  /** `ai.onnx` for the standard domain, whichever way the file spells it. */
  readonly domain: string;
  /** Tells functions of one name apart; empty for operators. */
  readonly overload: string;
  readonly name: string;
  /** Names of values; an empty name is an input that is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, Attribute>;
}

/** A graph's input or output; a dimension is undefined where the file gives a symbol or nothing. */
export interface ValueShape {
  readonly name: string;
  readonly type: ElementType;
  /** Undefined where the file states no shape at all. */
  readonly shape: readonly (number | undefined)[] | undefined;
}

/** Nodes with the names that go in and come out; also what Scan carries as an attribute. */
export interface GraphBody {
  readonly name: string;
  readonly nodes: readonly GraphNode[];
  readonly initializers: ReadonlyMap<string, Tensor>;
  readonly inputs: readonly ValueShape[];
  readonly outputs: readonly ValueShape[];
}

/** An operator that the model defines itself, out of others. */
export interface GraphFunction {
  /** Inputs and outputs are of any type and shape; a function holds no initializers. */
  readonly body: GraphBody;
  /** Operator sets that its own nodes refer to. */
  readonly opsets: ReadonlyMap<string, number>;
  /** What holds for attributes that a caller leaves out. */
  readonly defaults: ReadonlyMap<string, Attribute>;
}

/** A whole model file. */
export interface Graph extends GraphBody {
  /** Version of each operator set that the nodes refer to, by domain. */
  readonly opsets: ReadonlyMap<string, number>;
  /** Functions that the model defines itself, as `domain.name`, and `:overload` where there is one. */
  readonly functions: ReadonlyMap<string, GraphFunction>;
  readonly metadata: ReadonlyMap<string, string>;
}

/** The name under which a node's own operator would stand among the model's functions. */
export function functionKey(
  { domain, op, overload }: {
    readonly domain: string;
    readonly op: string;
    readonly overload: string | undefined;
  },
): string {
  return `${domain}.${op}${overload ? `:${overload}` : ""}`;
}
