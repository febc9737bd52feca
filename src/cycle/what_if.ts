/**
 * What if: predictions, limits and objective of states that nobody has set, without optimising. All
 * points of a sweep go through each model together.
 */

import { evaluateFormula } from "../strategy/evaluate_formula.ts";
import type { Formula } from "../strategy/strategy.ts";
import type { Plan } from "./plan.ts";
import { predictState } from "./predict_state.ts";
import type { BatchRuntime, SkillRuntime } from "./predict.ts";
import type { CycleRecord } from "./recommendation.ts";

/** One variable to go through, in its own unit. */
export interface Axis {
  readonly variable: string;
  readonly unit: string;
  readonly values: readonly number[];
}

/** A quantity at every point; the last axis runs fastest. NaN where an input is missing. */
export interface Curve {
  readonly name: string;
  readonly unit: string;
  readonly kind: "variable" | "limit" | "objective";
  readonly min: number | null;
  readonly max: number | null;
  readonly values: readonly number[];
}

export interface WhatIf {
  /** When the values behind it were read; null where no cycle has read any. */
  readonly snapshotTime: string | null;
  readonly axes: readonly Axis[];
  readonly curves: readonly Curve[];
  /** Operative and informative variables without a value. */
  readonly missing: readonly string[];
}

type Values = ReadonlyMap<string, number>;
/** What of a plan predicts many states. */
type PredictingPlan = Pick<Plan, "strategy" | "predictions" | "runtimes">;

/** Predicts the newest snapshot with the given values in place of its own, at every point of the axes. */
export async function whatIf(
  plan: PredictingPlan,
  { given, axes, latest }: {
    readonly given: Values;
    /** At most two. */
    readonly axes: readonly Axis[];
    readonly latest: CycleRecord | undefined;
  },
): Promise<WhatIf> {
  const measured = measuredOf(plan, latest);
  const start = new Map(measured);
  const live = [...plan.strategy.variables.values()]
    .filter(({ type }) => type === "operative" || type === "informative");
  for (const [name, value] of given) {
    start.set(name, value);
    // Without a snapshot the given state is also the one that changes are counted from.
    if (!measured.has(name)) measured.set(name, value);
  }
  const bias = new Map(Object.entries(latest?.bias ?? {}));
  const base = new Map(
    live.flatMap(({ name }) => start.has(name) ? [[name, start.get(name)!] as const] : []),
  );
  const runtimes = batched(plan.runtimes);
  const states = await Promise.all(
    pointsOf(axes).map((point) =>
      predictState({ ...plan, runtimes }, {
        values: new Map([...base, ...point]),
        measured,
        bias,
      })
    ),
  );
  return {
    snapshotTime: latest?.recommendation.time ?? null,
    axes,
    curves: curvesOf(plan, { states, measured }),
    missing: live.map(({ name }) => name)
      .filter((name) => !base.has(name) && !axes.some((axis) => axis.variable === name)),
  };
}

/** The newest snapshot's values by variable; a measurement also stands for what it measures. */
function measuredOf(
  { strategy }: PredictingPlan,
  latest: CycleRecord | undefined,
): Map<string, number> {
  const read = new Map(latest?.snapshot.map(({ variable, value }) => [variable, value]));
  const measured = new Map<string, number>();
  for (const variable of strategy.variables.values()) {
    const tag = variable.type === "predicted" ? variable.measuredBy : variable.name;
    const value = tag === undefined ? undefined : read.get(tag);
    if (value !== undefined && Number.isFinite(value)) measured.set(variable.name, value);
  }
  return measured;
}

/** The settings of every point; one point without any where there is no axis. */
function pointsOf(axes: readonly Axis[]): Map<string, number>[] {
  return axes.reduce(
    (points, { variable, values }) =>
      points.flatMap((point) => values.map((value) => new Map([...point, [variable, value]]))),
    [new Map<string, number>()],
  );
}

function curvesOf(
  { strategy }: PredictingPlan,
  { states, measured }: { readonly states: readonly Values[]; readonly measured: Values },
): Curve[] {
  const valuesOf = (formula: Formula) =>
    states.map((state) =>
      evaluateFormula(formula, {
        variable: (name) => state.get(name) ?? NaN,
        measured: (name) => measured.get(name) ?? NaN,
      })
    );
  const curves: Curve[] = [];
  for (const { name, unit, type } of strategy.variables.values()) {
    if (type !== "calculated" && type !== "predicted") continue;
    const values = states.map((state) => state.get(name) ?? NaN);
    curves.push({ name, unit, kind: "variable", min: null, max: null, values });
  }
  for (const { skill: name } of strategy.tasks) {
    const skill = strategy.skills.get(name)!;
    if (skill.type !== "optimizer") continue;
    const values = valuesOf(skill.objective);
    const unit = skill.objectiveUnit;
    curves.push({ name, unit, kind: "objective", min: null, max: null, values });
    for (const limits of skill.subjectTo.map((limit) => strategy.skills.get(limit)!)) {
      if (limits.type !== "constraints") continue;
      for (const { name, unit, min, max, expression } of limits.constraints) {
        const values = valuesOf(expression);
        curves.push({ name, unit, kind: "limit", min: min ?? null, max: max ?? null, values });
      }
    }
  }
  return curves;
}

/**
 * Runtimes that gather the rows asked for within one turn of the event loop and predict them
 * together. All states take the same steps, so each model runs once per step.
 */
function batched(runtimes: ReadonlyMap<string, BatchRuntime>): Map<string, SkillRuntime> {
  return new Map([...runtimes].map(([skill, runtime]) => [skill, gathering(runtime)]));
}

interface Asked {
  readonly row: readonly number[];
  readonly answer: PromiseWithResolvers<readonly number[]>;
}

function gathering(runtime: BatchRuntime): SkillRuntime {
  let asked: Asked[] = [];
  const answerAll = async () => {
    const batch = asked;
    asked = [];
    try {
      const results = await runtime.predictRows(batch.map(({ row }) => row));
      for (const [i, { answer }] of batch.entries()) answer.resolve(results[i]!);
    } catch (error) {
      for (const { answer } of batch) answer.reject(error);
    }
  };
  return {
    predict(row) {
      if (asked.length === 0) setTimeout(answerAll, 0);
      const answer = Promise.withResolvers<readonly number[]>();
      asked.push({ row, answer });
      return answer.promise;
    },
  };
}
