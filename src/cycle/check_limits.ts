/** Constraints evaluated on a state, formulas directly and models by ONNX Runtime. */

import { evaluateFormula } from "../strategy/evaluate_formula.ts";
import { measuredValue } from "../strategy/measured_value.ts";
import type { ConstraintsSkill, Strategy } from "../strategy/strategy.ts";
import type { LimitCheck } from "./recommendation.ts";
import type { Traces } from "./traces.ts";

/** NaN stands where the state has no value, such as a lab value that never came. */
export function checkLimits(
  skill: ConstraintsSkill,
  { strategy, measured, traces, state }: {
    readonly strategy: Strategy;
    readonly measured: ReadonlyMap<string, number>;
    readonly traces: Traces;
    readonly state: ReadonlyMap<string, number>;
  },
): LimitCheck[] {
  const start = measuredValue(strategy, measured);
  return skill.constraints.map(({ name, unit, expression, min, max }) => {
    const value = evaluateFormula(expression, {
      variable: (name) => state.get(name) ?? NaN,
      measured: start,
    });
    return {
      limit: name,
      unit,
      value,
      min: min ?? null,
      max: max ?? null,
      violation: Math.max(0, (min ?? -Infinity) - value, value - (max ?? Infinity)),
      ...traces.formula(expression),
    };
  });
}
