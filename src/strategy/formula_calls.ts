/** Rules of formulas beyond their grammar: known functions, number and kind of their arguments. */

import { formulaFunctions } from "./formula_functions.ts";
import { type FormulaProblem, problemAt } from "./formula_problem.ts";
import { nearName } from "../near_name.ts";
import type { Formula } from "./strategy.ts";

/** What a walk over a formula's tree adds its findings to. */
export interface FormulaCheck {
  readonly text: string;
  readonly problems: FormulaProblem[];
}

/** Adds what is wrong with numbers, divisions and calls anywhere in the tree. */
export function checkCalls(formula: Formula, check: FormulaCheck): void {
  switch (formula.kind) {
    case "number":
      if (!Number.isFinite(formula.value)) {
        check.problems.push(problemAt(check.text, formula.at, {
          message: "The number is too large",
          expected: "a number up to 1.7e308",
        }));
      }
      return;
    case "variable":
    case "measured":
      return;
    case "negate":
      return checkCalls(formula.of, check);
    case "operator":
      checkCalls(formula.left, check);
      checkCalls(formula.right, check);
      if (formula.operator === "/" && isNumber(formula.right, 0)) {
        check.problems.push(problemAt(check.text, formula.right.at, {
          message: "Division by 0",
          expected: "a divisor other than 0",
        }));
      }
      return;
    case "call":
      checkCall(formula, check);
      for (const argument of formula.arguments) checkCalls(argument, check);
  }
}

type Call = Extract<Formula, { kind: "call" }>;

function checkCall(call: Call, { text, problems }: FormulaCheck): void {
  if (call.name === "measured" || call.name === "change") {
    problems.push(problemAt(text, call.at, {
      message: `${call.name}() takes the name of one variable`,
      expected: `${call.name}(variable)`,
      suggestion: "For a formula, give it a name in a function skill and use that name",
    }));
    return;
  }
  const known = formulaFunctions.get(call.name);
  if (known === undefined) {
    const near = nearName(call.name, [...formulaFunctions.keys(), "measured", "change"]);
    problems.push(problemAt(text, call.at, {
      message: `Unknown function "${call.name}"`,
      expected: `one of ${[...formulaFunctions.keys()].join(", ")}, measured, change`,
      suggestion: near === undefined ? undefined : `Did you mean "${near}"?`,
    }));
    return;
  }
  const count = call.arguments.length;
  const [fewest, most] = known.arity;
  if (count < fewest || count > most) {
    problems.push(problemAt(text, call.at, {
      message: `${call.name}() was given ${count} argument${count === 1 ? "" : "s"}`,
      expected: known.usage,
    }));
    return;
  }
  if (call.name === "interpolate") checkTable(call, { text, problems });
  if (call.name === "clip") checkClip(call, { text, problems });
  if (call.name === "smooth_if") checkInequality(call, { text, problems });
  if (softCalls.has(call.name)) checkWidth(call, { text, problems });
}

/** Functions whose last argument is the width of a soft step. */
const softCalls: ReadonlySet<string> = new Set(["above", "below", "smooth_if"]);

function checkWidth(call: Call, { text, problems }: FormulaCheck): void {
  const width = call.arguments.at(-1);
  if (width === undefined) return;
  const value = numberOf(width);
  if (value !== undefined && value > 0 && Number.isFinite(1 / value)) return;
  problems.push(problemAt(text, width.at, {
    message: `The width of ${call.name}() is not a number above 0`,
    expected: "a plain number above 0, in the unit of what is compared",
  }));
}

function checkInequality(call: Call, { text, problems }: FormulaCheck): void {
  const [condition] = call.arguments;
  if (condition === undefined) return;
  if (condition.kind === "operator" && /^[<>]/.test(condition.operator)) return;
  problems.push(problemAt(text, condition.at, {
    message: "The condition of smooth_if() is no comparison of two values",
    expected: "a > b, a >= b, a < b or a <= b",
    suggestion: "Multiply above() and below() where several conditions count",
  }));
}

function checkTable(call: Call, { text, problems }: FormulaCheck): void {
  const points = call.arguments.slice(1);
  const numbers = points.map(numberOf);
  const notNumber = points[numbers.indexOf(undefined)];
  if (notNumber !== undefined) {
    problems.push(problemAt(text, notNumber.at, {
      message: "A point of interpolate() is not a number",
      expected: "plain numbers x1, y1, x2, y2, …",
    }));
    return;
  }
  if (points.length % 2 !== 0) {
    problems.push(problemAt(text, call.at, {
      message: "interpolate() was given an x without its y",
      expected: "interpolate(x, x1, y1, x2, y2, …)",
    }));
    return;
  }
  for (let i = 2; i < points.length; i += 2) {
    const [before = NaN, here = NaN] = [numbers[i - 2], numbers[i]];
    const point = points[i];
    if (point !== undefined && here <= before) {
      problems.push(problemAt(text, point.at, {
        message: `interpolate() goes back from ${before} to ${here}`,
        expected: "points with rising x",
      }));
    }
  }
}

function checkClip(call: Call, { text, problems }: FormulaCheck): void {
  const [, lowest, highest] = call.arguments;
  if (lowest === undefined || highest === undefined) return;
  const [low, high] = [numberOf(lowest), numberOf(highest)];
  if (low !== undefined && high !== undefined && low > high) {
    problems.push(problemAt(text, lowest.at, {
      message: `clip() has its lowest value ${low} above its highest ${high}`,
      expected: "clip(x, lowest, highest)",
    }));
  }
}

/** The number that a formula plainly is, with its sign; undefined for anything else. */
export function numberOf(formula: Formula): number | undefined {
  if (formula.kind === "number") return formula.value;
  if (formula.kind !== "negate") return undefined;
  const value = numberOf(formula.of);
  return value === undefined ? undefined : -value;
}

function isNumber(formula: Formula, value: number): boolean {
  return formula.kind === "number" && formula.value === value;
}
