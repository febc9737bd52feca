/** The newest cycle as the overview shows it: rows with sensible digits, and what changed in them. */

import type { Plan } from "../../cycle/plan.ts";
import type {
  BindingLimit,
  CycleRecord,
  Expectation,
  LimitCheck,
  Recommendation,
  Setting,
} from "../../cycle/recommendation.ts";
import type { Constraint, Strategy, Variable } from "../../strategy/strategy.ts";
import type { CycleHistory, Series, SeriesKind } from "../cycle_history.ts";
import { OBJECTIVE } from "../cycle_history.ts";
import { constraintsOf } from "../trends.ts";
import { decimalsOf } from "./format.ts";

/** What the small trends look back on. */
const TREND_MS = 6 * 3_600_000;

export interface SettingRow extends Setting {
  readonly description: string | undefined;
  readonly decimals: number;
  /** Undefined where the strategy in force has no such setting any more. */
  readonly bounds: readonly [number, number] | undefined;
  /** What the cycle before recommended, where that was another value by what can be seen. */
  readonly before: number | undefined;
  readonly isLimitNew: boolean;
  readonly measuredTrend: Series;
  readonly recommendedTrend: Series;
}

export interface Limits {
  readonly name: string;
  readonly min: number | null;
  readonly max: number | null;
}

export interface OutcomeRow {
  readonly name: string;
  /** The variable behind it; undefined for a limit on an expression. */
  readonly variable: string | undefined;
  readonly description: string | undefined;
  readonly unit: string;
  readonly decimals: number;
  readonly now: number | null;
  readonly expected: number | null;
  readonly min: number | null;
  readonly max: number | null;
  /** A second limit on the same variable, inside the first: what the optimiser aims to keep. */
  readonly inner: Limits | undefined;
  readonly bias: number | null;
  readonly quality: "good" | "uncertain";
  /** Name of the limit that the recommended state lies on. */
  readonly atLimit: string | undefined;
  /** True: the optimiser may go over it where that pays. */
  readonly isSoft: boolean;
  /** True: it was not on that limit in the cycle before. */
  readonly isLimitNew: boolean;
  /** How far outside; 0 where the limit holds. */
  readonly violation: number;
  readonly trend: Series;
}

export interface Overview {
  readonly latest: CycleRecord;
  readonly before: Recommendation | undefined;
  readonly settings: readonly SettingRow[];
  readonly outcomes: readonly OutcomeRow[];
  readonly others: readonly OutcomeRow[];
  readonly objectiveTrend: Series;
  /** Limits that bind now and did not in the cycle before, and the other way. */
  readonly newlyBinding: readonly string[];
  readonly noLongerBinding: readonly string[];
  readonly trendSpan: readonly [number, number];
}

/** The view of a record; `before` is the cycle before it, where there is one. */
export function overviewOf(
  latest: CycleRecord,
  { before, plan, history }: {
    readonly before: Recommendation | undefined;
    readonly plan: Plan | undefined;
    readonly history: CycleHistory;
  },
): Overview {
  const { recommendation } = latest;
  const endMs = Date.parse(recommendation.time);
  const fromMs = endMs - TREND_MS;
  const series = (name: string, kind: SeriesKind) => history.series(name, { kind, fromMs });
  const strategy = plan?.strategy;
  const binding = bindingOf(recommendation);
  const bindingBefore = before === undefined ? undefined : bindingOf(before);
  const outcomes = outcomesOf(recommendation, { strategy, bindingBefore, series });
  return {
    latest,
    before,
    settings: recommendation.settings.map((setting) =>
      settingRow(setting, {
        variable: strategy?.variables.get(setting.variable),
        before: before?.settings.find(({ variable }) => variable === setting.variable),
        series,
      })
    ),
    outcomes: outcomes.filter(({ min, max }) => min !== null || max !== null),
    others: outcomes.filter(({ min, max }) => min === null && max === null),
    objectiveTrend: series(OBJECTIVE, "expected"),
    newlyBinding: bindingBefore === undefined
      ? []
      : [...binding.keys()].filter((name) => !bindingBefore.has(name)),
    noLongerBinding: bindingBefore === undefined
      ? []
      : [...bindingBefore.keys()].filter((name) => !binding.has(name)),
    trendSpan: [history.cycles(fromMs)[0]?.timeMs ?? fromMs, endMs],
  };
}

type SeriesOf = (
  name: string,
  kind: "measured" | "recommended" | "predicted" | "expected",
) => Series;

function settingRow(
  setting: Setting,
  { variable, before, series }: {
    readonly variable: Variable | undefined;
    readonly before: Setting | undefined;
    readonly series: SeriesOf;
  },
): SettingRow {
  const decimals = decimalsOf(variable, [setting.measured, setting.recommended]);
  const half = 0.5 * 10 ** -decimals;
  // Where nothing is to move the recommendation follows the measurement, which is no news.
  const isOther = before !== undefined && (setting.change !== 0 || before.change !== 0) &&
    Math.abs(before.recommended - setting.recommended) > half;
  return {
    ...setting,
    description: variable?.description,
    decimals,
    bounds: variable?.type === "operative" ? variable.bounds : undefined,
    before: isOther ? before.recommended : undefined,
    isLimitNew: before !== undefined && before.limited_by !== setting.limited_by,
    measuredTrend: series(setting.variable, "measured"),
    recommendedTrend: series(setting.variable, "recommended"),
  };
}

