/** A plant of many variables with a week of cycles behind it, for the dashboard to be slow on. */

import { v7 as uuidv7 } from "uuid";
import type { CycleRecord, Recommendation } from "../../src/cycle/recommendation.ts";
import type { Plan } from "../../src/cycle/plan.ts";
import type { Constraint, Formula, Strategy } from "../../src/strategy/strategy.ts";
import { informative, operative, predicted, strategyOf } from "../cycle/strategies.ts";

export interface PlantSizes {
  readonly settings: number;
  readonly read: number;
  readonly predicted: number;
}

/** 200 variables: 60 that move, 100 that are read, 40 that are predicted, each with a limit. */
export const LARGE_PLANT: PlantSizes = { settings: 60, read: 100, predicted: 40 };

const at = (name: string): Formula => ({ kind: "variable", name, at: 0 });
const range = (count: number) => Array.from({ length: count }, (_, i) => i + 1);
const settingName = (i: number) => `Section_${1 + i % 7}_Setting_${i}_PV`;
const readName = (i: number) => `Section_${1 + i % 7}_Sensor_${i}`;
const predictedName = (i: number) => `Predicted_quality_${i}`;

export function largePlan(sizes: PlantSizes): Plan {
  const strategy = strategyOf(
    ...range(sizes.settings).map((i) =>
      operative(settingName(i), {
        ...{ bounds: [0, 100], resolution: 0.01, description: `Setting ${i} of the plant` },
      })
    ),
    ...range(sizes.read).map((i) => informative(readName(i), { valid: [0, 100] })),
    ...range(sizes.predicted).map((i) =>
      predicted(predictedName(i), { measuredBy: readName(1 + i % sizes.read) })
    ),
  );
  const constraints = range(sizes.predicted).map((i): Constraint => ({
    ...{ name: `limit ${i}`, expression: at(predictedName(i)), unit: "%" },
    ...{ min: 0, max: 100, rank: undefined, price: undefined },
  }));
  const withLimits: Strategy = {
    ...strategy,
    name: "large-plant",
    skills: new Map([["limits", { type: "constraints", name: "limits", constraints }]]),
  };
  return {
    ...{ version: "1", digest: "d".repeat(64), strategy: withLimits },
    ...{ runtimes: new Map(), optimizers: new Map(), predictions: [] },
    ...{ scales: new Map(), ranges: new Map(), release: () => Promise.resolve() },
  };
}

/** The record of one cycle; values wander with its number, so that each differs from the one before. */
export function plantCycle(
  sizes: PlantSizes,
  { number, time }: { readonly number: number; readonly time: Date },
): CycleRecord {
  const wave = (i: number) => 50 + 30 * Math.sin(number / 40 + i);
  const trace = { quality: "good", source_time: time.toISOString() } as const;
  const settings = range(sizes.settings).map((i): Recommendation["settings"][number] => {
    const measured = Number(wave(i).toFixed(2));
    const change = (i + number) % 3 === 0 ? 0 : Number(Math.sin(number + i).toFixed(2));
    return {
      ...{ variable: settingName(i), unit: "t/h", measured, change, ...trace },
      recommended: Number((measured + change).toFixed(2)),
      limited_by: change === 0 ? "deadband" : "constraint limit 1",
    };
  });
  return {
    recommendation: {
      ...{ cycle_id: uuidv7({ msecs: time.getTime() }), strategy: "large-plant", version: "1" },
      ...{ digest: "d".repeat(64), time: time.toISOString(), trigger: "schedule" },
      valid_until: new Date(time.getTime() + 3_600_000).toISOString(),
      ...{ status: "optimised", reason: null, warnings: [], referee: null, last_answer: null },
      ...{ mode: { requested: "advisory", achieved: "advisory" }, solver: null, settings },
      expectations: range(sizes.predicted).map((i) => ({
        ...{
          variable: predictedName(i),
          unit: "%",
          now: wave(i),
          expected: wave(i) + 1,
          bias: 0.1,
        },
        ...trace,
      })),
      objective: {
        ...{ optimizer: "optimum", unit: "EUR/h", sense: "maximize", now: 1000 + wave(0) },
        ...{ expected: 1010 + wave(0), improvement: 10, penalties: [], ...trace },
      },
      binding_limits: range(8).map((i) => ({
        ...{
          limit: `limit ${1 + (i + number) % sizes.predicted}`,
          of: "constraint",
          side: "upper",
        },
        ...{ unit: "%", value: 100, shadow_price: i, shadow_price_unit: "(EUR/h) per %" },
      })),
      relaxed_limits: [],
      checks: range(sizes.predicted).map((i) => ({
        ...{ limit: `limit ${i}`, unit: "%", now: wave(i), value: wave(i) + 1 },
        ...{ min: 0, max: 100, violation: 0 },
        ...trace,
      })),
    },
    snapshot: [
      ...settings.map(({ variable, unit, measured }) => ({ variable, unit, value: measured })),
      ...range(sizes.read).map((i) => ({ variable: readName(i), unit: "degC", value: wave(i) })),
    ].map((read) => ({ ...read, ...trace, source: "measured", note: null })),
    bias: {},
    times: { read_ms: 1, predict_ms: 1, solve_ms: 1, referee_ms: 1, total_ms: 4 },
    inputs: null,
  };
}

/** Names of the first settings, to look at. */
export function someSettings(count: number): string[] {
  return range(count).map(settingName);
}
