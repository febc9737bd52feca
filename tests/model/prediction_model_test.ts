import assert from "node:assert/strict";
import { compareWithRuntime } from "../../src/model/compare.ts";
import { evaluate } from "../../src/model/evaluate.ts";
import { readGraph } from "../../src/model/onnx.ts";
import {
  createPredictionModel,
  lowerModel,
  ModelError,
  type PredictionModel,
  predictModel,
} from "../../src/model/prediction_model.ts";
import { readScaler } from "../../src/model/read_scaler.ts";
import { openRuntime } from "../../src/model/runtime.ts";
import { TapeBuilder } from "../../src/model/tape_builder.ts";
import { writeModel, type WrittenModel } from "./onnx_writer.ts";

const PLAIN: WrittenModel = {
  opsets: { "ai.onnx": 17 },
  nodes: [
    { op: "MatMul", inputs: ["x", "w"], outputs: ["a"] },
    { op: "Tanh", inputs: ["a"], outputs: ["y"] },
  ],
  inputs: [{ name: "x", shape: ["N", 3] }],
  outputs: [{ name: "y", shape: ["N", 2] }],
  initializers: {
    w: { type: "float32", shape: [3, 2], values: [0.5, -0.25, 1, 0.125, -0.75, 2] },
  },
};

const SCALER = readScaler({
  inputs: { kind: "standard", mean: [10, 20, 30], scale: [1, 2, 4] },
  outputs: { kind: "min_max", min: [0, 100], max: [10, 300] },
  names: { inputs: ["a", "b", "c"], outputs: ["p", "q"] },
  trained_range: { inputs: [[8, 12], [16, 24], [22, 38]] },
});

function lowered(model: PredictionModel, x: number[]): number[] {
  const builder = new TapeBuilder();
  const inputs = builder.input(x.map((_, i) => i));
  const { tape, outputs: [output = 0] } = builder.finish([lowerModel(model, builder, inputs)]);
  const results = evaluate(tape, Float64Array.from(x), new Float64Array(0));
  return [...results[output] as Float64Array];
}

Deno.test("lowerModel and predictModel agree on scalers and on the skill's own order", async () => {
  const bytes = writeModel(PLAIN);
  const model = createPredictionModel({
    graph: readGraph(bytes),
    scaler: SCALER,
    inputs: ["c", "a", "b"],
    outputs: ["q", "p"],
  });
  assert.deepEqual(model.trainedRange, [[22, 38], [8, 12], [16, 24]]);
  const x = [34, 11, 22];
  // Scaled: a = 1, b = 1, c = 1.
  const p = 10 * Math.tanh(0.75);
  const q = 100 + 200 * Math.tanh(1.875);
  const ours = lowered(model, x);
  const runtime = await openRuntime(bytes);
  const [theirs] = await predictModel(model, runtime, [Float64Array.from(x)]);
  [q, p].forEach((expected, k) => {
    assert.ok(Math.abs((ours[k] ?? NaN) - expected) < 1e-12 * expected);
    assert.ok(Math.abs((theirs?.[k] ?? NaN) - expected) < 1e-6 * expected);
  });
  const { agrees, worst } = await compareWithRuntime(model, runtime);
  assert.ok(agrees, `${worst}`);
  await runtime.release();
});

Deno.test("compareWithRuntime sees a tape that is not the model of the runtime", async () => {
  const other = structuredClone(PLAIN) as WrittenModel & {
    initializers: { w: { values: number[] } };
  };
  other.initializers.w.values[0] = 0.501;
  const model = createPredictionModel({
    graph: readGraph(writeModel(PLAIN)),
    scaler: SCALER,
    inputs: ["a", "b", "c"],
    outputs: ["p", "q"],
  });
  const runtime = await openRuntime(writeModel(other));
  const { agrees, at } = await compareWithRuntime(model, runtime);
  assert.equal(agrees, false);
  assert.equal(at?.output, 0);
  await runtime.release();
});

