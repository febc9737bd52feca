/**
 * A formula lowered to the tape, like every model. Sums become one affine instruction over all their
 * terms; what has no derivative gets a documented one:
 *
 * - comparisons are steps, 1 where they hold and 0 elsewhere, with derivative 0;
 * - if(c, a, b) is s·a + (1 − s)·b with s that step, so both branches must have a value: the tape has
 *   no jumps, and 0 · NaN is NaN;
 * - min, max, abs, clip and interpolate take their left derivative at a kink.
 */

import type { NodeId } from "../model/tape.ts";
import type { TapeBuilder } from "../model/tape_builder.ts";
import type { Formula } from "../strategy/strategy.ts";

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
type Operator = Exclude<Extract<Formula, { kind: "operator" }>["operator"], "+" | "-">;
type Lowering = (builder: TapeBuilder, a: NodeId, b: NodeId) => NodeId;

const operators: Readonly<Record<Operator, Lowering>> = {
  "*": (builder, a, b) => builder.product(a, b),
  "/": (builder, a, b) => builder.divide(a, b),
  "^": power,
  "<": (builder, a, b) => above(builder, b, a),
  "<=": (builder, a, b) => not(builder, above(builder, a, b)),
  ">": above,
  ">=": (builder, a, b) => not(builder, above(builder, b, a)),
  "==": equal,
  "!=": (builder, a, b) => not(builder, equal(builder, a, b)),
};

/** A negative number to a power with a fraction has no value; x^0 is 1 everywhere, also at 0. */
function power(builder: TapeBuilder, a: NodeId, b: NodeId): NodeId {
  const exponent = builder.constantOf(b)?.[0];
  return exponent === 0 ? builder.constant([1]) : builder.power(a, b);
}

/** 1 where a > b, else 0. */
function above(builder: TapeBuilder, a: NodeId, b: NodeId): NodeId {
  return builder.map("step", builder.subtract(a, b));
}

function not(builder: TapeBuilder, a: NodeId): NodeId {
  return builder.scaleBy(a, -1, 1);
}

function equal(builder: TapeBuilder, a: NodeId, b: NodeId): NodeId {
  return builder.product(not(builder, above(builder, a, b)), not(builder, above(builder, b, a)));
}

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

/** Functions of one value that are one instruction. */
const maps = {
  abs: "abs",
  sqrt: "sqrt",
  exp: "exp",
  log: "log",
  sin: "sin",
  cos: "cos",
  tan: "tan",
  asin: "asin",
  acos: "acos",
  atan: "atan",
  sinh: "sinh",
  cosh: "cosh",
  tanh: "tanh",
} as const;

type CallLowering = (builder: TapeBuilder, of: readonly NodeId[]) => NodeId;

/** All others, from the nodes of their arguments. `sum` is a sum like any other. */
const calls: ReadonlyMap<string, CallLowering> = new Map<string, CallLowering>([
  ["log10", (builder, [x]) => builder.scaleBy(builder.map("log", node(x)), Math.LOG10E)],
  ["min", (builder, of) => of.reduce((a, b) => builder.minimum(a, b))],
  ["max", (builder, of) => of.reduce((a, b) => builder.maximum(a, b))],
  [
    "mean",
    (builder, of) => builder.scaleBy(builder.sum(builder.concat(of), of.length), 1 / of.length),
  ],
  ["clip", clip],
  ["interpolate", (builder, [x, ...points]) => interpolate(builder, node(x), points)],
]);

function lowerCall(call: Call, scope: FormulaScope): NodeId {
  const { builder } = scope;
  if (call.name === "sum") return lowerSum(call, scope);
  const of = call.arguments.map((argument) => lowerFormula(argument, scope));
  const [condition] = call.arguments;
  if (call.name === "if" && condition !== undefined) {
    const holds = isComparison(condition) ? node(of[0]) : truth(builder, node(of[0]));
    return choose(builder, { holds, then: node(of[1]), otherwise: node(of[2]) });
  }
  if (call.name in maps) return builder.map(maps[call.name as keyof typeof maps], node(of[0]));
  const lowering = calls.get(call.name);
  if (lowering === undefined) {
    throw new ReferenceError(
      `Cannot lower ${call.name}(): no such function; parseFormula lets none through`,
    );
  }
  return lowering(builder, of);
}

function clip(builder: TapeBuilder, [x, lowest, highest]: readonly NodeId[]): NodeId {
  const low = builder.constantOf(node(lowest))?.[0];
  const high = builder.constantOf(node(highest))?.[0];
  if (low !== undefined && high !== undefined) return builder.map("clip", node(x), [low, high]);
  return builder.minimum(builder.maximum(node(x), node(lowest)), node(highest));
}

function choose(
  builder: TapeBuilder,
  { holds, then, otherwise }: {
    readonly holds: NodeId;
    readonly then: NodeId;
    readonly otherwise: NodeId;
  },
): NodeId {
  const known = builder.constantOf(holds)?.[0];
  if (known !== undefined) return known === 0 ? otherwise : then;
  return builder.add(
    builder.product(holds, then),
    builder.product(not(builder, holds), otherwise),
  );
}

/** Whether a formula is 1 or 0 by its nature. */
function isComparison(formula: Formula): boolean {
  return formula.kind === "operator" && !"+-*/^".includes(formula.operator);
}

/** 1 where the condition is other than 0. */
function truth(builder: TapeBuilder, condition: NodeId): NodeId {
  const zero = builder.constant([0]);
  return not(builder, equal(builder, condition, zero));
}

/**
 * y₁ + Σ (sᵢ − sᵢ₋₁) relu(x − xᵢ) over x clipped to the table, sᵢ the slope right of point i and
 * s₀ = 0: four instructions whatever the number of points.
 */
function interpolate(builder: TapeBuilder, x: NodeId, points: readonly NodeId[]): NodeId {
  const numbers = points.map((point) => builder.constantOf(point)?.[0] ?? NaN);
  const xs = numbers.filter((_, i) => i % 2 === 0);
  const ys = numbers.filter((_, i) => i % 2 === 1);
  const slopes = xs.slice(1).map((here, i) => (at(ys, i + 1) - at(ys, i)) / (here - at(xs, i)));
  const inside = builder.map("clip", x, [at(xs, 0), at(xs, xs.length - 1)]);
  const distances = builder.affine(
    inside,
    new Float64Array(slopes.length).fill(1),
    Float64Array.from(slopes, (_, i) => -at(xs, i)),
  );
  return builder.affine(
    builder.map("relu", distances),
    Float64Array.from(slopes, (slope, i) => i === 0 ? slope : slope - at(slopes, i - 1)),
    Float64Array.of(at(ys, 0)),
  );
}

function at(numbers: readonly number[], index: number): number {
  return numbers[index] ?? NaN;
}

/** parseFormula has counted the arguments; a missing one is a fault of this program. */
function node(argument: NodeId | undefined): NodeId {
  if (argument === undefined) throw new RangeError("A function lacks an argument");
  return argument;
}
