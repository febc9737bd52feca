/** Every calculated and predicted variable of one state, models by ONNX Runtime, formulas directly. */

import type { Plan } from "./plan.ts";
import { predictSkill } from "./predict.ts";
import type { SkillRuntime } from "./predict.ts";

export interface StateInputs {
  /** Operative and informative values of the state. */
  readonly values: ReadonlyMap<string, number>;
  /** Values at the cycle's start. */
  readonly measured: ReadonlyMap<string, number>;
  readonly bias: ReadonlyMap<string, number>;
}

/** What of a plan predicts. */
export interface PredictingPlan extends Pick<Plan, "strategy" | "predictions"> {
  readonly runtimes: ReadonlyMap<string, SkillRuntime>;
}

/** Runs the plan's predicting skills in order; the result holds the inputs too. */
export async function predictState(
  plan: PredictingPlan,
  inputs: StateInputs,
): Promise<Map<string, number>> {
  const state = new Map(inputs.values);
  for (const skillName of plan.predictions) {
    const found = await predictSkill(plan.strategy, skillName, {
      values: state,
      measured: inputs.measured,
      bias: inputs.bias,
      runtimes: plan.runtimes,
    });
    for (const [name, value] of found) state.set(name, value);
  }
  return state;
}