/** Constraints that bind, by name. */
function bindingOf({ binding_limits }: Recommendation): Map<string, BindingLimit["side"]> {
  return new Map(
    binding_limits.filter((limit) => limit.of === "constraint")
      .map(({ limit, side }) => [limit, side]),
  );
}

/** Limits first, in the strategy's order, each with the variable that it is about where it is one. */
function outcomesOf(
  recommendation: Recommendation,
  { strategy, bindingBefore, series }: {
    readonly strategy: Strategy | undefined;
    readonly bindingBefore: ReadonlyMap<string, BindingLimit["side"]> | undefined;
    readonly series: SeriesOf;
  },
): OutcomeRow[] {
  const { expectations, checks } = recommendation;
  const constraints = strategy === undefined ? [] : constraintsOf(strategy);
  const binding = bindingOf(recommendation);
  const limits = new Map(constraints.map((constraint) => [constraint.name, constraint]));
  const names = [...new Set([...limits.keys(), ...checks.map(({ limit }) => limit)])];
  // Several limits on one variable stand in one row.
  const bySubject = Map.groupBy(names, (name) => soleVariable(limits.get(name)) ?? `limit ${name}`);
  const told = new Set<string>();
  const rows = [...bySubject.values()].flatMap((members): OutcomeRow[] => {
    const [name = "", ...further] = members;
    const variable = soleVariable(limits.get(name));
    const expectation = expectations.find((one) => one.variable === variable);
    const checked = checks.filter(({ limit }) => members.includes(limit));
    const worst = checked.toSorted((a, b) => b.violation - a.violation)[0];
    const constraint = limits.get(worst?.limit ?? name);
    // Records of earlier releases do not tell what a limit on an expression is now.
    const now = expectation?.now ?? worst?.now ?? null;
    const expected = worst?.value ?? expectation?.expected ?? null;
    if (now === null && expected === null) return [];
    if (expectation !== undefined) told.add(expectation.variable);
    const outer = limitsOf(name, { limits, checks });
    const inner = further.map((other) => limitsOf(other, { limits, checks }))
      .find(({ min, max }) => min !== outer.min || max !== outer.max);
    const atLimit = members.find((member) => binding.has(member));
    return [{
      ...{ name, now, expected, atLimit, inner },
      ...{ min: outer.min, max: outer.max },
      variable: expectation?.variable,
      description: expectation && strategy?.variables.get(expectation.variable)?.description,
      unit: worst?.unit ?? constraint?.unit ?? expectation?.unit ?? "",
      decimals: decimalsOf(undefined, [now, expected, outer.min, outer.max]),
      bias: expectation?.bias ?? null,
      quality: worst?.quality ?? expectation?.quality ?? "good",
      isLimitNew: atLimit !== undefined && bindingBefore !== undefined &&
        bindingBefore.get(atLimit) !== binding.get(atLimit),
      violation: worst?.violation ?? 0,
      isSoft: constraint?.price !== undefined,
      trend: series(expectation?.variable ?? "", "expected"),
    }];
  });
  return [
    ...rows,
    ...expectations.filter(({ variable }) => !told.has(variable)).map((one) =>
      plainRow(one, { strategy, series })
    ),
  ];
}

/** As the cycle's check saw them, which knows limits that the strategy in force no longer has. */
function limitsOf(
  name: string,
  { limits, checks }: {
    readonly limits: ReadonlyMap<string, Constraint>;
    readonly checks: readonly LimitCheck[];
  },
): Limits {
  const check = checks.findLast(({ limit }) => limit === name);
  const { min, max } = check ?? limits.get(name) ?? {};
  return { name, min: min ?? null, max: max ?? null };
}

function plainRow(
  { variable, unit, now, expected, bias, quality }: Expectation,
  { strategy, series }: { readonly strategy: Strategy | undefined; readonly series: SeriesOf },
): OutcomeRow {
  return {
    ...{ name: variable, variable, unit, now, expected, bias, quality },
    description: strategy?.variables.get(variable)?.description,
    decimals: decimalsOf(undefined, [now, expected]),
    ...{ min: null, max: null, inner: undefined, atLimit: undefined, isSoft: false },
    ...{ isLimitNew: false, violation: 0 },
    trend: series(variable, "expected"),
  };
}

function soleVariable(constraint: Constraint | undefined): string | undefined {
  return constraint?.expression.kind === "variable" ? constraint.expression.name : undefined;
}

/** How people read a tag: `Kiln_Coal_PV` as `Kiln Coal PV`. */
export function readable(name: string): string {
  return name.replaceAll("_", " ");
}
