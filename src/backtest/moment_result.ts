/**
 * What a backtest keeps of one moment: numbers in the order of the layout, null where there is none.
 * Everything but `ms` is the same whenever it is computed again.
 */

import type { CycleRecord, CycleStatus, LimitedBy, ReadValue } from "../cycle/recommendation.ts";
import { evaluateFormula } from "../strategy/evaluate_formula.ts";
import { measuredValue } from "../strategy/measured_value.ts";
import type { Formula } from "../strategy/strategy.ts";
import type { ReadyMoment } from "./carry_forward.ts";
import type { Layout } from "./layout.ts";

/** JSON knows no NaN. */
export type Known = number | null;

export interface MomentResult {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly status: CycleStatus;
  readonly reason: string | null;
  readonly warnings: readonly string[];
  /** In the order of `layout.settings`; null where the record has no value. */
  readonly settings: readonly (SettingResult | null)[];
  /** In the order of `layout.outputs`. */
  readonly now: readonly Known[];
  readonly expected: readonly Known[];
  readonly objective: ObjectiveResult | null;
  /** In the order of `layout.limits`. */
  readonly limits: readonly LimitResult[];
  readonly binding: readonly BindingResult[];
  readonly relaxed: readonly {
    readonly limit: string;
    readonly unit: string;
    readonly by: number;
  }[];
  /** In the order of `layout.judged`; null where no measurement is new. */
  readonly errors: readonly (ErrorResult | null)[];
  /** Everything that was read, for the moment's own section. */
  readonly inputs: readonly InputResult[];
  readonly outcome: string | null;
  readonly iterations: number;
  /** The referee's worst relative difference. */
  readonly referee: Known;
  /** Time in the solver, in milliseconds. */
  readonly ms: number;
}

export interface SettingResult {
  readonly measured: number;
  readonly recommended: number;
  readonly limitedBy: LimitedBy;
}

/** In the objective's unit; `gain` is positive where the recommendation is better. */
export interface ObjectiveResult {
  /** With measurements in place of predictions. */
  readonly measured: Known;
  readonly now: number;
  readonly expected: number;
  readonly gain: number;
}

/** A limit's value in three ways, in its unit. */
export interface LimitResult {
  /** At the recorded settings, with measurements in place of predictions. */
  readonly measured: Known;
  /** At the recorded settings, as predicted with bias. */
  readonly now: Known;
  /** At the recommended settings, as predicted with bias; null without an answer. */
  readonly expected: Known;
}

export interface BindingResult {
  readonly limit: string;
  readonly of: "constraint" | "setting";
  readonly side: "lower" | "upper";
  /** Null where it has none of its own. */
  readonly price: Known;
  readonly priceUnit: string;
}

export interface ErrorResult {
  readonly measured: number;
  /** The model alone. */
  readonly plain: number;
  /** With the bias that had been learned before this measurement. */
  readonly corrected: number;
}

export interface InputResult
  extends Pick<ReadValue, "variable" | "unit" | "value" | "source" | "note"> {}

/** A cycle's record made short. */
export function momentResult(
  { recommendation, snapshot, times }: CycleRecord,
  { layout, moment }: { readonly layout: Layout; readonly moment: ReadyMoment },
): MomentResult {
  const { strategy } = layout;
  const { solver, referee, status } = recommendation;
  const settings = new Map(recommendation.settings.map((s) => [s.variable, s]));
  const expectations = new Map(recommendation.expectations.map((e) => [e.variable, e]));
  const inputs = new Map(snapshot.map((read) => [read.variable, read]));
  const serves = status !== "held" && status !== "failed";

  const read = [...moment.snapshot.values].map(([name, { value }]) => [name, value] as const);
  const now = new Map([...read, ...[...expectations].map(([name, e]) => [name, e.now] as const)]);
  const expected = new Map([
    ...read,
    ...[...settings].map(([name, setting]) => [name, setting.recommended] as const),
    ...[...expectations].map(([name, e]) => [name, e.expected] as const),
  ]);
  const start = measuredValue(
    strategy,
    new Map([
      ...read,
      ...[...moment.snapshot.measurements].map(([name, { value }]) => [name, value] as const),
    ]),
  );
  const at = (formula: Formula, state: ReadonlyMap<string, number>) =>
    known(evaluateFormula(formula, {
      variable: (name) => state.get(name) ?? NaN,
      measured: start,
    }));
  const asMeasured = (formula: Formula) =>
    known(evaluateFormula(formula, { variable: start, measured: start }));

  return {
    time: moment.time,
    status,
    reason: recommendation.reason,
    warnings: recommendation.warnings,
    settings: layout.settings.map(({ name }) => {
      const setting = settings.get(name);
      if (setting === undefined) return null;
      const { measured, recommended, limited_by: limitedBy } = setting;
      return { measured, recommended, limitedBy };
    }),
    now: layout.outputs.map(({ name }) => known(expectations.get(name)?.now)),
    expected: layout.outputs.map(({ name }) =>
      serves ? known(expectations.get(name)?.expected) : null
    ),
    objective: objectiveOf(recommendation.objective, { layout, asMeasured }),
    limits: layout.limits.map(({ expression }) => ({
      measured: asMeasured(expression),
      now: at(expression, now),
      expected: serves ? at(expression, expected) : null,
    })),
    binding: recommendation.binding_limits.map((limit) => ({
      limit: limit.limit,
      of: limit.of,
      side: limit.side,
      price: limit.shadow_price,
      priceUnit: limit.shadow_price_unit,
    })),
    relaxed: recommendation.relaxed_limits.map(({ limit, unit, relaxed_by: by }) => ({
      limit,
      unit,
      by,
    })),
    errors: errorsOf(layout, moment),
    inputs: [...inputs.values()].map(({ variable, unit, value, source, note }) => ({
      ...{ variable, unit, value, source, note },
    })),
    outcome: solver?.outcome ?? null,
    iterations: solver?.iterations ?? 0,
    referee: referee === null ? null : known(referee.worst_difference),
    ms: times.solve_ms,
  };
}

/** A trusted answer with an objective. */
export function isAnswer({ status, objective }: MomentResult): boolean {
  return status !== "held" && status !== "failed" && objective !== null;
}

function objectiveOf(
  objective: CycleRecord["recommendation"]["objective"],
  { layout: { strategy }, asMeasured }: {
    readonly layout: Layout;
    readonly asMeasured: (formula: Formula) => Known;
  },
): ObjectiveResult | null {
  if (objective === null || !Number.isFinite(objective.improvement)) return null;
  const skill = strategy.skills.get(objective.optimizer);
  return {
    measured: skill?.type === "optimizer" ? asMeasured(skill.objective) : null,
    now: objective.now,
    expected: objective.expected,
    gain: objective.improvement,
  };
}

/** Each new measurement against what was known before it came. */
function errorsOf(
  { judged }: Layout,
  { snapshot: { measurements }, predicted, state }: ReadyMoment,
): (ErrorResult | null)[] {
  return judged.map(({ name, bias }) => {
    const measurement = measurements.get(name);
    const plain = predicted?.get(name);
    const learned = bias === undefined ? undefined : state.bias.get(name);
    const isNew = measurement !== undefined && measurement.source === "measured" &&
      measurement.source_time !== learned?.measuredAt;
    if (!isNew || plain === undefined || !Number.isFinite(plain)) return null;
    return { measured: measurement.value, plain, corrected: plain + (learned?.value ?? 0) };
  });
}

function known(value: number | undefined): Known {
  return value === undefined || !Number.isFinite(value) ? null : value;
}
