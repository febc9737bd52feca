import assert from "node:assert/strict";
import { readGraph } from "../../src/model/onnx.ts";
import { openRuntime } from "../../src/model/runtime.ts";
import { evaluateWhole, lowerWhole, worstDifference } from "./lowered.ts";
import { writeModel, type WrittenModel, type WrittenNode } from "./onnx_writer.ts";

const HIDE = -Infinity;
/** Causal: row k sees columns 0 to k. */
const CAUSAL = [0, HIDE, HIDE, 0, 0, HIDE, 0, 0, 0];

function masked(nodes: readonly WrittenNode[]): WrittenModel {
  return {
    opsets: { "ai.onnx": 17 },
    nodes,
    inputs: [{ name: "x", shape: [2, 3, 3] }],
    outputs: [{ name: "y" }],
    initializers: {
      mask: { type: "float32", shape: [3, 3], values: CAUSAL },
      see: { type: "bool", shape: [3, 3], values: CAUSAL.map((value) => Number(value === 0)) },
      hide: { type: "float32", shape: [], values: [HIDE] },
    },
  };
}

const ROWS = [1, 2, 3].map((k) => Float64Array.from({ length: 18 }, (_, i) => Math.sin(k + i)));

Deno.test("lowerGraph leaves masked elements out of softmax, as ONNX Runtime does", async () => {
  const add: WrittenNode = { op: "Add", inputs: ["x", "mask"], outputs: ["m"] };
  const where: WrittenNode = { op: "Where", inputs: ["see", "x", "hide"], outputs: ["m"] };
  for (const first of [add, where]) {
    const bytes = writeModel(masked([first, { op: "Softmax", inputs: ["m"], outputs: ["y"] }]));
    const ours = evaluateWhole(lowerWhole(readGraph(bytes)), ROWS);
    const runtime = await openRuntime(bytes);
    const theirs = await runtime.predict(ROWS);
    await runtime.release();
    assert.ok(worstDifference(ours, theirs) < 1e-6, first.op);
    assert.equal(ours[0]?.[1], 0);
  }
});

Deno.test("lowerGraph gives NaN for a softmax of which everything is hidden", () => {
  const model = masked([
    { op: "Add", inputs: ["x", "hide"], outputs: ["m"] },
    { op: "Softmax", inputs: ["m"], outputs: ["y"] },
  ]);
  const [row] = evaluateWhole(lowerWhole(readGraph(writeModel(model))), ROWS);
  assert.ok(row?.every(Number.isNaN));
});
