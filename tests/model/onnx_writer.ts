/** Writes small ONNX models, so that tests can say what they mean and ONNX Runtime can run it. */

const DATA_TYPES = { float32: 1, int32: 6, int64: 7, bool: 9, float64: 11 } as const;

export type WrittenType = keyof typeof DATA_TYPES;

export interface WrittenTensor {
  readonly type: WrittenType;
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

/** A float attribute is { float }, as a number alone is an integer. */
export type WrittenAttribute =
  | number
  | string
  | readonly number[]
  | readonly string[]
  | { readonly float: number }
  | { readonly floats: readonly number[] }
  | { readonly tensor: WrittenTensor }
  | { readonly graph: WrittenGraph }
  /** Inside of a function: what its caller gives as the attribute of this name, of this kind. */
  | { readonly reference: string; readonly kind: "float" | "int" };

export interface WrittenNode {
  readonly op: string;
  readonly domain?: string;
  readonly name?: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, WrittenAttribute>>;
}

/** A dimension given as text is a symbol. */
export interface WrittenValue {
  readonly name: string;
  readonly type?: WrittenType;
  readonly shape?: readonly (number | string)[];
}

export interface WrittenGraph {
  readonly nodes: readonly WrittenNode[];
  readonly inputs: readonly WrittenValue[];
  readonly outputs: readonly WrittenValue[];
  readonly initializers?: Readonly<Record<string, WrittenTensor>>;
}

/** An operator that the model defines itself, in the domain "local". */
export interface WrittenFunction {
  readonly name: string;
  readonly nodes: readonly WrittenNode[];
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly opsets: Readonly<Record<string, number>>;
  /** Attributes without a default, by name. */
  readonly attributes?: readonly string[];
  /** Attributes with one. */
  readonly defaults?: Readonly<Record<string, WrittenAttribute>>;
}

export interface WrittenModel extends WrittenGraph {
  readonly opsets: Readonly<Record<string, number>>;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly functions?: readonly WrittenFunction[];
}

/** The bytes of a model file. */
export function writeModel(model: WrittenModel): Uint8Array {
  return join([
    integer(1, 10),
    message(7, graph(model)),
    ...opsets(8, model.opsets),
    ...(model.functions ?? []).map((one) => message(25, written(one))),
    ...Object.entries(model.metadata ?? {}).map(([key, value]) =>
      message(14, join([text(1, key), text(2, value)]))
    ),
  ]);
}

function opsets(field: number, versions: WrittenModel["opsets"]): Uint8Array[] {
  return Object.entries(versions).map(([domain, version]) =>
    message(field, join([text(1, domain === "ai.onnx" ? "" : domain), integer(2, version)]))
  );
}

function written(one: WrittenFunction): Uint8Array {
  return join([
    text(1, one.name),
    ...one.inputs.map((name) => text(4, name)),
    ...one.outputs.map((name) => text(5, name)),
    ...(one.attributes ?? []).map((name) => text(6, name)),
    ...one.nodes.map((inner) => message(7, node(inner))),
    ...opsets(9, one.opsets),
    text(10, "local"),
    ...Object.entries(one.defaults ?? {}).map(([key, value]) => message(11, attribute(key, value))),
  ]);
}

function graph({ nodes, inputs, outputs, initializers = {} }: WrittenGraph): Uint8Array {
  return join([
    ...nodes.map((one) => message(1, node(one))),
    text(2, "written"),
    ...Object.entries(initializers).map(([name, value]) => message(5, tensor(value, name))),
    ...inputs.map((one) => message(11, valueInfo(one))),
    ...outputs.map((one) => message(12, valueInfo(one))),
  ]);
}

function node({ op, domain = "", name = "", inputs, outputs, attributes = {} }: WrittenNode) {
  return join([
    ...inputs.map((input) => text(1, input)),
    ...outputs.map((output) => text(2, output)),
    text(3, name),
    text(4, op),
    ...Object.entries(attributes).map(([key, value]) => message(5, attribute(key, value))),
    text(7, domain),
  ]);
}

function attribute(name: string, value: WrittenAttribute): Uint8Array {
  const kind = (type: number) => integer(20, type);
  const of = (...parts: Uint8Array[]) => join([text(1, name), ...parts]);
  if (typeof value === "number") return of(integer(3, value), kind(2));
  if (typeof value === "string") return of(text(4, value), kind(3));
  if ("reference" in value) {
    return of(text(21, value.reference), kind(value.kind === "float" ? 1 : 2));
  }
  if ("float" in value) return of(float(2, value.float), kind(1));
  if ("floats" in value) return of(...value.floats.map((v) => float(7, v)), kind(6));
  if ("tensor" in value) return of(message(5, tensor(value.tensor)), kind(4));
  if ("graph" in value) return of(message(6, graph(value.graph)), kind(5));
  const list = value as readonly (number | string)[];
  return of(
    ...list.map((item) => typeof item === "number" ? integer(8, item) : text(9, item)),
    kind(typeof list[0] === "string" ? 8 : 7),
  );
}

const RAW = {
  float32: (values: readonly number[]) => Float32Array.from(values),
  float64: (values: readonly number[]) => Float64Array.from(values),
  int32: (values: readonly number[]) => Int32Array.from(values),
  int64: (values: readonly number[]) => BigInt64Array.from(values, BigInt),
  bool: (values: readonly number[]) => Uint8Array.from(values),
} as const;

function tensor({ type, shape, values }: WrittenTensor, name = ""): Uint8Array {
  const raw = RAW[type](values);
  return join([
    ...shape.map((size) => integer(1, size)),
    integer(2, DATA_TYPES[type]),
    text(8, name),
    message(9, new Uint8Array(raw.buffer)),
  ]);
}

function valueInfo({ name, type = "float32", shape }: WrittenValue): Uint8Array {
  const dimensions = shape?.map((size) =>
    message(1, typeof size === "number" ? integer(1, size) : text(2, size))
  );
  const tensorType = join([
    integer(1, DATA_TYPES[type]),
    ...(dimensions === undefined ? [] : [message(2, join(dimensions))]),
  ]);
  return join([text(1, name), message(2, message(1, tensorType))]);
}

function integer(field: number, value: number): Uint8Array {
  return join([varint(BigInt(field) << 3n), varint(BigInt.asUintN(64, BigInt(value)))]);
}

function float(field: number, value: number): Uint8Array {
  return join([
    varint((BigInt(field) << 3n) | 5n),
    new Uint8Array(Float32Array.of(value).buffer),
  ]);
}

function text(field: number, value: string): Uint8Array {
  return message(field, new TextEncoder().encode(value));
}

function message(field: number, bytes: Uint8Array): Uint8Array {
  return join([varint((BigInt(field) << 3n) | 2n), varint(BigInt(bytes.length)), bytes]);
}

function varint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  return Uint8Array.from([...bytes, Number(rest)]);
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
