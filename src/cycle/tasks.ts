/** The strategy's tasks in order: predict, optimise, check; each on the state the one before left. */

import type { Solver } from "../solve/solver.ts";
import { evaluateFormula } from "../strategy/evaluate_formula.ts";
import { measuredValue } from "../strategy/measured_value.ts";
import type { ConstraintsSkill, Strategy } from "../strategy/strategy.ts";
import { optimise } from "./optimise.ts";
import type { EndOfSolve, Optimisation } from "./optimise.ts";
import type { Plan } from "./plan.ts";
import { predictState } from "./predict_state.ts";
import type { LimitCheck, RefereeEvidence, SolverEvidence } from "./recommendation.ts";
import { compareWithReferee } from "./referee.ts";
import type { Snapshot } from "./snapshot.ts";

export interface TaskInputs {
  readonly snapshot: Snapshot;
  readonly measured: ReadonlyMap<string, number>;
  readonly bias: ReadonlyMap<string, number>;
  /** Every variable's value at the present settings. */
  readonly present: ReadonlyMap<string, number>;
  readonly ends: ReadonlyMap<string, EndOfSolve>;
  readonly solver: Solver;
}

/** What the tasks found. */
export interface Work {
  /** Every variable's value at the recommended settings; the present ones without an optimum. */
  readonly values: ReadonlyMap<string, number>;
  readonly optimisation: Optimisation | null;
  readonly evidence: SolverEvidence | null;
  readonly referee: RefereeEvidence | null;
  readonly checks: readonly LimitCheck[];
  /** Why there is no optimum, where an optimizer ran without giving one. */
  readonly heldBy: string | null;
  readonly ends: ReadonlyMap<string, EndOfSolve>;
  readonly solveMs: number;
  readonly refereeMs: number;
}

export async function runTasks(plan: Plan, inputs: TaskInputs): Promise<Work> {
  let work: Work = {
    values: inputs.present,
    optimisation: null,
    evidence: null,
    referee: null,
    checks: [],
    heldBy: null,
    ends: inputs.ends,
    solveMs: 0,
    refereeMs: 0,
  };
  for (const task of plan.strategy.tasks) {
    const skill = plan.strategy.skills.get(task.skill)!;
    if (skill.type === "optimizer") {
      work = await optimiseTask(plan, { inputs, work, name: skill.name });
    } else if (skill.type === "constraints") {
      work = {
        ...work,
        checks: [...work.checks, ...checkLimits(skill, { strategy: plan.strategy, inputs, work })],
      };
    }
    // model, function and composition: `predictState` has run them on the state already.
  }
  return work;
}

async function optimiseTask(
  plan: Plan,
  { inputs, work, name }: {
    readonly inputs: TaskInputs;
    readonly work: Work;
    readonly name: string;
  },
): Promise<Work> {
  const optimizer = plan.optimizers.get(name)!;
  const begin = performance.now();
  const found = await optimise(optimizer, {
    solver: inputs.solver,
    inputs: { ...inputs, previous: inputs.ends.get(name) },
  });
  const solved = performance.now();
  const solveMs = work.solveMs + solved - begin;
  if ("reason" in found) {
    return { ...work, evidence: found.evidence, heldBy: found.reason, solveMs };
  }
  const settings = new Map(found.settings.map((s) => [s.variable, s.recommended]));
  const values = await predictState(plan, {
    values: new Map([...inputs.measured, ...settings]),
    measured: inputs.measured,
    bias: inputs.bias,
  });
  const referee = compareWithReferee(found.expected, { predicted: values, scales: plan.scales });
  const agreed = referee.worst_difference <= referee.tolerance;
  return {
    ...work,
    values: agreed ? values : work.values,
    optimisation: agreed ? found : work.optimisation,
    evidence: found.evidence,
    referee,
    heldBy: agreed
      ? work.heldBy
      : `ONNX Runtime predicts another ${referee.variable} than the optimizer ` +
        `(relative difference ${referee.worst_difference.toExponential(1)}, ` +
        `${referee.tolerance} is allowed)`,
    ends: new Map([...work.ends, [name, found.end]]),
    solveMs,
    refereeMs: work.refereeMs + performance.now() - solved,
  };
}

function checkLimits(
  skill: ConstraintsSkill,
  { strategy, inputs, work }: {
    readonly strategy: Strategy;
    readonly inputs: TaskInputs;
    readonly work: Work;
  },
): LimitCheck[] {
  const measured = measuredValue(strategy, inputs.measured);
  return skill.constraints.map(({ name, unit, expression, min, max }) => {
    const value = evaluateFormula(expression, {
      variable: (name) => valueOf(name, work.values),
      measured,
    });
    return {
      limit: name,
      unit,
      value,
      min: min ?? null,
      max: max ?? null,
      violation: Math.max(0, (min ?? -Infinity) - value, value - (max ?? Infinity)),
    };
  });
}

/** NaN where the state has no value, such as a lab value that never came. */
function valueOf(name: string, values: ReadonlyMap<string, number>): number {
  return values.get(name) ?? NaN;
}
