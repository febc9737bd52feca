import assert from "node:assert/strict";
import { predictSkill, type SkillRuntime } from "../../src/cycle/predict.ts";
import { parseStrategy } from "../../src/strategy/parse.ts";
import type { Strategy } from "../../src/strategy/strategy.ts";
import { sampleStrategy } from "../strategy/sample_strategy.ts";

function sample(): Strategy {
  const result = parseStrategy(sampleStrategy, { file: "sample.yaml" });
  assert.ok(result.kind === "strategy");
  return result.strategy;
}

/** quality: the sum of its inputs over 1000; drive: ten times its first input, plus its second. */
const runtimes: ReadonlyMap<string, SkillRuntime> = new Map([
  ["quality", {
    predict: (inputs) => Promise.resolve([inputs.reduce((sum, x) => sum + x, 0) / 1000]),
  }],
  ["drive", { predict: ([coal = NaN, fan = NaN]) => Promise.resolve([10 * coal + fan]) }],
]);

const state = {
  values: new Map([["Coal", 8.2], ["Fan", 1100], ["Feed", 100]]),
  measured: new Map([["Coal", 8], ["Fan", 1090], ["Feed", 100], ["Lime", 1.3], ["Power", 500]]),
  bias: new Map([["Lime", 0.25]]),
  runtimes,
};

Deno.test("predictSkill runs a chain in order: formulas, a model with bias, a delta model", async () => {
  const found = await predictSkill(sample(), "state", state);
  const heat = 8.2 * 6500 / 62;
  assert.deepEqual([...found.keys()], ["clinker", "heat", "Lime", "Power", "cost"]);
  assert.equal(found.get("clinker"), 62);
  assert.equal(found.get("heat"), heat);
  assert.equal(found.get("Lime"), (8.2 + 100 + heat) / 1000 + 0.25);
  const power = 500 + 10 * (8.2 - 8) + (1100 - 1090);
  assert.ok(Math.abs((found.get("Power") ?? NaN) - power) < 1e-9);
  assert.ok(Math.abs((found.get("cost") ?? NaN) - (90 * 8.2 + 0.1 * power)) < 1e-9);
});

Deno.test("predictSkill uses what earlier skills produced", async () => {
  const values = new Map([...state.values, ["Power", 400]]);
  const found = await predictSkill(sample(), "money", { ...state, values });
  assert.deepEqual([...found], [["cost", 90 * 8.2 + 0.1 * 400]]);
});

Deno.test("predictSkill gives NaN where a value is missing, and does not ask the model", async () => {
  let asked = 0;
  const counting: SkillRuntime = {
    predict: () => {
      asked += 1;
      return Promise.resolve([0]);
    },
  };
  const found = await predictSkill(sample(), "state", {
    ...state,
    values: new Map([["Coal", 8.2], ["Fan", 1100]]),
    runtimes: new Map([["quality", counting], ["drive", counting]]),
  });
  assert.ok(Number.isNaN(found.get("clinker")) && Number.isNaN(found.get("Lime")));
  assert.equal(asked, 1, "only the delta model has all its inputs");
});

Deno.test("predictSkill gives NaN from a delta model whose measurement is missing", async () => {
  const measured = new Map(state.measured);
  measured.delete("Power");
  const found = await predictSkill(sample(), "state", { ...state, measured });
  assert.ok(Number.isNaN(found.get("Power")) && Number.isNaN(found.get("cost")));
  assert.ok(Number.isFinite(found.get("Lime")));
});

Deno.test("predictSkill gives nothing for constraints and optimizers", async () => {
  assert.equal((await predictSkill(sample(), "limits", state)).size, 0);
  assert.equal((await predictSkill(sample(), "optimum", state)).size, 0);
});

Deno.test("predictSkill throws where a model was never opened", async () => {
  await assert.rejects(
    () => predictSkill(sample(), "quality", { ...state, runtimes: new Map() }),
    ReferenceError,
  );
});

Deno.test("predictSkill takes measured() of a calculated variable from measured values", async () => {
  const text = sampleStrategy.replace("90 * Coal + 0.1 * Power", "1 * (heat - measured(heat))");
  const result = parseStrategy(text, { file: "sample.yaml" });
  assert.ok(result.kind === "strategy");
  const found = await predictSkill(result.strategy, "state", state);
  assert.ok(Math.abs((found.get("cost") ?? NaN) - (8.2 - 8) * 6500 / 62) < 1e-9);
});
