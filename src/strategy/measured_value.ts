/** What measured(x) is: the value of a variable at the cycle's start. */

import { evaluateFormula } from "./evaluate_formula.ts";
import type { Formula, Strategy } from "./strategy.ts";

/**
 * Looks values at the cycle's start up by variable name. `measured` holds those of operative and
 * informative variables and, under the name of the predicted variable, what its measurement says.
 * A calculated variable's is its formula over measured values. NaN where a measurement lacks.
 */
export function measuredValue(
  strategy: Strategy,
  measured: ReadonlyMap<string, number>,
): (name: string) => number {
  const formulas = new Map<string, Formula>();
  for (const skill of strategy.skills.values()) {
    if (skill.type !== "function") continue;
    for (const { variable, formula } of skill.outputs) formulas.set(variable, formula);
  }
  function valueOf(name: string): number {
    const formula = formulas.get(name);
    if (formula === undefined) return measured.get(name) ?? NaN;
    return evaluateFormula(formula, { variable: valueOf, measured: valueOf });
  }
  return valueOf;
}
