/**
 * Members of groups brought to their own resolution. The optimizer knows a group's total only, so
 * here the limits are checked again without the tape: formulas directly, models by ONNX Runtime.
 */

import { evaluateFormula } from "../strategy/evaluate_formula.ts";
import { measuredValue } from "../strategy/measured_value.ts";
import type { Constraint, Strategy } from "../strategy/strategy.ts";
import type { Optimisation } from "./optimise.ts";
import type { LoadedOptimizer } from "./plan.ts";
import type { Setting } from "./recommendation.ts";
import { onGrid, reachOf } from "./set_points.ts";

type Values = ReadonlyMap<string, number>;

export interface RoundingSources {
  readonly optimizer: LoadedOptimizer;
  readonly strategy: Strategy;
  readonly measured: Values;
  /** Every variable's value at the settings as they were found. */
  readonly exact: Values;
  /** Every variable's value at other settings, by ONNX Runtime. */
  readonly predict: (settings: Values) => Promise<Values>;
}

/** More of a limit's violation than this share of its size would be a broken limit. */
const TOLERANCE = 1e-6;

/** The optimum with rounded members; as it was found, with a warning, where rounding breaks a limit. */
export async function roundMembers(
  found: Optimisation,
  sources: RoundingSources,
): Promise<{ readonly optimisation: Optimisation; readonly values: Values }> {
  const { optimizer, exact } = sources;
  const members = new Set(
    optimizer.ladder.program.variables.flatMap(({ group }) => group?.members ?? []),
  );
  const settings = found.settings.map((setting) =>
    members.has(setting.variable) ? rounded(setting, sources) : setting
  );
  const changed = settings.filter((setting, i) => setting !== found.settings[i]);
  if (changed.length === 0) return { optimisation: found, values: exact };
  const values = await sources.predict(new Map(settings.map((s) => [s.variable, s.recommended])));
  const limits = limitsOf(sources);
  const isWorse = limits.some((limit) =>
    violation(limit, values, sources) > violation(limit, exact, sources) + TOLERANCE * sizeOf(limit)
  );
  if (isWorse) {
    const names = changed.map(({ variable }) => variable).join(", ");
    const warning =
      `${names}: recommended finer than their resolutions, as rounding breaks a limit`;
    return { optimisation: { ...found, warnings: [...found.warnings, warning] }, values: exact };
  }
  const expected = new Map([...found.expected.keys()].map((name) => [name, values.get(name)!]));
  return { optimisation: { ...found, settings, expected }, values };
}

function rounded(setting: Setting, { optimizer, measured }: RoundingSources): Setting {
  const variable = optimizer.operative.get(setting.variable)!;
  const { resolution, bounds } = variable;
  if (resolution === undefined || setting.recommended === setting.measured) return setting;
  const reach = reachOf(variable, { measured: measured.get(setting.variable)!, bounds });
  const value = onGrid(Math.round(setting.recommended / resolution), resolution);
  if (typeof reach === "string" || value < reach.lower || value > reach.upper) return setting;
  const change = Number((value - setting.measured).toPrecision(12));
  return value === setting.recommended ? setting : { ...setting, recommended: value, change };
}

/** Soft limits have their price and need no keeping. */
function limitsOf({ optimizer, strategy }: RoundingSources): Constraint[] {
  return optimizer.skill.subjectTo.flatMap((name) => {
    const skill = strategy.skills.get(name);
    return skill?.type === "constraints" ? skill.constraints : [];
  }).filter(({ price }) => price === undefined);
}

function violation(
  { expression, min, max }: Constraint,
  values: Values,
  { strategy, measured }: RoundingSources,
): number {
  const value = evaluateFormula(expression, {
    variable: (name) => values.get(name) ?? NaN,
    measured: measuredValue(strategy, measured),
  });
  const outside = Math.max(0, (min ?? -Infinity) - value, value - (max ?? Infinity));
  return Number.isNaN(outside) ? Infinity : outside;
}

function sizeOf({ min, max }: Constraint): number {
  return Math.max(Math.abs(min ?? 0), Math.abs(max ?? 0), 1);
}
