/** The kiln's committed models and formulas against its simulator. */

import assert from "node:assert/strict";
import { Deviates } from "../../../strategies/cement-kiln/disturbances.ts";
import {
  type Disturbances,
  measuredState,
  NOMINAL_DISTURBANCES,
  type SteadyState,
  steadyState,
} from "../../../strategies/cement-kiln/simulator.ts";
import {
  MEASURED_TAGS,
  OPERATIVE_TAGS,
  typicalSettings,
} from "../../../strategies/cement-kiln/tags.ts";
import { evaluateFormula } from "../../../src/strategy/evaluate_formula.ts";
import type { FunctionSkill } from "../../../src/strategy/strategy.ts";
import { modelSkills, predictRows, readScalerFile, siteStrategy } from "../site_models.ts";

const SITE = "cement-kiln";

/** Largest mean absolute error against the noise-free simulator; README.md states the figures. */
const LARGEST_ERROR: Readonly<Record<string, number>> = {
  Predicted_Free_lime: 0.03,
  Predicted_Drive_Current: 1.5,
  Predicted_Calciner_CO: 0.003,
  Predicted_NOX: 10,
  Predicted_Calciner_Coal: 0.02,
  Predicted_Clinker_temperature: 1.5,
};

interface Point {
  readonly settings: ReadonlyMap<string, number>;
  readonly disturbances: Disturbances;
  readonly state: SteadyState;
}

/** A setting's value about `centre`, `share` of the strategy's half span away at most. */
function drawSettings(
  deviates: Deviates,
  { centre, step }: { centre: ReadonlyMap<string, number>; step: (tag: string) => number },
): Map<string, number> {
  return new Map(
    [...centre].map(([tag, value]) => [tag, value + step(tag) * (2 * deviates.uniform() - 1)]),
  );
}

function halfSpan(tag: string): number {
  const variable = siteVariables.get(tag);
  assert.ok(variable?.type === "operative");
  return 0.5 * (variable.bounds[1] - variable.bounds[0]);
}

const strategy = siteStrategy(SITE);
const siteVariables = strategy.variables;

/** Points inside the strategy's bounds at which a kiln would run, tagged disturbances drawn too. */
function points(count: number, seed: number): Point[] {
  const deviates = new Deviates(seed);
  const found: Point[] = [];
  while (found.length < count) {
    const disturbances = {
      ...NOMINAL_DISTURBANCES,
      coalHeat: 17 + 0.15 * deviates.normal(),
      limeSaturation: 96 + 0.7 * deviates.normal(),
    };
    const settings = drawSettings(deviates, {
      centre: typicalSettings(),
      step: (tag) => 0.7 * halfSpan(tag),
    });
    const state = steadyState(settings, disturbances);
    const runs = state.burningZoneTemperature > 1410 && state.burningZoneTemperature < 1500 &&
      state.calcinerCo < 0.45;
    if (runs) found.push({ settings, disturbances, state });
  }
  return found;
}

/** Live values of a point without noise, and the calculated groups that models take as inputs. */
function liveValues({ settings, disturbances }: Point): Map<string, number> {
  const live = new Map(settings);
  for (const [name, value] of measuredState(settings, disturbances)) {
    live.set(MEASURED_TAGS[name].tag, value);
  }
  evaluate("groups", live);
  return live;
}

/** Adds the outputs of a function skill; every change is zero. */
function evaluate(skillName: string, values: Map<string, number>): void {
  const skill = strategy.skills.get(skillName) as FunctionSkill;
  const variable = (name: string) => {
    const value = values.get(name);
    assert.notEqual(value, undefined, `${name} has no value`);
    return value!;
  };
  for (const { variable: output, formula } of skill.outputs) {
    values.set(output, evaluateFormula(formula, { variable, measured: variable }));
  }
}

function measuredTag(predicted: string): string {
  const variable = siteVariables.get(predicted);
  assert.ok(variable?.type === "predicted" && variable.measuredBy);
  return variable.measuredBy;
}

Deno.test("the kiln's strategy takes its inputs in the order of the scaler files", () => {
  const skills = modelSkills(strategy);
  assert.equal(skills.length, 4);
  for (const skill of skills) {
    const { names, inputs, trained_range } = readScalerFile(SITE, skill);
    assert.deepEqual(skill.inputs, names.inputs);
    assert.deepEqual(skill.outputs, names.outputs);
    assert.equal(inputs.mean.length, skill.inputs.length);
    assert.equal(trained_range.inputs.length, skill.inputs.length);
  }
});

