import assert from "node:assert/strict";
import { readScaler, readTrainedRange } from "../../src/model/read_scaler.ts";
import { scale, ScalerError, unscale } from "../../src/model/scaler.ts";

function problemsOf(json: unknown): readonly string[] {
  try {
    readScaler(json);
  } catch (error) {
    assert.ok(error instanceof ScalerError);
    return error.problems;
  }
  return [];
}

Deno.test("readScaler reads all kinds, and scale and unscale undo each other", () => {
  const kinds = [
    [{ kind: "standard", mean: [2, 4], scale: [2, 4] }, [1, 0]],
    [{ kind: "min_max", min: [0, 2], max: [8, 10] }, [0.5, 0.25]],
    [{ kind: "robust", center: [3, 3], scale: [1, 0.5] }, [1, 2]],
  ] as const;
  for (const [inputs, expected] of kinds) {
    const scaler = readScaler({ inputs });
    const scaled = scale(scaler.inputs, Float64Array.of(4, 4));
    assert.deepEqual([...scaled], expected);
    assert.deepEqual([...unscale(scaler.inputs, scaled)], [4, 4]);
  }
  assert.equal(readScaler({ inputs: { kind: "none" } }).inputs, undefined);
  assert.deepEqual([...scale(undefined, Float64Array.of(7))], [7]);
});

Deno.test("readScaler reports all problems at once, with their places", () => {
  const problems = problemsOf({
    inputs: { kind: "standard", mean: [1, "2"], scale: [1, 0] },
    outputs: { kind: "cubic" },
    names: { inputs: ["a", "a"], outputs: ["p"] },
    trained_range: { inputs: [[2, 1]] },
    extra: 1,
  });
  assert.deepEqual(problems, [
    'the file has "extra", which is none of inputs, outputs, names, trained_range, distribution',
    'inputs.mean is [1,"2"], not a list of finite numbers',
    'outputs.kind is "cubic", not one of none, standard, robust, min_max',
    'names.inputs is ["a","a"], not a list of different names',
    "trained_range.inputs[0] is [2,1], not [lower, upper]",
  ]);
});

Deno.test("readScaler refuses widths of zero and lengths that differ", () => {
  assert.deepEqual(problemsOf({ inputs: { kind: "min_max", min: [0, 5], max: [1, 5] } }), [
    "inputs: value 2 has the width 0, not above 0",
  ]);
  assert.deepEqual(
    problemsOf({
      inputs: { kind: "standard", mean: [1, 2], scale: [1, 1] },
      names: { inputs: ["a"] },
    }),
    ["lengths differ: inputs 2, names.inputs 1"],
  );
  assert.deepEqual(problemsOf([]), ["the file is [], not an object"]);
});

Deno.test("readTrainedRange reads metadata and tells text that is no range", () => {
  assert.deepEqual(readTrainedRange('{"inputs": [[0, 1]]}'), [[0, 1]]);
  assert.throws(() => readTrainedRange("0..1"), /trained_range is "0..1", not an object/);
});
