/** The functions that a formula may call: how many arguments each takes and its value. */

export interface FormulaFunction {
  /** Fewest and most arguments. */
  readonly arity: readonly [number, number];
  /** How to call it, for messages. */
  readonly usage: string;
  /** The value at numbers; angles in radians, `log` natural. */
  readonly value: (x: readonly number[]) => number;
}

const any = Number.POSITIVE_INFINITY;

/** By name. `measured` and `change` are not here: they take a variable's name, not a value. */
export const formulaFunctions: ReadonlyMap<string, FormulaFunction> = new Map<
  string,
  FormulaFunction
>([
  ["abs", of("abs(x)", Math.abs)],
  ["sqrt", of("sqrt(x)", Math.sqrt)],
  ["exp", of("exp(x)", Math.exp)],
  ["log", of("log(x)", Math.log)],
  ["log10", of("log10(x)", (x) => Math.log(x) * Math.LOG10E)],
  ["sin", of("sin(x)", Math.sin)],
  ["cos", of("cos(x)", Math.cos)],
  ["tan", of("tan(x)", Math.tan)],
  ["asin", of("asin(x)", Math.asin)],
  ["acos", of("acos(x)", Math.acos)],
  ["atan", of("atan(x)", Math.atan)],
  ["sinh", of("sinh(x)", Math.sinh)],
  ["cosh", of("cosh(x)", Math.cosh)],
  ["tanh", of("tanh(x)", Math.tanh)],
  ["min", { arity: [1, any], usage: "min(a, b, …)", value: (x) => Math.min(...x) }],
  ["max", { arity: [1, any], usage: "max(a, b, …)", value: (x) => Math.max(...x) }],
  ["sum", { arity: [1, any], usage: "sum(a, b, …)", value: sum }],
  ["mean", { arity: [1, any], usage: "mean(a, b, …)", value: (x) => sum(x) / x.length }],
  ["clip", {
    arity: [3, 3],
    usage: "clip(x, lowest, highest)",
    value: ([x = NaN, lowest = NaN, highest = NaN]) => Math.min(Math.max(x, lowest), highest),
  }],
  // The tree walk evaluates only the branch that counts; this row holds its arity.
  ["if", {
    arity: [3, 3],
    usage: "if(condition, then, otherwise)",
    value: ([condition = NaN, then = NaN, otherwise = NaN]) => condition !== 0 ? then : otherwise,
  }],
  ["and", { arity: [2, any], usage: "and(a, b, …)", value: (x) => x.every(isTrue) ? 1 : 0 }],
  ["or", { arity: [2, any], usage: "or(a, b, …)", value: (x) => x.some(isTrue) ? 1 : 0 }],
  ["not", of("not(condition)", (x) => isTrue(x) ? 0 : 1)],
  ["above", {
    arity: [3, 3],
    usage: "above(x, limit, width)",
    value: ([x = NaN, limit = NaN, width = NaN]) => softStep((x - limit) / width),
  }],
  ["below", {
    arity: [3, 3],
    usage: "below(x, limit, width)",
    value: ([x = NaN, limit = NaN, width = NaN]) => softStep((limit - x) / width),
  }],
  // The tree walk knows the comparison's two sides; this row holds the arity.
  ["smooth_if", {
    arity: [4, 4],
    usage: "smooth_if(a > b, then, otherwise, width)",
    value: ([weight = NaN, then = NaN, otherwise = NaN]) => blend(weight, then, otherwise),
  }],
  ["interpolate", {
    arity: [5, any],
    usage: "interpolate(x, x1, y1, x2, y2, …)",
    value: ([x = NaN, ...points]) => interpolate(x, points),
  }],
]);

/** Steepness of soft comparisons: over their width they go from 2 % to 98 %. */
export const softSteepness = 8;

/** 0 far below 0, 1 far above, 1/2 at 0, and 2 % to 98 % from −1/2 to 1/2. */
export function softStep(x: number): number {
  return 1 / (1 + Math.exp(-softSteepness * x));
}

/** `then` at weight 1, `otherwise` at weight 0, in proportion between them. */
export function blend(weight: number, then: number, otherwise: number): number {
  return weight * then + (1 - weight) * otherwise;
}

function isTrue(x: number): boolean {
  return x !== 0;
}

function of(usage: string, value: (x: number) => number): FormulaFunction {
  return { arity: [1, 1], usage, value: ([x = NaN]) => value(x) };
}

function sum(x: readonly number[]): number {
  return x.reduce((total, value) => total + value, 0);
}

/**
 * The broken line through the points x1, y1, x2, y2, … with rising x; level before the first and
 * after the last point.
 */
function interpolate(x: number, points: readonly number[]): number {
  if (Number.isNaN(x)) return NaN;
  let [x1 = NaN, y1 = NaN] = points;
  if (x <= x1) return y1;
  for (let i = 2; i + 1 < points.length; i += 2) {
    const x2 = points[i] ?? NaN;
    const y2 = points[i + 1] ?? NaN;
    if (x <= x2) return y1 + (y2 - y1) * ((x - x1) / (x2 - x1));
    x1 = x2;
    y1 = y2;
  }
  return y1;
}
