/**
 * A formula's value at numbers, by walking its tree. This path knows nothing of tapes: predictions
 * go through it, so it can referee what the optimizer's tape says.
 */

import { blend, formulaFunctions, softStep } from "./formula_functions.ts";
import type { Formula } from "./strategy.ts";

/** Where a formula's names get their values from; both throw where there is none. */
export interface FormulaValues {
  readonly variable: (name: string) => number;
  /** The value at the cycle's start. */
  readonly measured: (name: string) => number;
}

type Operator = Extract<Formula, { kind: "operator" }>["operator"];

/** Comparisons are 1 where they hold, else 0. */
const operators: Readonly<Record<Operator, (a: number, b: number) => number>> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
  "^": (a, b) => a ** b,
  "<": (a, b) => a < b ? 1 : 0,
  "<=": (a, b) => a <= b ? 1 : 0,
  ">": (a, b) => a > b ? 1 : 0,
  ">=": (a, b) => a >= b ? 1 : 0,
  "==": (a, b) => a === b ? 1 : 0,
  "!=": (a, b) => a !== b ? 1 : 0,
};

/** The value; NaN or an infinity where the formula has none, such as log(-1) or 1 / 0. */
export function evaluateFormula(formula: Formula, values: FormulaValues): number {
  switch (formula.kind) {
    case "number":
      return formula.value;
    case "variable":
      return values.variable(formula.name);
    case "measured":
      return values.measured(formula.name);
    case "negate":
      return -evaluateFormula(formula.of, values);
    case "operator":
      return operators[formula.operator](
        evaluateFormula(formula.left, values),
        evaluateFormula(formula.right, values),
      );
    case "call":
      return call(formula, values);
  }
}

function call(formula: Extract<Formula, { kind: "call" }>, values: FormulaValues): number {
  const [condition, then, otherwise] = formula.arguments;
  if (formula.name === "if" && condition && then && otherwise) {
    return evaluateFormula(evaluateFormula(condition, values) !== 0 ? then : otherwise, values);
  }
  if (formula.name === "smooth_if" && condition?.kind === "operator") {
    const sides = [condition.left, condition.right, ...formula.arguments.slice(1)];
    const [left = NaN, right = NaN, first = NaN, second = NaN, width = NaN] = sides.map((part) =>
      evaluateFormula(part, values)
    );
    const above = softStep((left - right) / width);
    return blend(condition.operator.startsWith(">") ? above : 1 - above, first, second);
  }
  const known = formulaFunctions.get(formula.name);
  if (known === undefined) {
    throw new ReferenceError(
      `Cannot evaluate ${formula.name}(): no such function; parseFormula lets none through`,
    );
  }
  return known.value(formula.arguments.map((argument) => evaluateFormula(argument, values)));
}
