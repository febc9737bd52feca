/** What a strategy's results are called, in the order in which each moment keeps its numbers. */

import type { Plan } from "../cycle/plan.ts";
import { stepsOf } from "../strategy/chain.ts";
import type {
  CalculatedVariable,
  Constraint,
  Formula,
  OperativeVariable,
  PredictedVariable,
  Strategy,
} from "../strategy/strategy.ts";

/** A limit, with the size below which a violation of it is rounding. */
export interface LimitPlace extends Constraint {
  readonly tolerance: number;
}

export interface Layout {
  readonly strategy: Strategy;
  readonly version: string;
  readonly digest: string;
  /** Of the last optimizer of the tasks, whose objective a recommendation tells. */
  readonly objective:
    | {
      readonly unit: string;
      readonly sense: "minimize" | "maximize";
      readonly formula: Formula;
    }
    | undefined;
  readonly settings: readonly OperativeVariable[];
  readonly outputs: readonly (CalculatedVariable | PredictedVariable)[];
  /** Predicted variables whose measurement can be held against the model. */
  readonly judged: readonly PredictedVariable[];
  readonly limits: readonly LimitPlace[];
}

/** A violation below this share of its limit's scale is the solver's tolerance or float32 rounding. */
const TOLERANCE = 1e-5;

export function layoutOf({ strategy, version, digest, optimizers }: Plan): Layout {
  const variables = [...strategy.variables.values()];
  const optimizing = strategy.tasks.map(({ skill }) => optimizers.get(skill)?.skill)
    .findLast((skill) => skill !== undefined);
  const rows = new Map(
    [...optimizers.values()].flatMap(({ ladder }) => ladder.program.rows)
      .map((row) => [row.name, row.scale]),
  );
  return {
    ...{ strategy, version, digest },
    objective: optimizing && {
      unit: optimizing.objectiveUnit,
      sense: optimizing.sense,
      formula: optimizing.objective,
    },
    settings: variables.filter((variable) => variable.type === "operative"),
    outputs: variables.filter(({ type }) => type === "calculated" || type === "predicted") as (
      | CalculatedVariable
      | PredictedVariable
    )[],
    judged: variables.filter((variable) => variable.type === "predicted")
      .filter(({ name, measuredBy }) => measuredBy !== undefined && !isDelta(strategy, name)),
    limits: limitsOf(strategy).map((limit) => ({
      ...limit,
      tolerance: TOLERANCE *
        (rows.get(limit.name) ?? Math.max(1, Math.abs(limit.max ?? limit.min ?? 1))),
    })),
  };
}

/** A delta model starts from the measurement, so it has no error at the present settings. */
function isDelta(strategy: Strategy, variable: string): boolean {
  return [...strategy.skills.keys()].flatMap((skill) => stepsOf(strategy, skill))
    .some((step) =>
      step.type === "model" && step.kind === "delta" && step.outputs.includes(variable)
    );
}

/** Every limit once, by its name. */
function limitsOf(strategy: Strategy): Constraint[] {
  const skills = [...strategy.skills.values()].filter((skill) => skill.type === "constraints");
  const limits = skills.flatMap(({ constraints }) => constraints);
  return [...new Map(limits.map((limit) => [limit.name, limit])).values()];
}

/** How far a value lies outside of its limit, in the limit's unit; 0 inside, and for no value. */
export function excessOf(
  { min = -Infinity, max = Infinity, tolerance }: Pick<LimitPlace, "min" | "max" | "tolerance">,
  value: number | null,
): number {
  if (value === null) return 0;
  const excess = Math.max(min - value, value - max, 0);
  return excess > tolerance ? excess : 0;
}
