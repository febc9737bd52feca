/** Constraints evaluated on a state, formulas directly and models by ONNX Runtime. */

import { evaluateFormula } from "../strategy/evaluate_formula.ts";
import { measuredValue } from "../strategy/measured_value.ts";
import type { ConstraintsSkill, Strategy } from "../strategy/strategy.ts";
import type { LimitCheck } from "./recommendation.ts";
import type { Traces } from "./traces.ts";

/** NaN stands where the state has no value, such as a lab value that never came. */
export function checkLimits(
  skill: ConstraintsSkill,
  { strategy, measured, traces, present, state }: {
    readonly strategy: Strategy;
    readonly measured: ReadonlyMap<string, number>;
    readonly traces: Traces;
    readonly present: ReadonlyMap<string, number>;
    /** What is judged: the present state, or the one at the recommended settings. */
    readonly state: ReadonlyMap<string, number>;
  },
): LimitCheck[] {
  const start = measuredValue(strategy, measured);
  return skill.constraints.map(({ name, unit, expression, min, max }) => {
    const valueIn = (values: ReadonlyMap<string, number>) =>
      evaluateFormula(expression, {
        variable: (name) => values.get(name) ?? NaN,
        measured: start,
      });
    const value = valueIn(state);
    return {
      limit: name,
      unit,
      now: valueIn(present),
      value,
      min: min ?? null,
      max: max ?? null,
      violation: Math.max(0, (min ?? -Infinity) - value, value - (max ?? Infinity)),
      ...traces.formula(expression),
    };
  });
}
