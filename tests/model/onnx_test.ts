import assert from "node:assert/strict";
import { OnnxError, readGraph } from "../../src/model/onnx.ts";
import { writeModel, type WrittenModel } from "./onnx_writer.ts";

const MODEL: WrittenModel = {
  opsets: { "ai.onnx": 17, "ai.onnx.ml": 3 },
  nodes: [{
    op: "Gemm",
    name: "head",
    inputs: ["x", "w"],
    outputs: ["y"],
    attributes: {
      alpha: { float: 0.5 },
      transB: 1,
      text: "word",
      list: [1, -2],
      floats: { floats: [1.5, -2.5] },
      tensor: { tensor: { type: "int64", shape: [2], values: [-3, 4] } },
    },
  }],
  inputs: [{ name: "x", shape: ["batch", 3] }],
  outputs: [{ name: "y", shape: ["batch", 2] }],
  initializers: { w: { type: "float32", shape: [2, 3], values: [1, 2, 3, 4, 5, 6] } },
  metadata: { trained_range: '{"inputs": [[0, 1]]}' },
};

Deno.test("readGraph reads nodes, attributes, initializers, shapes, opsets and metadata", () => {
  const graph = readGraph(writeModel(MODEL));
  assert.deepEqual([...graph.opsets], [["ai.onnx", 17], ["ai.onnx.ml", 3]]);
  assert.deepEqual(graph.inputs, [{ name: "x", type: "float32", shape: [undefined, 3] }]);
  assert.deepEqual([...graph.initializers.get("w")?.values ?? []], [1, 2, 3, 4, 5, 6]);
  assert.equal(graph.metadata.get("trained_range"), '{"inputs": [[0, 1]]}');
  const [node] = graph.nodes;
  assert.equal(node?.op, "Gemm");
  assert.equal(node?.domain, "ai.onnx");
  const attributes = Object.fromEntries([...node?.attributes ?? []].map(([k, v]) => [k, v.value]));
  assert.deepEqual(attributes, {
    alpha: 0.5,
    transB: 1,
    text: "word",
    list: [1, -2],
    floats: [1.5, -2.5],
    tensor: { type: "int64", shape: [2], values: Float64Array.of(-3, 4) },
  });
});

Deno.test("readGraph refuses every file that ends too early, unless it ends between fields", () => {
  const bytes = writeModel(MODEL);
  const whole = JSON.stringify([...readGraph(bytes).nodes]);
  let refused = 0;
  for (let length = 0; length < bytes.length; length++) {
    try {
      // What is read of a file cut between two fields of the model is a whole graph.
      assert.equal(JSON.stringify([...readGraph(bytes.slice(0, length)).nodes]), whole);
    } catch (error) {
      assert.ok(error instanceof OnnxError, `${length}: ${error}`);
      assert.match(error.message, /not a whole ONNX model \(\d+ bytes\)/);
      refused += 1;
    }
  }
  assert.ok(refused > bytes.length / 2);
});

Deno.test("readGraph says what it found where a file is no ONNX model", () => {
  const text = new TextEncoder().encode("<html>404 not found</html>");
  assert.throws(() => readGraph(text), /OnnxError.*export the model again/s);
  assert.throws(() => readGraph(new Uint8Array(0)), /it holds no graph/);
});

Deno.test("readGraph refuses a tensor whose values do not fill its shape", () => {
  const short = { type: "float32" as const, shape: [2, 3], values: [1, 2] };
  assert.throws(
    () => readGraph(writeModel({ ...MODEL, initializers: { w: short } })),
    /tensor "w" of shape \[2,3\] holds 2 values/,
  );
});

Deno.test("readGraph says how weights in another file come into the model's own", () => {
  // A TensorProto "h" of 2 float32 with data_location EXTERNAL and its location, "m.data".
  const entry = [
    ...[0x0a, 8, ...new TextEncoder().encode("location")],
    ...[0x12, 6, ...new TextEncoder().encode("m.data")],
  ];
  const tensor = [0x08, 2, 0x10, 1, 0x42, 1, 0x68, 0x6a, entry.length, ...entry, 0x70, 1];
  const graph = [0x2a, tensor.length, ...tensor];
  assert.throws(
    () => readGraph(Uint8Array.from([0x3a, graph.length, ...graph])),
    /tensor "h" keeps its values in another file, "m\.data"; make it one file: .*external_data=False/,
  );
});

Deno.test("readGraph reads the half floats that an exporter stores as bits", () => {
  // 1.0 and −2.0 as float16 and bfloat16 bits, typed fields of TensorProto.
  const halves = tensorWith(10, [0x3c00, 0xc000]);
  const brains = tensorWith(16, [0x3f80, 0xc000]);
  for (const bytes of [halves, brains]) {
    const graph = readGraph(bytes);
    assert.deepEqual([...graph.initializers.get("h")?.values ?? []], [1, -2]);
  }
});

/** A model with one initializer "h" of two elements in int32_data. */
function tensorWith(type: number, bits: readonly number[]): Uint8Array {
  const varint = (n: number): number[] => n < 128 ? [n] : [(n & 127) | 128, ...varint(n >> 7)];
  const field = (number: number, bytes: readonly number[]) => [
    number << 3 | 2,
    ...varint(bytes.length),
    ...bytes,
  ];
  const packed = bits.flatMap(varint);
  const tensor = [1 << 3, 2, 2 << 3, type, ...field(5, packed), ...field(8, [0x68])];
  return Uint8Array.from(field(7, field(5, tensor)));
}
