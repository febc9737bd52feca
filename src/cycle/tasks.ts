/** The strategy's tasks in order: predict, optimise, check; each on the state the ones before left. */

import type { Solver } from "../solve/solver.ts";
import { evaluateFormula } from "../strategy/evaluate_formula.ts";
import { measuredValue } from "../strategy/measured_value.ts";
import { outputsOf, stepsOf } from "../strategy/chain.ts";
import type { Formula, Skill, Strategy, Task } from "../strategy/strategy.ts";
import { checkLimits } from "./check_limits.ts";
import { optimise } from "./optimise.ts";
import type { EndOfSolve, Optimisation } from "./optimise.ts";
import type { Plan } from "./plan.ts";
import { predictState } from "./predict_state.ts";
import type { LimitCheck, RefereeEvidence, SolverEvidence } from "./recommendation.ts";
import { compareWithReferee } from "./referee.ts";
import { roundMembers } from "./round_members.ts";
import type { Snapshot } from "./snapshot.ts";
import type { Spread } from "./spreads.ts";
import type { Traces } from "./traces.ts";
import { trainedRangeWarnings } from "./trained_range_warnings.ts";

type Values = ReadonlyMap<string, number>;

export interface TaskInputs {
  readonly snapshot: Snapshot;
  readonly measured: Values;
  readonly bias: Values;
  /** Every variable's value at the present settings. */
  readonly present: Values;
  readonly traces: Traces;
  /** Settings that stay where they are in this cycle. */
  readonly switchedOff: ReadonlySet<string>;
  /** How far each value strays of late. */
  readonly spreads: ReadonlyMap<string, Spread>;
  readonly ends: ReadonlyMap<string, EndOfSolve>;
  readonly solver: Solver;
}

/** What the tasks found. */
export interface Work {
  /** Every variable's value at the recommended settings; the present ones without an optimum. */
  readonly values: Values;
  /** Of all optimizers that ran; null where none came to a trusted answer. */
  readonly optimisation: Optimisation | null;
  readonly evidence: SolverEvidence | null;
  readonly referee: RefereeEvidence | null;
  readonly checks: readonly LimitCheck[];
  readonly warnings: readonly string[];
  /** Why the cycle is held, where a task that must not fail did. */
  readonly heldBy: string | null;
  readonly ends: ReadonlyMap<string, EndOfSolve>;
  readonly solveMs: number;
  readonly refereeMs: number;
}

/** A task's work, and why it failed, where it did. */
interface Done {
  readonly work: Work;
  readonly failure?: string;
}

export async function runTasks(plan: Plan, inputs: TaskInputs): Promise<Work> {
  let work = nothingYet(plan, inputs);
  let noOptimum: string | null = null;
  for (const task of plan.strategy.tasks) {
    const state = task.on === "present" ? inputs.present : work.values;
    const wanted = conditionOf(task, { strategy: plan.strategy, inputs, state });
    if (wanted === false) continue;
    const skill = plan.strategy.skills.get(task.skill)!;
    const done = typeof wanted === "string"
      ? { work, failure: wanted }
      : await runTask(skill, { plan, inputs, work, state });
    work = done.work;
    if (done.failure === undefined) continue;
    if (task.onFailure === "hold") return { ...work, heldBy: done.failure };
    if (skill.type === "optimizer") noOptimum = done.failure;
    work = warned(work, `Task "${task.name}" failed and the others went on: ${done.failure}`);
  }
  // Whatever the other tasks did: without any optimum there is nothing to recommend.
  return work.optimisation === null ? { ...work, heldBy: noOptimum } : work;
}

function nothingYet(plan: Plan, inputs: TaskInputs): Work {
  return {
    values: inputs.present,
    optimisation: null,
    evidence: null,
    referee: null,
    checks: [],
    warnings: rangeWarnings(plan, { inputs, values: inputs.present, where: "At present" }),
    heldBy: null,
    ends: inputs.ends,
    solveMs: 0,
    refereeMs: 0,
  };
}

/** Whether a task is to run; in words, why that cannot be told. */
function conditionOf(
  { name, when }: Task,
  { strategy, inputs, state }: {
    readonly strategy: Strategy;
    readonly inputs: TaskInputs;
    readonly state: Values;
  },
): boolean | string {
  if (when === undefined) return true;
  const value = valueAt(when, { strategy, inputs, state });
  return Number.isNaN(value)
    ? `the condition of task "${name}" has no value, as one of its variables has none`
    : value !== 0;
}

