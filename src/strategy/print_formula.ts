/** A syntax tree as formula text with no more brackets than it needs. */

import { writtenName } from "./formula_tokens.ts";
import type { Formula } from "./strategy.ts";

type Operator = Extract<Formula, { kind: "operator" }>["operator"];

/** Binding strength; the left operand of `^` must be stronger than itself, of all others the right. */
const strength: Readonly<Record<Operator, number>> = {
  "<": 1,
  "<=": 1,
  ">": 1,
  ">=": 1,
  "==": 1,
  "!=": 1,
  "+": 2,
  "-": 2,
  "*": 3,
  "/": 3,
  "^": 5,
};
const negation = 4;
const whole = 6;

/** Text that `parseFormula` reads back to the same tree, but for the places of its nodes. */
export function printFormula(formula: Formula): string {
  return print(formula).text;
}

interface Printed {
  readonly text: string;
  readonly strength: number;
}

function print(formula: Formula): Printed {
  switch (formula.kind) {
    case "number":
      return { text: String(formula.value), strength: whole };
    case "variable":
      return { text: writtenName(formula.name), strength: whole };
    case "measured":
      return { text: `measured(${writtenName(formula.name)})`, strength: whole };
    case "call":
      return {
        text: `${formula.name}(${formula.arguments.map(printFormula).join(", ")})`,
        strength: whole,
      };
    case "negate":
      return { text: `-${bracketed(formula.of, negation + 1)}`, strength: negation };
    case "operator": {
      const own = strength[formula.operator];
      const changing = changeOf(formula);
      if (changing !== undefined) {
        return { text: `change(${writtenName(changing)})`, strength: whole };
      }
      const left = bracketed(formula.left, leftStrength(formula.operator));
      const right = bracketed(formula.right, rightStrength(formula.operator));
      return { text: `${left} ${formula.operator} ${right}`, strength: own };
    }
  }
}

/** The variable whose change since the cycle's start this is. */
function changeOf(
  { operator, left, right }: Extract<Formula, { kind: "operator" }>,
): string | undefined {
  if (operator !== "-" || left.kind !== "variable" || right.kind !== "measured") return undefined;
  return left.name === right.name ? left.name : undefined;
}

/** Comparisons do not chain, sums and products group to the left, powers to the right. */
function leftStrength(operator: Operator): number {
  return strength[operator] === 1 || operator === "^" ? strength[operator] + 1 : strength[operator];
}

function rightStrength(operator: Operator): number {
  return operator === "^" ? negation : strength[operator] + 1;
}

function bracketed(formula: Formula, least: number): string {
  const { text, strength } = print(formula);
  return strength < least ? `(${text})` : text;
}
