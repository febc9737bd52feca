/**
 * ONNX files to graph records.
 *
 * Field numbers are those of onnx.proto, IR version 13, the newest that ONNX Runtime 1.30 reads,
 * https://github.com/onnx/onnx/blob/main/onnx/onnx.proto.
 */

import {
  type Attribute,
  ELEMENT_TYPES,
  type ElementType,
  functionKey,
  type Graph,
  type GraphBody,
  type GraphFunction,
  type GraphNode,
  type Tensor,
  type ValueShape,
} from "./graph.ts";
import { Message } from "./message.ts";
import { WireError } from "./protobuf.ts";
import { decodeTensor } from "./tensor_bytes.ts";

/** A file that is no ONNX model, is damaged, or keeps its weights elsewhere. */
export class OnnxError extends Error {
  override readonly name = "OnnxError";
}

/**
 * The model in `bytes` as frozen records.
 * @throws {OnnxError} where the bytes are not one whole ONNX model.
 */
export function readGraph(bytes: Uint8Array): Graph {
  try {
    return readModel(new Message("ModelProto", bytes));
  } catch (cause) {
    if (!(cause instanceof WireError)) throw cause;
    throw new OnnxError(
      cause.cure === undefined
        ? `not a whole ONNX model (${bytes.length} bytes): ${cause.message}; ` +
          "export the model again and compare the file's digest with the original"
        : `the ONNX model is whole, but not usable: ${cause.message}; ${cause.cure}`,
      { cause },
    );
  }
}

function readModel(model: Message): Graph {
  const graph = model.message(7, "GraphProto");
  if (graph === undefined) throw new WireError("it holds no graph");
  const functions = model.messages(25, "FunctionProto").map(readFunction);
  return Object.freeze({
    ...readBody(graph),
    opsets: readOpsets(model, 8),
    functions: new Map(functions),
    metadata: readEntries(model.messages(14, "StringStringEntryProto")),
  });
}

function readOpsets(message: Message, field: number): Map<string, number> {
  return new Map(
    message.messages(field, "OperatorSetIdProto")
      .map((opset) => [domainOf(opset.text(1)), opset.int(2) ?? 0]),
  );
}

/** A function under the name that its callers give. */
function readFunction(given: Message): [string, GraphFunction] {
  const name = given.text(1) ?? "";
  const of = (text: string): ValueShape => ({ name: text, type: "other", shape: undefined });
  const body = Object.freeze({
    name,
    nodes: given.messages(7, "NodeProto").map(readNode),
    initializers: new Map<string, Tensor>(),
    inputs: given.texts(4).map(of),
    outputs: given.texts(5).map(of),
  });
  const defaults = readAttributes(given.messages(11, "AttributeProto"));
  const key = functionKey({ domain: domainOf(given.text(10)), op: name, overload: given.text(13) });
  return [key, Object.freeze({ body, opsets: readOpsets(given, 9), defaults })];
}

function readBody(graph: Message): GraphBody {
  const initializers = new Map<string, Tensor>();
  for (const tensor of graph.messages(5, "TensorProto")) {
    const name = tensor.text(8) ?? "";
    if (initializers.has(name)) throw new WireError(`two initializers are named "${name}"`);
    initializers.set(name, decodeTensor(tensor));
  }
  if (graph.messages(15, "SparseTensorProto").length > 0) {
    throw new WireError("it holds sparse initializers", "export it with dense weights");
  }
  return Object.freeze({
    name: graph.text(2) ?? "",
    nodes: graph.messages(1, "NodeProto").map(readNode),
    initializers,
    inputs: graph.messages(11, "ValueInfoProto").map(readValueShape),
    outputs: graph.messages(12, "ValueInfoProto").map(readValueShape),
  });
}

function readNode(node: Message): GraphNode {
  return Object.freeze({
    op: node.text(4) ?? "",
    domain: domainOf(node.text(7)),
    overload: node.text(8) ?? "",
    name: node.text(3) ?? "",
    inputs: node.texts(1),
    outputs: node.texts(2),
    attributes: readAttributes(node.messages(5, "AttributeProto")),
  });
}

function readAttributes(given: readonly Message[]): Map<string, Attribute> {
  const attributes = new Map<string, Attribute>();
  for (const attribute of given) {
    const name = attribute.text(1) ?? "";
    if (attributes.has(name)) throw new WireError(`two attributes are named "${name}"`);
    attributes.set(name, readAttribute(attribute));
  }
  return attributes;
}

/** By AttributeProto.AttributeType; each reader takes the one field that its type fills. */
const ATTRIBUTE_READERS: Record<number, (a: Message) => Attribute | undefined> = {
  1: (a) => defined("float", a.float(2)),
  2: (a) => defined("int", a.int(3)),
  3: (a) => defined("string", a.text(4)),
  4: (a) => {
    const tensor = a.message(5, "TensorProto");
    return tensor && { kind: "tensor", value: decodeTensor(tensor) };
  },
  5: (a) => {
    const graph = a.message(6, "GraphProto");
    return graph && { kind: "graph", value: readBody(graph) };
  },
  6: (a) => ({ kind: "floats", value: a.floats(7) }),
  7: (a) => ({ kind: "ints", value: a.ints(8) }),
  8: (a) => ({ kind: "strings", value: a.texts(9) }),
};

/** Zero is the default of the wire, so a writer may leave the field out. */
const WHEN_LEFT_OUT: Record<number, Attribute> = {
  1: { kind: "float", value: 0 },
  2: { kind: "int", value: 0 },
  3: { kind: "string", value: "" },
};

function defined<K extends string, V>(kind: K, value: V | undefined) {
  return value === undefined ? undefined : { kind, value };
}

function readAttribute(attribute: Message): Attribute {
  const type = attribute.int(20) ?? 0;
  const reference = attribute.text(21);
  if (reference !== undefined && reference !== "") return { kind: "reference", value: reference };
  return ATTRIBUTE_READERS[type]?.(attribute) ?? WHEN_LEFT_OUT[type] ??
    { kind: "other", value: undefined };
}

function readValueShape(info: Message): ValueShape {
  const name = info.text(1) ?? "";
  const tensor = info.message(2, "TypeProto")?.message(1, "TypeProto.Tensor");
  if (tensor === undefined) return { name, type: "other", shape: undefined };
  const dimensions = tensor.message(2, "TensorShapeProto")?.messages(1, "Dimension");
  const shape = dimensions?.map((dimension) => {
    const value = dimension.int(1);
    return value === undefined || value < 1 ? undefined : value;
  });
  return { name, type: elementType(tensor.int(1) ?? 0), shape };
}

function readEntries(entries: readonly Message[]): Map<string, string> {
  return new Map(entries.map((entry) => [entry.text(1) ?? "", entry.text(2) ?? ""]));
}

function domainOf(domain: string | undefined): string {
  return domain === undefined || domain === "" ? "ai.onnx" : domain;
}

/** The name of a TensorProto.DataType. */
function elementType(code: number): ElementType {
  return ELEMENT_TYPES[code as keyof typeof ELEMENT_TYPES] ?? "other";
}
