/** The gas turbine's committed models on the year that no training has seen. */

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { modelSkills, predictRows, readScalerFile, siteStrategy } from "../site_models.ts";

const SITE = "gas-turbine";
const SHARED = Deno.env.get("SETPOINT_SHARED") ??
  fileURLToPath(new URL("../../../../shared", import.meta.url));
const UNSEEN = join(SHARED, "data/gas-turbine/gt_2014.csv");
const present = existsSync(UNSEEN);
if (!present) {
  console.error(`NOT TESTED: the gas turbine's errors on 2014, as ${UNSEEN} is not there`);
}

/** 2014 as README.md states it: mean absolute error and R2, plain and with the filtered bias. */
const STATED: Readonly<Record<string, readonly [number, number, number, number]>> = {
  TEY: [1.671, 0.980, 0.592, 0.996],
  CO: [0.591, 0.648, 0.410, 0.761],
  NOX: [9.887, -0.244, 2.452, 0.793],
};

function readCsv(path: string): Map<string, number>[] {
  const [header = "", ...lines] = readFileSync(path, "utf8").trim().split(/\r?\n/);
  const columns = header.split(",");
  return lines.map((line) => {
    const cells = line.split(",");
    return new Map(columns.map((column, at) => [column, Number(cells[at])]));
  });
}

function figures(predicted: readonly number[], truth: readonly number[]): [number, number] {
  const mean = truth.reduce((sum, value) => sum + value, 0) / truth.length;
  let absolute = 0;
  let squares = 0;
  let spread = 0;
  for (const [row, value] of truth.entries()) {
    const error = (predicted[row] ?? NaN) - value;
    absolute += Math.abs(error);
    squares += error * error;
    spread += (value - mean) ** 2;
  }
  return [absolute / truth.length, 1 - squares / spread];
}

/** Hour by hour, the filtered difference of the hours before is added, as a cycle does. */
function withBias(predicted: readonly number[], truth: readonly number[]): number[] {
  let bias = 0;
  return predicted.map((value, row) => {
    const corrected = value + bias;
    bias += 0.3 * ((truth[row] ?? NaN) - value - bias);
    return corrected;
  });
}

Deno.test({
  name: "the gas turbine's models have the stated errors on the unseen year 2014",
  ignore: !present,
  fn: async () => {
    const strategy = siteStrategy(SITE);
    const records = readCsv(UNSEEN);
    assert.equal(records.length, 7158);
    for (const skill of modelSkills(strategy)) {
      const rows = records.map((record) => skill.inputs.map((name) => record.get(name) ?? NaN));
      const predicted = (await predictRows(SITE, skill, rows)).map(([value = NaN]) => value);
      const output = strategy.variables.get(skill.outputs[0] ?? "");
      assert.ok(output?.type === "predicted" && output.measuredBy);
      const truth = records.map((record) => record.get(output.measuredBy!) ?? NaN);
      const found = [
        ...figures(predicted, truth),
        ...figures(withBias(predicted, truth), truth),
      ];
      for (const [at, stated] of (STATED[output.measuredBy] ?? []).entries()) {
        const value = found[at] ?? NaN;
        assert.ok(Math.abs(value - stated) < 0.001, `${output.measuredBy}: ${found.join(", ")}`);
      }
    }
  },
});

Deno.test("the gas turbine's CO model stays positive far outside of its range", async () => {
  const skill = modelSkills(siteStrategy(SITE)).find(({ outputs }) =>
    outputs.includes("CO_emission")
  );
  assert.ok(skill);
  const { inputs } = readScalerFile(SITE, skill);
  const rows = [-6, -2, 0, 2, 6].map((away) =>
    inputs.mean.map((mean, at) => mean + away * (inputs.scale[at] ?? NaN))
  );
  for (const [value = NaN] of await predictRows(SITE, skill, rows)) {
    assert.ok(value > 0, `${value}`);
  }
});

Deno.test("the gas turbine's scaler files match its strategy and hold a usable distribution", () => {
  for (const skill of modelSkills(siteStrategy(SITE))) {
    const { names, distribution, trained_range, inputs } = readScalerFile(SITE, skill);
    assert.deepEqual(skill.inputs, names.inputs);
    assert.deepEqual(skill.outputs, names.outputs);
    assert.equal(trained_range.inputs.length, skill.inputs.length);
    assert.ok(distribution && distribution.radius > 0);
    for (const [row, entries] of distribution.covariance.entries()) {
      assert.equal(entries.length, skill.inputs.length);
      for (const [column, entry] of entries.entries()) {
        const other = distribution.covariance[column]?.[row] ?? NaN;
        assert.ok(Math.abs(entry - other) <= 1e-8 * Math.abs(entry), "covariance is symmetric");
      }
      // The diagonal is the square of the standard scaler's spread.
      const spread = inputs.scale[row] ?? NaN;
      assert.ok(Math.abs((entries[row] ?? NaN) - spread * spread) < 1e-3 * spread * spread);
    }
  }
});
