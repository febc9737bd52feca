/** The state that a cycle starts from: every variable at the present settings, biases learned first. */

import { updateBias } from "./bias.ts";
import type { BiasStates } from "./bias.ts";
import type { Plan } from "./plan.ts";
import { predictState } from "./predict_state.ts";
import type { Snapshot } from "./snapshot.ts";

export interface PresentState {
  /** Values at the cycle's start; of predicted variables, what is measured in their place. */
  readonly measured: ReadonlyMap<string, number>;
  /** By predicted variable, in its unit. */
  readonly bias: ReadonlyMap<string, number>;
  readonly biasStates: BiasStates;
  /** Every variable's value, predicted ones with their bias. */
  readonly present: ReadonlyMap<string, number>;
}

/** Predicts without bias, learns the bias from new measurements, predicts with it. */
export async function presentState(
  plan: Plan,
  { snapshot, states }: { readonly snapshot: Snapshot; readonly states: BiasStates },
): Promise<PresentState> {
  const values = new Map([...snapshot.values].map(([name, read]) => [name, read.value]));
  const measured = new Map([
    ...values,
    ...[...snapshot.measurements].map(([name, read]) => [name, read.value] as const),
  ]);
  const biasStates = updateBias(plan.strategy, {
    states,
    measurements: snapshot.measurements,
    predicted: await predictState(plan, { values, measured, bias: new Map() }),
    now: snapshot.time,
  });
  const bias = new Map([...biasStates].map(([name, learned]) => [name, learned.value]));
  return {
    ...{ measured, bias, biasStates },
    present: await predictState(plan, { values, measured, bias }),
  };
}
