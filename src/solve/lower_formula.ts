/** A formula lowered to the tape, like every model; a sum becomes one instruction over its terms. */

import type { NodeId } from "../model/tape.ts";
import type { TapeBuilder } from "../model/tape_builder.ts";
import type { Formula } from "../strategy/strategy.ts";
import { blend, lowerFunction, operators, truth } from "./formula_operations.ts";

/** Where the names of a formula stand on the tape; every node has one element. */
export interface FormulaScope {
  readonly builder: TapeBuilder;
  readonly variable: (name: string) => NodeId;
  /** The value at the cycle's start. */
  readonly measured: (name: string) => NodeId;
}

/** The node of the formula's value, one element. */
export function lowerFormula(formula: Formula, scope: FormulaScope): NodeId {
  const { builder } = scope;
  switch (formula.kind) {
    case "number":
      return builder.constant([formula.value]);
    case "variable":
      return scope.variable(formula.name);
    case "measured":
      return scope.measured(formula.name);
    case "negate":
      return lowerSum(formula, scope);
    case "operator": {
      if (formula.operator === "+" || formula.operator === "-" || factorOf(formula) !== undefined) {
        return lowerSum(formula, scope);
      }
      const left = lowerFormula(formula.left, scope);
      const right = lowerFormula(formula.right, scope);
      return operators[formula.operator](builder, left, right);
    }
    case "call":
      return lowerCall(formula, scope);
  }
}

type Call = Extract<Formula, { kind: "call" }>;

/** The terms of a sum, each with its coefficient; equal nodes are added up. */
interface Sum {
  readonly terms: Map<NodeId, number>;
  constant: number;
}

function lowerSum(formula: Formula, scope: FormulaScope): NodeId {
  const sum: Sum = { terms: new Map(), constant: 0 };
  collect(formula, { coefficient: 1, scope, sum });
  const { builder } = scope;
  const terms = [...sum.terms].filter(([, coefficient]) => coefficient !== 0);
  const [first, second] = terms;
  if (first === undefined) return builder.constant([sum.constant]);
  if (second === undefined) return builder.scaleBy(first[0], first[1], sum.constant);
  return builder.affine(
    builder.concat(terms.map(([node]) => node)),
    Float64Array.from(terms, ([, coefficient]) => coefficient),
    Float64Array.of(sum.constant),
  );
}

function collect(
  formula: Formula,
  into: { readonly coefficient: number; readonly scope: FormulaScope; readonly sum: Sum },
): void {
  const { coefficient, scope, sum } = into;
  if (formula.kind === "negate") {
    return collect(formula.of, { ...into, coefficient: -coefficient });
  }
  if (formula.kind === "operator" && (formula.operator === "+" || formula.operator === "-")) {
    const sign = formula.operator === "+" ? 1 : -1;
    collect(formula.left, into);
    return collect(formula.right, { ...into, coefficient: sign * coefficient });
  }
  if (formula.kind === "call" && formula.name === "sum") {
    for (const argument of formula.arguments) collect(argument, into);
    return;
  }
  const product = factorOf(formula);
  if (product !== undefined) {
    const factor = constantIn(product.factor, scope);
    return collect(product.of, {
      ...into,
      coefficient: product.divides ? coefficient / factor : coefficient * factor,
    });
  }
  const node = lowerFormula(formula, scope);
  const constant = scope.builder.constantOf(node)?.[0];
  if (constant !== undefined) sum.constant += coefficient * constant;
  else sum.terms.set(node, (sum.terms.get(node) ?? 0) + coefficient);
}

/** A product with a factor, or a quotient with a divisor, that reads no variable. */
function factorOf(formula: Formula) {
  if (formula.kind !== "operator") return undefined;
  const { operator, left, right } = formula;
  if (operator !== "*" && operator !== "/") return undefined;
  if (isConstant(right)) return { of: left, factor: right, divides: operator === "/" };
  if (operator === "*" && isConstant(left)) return { of: right, factor: left, divides: false };
  return undefined;
}

function isConstant(formula: Formula): boolean {
  switch (formula.kind) {
    case "number":
      return true;
    case "variable":
    case "measured":
      return false;
    case "negate":
      return isConstant(formula.of);
    case "operator":
      return isConstant(formula.left) && isConstant(formula.right);
    case "call":
      return formula.arguments.every(isConstant);
  }
}

function constantIn(formula: Formula, scope: FormulaScope): number {
  return scope.builder.constantOf(lowerFormula(formula, scope))?.[0] ?? NaN;
}

function lowerCall(call: Call, scope: FormulaScope): NodeId {
  if (call.name === "sum") return lowerSum(call, scope);
  if (call.name === "smooth_if") return lowerSmoothIf(call, scope);
  const conditions = conditionsOf.get(call.name) ?? 0;
  const of = call.arguments.map((argument, i) => {
    const node = lowerFormula(argument, scope);
    return i < conditions && !isTruth(argument) ? truth(scope.builder, node) : node;
  });
  return lowerFunction(scope.builder, call.name, of);
}

/** How many of a function's first arguments are conditions, true where they are other than 0. */
const conditionsOf: ReadonlyMap<string, number> = new Map([
  ["if", 1],
  ["not", 1],
  ["and", Infinity],
  ["or", Infinity],
]);

/** Whether a formula is 1 or 0 by its nature. */
function isTruth(formula: Formula): boolean {
  if (formula.kind === "call") return formula.name !== "if" && conditionsOf.has(formula.name);
  return formula.kind === "operator" && !"+-*/^".includes(formula.operator);
}

function lowerSmoothIf({ arguments: given }: Call, scope: FormulaScope): NodeId {
  const [condition, then, otherwise, width] = given;
  if (condition?.kind !== "operator" || !then || !otherwise || !width) {
    throw new RangeError("smooth_if() lacks a part; parseFormula lets none such through");
  }
  const lowered = (part: Formula) => lowerFormula(part, scope);
  const sides = [condition.left, condition.right, width].map(lowered);
  const direction = condition.operator.startsWith(">") ? "above" : "below";
  const weight = lowerFunction(scope.builder, direction, sides);
  return blend(scope.builder, weight, { then: lowered(then), otherwise: lowered(otherwise) });
}
