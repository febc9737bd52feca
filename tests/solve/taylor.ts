/**
 * Second-order dual numbers along a line: f(x + t v) to second order in t, by the chain rule. One
 * implementation walks formulas with its own table of derivatives, another walks tapes by the table
 * in functions.ts; where both agree, lowering kept the value and both derivatives.
 */

import { FUNCTIONS } from "../../src/model/functions.ts";
import type { Instruction, Tape } from "../../src/model/tape.ts";
import type { Formula } from "../../src/strategy/strategy.ts";

/** f, df/dt and d²f/dt² at t = 0. */
export type Taylor = readonly [number, number, number];

export function constant(value: number): Taylor {
  return [value, 0, 0];
}

function add(a: Taylor, b: Taylor): Taylor {
  return [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
}

function times(a: Taylor, factor: number): Taylor {
  return [a[0] * factor, a[1] * factor, a[2] * factor];
}

function multiply(a: Taylor, b: Taylor): Taylor {
  return [a[0] * b[0], a[1] * b[0] + a[0] * b[1], a[2] * b[0] + 2 * a[1] * b[1] + a[0] * b[2]];
}

/** σ(a) from σ, σ′ and σ″ at a's value. */
function compose(a: Taylor, [value, first, second]: Taylor): Taylor {
  return [value, first * a[1], first * a[2] + second * a[1] * a[1]];
}

/** σ, σ′, σ″ of the smooth functions of formulas, from a book of derivatives. */
const smooth: Readonly<Record<string, (x: number) => Taylor>> = {
  sqrt: (x) => [Math.sqrt(x), 0.5 * x ** -0.5, -0.25 * x ** -1.5],
  exp: (x) => [Math.exp(x), Math.exp(x), Math.exp(x)],
  log: (x) => [Math.log(x), 1 / x, -1 / (x * x)],
  log10: (x) => [Math.log10(x), 1 / (x * Math.LN10), -1 / (x * x * Math.LN10)],
  sin: (x) => [Math.sin(x), Math.cos(x), -Math.sin(x)],
  cos: (x) => [Math.cos(x), -Math.sin(x), -Math.cos(x)],
  tan: (x) => [Math.tan(x), Math.cos(x) ** -2, 2 * Math.tan(x) * Math.cos(x) ** -2],
  asin: (x) => [Math.asin(x), (1 - x * x) ** -0.5, x * (1 - x * x) ** -1.5],
  acos: (x) => [Math.acos(x), -((1 - x * x) ** -0.5), -x * (1 - x * x) ** -1.5],
  atan: (x) => [Math.atan(x), 1 / (1 + x * x), -2 * x / (1 + x * x) ** 2],
  sinh: (x) => [Math.sinh(x), Math.cosh(x), Math.sinh(x)],
  cosh: (x) => [Math.cosh(x), Math.sinh(x), Math.cosh(x)],
  tanh: (x) => [Math.tanh(x), Math.cosh(x) ** -2, -2 * Math.tanh(x) * Math.cosh(x) ** -2],
  reciprocal: (x) => [1 / x, -1 / (x * x), 2 / (x * x * x)],
  // Left of the kink the slope is −1, and so it is at the kink.
  abs: (x) => [Math.abs(x), x <= 0 ? -1 : 1, 0],
};

export interface TaylorScope {
  readonly variable: (name: string) => Taylor;
  readonly measured: (name: string) => Taylor;
}

/** A formula along a line; kinks take the left derivative, comparisons have none. */
export function taylorOfFormula(formula: Formula, scope: TaylorScope): Taylor {
  const of = (inner: Formula) => taylorOfFormula(inner, scope);
  switch (formula.kind) {
    case "number":
      return constant(formula.value);
    case "variable":
      return scope.variable(formula.name);
    case "measured":
      return scope.measured(formula.name);
    case "negate":
      return times(of(formula.of), -1);
    case "operator":
      return operator(formula.operator, of(formula.left), of(formula.right));
    case "call":
      if (formula.name === "smooth_if") return smoothIf(formula.arguments, of);
      return call(formula.name, formula.arguments.map(of));
  }
}

function operator(
  symbol: Extract<Formula, { kind: "operator" }>["operator"],
  a: Taylor,
  b: Taylor,
): Taylor {
  switch (symbol) {
    case "+":
      return add(a, b);
    case "-":
      return add(a, times(b, -1));
    case "*":
      return multiply(a, b);
    case "/":
      return multiply(a, compose(b, smoothAt("reciprocal", b[0])));
    case "^":
      return power(a, b);
    case "<":
      return constant(a[0] < b[0] ? 1 : 0);
    case "<=":
      return constant(a[0] <= b[0] ? 1 : 0);
    case ">":
      return constant(a[0] > b[0] ? 1 : 0);
    case ">=":
      return constant(a[0] >= b[0] ? 1 : 0);
    case "==":
      return constant(a[0] === b[0] ? 1 : 0);
    case "!=":
      return constant(a[0] === b[0] ? 0 : 1);
  }
}

function power(a: Taylor, b: Taylor): Taylor {
  if (b[1] === 0 && b[2] === 0) {
    const [x, n] = [a[0], b[0]];
    if (n === 0) return constant(1);
    return compose(a, [x ** n, n * x ** (n - 1), n === 1 ? 0 : n * (n - 1) * x ** (n - 2)]);
  }
  const exponent = multiply(b, compose(a, smoothAt("log", a[0])));
  return compose(exponent, smoothAt("exp", exponent[0]));
}

function call(name: string, of: readonly Taylor[]): Taylor {
  const [a = constant(NaN), b = constant(NaN), c = constant(NaN)] = of;
  switch (name) {
    case "sum":
      return of.reduce(add);
    case "mean":
      return times(of.reduce(add), 1 / of.length);
    case "min":
      return of.reduce((x, y) => y[0] < x[0] ? y : x);
    case "max":
      return of.reduce((x, y) => y[0] >= x[0] ? y : x);
    case "if":
      return a[0] !== 0 ? b : c;
    case "and":
      return constant(of.every(([value]) => value !== 0) ? 1 : 0);
    case "or":
      return constant(of.some(([value]) => value !== 0) ? 1 : 0);
    case "not":
      return constant(a[0] === 0 ? 1 : 0);
    case "above":
      return logistic(times(add(a, times(b, -1)), 8 / c[0]));
    case "below":
      return logistic(times(add(b, times(a, -1)), 8 / c[0]));
    case "clip":
      return a[0] <= b[0] ? b : a[0] > c[0] ? c : a;
    case "interpolate":
      return interpolate(a, of.slice(1).map(([value]) => value));
    default:
      return compose(a, smoothAt(name, a[0]));
  }
}

function smoothIf(
  [condition, then, otherwise, width]: readonly Formula[],
  of: (part: Formula) => Taylor,
): Taylor {
  if (condition?.kind !== "operator" || !then || !otherwise || !width) throw new RangeError();
  const sides = [of(condition.left), of(condition.right), of(width)];
  const weight = call(condition.operator.startsWith(">") ? "above" : "below", sides);
  const rest = add(constant(1), times(weight, -1));
  return add(multiply(weight, of(then)), multiply(rest, of(otherwise)));
}

function logistic(a: Taylor): Taylor {
  const s = 1 / (1 + Math.exp(-a[0]));
  return compose(a, [s, s * (1 - s), s * (1 - s) * (1 - 2 * s)]);
}

function interpolate(x: Taylor, points: readonly number[]): Taylor {
  for (let i = 0; i + 3 < points.length; i += 2) {
    const [x1 = NaN, y1 = NaN, x2 = NaN, y2 = NaN] = points.slice(i, i + 4);
    if (i === 0 && x[0] <= x1) return constant(y1);
    if (x[0] > x2) continue;
    return add(constant(y1), times(add(x, constant(-x1)), (y2 - y1) / (x2 - x1)));
  }
  return constant(points.at(-1) ?? NaN);
}

function smoothAt(name: string, x: number): Taylor {
  const row = smooth[name];
  if (row === undefined) throw new ReferenceError(`No derivatives of ${name} in the test's table`);
  return row(x);
}

/** Every element of every instruction of a tape along a line through its inputs. */
export function taylorOfTape(
  tape: Tape,
  { x, p }: { readonly x: readonly Taylor[]; readonly p: readonly Taylor[] },
): (readonly Taylor[])[] {
  const results: (readonly Taylor[])[] = [];
  for (const instruction of tape.instructions) {
    results.push(taylorOfInstruction(instruction, { results, x, p }));
  }
  return results;
}

function taylorOfInstruction(
  instruction: Instruction,
  { results, x, p }: {
    readonly results: readonly (readonly Taylor[])[];
    readonly x: readonly Taylor[];
    readonly p: readonly Taylor[];
  },
): readonly Taylor[] {
  const node = (id: number) => results[id] ?? [];
  switch (instruction.op) {
    case "input":
      return pick(x, instruction.indices);
    case "parameter":
      return pick(p, instruction.indices);
    case "constant":
      return Array.from(instruction.values, constant);
    case "gather":
      return pick(node(instruction.of), instruction.indices);
    case "concat":
      return instruction.operands.flatMap(node);
    case "affine": {
      const { repeat, rows, cols, weights, offset } = instruction;
      const of = node(instruction.of);
      return Array.from({ length: repeat * rows }, (_, k) => {
        const row = k % rows;
        const segment = Math.floor(k / rows);
        return Array.from(
          { length: cols },
          (_, col) => times(element(of, segment * cols + col), weights[row * cols + col] ?? NaN),
        )
          .reduce(add, constant(offset[row] ?? NaN));
      });
    }
    case "scale":
      return node(instruction.of).map((a, i) =>
        add(times(a, instruction.factor[i] ?? NaN), constant(instruction.offset[i] ?? NaN))
      );
    case "sum":
      return Array.from(
        { length: instruction.size },
        (_, i) =>
          node(instruction.of).slice(i * instruction.length, (i + 1) * instruction.length)
            .reduce(add),
      );
    case "add":
      return node(instruction.a).map((a, i) => add(a, element(node(instruction.b), i)));
    case "product":
      return node(instruction.a).map((a, i) => multiply(a, element(node(instruction.b), i)));
    case "map": {
      const { value, first, second } = FUNCTIONS[instruction.fn];
      const c = instruction.constants;
      return node(instruction.of).map((a) =>
        compose(a, [value(a[0], c), first(a[0], c), second(a[0], c)])
      );
    }
  }
}

function pick(values: readonly Taylor[], indices: Int32Array): Taylor[] {
  return Array.from(indices, (index) => element(values, index));
}

function element(values: readonly Taylor[], index: number): Taylor {
  return values[index] ?? constant(NaN);
}