Deno.test("the kiln's strategy lists every tag of the plant and the limits of its equipment", () => {
  for (const { tag, unit, bounds, maxMove } of OPERATIVE_TAGS) {
    const variable = siteVariables.get(tag);
    assert.ok(variable?.type === "operative", tag);
    assert.equal(variable.unit, unit, tag);
    // Feed comes at half the pace at which it may go.
    const up = tag.startsWith("Kiln_Feed") ? maxMove / 2 : maxMove;
    assert.deepEqual(variable.maxMove, { up, down: maxMove }, tag);
    assert.ok(variable.bounds[0] >= bounds[0] && variable.bounds[1] <= bounds[1], tag);
  }
  for (const { tag, unit } of Object.values(MEASURED_TAGS)) {
    const variable = siteVariables.get(tag);
    assert.ok(variable?.type === "informative", tag);
    assert.equal(variable.unit, unit, tag);
  }
});

Deno.test("the kiln's absolute models agree with the simulator within the stated errors", async () => {
  const sample = points(400, 99);
  const live = sample.map(liveValues);
  for (const skill of modelSkills(strategy).filter(({ kind }) => kind === "absolute")) {
    const rows = live.map((values) => skill.inputs.map((name) => values.get(name) ?? NaN));
    const predicted = await predictRows(SITE, skill, rows);
    for (const [at, output] of skill.outputs.entries()) {
      const errors = live.map((values, row) =>
        Math.abs((predicted[row]?.[at] ?? NaN) - (values.get(measuredTag(output)) ?? NaN))
      );
      const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
      assert.ok(mean <= (LARGEST_ERROR[output] ?? NaN), `${output}: mean error ${mean}`);
    }
  }
});

Deno.test("the kiln's delta model agrees with the simulator's change within one cycle's moves", async () => {
  const deviates = new Deviates(7);
  const skill = modelSkills(strategy).find(({ kind }) => kind === "delta");
  assert.ok(skill);
  const rows: number[][] = [];
  const changes: number[] = [];
  for (const { settings, disturbances, state } of points(400, 100)) {
    const moved = drawSettings(deviates, {
      centre: settings,
      step: (tag) => OPERATIVE_TAGS.find((row) => row.tag === tag)?.maxMove ?? NaN,
    });
    rows.push(skill.inputs.map((tag) => (moved.get(tag) ?? NaN) - (settings.get(tag) ?? NaN)));
    changes.push(steadyState(moved, disturbances).clinkerTemperature - state.clinkerTemperature);
  }
  const predicted = await predictRows(SITE, skill, rows);
  const errors = changes.map((change, row) => Math.abs((predicted[row]?.[0] ?? NaN) - change));
  const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
  const spread = changes.reduce((sum, change) => sum + Math.abs(change), 0) / changes.length;
  assert.ok(mean <= (LARGEST_ERROR.Predicted_Clinker_temperature ?? NaN), `${mean} K`);
  // A model that always says "no change" would be off by the spread.
  assert.ok(mean < 0.35 * spread, `${mean} K of a mean change of ${spread} K`);
});

Deno.test("the kiln's delta model predicts almost no change for no change", async () => {
  const skill = modelSkills(strategy).find(({ kind }) => kind === "delta");
  assert.ok(skill);
  const [[change = NaN] = []] = await predictRows(SITE, skill, [skill.inputs.map(() => 0)]);
  assert.ok(Math.abs(change) < 1, `${change} K`);
});

Deno.test("the kiln's formulas for power and heat agree with the simulator", () => {
  for (const point of points(50, 3)) {
    const values = liveValues(point);
    values.set("Predicted_Calciner_Coal", point.state.calcinerCoal);
    values.set("Predicted_Calciner_CO", point.state.calcinerCo);
    values.set("Predicted_NOX", point.state.nox);
    evaluate("economy", values);
    const close = (name: string, truth: number) => {
      const value = values.get(name) ?? NaN;
      assert.ok(Math.abs(value - truth) < 1e-6 * truth, `${name}: ${value}, simulated ${truth}`);
    };
    close("clinker_rate", point.state.clinker);
    close("fan_power", point.state.fanPower);
    close("specific_heat", point.state.specificHeat);
  }
});

Deno.test("the kiln's oxygen gains agree with the simulator's about the typical settings", () => {
  const oxygen = (tag: string, change: number) => {
    const settings = typicalSettings();
    settings.set(tag, (settings.get(tag) ?? NaN) + change);
    return steadyState(settings).kilnOxygen;
  };
  const fan = (oxygen("PH_Fan_Speed_PV", 5) - oxygen("PH_Fan_Speed_PV", -5)) / 10;
  const coal = (oxygen("Kiln_Coal_PV", 0.1) - oxygen("Kiln_Coal_PV", -0.1)) / 0.2;
  assert.ok(Math.abs(fan - 0.011) < 0.001, `${fan} % per RPM`);
  assert.ok(Math.abs(coal + 1.66) < 0.1, `${coal} % per t/h`);
});
