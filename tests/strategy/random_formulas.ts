/** Random syntax trees for property tests. */

import fc from "fast-check";
import type { Formula } from "../../src/strategy/strategy.ts";

/** Variables that random formulas read; the last one needs backticks. */
export const formulaVariables = ["x", "y", "Größe_1", "FIC-101.PV"] as const;

const operators = ["+", "-", "*", "/", "^", "<", "<=", ">", ">=", "==", "!="] as const;
const unary = [
  "abs",
  "sqrt",
  "exp",
  "log",
  "log10",
  "sin",
  "cos",
  "tan",
  "asin",
  "acos",
  "atan",
  "sinh",
  "cosh",
  "tanh",
] as const;

interface Options {
  /** Operators and functions with derivatives everywhere they have values: no kinks, no steps. */
  readonly smooth?: boolean;
}

/** Trees whose numbers are not negative, as the grammar writes signs as negations. */
export function randomFormula({ smooth = false }: Options = {}): fc.Arbitrary<Formula> {
  const at = 0;
  const number = fc.oneof(
    fc.constantFrom(0, 1, 2, 3, 0.5, 1e-6, 1e3),
    fc.double({ min: 0, max: 100, noNaN: true, noDefaultInfinity: true }),
  ).map((value): Formula => ({ kind: "number", value: Object.is(value, -0) ? 0 : value, at }));
  const variable = fc.constantFrom(...formulaVariables)
    .map((name): Formula => ({ kind: "variable", name, at }));
  const measured = fc.constantFrom(...formulaVariables)
    .map((name): Formula => ({ kind: "measured", name, at }));
  const { tree } = fc.letrec<{ tree: Formula }>((tie) => {
    const operator = fc.record({
      kind: fc.constant("operator" as const),
      operator: smooth ? fc.constantFrom("+", "-", "*", "/") : fc.constantFrom(...operators),
      left: tie("tree"),
      right: tie("tree"),
      at: fc.constant(at),
    });
    const negate = tie("tree").map((of): Formula => ({ kind: "negate", of, at }));
    const call = fc.tuple(fc.constantFrom(...unary), tie("tree")).map(([name, of]): Formula => ({
      kind: "call",
      name,
      arguments: [of],
      at,
    }));
    const many = fc.tuple(
      smooth ? fc.constantFrom("sum", "mean") : fc.constantFrom("min", "max", "sum", "mean"),
      fc.array(tie("tree"), { minLength: 1, maxLength: 4 }),
    ).map(([name, of]): Formula => ({ kind: "call", name, arguments: of, at }));
    const choice = fc.tuple(tie("tree"), tie("tree"), tie("tree"))
      .map((of): Formula => ({ kind: "call", name: "if", arguments: of, at }));
    const logical = fc.tuple(
      fc.constantFrom("and", "or"),
      fc.array(tie("tree"), { minLength: 2, maxLength: 3 }),
    ).map(([name, of]): Formula => ({ kind: "call", name, arguments: of, at }));
    const not = tie("tree")
      .map((of): Formula => ({ kind: "call", name: "not", arguments: [of], at }));
    const width = fc.constantFrom(0.5, 2, 10)
      .map((value): Formula => ({ kind: "number", value, at }));
    const softStep = fc.tuple(fc.constantFrom("above", "below"), tie("tree"), tie("tree"), width)
      .map(([name, ...of]): Formula => ({ kind: "call", name, arguments: of, at }));
    const condition = fc.record({
      kind: fc.constant("operator" as const),
      operator: fc.constantFrom("<", "<=", ">", ">="),
      left: tie("tree"),
      right: tie("tree"),
      at: fc.constant(at),
    });
    const smoothIf = fc.tuple(condition, tie("tree"), tie("tree"), width)
      .map((of): Formula => ({ kind: "call", name: "smooth_if", arguments: of, at }));
    const leaves = [number, variable, measured];
    const branches = smooth
      ? [operator, negate, call, many, softStep, smoothIf]
      : [operator, negate, call, many, choice, logical, not, softStep, smoothIf];
    return { tree: fc.oneof({ maxDepth: 5, depthSize: "small" }, ...leaves, ...branches) };
  });
  return tree.map(asRead);
}

/** Two minus signs read as none, and a division by a plain 0 is refused: trees hold neither. */
function asRead(formula: Formula): Formula {
  switch (formula.kind) {
    case "negate": {
      const of = asRead(formula.of);
      return of.kind === "negate" ? of.of : { ...formula, of };
    }
    case "operator": {
      const right = asRead(formula.right);
      const isDivisionBy0 = formula.operator === "/" && right.kind === "number" &&
        right.value === 0;
      return {
        ...formula,
        left: asRead(formula.left),
        right: isDivisionBy0 ? { ...right, value: 1 } : right,
      };
    }
    case "call":
      return { ...formula, arguments: formula.arguments.map(asRead) };
    default:
      return formula;
  }
}
