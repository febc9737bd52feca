/** What the what-if page shows: sliders with their reach, and predictions beside those of the live values. */

import type { Plan } from "../../cycle/plan.ts";
import type { CycleRecord } from "../../cycle/recommendation.ts";
import { whatIf } from "../../cycle/what_if.ts";
import type { Curve } from "../../cycle/what_if.ts";
import type { Formula, Strategy, Variable } from "../../strategy/strategy.ts";
import { constraintsOf } from "../trends.ts";
import { decimalsOf } from "./format.ts";

export interface Slider {
  readonly name: string;
  readonly description: string | undefined;
  readonly unit: string;
  readonly isSetting: boolean;
  readonly from: number;
  readonly to: number;
  readonly step: number;
  readonly decimals: number;
  /** Undefined where no cycle has read it yet. */
  readonly live: number | undefined;
}

/** Steps of a slider whose variable has no resolution. */
const STEPS = 400;

/** One slider per setting and per disturbance that anything depends on. */
export function slidersOf(plan: Plan, latest: CycleRecord | undefined): Slider[] {
  const { strategy } = plan;
  const read = new Map(latest?.snapshot.map(({ variable, value }) => [variable, value]));
  const used = usedNames(strategy);
  return [...strategy.variables.values()].flatMap((variable): Slider[] => {
    const isSetting = variable.type === "operative";
    if (!isSetting && !(variable.type === "informative" && used.has(variable.name))) return [];
    const live = read.get(variable.name);
    const reach = reachOf(variable, plan);
    if (reach === undefined) return [];
    // A live value outside must not move by itself when the slider takes it up.
    const from = live === undefined ? reach[0] : Math.min(reach[0], live);
    const to = live === undefined ? reach[1] : Math.max(reach[1], live);
    const resolution = isSetting ? variable.resolution : undefined;
    const step = resolution ?? niceStep((to - from) / STEPS);
    return [{
      ...{ name: variable.name, description: variable.description, unit: variable.unit },
      ...{ isSetting, from, to, step, live },
      decimals: resolution === undefined
        ? decimalsOf(undefined, [from, to])
        : decimalsOf(variable, [live]),
    }];
  });
}

/** Of a setting its bounds; of a disturbance what models were trained on, inside what is valid. */
function reachOf(variable: Variable, plan: Plan): readonly [number, number] | undefined {
  if (variable.type === "operative") return variable.bounds;
  if (variable.type !== "informative") return undefined;
  const [low, high] = variable.valid ?? [-Infinity, Infinity];
  const trained = trainedReach(variable.name, plan);
  const from = Math.max(low, trained?.[0] ?? -Infinity);
  const to = Math.min(high, trained?.[1] ?? Infinity);
  if (Number.isFinite(from) && Number.isFinite(to) && to > from) return [from, to];
  return Number.isFinite(low) && Number.isFinite(high) && high > low ? [low, high] : undefined;
}

function trainedReach(name: string, { strategy, ranges }: Plan): [number, number] | undefined {
  let found: [number, number] | undefined;
  for (const [skillName, range] of ranges) {
    const skill = strategy.skills.get(skillName);
    if (skill?.type !== "model" || skill.kind === "delta") continue;
    const one = range[skill.inputs.indexOf(name)];
    if (one === undefined) continue;
    found = found === undefined
      ? [...one]
      : [Math.min(found[0], one[0]), Math.max(found[1], one[1])];
  }
  return found;
}

/** 1, 2 or 5 times a power of ten, at or below a step. */
function niceStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  return power * (step >= 5 * power ? 5 : step >= 2 * power ? 2 : 1);
}

/** Every name that a model or a formula of the strategy reads. */
function usedNames(strategy: Strategy): Set<string> {
  const used = new Set<string>();
  const read = (formula: Formula): void => {
    switch (formula.kind) {
      case "variable":
      case "measured":
        used.add(formula.name);
        break;
      case "operator":
        read(formula.left);
        read(formula.right);
        break;
      case "negate":
        read(formula.of);
        break;
      case "call":
        formula.arguments.forEach(read);
    }
  };
  for (const skill of strategy.skills.values()) {
    if (skill.type === "model") skill.inputs.forEach((name) => used.add(name));
    if (skill.type === "function") skill.outputs.forEach(({ formula }) => read(formula));
    if (skill.type === "constraints") skill.constraints.forEach((one) => read(one.expression));
    if (skill.type === "optimizer") read(skill.objective);
  }
  return used;
}

export interface Expected {
  readonly name: string;
  readonly kind: Curve["kind"];
  readonly unit: string;
  readonly decimals: number;
  readonly live: number;
  readonly tried: number;
  readonly min: number | null;
  readonly max: number | null;
  readonly isOutside: boolean;
  readonly sense: "minimize" | "maximize" | undefined;
}

export interface ExpectedState {
  readonly rows: readonly Expected[];
  readonly missing: readonly string[];
  readonly snapshotTime: string | null;
}

/** Predictions at the given values beside those at the live ones. */
export async function expectedAt(
  plan: Plan,
  { given, latest }: {
    readonly given: ReadonlyMap<string, number>;
    readonly latest: CycleRecord | undefined;
  },
): Promise<ExpectedState> {
  const [live, tried] = await Promise.all([
    whatIf(plan, { given: new Map(), axes: [], latest }),
    given.size === 0 ? undefined : whatIf(plan, { given, axes: [], latest }),
  ]);
  const soleOf = soleVariables(plan.strategy);
  const subjects = new Set(soleOf.values());
  const rows = live.curves.flatMap((curve, i): Expected[] => {
    const [now = NaN] = curve.values;
    const [then = NaN] = (tried ?? live).curves[i]?.values ?? [];
    // A variable with limits of its own stands there, with them.
    if (curve.kind === "variable" && subjects.has(curve.name)) return [];
    const { name, kind, unit, min, max } = curve;
    const room = 1e-9 * Math.max(1, Math.abs(then));
    return [{
      ...{ name, kind, unit, min, max, live: now, tried: then },
      decimals: decimalsOf(undefined, [now, then, min, max]),
      isOutside: (min !== null && then < min - room) || (max !== null && then > max + room),
      sense: senseOf(plan.strategy, curve),
    }];
  });
  const ORDER = { objective: 0, limit: 1, variable: 2 } as const;
  return {
    rows: rows.toSorted((a, b) => ORDER[a.kind] - ORDER[b.kind]),
    missing: live.missing.filter((name) => !given.has(name)),
    snapshotTime: live.snapshotTime,
  };
}

/** By a limit's name: the variable that it is about, where it is about one alone. */
function soleVariables(strategy: Strategy): Map<string, string> {
  return new Map(
    constraintsOf(strategy).flatMap(({ name, expression }) =>
      expression.kind === "variable" ? [[name, expression.name]] : []
    ),
  );
}

function senseOf(strategy: Strategy, { name, kind }: Curve): Expected["sense"] {
  if (kind !== "objective") return undefined;
  const skill = strategy.skills.get(name);
  return skill?.type === "optimizer" ? skill.sense : undefined;
}
