/**
 * Predictions of a skill without the tape: models by ONNX Runtime, formulas on their syntax tree. It
 * shares no code with the optimizer's program, so it can referee it.
 */

import { stepsOf } from "../strategy/chain.ts";
import { evaluateFormula } from "../strategy/evaluate_formula.ts";
import { measuredValue } from "../strategy/measured_value.ts";
import type { ModelSkill, Strategy } from "../strategy/strategy.ts";

/** A model as it predicts: engineering units in and out, scalers included, one row at a time. */
export interface SkillRuntime {
  predict(inputs: readonly number[]): Promise<readonly number[]>;
}

/** The same for many rows at once. */
export interface BatchRuntime extends SkillRuntime {
  predictRows(rows: readonly (readonly number[])[]): Promise<readonly (readonly number[])[]>;
}

export interface PredictionInputs {
  /** The state to predict: operative and informative values, and what earlier skills produced. */
  readonly values: ReadonlyMap<string, number>;
  /** Values at the cycle's start; of predicted variables what their measurement says. */
  readonly measured: ReadonlyMap<string, number>;
  /** Bias of predicted variables; 0 where there is none. */
  readonly bias: ReadonlyMap<string, number>;
  /** By the name of the model skill. */
  readonly runtimes: ReadonlyMap<string, SkillRuntime>;
}

/**
 * What a model, function or composition skill produces, by variable; nothing for other skills. NaN
 * where a value that it needs is missing or not finite. Throws where a model has no runtime.
 */
export async function predictSkill(
  strategy: Strategy,
  skillName: string,
  inputs: PredictionInputs,
): Promise<Map<string, number>> {
  const measured = measuredValue(strategy, inputs.measured);
  const produced = new Map<string, number>();
  const variable = (name: string) => produced.get(name) ?? inputs.values.get(name) ?? NaN;
  for (const step of stepsOf(strategy, skillName)) {
    if (step.type === "function") {
      for (const { variable: name, formula } of step.outputs) {
        produced.set(name, evaluateFormula(formula, { variable, measured }));
      }
      continue;
    }
    const state = { variable, measured };
    const outputs = await predictModel(step, { state, runtime: inputs.runtimes.get(step.name) });
    step.outputs.forEach((name, i) => {
      const start = step.kind === "delta" ? measured(name) : 0;
      const bias = biasOf(strategy, name, inputs.bias);
      produced.set(name, start + (outputs[i] ?? NaN) + bias);
    });
  }
  return produced;
}

/** A network may turn NaN into a number (relu does), so it is not asked where an input lacks. */
async function predictModel(
  skill: ModelSkill,
  { state: { variable, measured }, runtime }: {
    readonly state: {
      readonly variable: (name: string) => number;
      readonly measured: (name: string) => number;
    };
    readonly runtime: SkillRuntime | undefined;
  },
): Promise<readonly number[]> {
  if (runtime === undefined) {
    throw new ReferenceError(`No runtime was opened for skill "${skill.name}" (${skill.file})`);
  }
  const row = skill.inputs.map((name) =>
    skill.kind === "delta" ? variable(name) - measured(name) : variable(name)
  );
  return row.every(Number.isFinite) ? await runtime.predict(row) : [];
}

function biasOf(
  strategy: Strategy,
  name: string,
  bias: ReadonlyMap<string, number>,
): number {
  const variable = strategy.variables.get(name);
  return variable?.type === "predicted" && variable.bias !== undefined ? bias.get(name) ?? 0 : 0;
}
