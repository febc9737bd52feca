/** The variables that a formula reads. */

import type { Formula } from "./strategy.ts";

/** One use of a variable in a formula. */
export interface NameUse {
  readonly name: string;
  /** `measured`: its value at the cycle's start, not the one that the optimizer moves. */
  readonly kind: "variable" | "measured";
  /** Offset in the formula's text. */
  readonly at: number;
}

/** Every use, in the order of the text. */
export function namesIn(formula: Formula): NameUse[] {
  switch (formula.kind) {
    case "number":
      return [];
    case "variable":
    case "measured":
      return [{ name: formula.name, kind: formula.kind, at: formula.at }];
    case "negate":
      return namesIn(formula.of);
    case "operator":
      return [...namesIn(formula.left), ...namesIn(formula.right)];
    case "call":
      return formula.arguments.flatMap(namesIn);
  }
}
