import assert from "node:assert/strict";
import { NativeSolver } from "../../src/solve/native_solver.ts";
import { readGraph } from "../../src/model/onnx.ts";
import { openRuntime } from "../../src/model/runtime.ts";
import { derivativeError } from "./derivative_error.ts";
import { evaluateWhole, lowerWhole, worstDifference } from "./lowered.ts";
import { writeModel, type WrittenModel, type WrittenNode } from "./onnx_writer.ts";

const f = (...values: number[]) => ({ type: "float32" as const, shape: [values.length], values });

function model(nodes: readonly WrittenNode[]): WrittenModel {
  return {
    opsets: { "ai.onnx": 17, "ai.onnx.ml": 3 },
    nodes,
    inputs: [{ name: "x", shape: [1, 4] }],
    outputs: [{ name: "y" }],
    initializers: { zero: f(0), one: f(1), fifth: f(0.2), powers: f(0.5, 1.5, -0.5, 2.5) },
  };
}

/** Functions that are no number on one side, and what hides that side. */
const MODELS: Readonly<Record<string, readonly WrittenNode[]>> = {
  "a logarithm behind Where": [
    { op: "Greater", inputs: ["x", "zero"], outputs: ["c"] },
    { op: "Log", inputs: ["x"], outputs: ["l"] },
    { op: "Mul", inputs: ["l", "fifth"], outputs: ["m"] },
    { op: "Where", inputs: ["c", "m", "x"], outputs: ["y"] },
  ],
  "powers of several exponents, repeated": [
    { op: "Greater", inputs: ["x", "zero"], outputs: ["c"] },
    { op: "Pow", inputs: ["x", "powers"], outputs: ["p"] },
    { op: "Where", inputs: ["c", "p", "zero"], outputs: ["y"] },
  ],
  "a logarithm taken before it is put in another order": [
    { op: "Log", inputs: ["x"], outputs: ["l"] },
    { op: "Concat", inputs: ["l", "x"], outputs: ["a"], attributes: { axis: 0 } },
    { op: "Concat", inputs: ["x", "x"], outputs: ["b"], attributes: { axis: 0 } },
    { op: "Transpose", inputs: ["a"], outputs: ["t"] },
    { op: "Transpose", inputs: ["b"], outputs: ["u"] },
    { op: "Greater", inputs: ["u", "zero"], outputs: ["c"] },
    { op: "Where", inputs: ["c", "t", "u"], outputs: ["y"] },
  ],
  // What scikit-learn's power transform comes to: the imputer takes NaN away, then a mask counts.
  "a power behind an imputer and a mask": [
    { op: "Greater", inputs: ["x", "zero"], outputs: ["c"] },
    { op: "Cast", inputs: ["c"], outputs: ["w"], attributes: { to: 1 } },
    { op: "Pow", inputs: ["x", "powers"], outputs: ["p"] },
    {
      op: "Imputer",
      domain: "ai.onnx.ml",
      inputs: ["p"],
      outputs: ["i"],
      attributes: {
        imputed_value_floats: { floats: [0] },
        replaced_value_float: { float: NaN },
      },
    },
    { op: "Mul", inputs: ["i", "w"], outputs: ["y"] },
  ],
  "both sides, one inside of a quotient": [
    { op: "Less", inputs: ["x", "zero"], outputs: ["c"] },
    { op: "Neg", inputs: ["x"], outputs: ["n"] },
    { op: "Sqrt", inputs: ["n"], outputs: ["a"] },
    { op: "Sqrt", inputs: ["x"], outputs: ["s"] },
    { op: "Add", inputs: ["s", "one"], outputs: ["d"] },
    { op: "Div", inputs: ["x", "d"], outputs: ["b"] },
    { op: "Where", inputs: ["c", "a", "b"], outputs: ["y"] },
  ],
  "an exponential that overflows where it is hidden": [
    { op: "Less", inputs: ["x", "one"], outputs: ["c"] },
    { op: "Mul", inputs: ["x", "thousand"], outputs: ["k"] },
    { op: "Exp", inputs: ["k"], outputs: ["e"] },
    { op: "Where", inputs: ["c", "e", "x"], outputs: ["y"] },
  ],
};
const POINTS = [[1.5, -2, 0.3, -0.7], [-0.1, 2.5, -3, 0.9], [2, 2, 2, 2], [-1, -1, -1, -1]];

Deno.test("masked hides what is no number, in values and in derivatives", async () => {
  const solver = new NativeSolver();
  try {
    for (const [name, nodes] of Object.entries(MODELS)) {
      const written = model(nodes);
      const initializers = { ...written.initializers, thousand: f(1000, 1000, 1000, 1000) };
      const bytes = writeModel({ ...written, initializers });
      const rows = POINTS.map((point) =>
        Float64Array.from(point, (value) => name.includes("overflows") ? Math.abs(value) : value)
      ).filter((row) => !name.includes("overflows") || row.every((value) => value >= 1));
      const ours = evaluateWhole(lowerWhole(readGraph(bytes)), rows);
      assert.ok(ours.every((row) => row.every(Number.isFinite)), name);
      const runtime = await openRuntime(bytes);
      const worst = worstDifference(ours, await runtime.predict(rows));
      await runtime.release();
      assert.ok(worst <= 1e-6, `${name}: differs by ${worst}`);
      for (const x of rows) {
        const error = await derivativeError(solver, { bytes, x });
        assert.ok(error <= 1e-8, `${name}: derivatives differ by ${error}`);
      }
    }
  } finally {
    await solver.close();
  }
});

Deno.test("masked leaves a product alone where nothing needs a guard", () => {
  const { tape } = lowerWhole(readGraph(writeModel(model([
    { op: "Greater", inputs: ["x", "zero"], outputs: ["c"] },
    { op: "Cast", inputs: ["c"], outputs: ["w"], attributes: { to: 1 } },
    { op: "Tanh", inputs: ["x"], outputs: ["t"] },
    { op: "Mul", inputs: ["t", "w"], outputs: ["y"] },
  ]))));
  assert.deepEqual(tape.instructions.map(({ op }) => op), ["input", "map", "map", "product"]);
});