Deno.test("compareWithRuntime finds no agreement where no output is ever finite", async () => {
  const bytes = writeModel({
    ...PLAIN,
    nodes: [{ op: "Sqrt", inputs: ["x"], outputs: ["y"] }],
    initializers: {},
    outputs: [{ name: "y" }],
  });
  const model = createPredictionModel({
    graph: readGraph(bytes),
    scaler: undefined,
    inputs: ["a", "b", "c"],
    outputs: ["p", "q", "r"],
  });
  const runtime = await openRuntime(bytes);
  const negative = model.inputs.map(() => [-2, -1] as const);
  assert.equal((await compareWithRuntime(model, runtime, { ranges: negative })).agrees, false);
  const positive = model.inputs.map(() => [1, 2] as const);
  assert.equal((await compareWithRuntime(model, runtime, { ranges: positive })).agrees, true);
  await runtime.release();
});

Deno.test("createPredictionModel reports everything that does not fit at once", () => {
  const make = () =>
    createPredictionModel({
      graph: readGraph(writeModel(PLAIN)),
      scaler: SCALER,
      inputs: ["a", "b", "d", "e"],
      outputs: ["p", "z"],
    });
  assert.throws(make, (error) => {
    assert.ok(error instanceof ModelError);
    assert.deepEqual(error.problems, [
      "its inputs by the scaler file are a, b, c, the skill's are a, b, d, e",
      "its outputs by the scaler file are p, q, the skill's are p, z",
      "it has 3 inputs, the skill 4",
      "its scaler file has 3 inputs, the skill 4",
    ]);
    return true;
  });
});

Deno.test("createPredictionModel refuses scaling by the file and by the model at once", () => {
  const names = { inputs: ["a", "b", "c"], outputs: ["p", "q"] };
  const one = { type: "float32" as const, shape: [3], values: [1, 2, 4] };
  const shifted: WrittenModel = {
    ...PLAIN,
    nodes: [
      { op: "Sub", name: "minus", inputs: ["x", "one"], outputs: ["s"] },
      { op: "Div", inputs: ["s", "one"], outputs: ["z"] },
      { op: "MatMul", inputs: ["z", "w"], outputs: ["y"] },
    ],
    initializers: { ...PLAIN.initializers, one },
  };
  const scaled: WrittenModel = {
    ...PLAIN,
    opsets: { "ai.onnx": 17, "ai.onnx.ml": 3 },
    nodes: [
      {
        op: "Scaler",
        domain: "ai.onnx.ml",
        name: "prepare",
        inputs: ["x"],
        outputs: ["z"],
        attributes: { offset: { floats: [1, 2, 3] }, scale: { floats: [1, 1, 1] } },
      },
      { op: "MatMul", inputs: ["z", "w"], outputs: ["y"] },
    ],
  };
  for (
    const [written, place] of [[shifted, 'node "minus", Sub'], [scaled, 'node "prepare"']] as const
  ) {
    const graph = readGraph(writeModel(written));
    assert.throws(
      () => createPredictionModel({ graph, scaler: SCALER, ...names }),
      new RegExp(`scaled twice: by ${place}.*by the scaler file`),
    );
    createPredictionModel({ graph, scaler: undefined, ...names });
  }
});

Deno.test("lowerModel refuses a model with another number of outputs than the skill names", () => {
  const model = createPredictionModel({
    graph: readGraph(writeModel(PLAIN)),
    scaler: undefined,
    inputs: ["a", "b", "c"],
    outputs: ["p"],
  });
  assert.throws(() => lowered(model, [1, 2, 3]), /it gives 2 numbers, the skill names 1 outputs/);
});

Deno.test("createPredictionModel takes the trained range from the model file's metadata", () => {
  const graph = readGraph(writeModel({
    ...PLAIN,
    metadata: { trained_range: '{"inputs": [[0, 1], [2, 3], [4, 5]]}' },
  }));
  const names = { inputs: ["a", "b", "c"], outputs: ["p", "q"] };
  const model = createPredictionModel({ graph, scaler: undefined, ...names });
  assert.deepEqual(model.trainedRange, [[0, 1], [2, 3], [4, 5]]);
});

Deno.test("createPredictionModel orders one input per variable by the inputs' names", () => {
  const graph = readGraph(writeModel({
    opsets: { "ai.onnx": 17 },
    nodes: [{ op: "Sub", inputs: ["a", "b"], outputs: ["y"] }],
    inputs: [{ name: "a", shape: ["N", 1] }, { name: "b", shape: ["N", 1] }],
    outputs: [{ name: "y", shape: ["N", 1] }],
  }));
  const model = createPredictionModel({
    graph,
    scaler: undefined,
    inputs: ["b", "a"],
    outputs: ["y"],
  });
  assert.deepEqual(lowered(model, [1, 10]), [9]);
});