function valueAt(
  formula: Formula,
  { strategy, inputs, state }: {
    readonly strategy: Strategy;
    readonly inputs: TaskInputs;
    readonly state: Values;
  },
): number {
  return evaluateFormula(formula, {
    variable: (name) => state.get(name) ?? NaN,
    measured: measuredValue(strategy, inputs.measured),
  });
}

interface TaskPlace {
  readonly plan: Plan;
  readonly inputs: TaskInputs;
  readonly work: Work;
  /** The state that the task runs on. */
  readonly state: Values;
}

async function runTask(skill: Skill, place: TaskPlace): Promise<Done> {
  const { plan: { strategy }, inputs, work, state } = place;
  switch (skill.type) {
    case "optimizer":
      return await optimiseTask(skill.name, place);
    case "constraints": {
      const { measured, traces, present } = inputs;
      const found = checkLimits(skill, { strategy, measured, traces, present, state });
      return { work: { ...work, checks: [...work.checks, ...found] } };
    }
    case "model":
    case "function":
    case "composition": {
      // `predictState` has run it on the state already.
      const missing = stepsOf(strategy, skill.name).flatMap(outputsOf)
        .filter((name) => !Number.isFinite(state.get(name) ?? NaN));
      return missing.length === 0
        ? { work }
        : { work, failure: `"${skill.name}" gives no value for ${missing.join(", ")}` };
    }
  }
}

async function optimiseTask(name: string, place: TaskPlace): Promise<Done> {
  const { plan, inputs, state } = place;
  const begin = performance.now();
  const found = await optimise(plan.optimizers.get(name)!, {
    solver: inputs.solver,
    inputs: { ...inputs, values: state, previous: inputs.ends.get(name) },
  });
  const solved = performance.now();
  const work = {
    ...place.work,
    evidence: found.evidence,
    solveMs: place.work.solveMs + solved - begin,
  };
  if ("reason" in found) return { work, failure: found.reason };

  const predict = (settings: Values) =>
    predictState(plan, {
      values: new Map([...inputs.snapshot.values.keys()].map((key) => [
        key,
        settings.get(key) ?? state.get(key)!,
      ])),
      measured: inputs.measured,
      bias: inputs.bias,
    });
  const exact = await predict(new Map(found.settings.map((s) => [s.variable, s.recommended])));
  const referee = compareWithReferee(found.expected, { predicted: exact, scales: plan.scales });
  const ends = new Map([...work.ends, [name, found.end] as const]);
  if (referee.worst_difference > referee.tolerance) {
    const refereeMs = work.refereeMs + performance.now() - solved;
    return { work: { ...work, referee, ends, refereeMs }, failure: disagreement(referee) };
  }
  const rounded = await roundMembers(found, {
    optimizer: plan.optimizers.get(name)!,
    exact,
    predict,
    strategy: plan.strategy,
    measured: inputs.measured,
  });
  const values = rounded.values;
  return {
    work: {
      ...work,
      values,
      optimisation: merged(place.work.optimisation, rounded.optimisation),
      referee,
      ends,
      refereeMs: work.refereeMs + performance.now() - solved,
      warnings: [
        ...work.warnings,
        ...rounded.optimisation.warnings,
        ...rangeWarnings(plan, { inputs, values, where: "At the recommended settings" }),
      ],
    },
  };
}

/** Several optimizers of one cycle: the later one's settings count where both have one. */
function merged(before: Optimisation | null, found: Optimisation): Optimisation {
  if (before === null) return found;
  const settings = new Map([...before.settings, ...found.settings].map((s) => [s.variable, s]));
  return {
    ...found,
    settings: [...settings.values()],
    now: new Map([...before.now, ...found.now]),
    expected: new Map([...before.expected, ...found.expected]),
    bindingLimits: [...before.bindingLimits, ...found.bindingLimits],
    relaxedLimits: [...before.relaxedLimits, ...found.relaxedLimits],
  };
}

function disagreement({ variable, worst_difference, tolerance }: RefereeEvidence): string {
  return `ONNX Runtime predicts another ${variable} than the optimizer ` +
    `(relative difference ${worst_difference.toExponential(1)}, ${tolerance} is allowed)`;
}

function warned(work: Work, warning: string): Work {
  return { ...work, warnings: [...work.warnings, warning] };
}

/** `domain: warn` and `domain: keep`, for every model that the plan predicts with. */
function rangeWarnings(
  { strategy, predictions, ranges }: Plan,
  { inputs, values, where }: {
    readonly inputs: TaskInputs;
    readonly values: Values;
    readonly where: string;
  },
): string[] {
  const all = predictions.flatMap((skill) =>
    trainedRangeWarnings(strategy, skill, { values, measured: inputs.measured, ranges })
  );
  return [...new Set(all)].map((warning) => `${where}, ${warning}`);
}
