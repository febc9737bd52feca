/**
 * Writes designed experiments on the simulated kiln as CSV, for `train.py`:
 * `deno run --allow-write strategies/cement-kiln/generate_data.ts OUTPUT.csv [PAIRS] [SEED]`.
 *
 * Rows come in pairs: a base point (`step` 0) and a point a few moves away from it under the same
 * disturbances (`step` 1), so that one file serves absolute and delta models. Points outside of a
 * kiln's sane operation are drawn again. Responses are the steady state with sensor noise.
 */

import { Deviates, WANDER } from "./disturbances.ts";
import { type Disturbances, NOMINAL_DISTURBANCES } from "./physics/conditions.ts";
import { type SteadyState, steadyState } from "./physics/steady_state.ts";
import { measuredState } from "./simulator.ts";
import {
  CALCINER_TEMPERATURE,
  COOLER_FANS,
  FEED_1,
  FEED_2,
  KILN_COAL,
  KILN_SPEED,
  MEASURED_TAGS,
  OPERATIVE_TAGS,
  PH_FAN,
  UNDER_GRATE,
} from "./tags.ts";

/** Half width of the experiments about the typical value; fans: 18 % of it. */
const HALF_WIDTH: ReadonlyMap<string, number> = new Map([
  [FEED_1, 10],
  [FEED_2, 10],
  [KILN_COAL, 0.9],
  [CALCINER_TEMPERATURE, 14],
  [PH_FAN, 70],
  [KILN_SPEED, 0.35],
  [UNDER_GRATE, 1.5],
]);
const FAN_HALF_WIDTH = 0.18;

/** The delta model's experiments move each setting by up to this many move limits, inside its bounds. */
const MOVES = 2;

/** Disturbances in the experiments are this much wider than in a usual week. */
const WIDER = 1.6;

/** The CSV text of `pairs` pairs of experiments. */
export function* experiments(pairs: number, seed: number): Generator<string> {
  const deviates = new Deviates(seed);
  const measured = Object.entries(MEASURED_TAGS) as [keyof typeof MEASURED_TAGS, {
    tag: string;
    noise: number;
  }][];
  const tags = [...OPERATIVE_TAGS, ...measured.map(([, row]) => row)].map(({ tag }) => tag);
  yield ["pair", "step", ...tags].join(",") + "\n";
  for (let pair = 0; pair < pairs;) {
    const disturbances = drawDisturbances(deviates);
    const base = drawSettings(deviates);
    const moved = move(base, deviates);
    if (![base, moved].every((point) => isSane(steadyState(point, disturbances)))) continue;
    for (const [step, settings] of [base, moved].entries()) {
      const values = measuredState(settings, disturbances);
      const row = [
        ...OPERATIVE_TAGS.map(({ tag }) => settings.get(tag) ?? 0),
        ...measured.map(([name, { noise }]) => (values.get(name) ?? 0) + noise * deviates.normal()),
      ];
      yield [pair, step, ...row.map((value) => value.toPrecision(8))].join(",") + "\n";
    }
    pair++;
  }
}

function drawSettings(deviates: Deviates): Map<string, number> {
  // One common factor for all fans beside their own: operators move the cooler as a whole.
  const together = 2 * deviates.uniform() - 1;
  return new Map(OPERATIVE_TAGS.map(({ tag, typical }) => {
    const own = 2 * deviates.uniform() - 1;
    const half = HALF_WIDTH.get(tag);
    if (half !== undefined) return [tag, typical + half * own];
    if (!COOLER_FANS.includes(tag)) throw new RangeError(`No experiment is designed for "${tag}"`);
    return [tag, typical * (1 + FAN_HALF_WIDTH * (0.5 * together + 0.5 * own))];
  }));
}

function move(base: ReadonlyMap<string, number>, deviates: Deviates): Map<string, number> {
  return new Map(OPERATIVE_TAGS.map(({ tag, typical, maxMove, bounds: [lower, upper] }) => {
    const largest = Math.min(MOVES * maxMove, (upper - lower) / 2);
    const to = (base.get(tag) ?? typical) + largest * (2 * deviates.uniform() - 1);
    return [tag, Math.min(Math.max(to, lower), upper)];
  }));
}

function drawDisturbances(deviates: Deviates): Disturbances {
  const drawn = Object.entries(NOMINAL_DISTURBANCES).map(([name, nominal]) => {
    const { deviation } = WANDER[name as keyof Disturbances];
    // The ambient temperature also swings with day and season.
    const season = name === "ambientTemperature" ? 16 * (deviates.uniform() - 0.5) : 0;
    return [name, nominal + season + WIDER * deviation * deviates.normal()];
  });
  return Object.fromEntries(drawn) as Disturbances;
}

/** Experiments that no plant would run are not data that a plant would have. */
function isSane(state: SteadyState): boolean {
  return state.residual < 1e-6 && state.burningZoneTemperature > 1395 &&
    state.burningZoneTemperature < 1520 && state.calcinerCo < 0.7 && state.kilnOxygen > 0.5;
}

async function main(): Promise<void> {
  const [path, pairs = "12000", seed = "1"] = Deno.args;
  if (path === undefined || !(Number(pairs) > 0) || !Number.isInteger(Number(seed))) {
    throw new TypeError("Usage: generate_data.ts OUTPUT.csv [PAIRS] [SEED]");
  }
  const text = [...experiments(Number(pairs), Number(seed))].join("");
  await Deno.writeTextFile(path, text);
}

if (import.meta.main) await main();
