import assert from "node:assert/strict";
import { openRuntime, RuntimeError } from "../../src/model/runtime.ts";
import { writeModel, type WrittenModel } from "./onnx_writer.ts";

function model(more: Partial<WrittenModel>): Uint8Array {
  return writeModel({
    opsets: { "ai.onnx": 17 },
    nodes: [{ op: "Neg", inputs: ["x"], outputs: ["y"] }],
    inputs: [{ name: "x", shape: ["N", 2] }],
    outputs: [{ name: "y" }],
    ...more,
  });
}

const ROWS = [Float64Array.of(1, 2), Float64Array.of(3, 4), Float64Array.of(5, 6)];

Deno.test("RuntimeModel.predict gives each row its own result, float64 included", async () => {
  for (const type of ["float32", "float64"] as const) {
    const runtime = await openRuntime(model({
      inputs: [{ name: "x", type, shape: ["N", 2] }],
      outputs: [{ name: "y", type }],
    }));
    const results = await runtime.predict(ROWS);
    assert.deepEqual(results.map((row) => [...row]), [[-1, -2], [-3, -4], [-5, -6]]);
    assert.deepEqual(await runtime.predict([]), []);
    await runtime.release();
  }
});

Deno.test("RuntimeModel.predict runs rows apart where a batch would mix them", async () => {
  // The mean over the first axis is over the batch: together the rows would see each other.
  const mixing = await openRuntime(model({
    nodes: [
      { op: "ReduceMean", inputs: ["x"], outputs: ["m"], attributes: { axes: [0] } },
      { op: "Sub", inputs: ["x", "m"], outputs: ["d"] },
      { op: "Add", inputs: ["d", "x"], outputs: ["y"] },
    ],
  }));
  const apart = await mixing.predict(ROWS);
  assert.deepEqual(apart.map((row) => [...row]), [[1, 2], [3, 4], [5, 6]]);
  await mixing.release();
  const fixed = await openRuntime(model({ inputs: [{ name: "x", shape: [1, 2] }] }));
  assert.equal((await fixed.predict(ROWS)).length, 3);
  await fixed.release();
});

Deno.test("RuntimeModel.predict finds out that rows mix where only some of them show it", async () => {
  // The largest of the batch decides for all rows; the first two are small, and agree either way.
  const runtime = await openRuntime(model({
    nodes: [
      { op: "ReduceMax", inputs: ["x"], outputs: ["m"], attributes: { axes: [0] } },
      { op: "Greater", inputs: ["m", "four"], outputs: ["c"] },
      { op: "Neg", inputs: ["x"], outputs: ["n"] },
      { op: "Where", inputs: ["c", "n", "x"], outputs: ["y"] },
    ],
    initializers: { four: { type: "float32", shape: [], values: [4] } },
  }));
  const results = await runtime.predict([...ROWS.slice(0, 1), Float64Array.of(2, 3), ...ROWS]);
  assert.deepEqual(results.map((row) => [...row]), [
    [1, 2],
    [2, 3],
    [1, 2],
    [3, 4],
    [-5, -6],
  ]);
  await runtime.release();
});

Deno.test("RuntimeModel.predict joins several inputs and outputs of a row", async () => {
  const runtime = await openRuntime(model({
    nodes: [
      { op: "Add", inputs: ["x", "z"], outputs: ["sum"] },
      { op: "Shape", inputs: ["x"], outputs: ["shape"], attributes: { start: 1 } },
      { op: "Neg", inputs: ["x"], outputs: ["y"] },
    ],
    inputs: [{ name: "x", shape: ["N", 2] }, { name: "z", shape: ["N", 1] }],
    outputs: [{ name: "sum" }, { name: "y" }, { name: "shape", type: "int64" }],
  }));
  const [row] = await runtime.predict([Float64Array.of(1, 2, 10)]);
  assert.deepEqual([...row ?? []], [11, 12, -1, -2, 2]);
  await runtime.release();
});

Deno.test("RuntimeModel.predict batches thousands of rows", async () => {
  const runtime = await openRuntime(model({}));
  const rows = Array.from({ length: 3000 }, (_, i) => Float64Array.of(i, -i));
  const results = await runtime.predict(rows);
  assert.equal(results.length, 3000);
  assert.deepEqual([...results[2999] ?? []], [-2999, 2999]);
  await runtime.release();
});

Deno.test("openRuntime and predict throw RuntimeErrors that say what is wrong", async () => {
  await assert.rejects(openRuntime(Uint8Array.of(1, 2, 3)), RuntimeError);
  const old = model({
    opsets: { "ai.onnx": 6 },
    nodes: [{ op: "Add", inputs: ["x", "x"], outputs: ["y"] }],
  });
  await assert.rejects(
    openRuntime(old),
    /implementation for Add\(6\).*; .*export the model with opset 13 or newer/,
  );
  const runtime = await openRuntime(model({}));
  await assert.rejects(
    runtime.predict([Float64Array.of(1, 2, 3)]),
    /the model takes 2 numbers a row, not 3/,
  );
  await runtime.release();
});
