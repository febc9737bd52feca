import assert from "node:assert/strict";
import { DomainError, mahalanobisSquare, trainedDomain } from "../../src/model/domain.ts";
import { evaluate } from "../../src/model/evaluate.ts";
import { readGraph } from "../../src/model/onnx.ts";
import { readScaler } from "../../src/model/read_scaler.ts";
import { TapeBuilder } from "../../src/model/tape_builder.ts";
import { writeModel } from "./onnx_writer.ts";

const GRAPH = readGraph(writeModel({
  opsets: { "ai.onnx": 17 },
  nodes: [{ op: "Tanh", inputs: ["x"], outputs: ["y"] }],
  inputs: [{ name: "x", shape: ["N", 2] }],
  outputs: [{ name: "y" }],
}));

function distance(covariance: number[], x: number[]): number {
  const builder = new TapeBuilder();
  const node = mahalanobisSquare(builder, {
    mean: Float64Array.of(1, 2),
    covariance: Float64Array.from(covariance),
    radius: 3,
  }, builder.input([0, 1]));
  const { tape, outputs: [output = 0] } = builder.finish([node]);
  return evaluate(tape, Float64Array.from(x), new Float64Array(0))[output]?.[0] ?? NaN;
}

Deno.test("mahalanobisSquare is the distance in standard deviations, squared", () => {
  assert.ok(Math.abs(distance([4, 0, 0, 9], [3, 5]) - 2) < 1e-14);
  // Inverse of [[2, 1], [1, 2]] is [[2, −1], [−1, 2]] / 3: (1, 1) gives 2/3, (1, −1) gives 2.
  assert.ok(Math.abs(distance([2, 1, 1, 2], [2, 3]) - 2 / 3) < 1e-14);
  assert.ok(Math.abs(distance([2, 1, 1, 2], [2, 1]) - 2) < 1e-14);
});

Deno.test("mahalanobisSquare refuses a covariance in which two inputs move as one", () => {
  assert.throws(() => distance([1, 1, 1, 1], [0, 0]), DomainError);
});

Deno.test("trainedDomain prefers the stated range and falls back to a min-max scaling", () => {
  const minMax = { inputs: { kind: "min_max", min: [0, 10], max: [1, 20] } };
  assert.deepEqual(trainedDomain(GRAPH, readScaler(minMax)).box, [[0, 1], [10, 20]]);
  const stated = { ...minMax, trained_range: { inputs: [[0.2, 0.8], [12, 18]] } };
  assert.deepEqual(trainedDomain(GRAPH, readScaler(stated)).box, [[0.2, 0.8], [12, 18]]);
  const distribution = { mean: [1, 2], covariance: [[2, 1], [1, 2]], radius: 3 };
  const { box, ellipsoid } = trainedDomain(GRAPH, readScaler({ distribution }));
  assert.equal(box, undefined);
  assert.deepEqual([...ellipsoid?.covariance ?? []], [2, 1, 1, 2]);
});
