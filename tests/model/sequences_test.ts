import assert from "node:assert/strict";
import { LoweringError } from "../../src/model/lower.ts";
import { readGraph } from "../../src/model/onnx.ts";
import { openRuntime } from "../../src/model/runtime.ts";
import { evaluateWhole, lowerWhole, worstDifference } from "./lowered.ts";
import { writeModel, type WrittenModel, type WrittenNode } from "./onnx_writer.ts";

const ROWS = [[1, 2, 3, 4, 5], [-1, 0.5, -2, 7, 0.1]].map((row) => Float64Array.from(row));
const scalar = (value: number) => ({ type: "int64" as const, shape: [], values: [value] });
const sizes = { type: "int64" as const, shape: [3], values: [1, 3, 1] };

function model(nodes: readonly WrittenNode[]): WrittenModel {
  return {
    opsets: { "ai.onnx": 17 },
    nodes,
    inputs: [{ name: "x", shape: [1, 5] }],
    outputs: [{ name: "y" }],
    initializers: { zero: scalar(0), one: scalar(1), two: scalar(2), last: scalar(-1), sizes },
  };
}

const split = (more: Partial<WrittenNode> = {}): WrittenNode => ({
  op: "SplitToSequence",
  inputs: ["x", "two"],
  outputs: ["list"],
  attributes: { axis: 1 },
  ...more,
});
const join = (list: string, attributes: WrittenNode["attributes"] = { axis: 1 }): WrittenNode => ({
  op: "ConcatFromSequence",
  inputs: [list],
  outputs: ["y"],
  attributes,
});

const MODELS: Readonly<Record<string, readonly WrittenNode[]>> = {
  "pieces of one size, the last smaller": [
    split(),
    { op: "SequenceAt", inputs: ["list", "last"], outputs: ["y"] },
  ],
  "pieces of given sizes": [
    split({ inputs: ["x", "sizes"] }),
    { op: "SequenceAt", inputs: ["list", "one"], outputs: ["y"] },
  ],
  "single elements, stacked along a new axis": [
    split({ inputs: ["x"], attributes: { axis: 1, keepdims: 0 } }),
    join("list", { axis: 0, new_axis: 1 }),
  ],
  "a list made, lengthened, shortened and counted": [
    { op: "Tanh", inputs: ["x"], outputs: ["t"] },
    { op: "Exp", inputs: ["x"], outputs: ["e"] },
    { op: "SequenceConstruct", inputs: ["x", "t"], outputs: ["a"] },
    { op: "SequenceInsert", inputs: ["a", "e", "one"], outputs: ["b"] },
    { op: "SequenceErase", inputs: ["b", "zero"], outputs: ["c"] },
    { op: "SequenceInsert", inputs: ["c", "x"], outputs: ["d"] },
    { op: "SequenceLength", inputs: ["d"], outputs: ["n"] },
    { op: "Cast", inputs: ["n"], outputs: ["m"], attributes: { to: 1 } },
    { op: "ConcatFromSequence", inputs: ["d"], outputs: ["j"], attributes: { axis: -1 } },
    { op: "Mul", inputs: ["j", "m"], outputs: ["y"] },
  ],
  "an empty list that is filled": [
    { op: "SequenceEmpty", inputs: [], outputs: ["a"] },
    { op: "SequenceInsert", inputs: ["a", "x"], outputs: ["b"] },
    join("b"),
  ],
};

Deno.test("lowerGraph follows lists of tensors as ONNX Runtime does", async () => {
  for (const [name, nodes] of Object.entries(MODELS)) {
    const bytes = writeModel(model(nodes));
    const ours = evaluateWhole(lowerWhole(readGraph(bytes)), ROWS);
    const runtime = await openRuntime(bytes);
    try {
      const worst = worstDifference(ours, await runtime.predict(ROWS));
      assert.ok(worst <= 1e-6, `${name}: differs by ${worst}`);
    } finally {
      await runtime.release();
    }
  }
});

Deno.test("lowerGraph refuses places that a list does not have, and a list as an output", () => {
  const refusals: [RegExp, readonly WrittenNode[]][] = [
    [/its index 3 is outside of 1 elements/, [
      { op: "SequenceConstruct", inputs: ["x"], outputs: ["a"] },
      { op: "Add", inputs: ["one", "two"], outputs: ["three"] },
      { op: "SequenceAt", inputs: ["a", "three"], outputs: ["y"] },
    ]],
    [/its input is no list of tensors/, [
      { op: "SequenceAt", inputs: ["x", "zero"], outputs: ["y"] },
    ]],
    [/output "y": it is a list of tensors; export the tensors of it/, [
      { op: "SequenceConstruct", inputs: ["x"], outputs: ["y"] },
    ]],
  ];
  for (const [pattern, nodes] of refusals) {
    assert.throws(() => lowerWhole(readGraph(writeModel(model(nodes)))), (error) => {
      assert.ok(error instanceof LoweringError);
      assert.match(error.message, pattern);
      return true;
    });
  }
});
