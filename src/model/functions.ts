/**
 * The elementwise functions σ of the tape, one row each: σ, σ′ and σ″.
 *
 * native/functions.h holds the same rows under the same opcodes; a test keeps the two equal.
 *
 * Kinks. At a point without a derivative the LEFT one is taken, for the first and the second
 * derivative alike: relu′(0) = 0, abs′(0) = −1, leaky_relu′(0) = α, clip′(low) = 0, clip′(high) = 1.
 * Jumps (sign, step) have derivative 0 everywhere.
 *
 * Overflow. Where the limit is finite, the result is that limit, never NaN: softplus(1000) = 1000,
 * sigmoid(−1000) = 0, gelu″(10³⁰⁰) = 0. NaN in gives NaN out.
 */

import { erf, erfc } from "./error_function.ts";

/** A σ of one variable with up to two constants, which stand in `c`. */
export type Derivative = (x: number, c: readonly [number, number]) => number;

/** One row: σ, σ′ and σ″, and the number that native code knows it by. */
export interface FunctionRow {
  readonly opcode: number;
  readonly value: Derivative;
  readonly first: Derivative;
  readonly second: Derivative;
}

const TWO_OVER_SQRT_PI = 2 / Math.sqrt(Math.PI);
const SQRT_2_OVER_PI = Math.sqrt(2 / Math.PI);
/** The cubic coefficient of GELU's tanh form (D. Hendrycks, K. Gimpel, arXiv:1606.08415). */
const GELU_CUBIC = 0.044715;

/** Every σ by its name; the order is the order of the opcodes. */
export const FUNCTIONS = {
  tanh: {
    opcode: 1,
    value: (x) => Math.tanh(x),
    first: (x) => tanhSlope(x),
    second: (x) => -2 * Math.tanh(x) * tanhSlope(x),
  },
  sigmoid: {
    opcode: 2,
    value: (x) => sigmoid(x),
    first: (x) => sigmoidSlope(x),
    second: (x) => sigmoidSlope(x) * (1 - 2 * sigmoid(x)),
  },
  relu: {
    opcode: 3,
    value: (x) => x <= 0 ? 0 : x,
    first: (x) => x <= 0 ? 0 : 1,
    second: () => 0,
  },
  /** c0 = α, the slope left of 0. */
  leaky_relu: {
    opcode: 4,
    value: (x, c) => x <= 0 ? c[0] * x : x,
    first: (x, c) => x <= 0 ? c[0] : 1,
    second: () => 0,
  },
  /** α (exp(x) − 1) left of 0; c0 = α. */
  elu: {
    opcode: 5,
    value: (x, c) => x <= 0 ? c[0] * Math.expm1(x) : x,
    first: (x, c) => x <= 0 ? c[0] * Math.exp(x) : 1,
    second: (x, c) => x <= 0 ? c[0] * Math.exp(x) : 0,
  },
  /** α (exp(x/α) − 1) left of 0; c0 = α. */
  celu: {
    opcode: 6,
    value: (x, c) => x <= 0 ? c[0] * Math.expm1(x / c[0]) : x,
    first: (x, c) => x <= 0 ? Math.exp(x / c[0]) : 1,
    second: (x, c) => x <= 0 ? Math.exp(x / c[0]) / c[0] : 0,
  },
  /** log(1 + exp(x)). */
  softplus: {
    opcode: 7,
    value: (x) => softplus(x),
    first: (x) => sigmoid(x),
    second: (x) => sigmoidSlope(x),
  },
  /** x Φ(x), Φ the normal distribution function. */
  gelu: {
    opcode: 8,
    value: (x) => x * normalCumulative(x),
    first: (x) => normalCumulative(x) + x * normalDensity(x),
    second: (x) => vanishing(normalDensity(x), 2 - x * x),
  },
  /** x/2 (1 + tanh u), u = √(2/π) (x + 0.044715 x³). */
  gelu_tanh: {
    opcode: 9,
    value: (x) => 0.5 * x * (1 + Math.tanh(geluArgument(x))),
    first: (x) => geluTanhFirst(x),
    second: (x) => geluTanhSecond(x),
  },
  erf: {
    opcode: 10,
    value: (x) => erf(x),
    first: (x) => TWO_OVER_SQRT_PI * Math.exp(-x * x),
    second: (x) => -2 * x * TWO_OVER_SQRT_PI * Math.exp(-x * x),
  },
  exp: {
    opcode: 11,
    value: (x) => Math.exp(x),
    first: (x) => Math.exp(x),
    second: (x) => Math.exp(x),
  },
  log: {
    opcode: 12,
    value: (x) => Math.log(x),
    first: (x) => 1 / x,
    second: (x) => -1 / (x * x),
  },
  sqrt: {
    opcode: 13,
    value: (x) => Math.sqrt(x),
    first: (x) => 0.5 / Math.sqrt(x),
    second: (x) => -0.25 / (x * Math.sqrt(x)),
  },
  reciprocal: {
    opcode: 14,
    value: (x) => 1 / x,
    first: (x) => -1 / (x * x),
    second: (x) => 2 / (x * x * x),
  },
  /** x^c0. The factors that are 0 for exponents 0 and 1 must win over 0 to a negative power. */
  power: {
    opcode: 15,
    value: (x, c) => Math.pow(x, c[0]),
    first: (x, c) => c[0] === 0 ? 0 : c[0] * Math.pow(x, c[0] - 1),
    second: (x, c) => c[0] === 0 || c[0] === 1 ? 0 : c[0] * (c[0] - 1) * Math.pow(x, c[0] - 2),
  },
  sin: {
    opcode: 16,
    value: (x) => Math.sin(x),
    first: (x) => Math.cos(x),
    second: (x) => -Math.sin(x),
  },
  cos: {
    opcode: 17,
    value: (x) => Math.cos(x),
    first: (x) => -Math.sin(x),
    second: (x) => -Math.cos(x),
  },
  tan: {
    opcode: 18,
    value: (x) => Math.tan(x),
    first: (x) => 1 + Math.tan(x) ** 2,
    second: (x) => 2 * Math.tan(x) * (1 + Math.tan(x) ** 2),
  },
  atan: {
    opcode: 19,
    value: (x) => Math.atan(x),
    first: (x) => 1 / (1 + x * x),
    second: (x) => -2 * x / (1 + x * x) / (1 + x * x),
  },
  sinh: {
    opcode: 20,
    value: (x) => Math.sinh(x),
    first: (x) => Math.cosh(x),
    second: (x) => Math.sinh(x),
  },
  cosh: {
    opcode: 21,
    value: (x) => Math.cosh(x),
    first: (x) => Math.sinh(x),
    second: (x) => Math.cosh(x),
  },
  abs: {
    opcode: 22,
    value: (x) => Math.abs(x),
    first: (x) => x <= 0 ? -1 : 1,
    second: () => 0,
  },
  square: {
    opcode: 23,
    value: (x) => x * x,
    first: (x) => 2 * x,
    second: () => 2,
  },
  /** x / (1 + |x|). */
  softsign: {
    opcode: 24,
    value: (x) => x / (1 + Math.abs(x)),
    first: (x) => 1 / (1 + Math.abs(x)) ** 2,
    second: (x) => (x <= 0 ? 2 : -2) / (1 + Math.abs(x)) ** 3,
  },
  /** x sigmoid(α x); c0 = α. */
  swish: {
    opcode: 25,
    value: (x, c) => x * sigmoid(c[0] * x),
    first: (x, c) => sigmoid(c[0] * x) + vanishing(sigmoidSlope(c[0] * x), c[0] * x),
    second: (x, c) =>
      c[0] *
      vanishing(sigmoidSlope(c[0] * x), 2 + c[0] * x * (1 - 2 * sigmoid(c[0] * x))),
  },
  /** x tanh(softplus(x)). */
  mish: {
    opcode: 26,
    value: (x) => x * Math.tanh(softplus(x)),
    first: (x) => Math.tanh(softplus(x)) + x * tanhSlope(softplus(x)) * sigmoid(x),
    second: (x) => mishSecond(x),
  },
  /** min(max(x, c0), c1). */
  clip: {
    opcode: 27,
    value: (x, c) => Math.min(Math.max(x, c[0]), c[1]),
    first: (x, c) => x <= c[0] || x > c[1] ? 0 : 1,
    second: () => 0,
  },
  /** x where x > α, else 0; c0 = α. */
  thresholded_relu: {
    opcode: 28,
    value: (x, c) => x <= c[0] ? 0 : x,
    first: (x, c) => x <= c[0] ? 0 : 1,
    second: () => 0,
  },
  asin: {
    opcode: 29,
    value: (x) => Math.asin(x),
    first: (x) => 1 / Math.sqrt((1 - x) * (1 + x)),
    second: (x) => x / ((1 - x) * (1 + x)) ** 1.5,
  },
  acos: {
    opcode: 30,
    value: (x) => Math.acos(x),
    first: (x) => -1 / Math.sqrt((1 - x) * (1 + x)),
    second: (x) => -x / ((1 - x) * (1 + x)) ** 1.5,
  },
  asinh: {
    opcode: 31,
    value: (x) => Math.asinh(x),
    first: (x) => 1 / Math.hypot(x, 1),
    second: (x) => -x / Math.hypot(x, 1) / Math.hypot(x, 1) / Math.hypot(x, 1),
  },
  acosh: {
    opcode: 32,
    value: (x) => Math.acosh(x),
    first: (x) => 1 / Math.sqrt(x - 1) / Math.sqrt(x + 1),
    second: (x) => -x / (Math.sqrt(x - 1) * Math.sqrt(x + 1)) / (x - 1) / (x + 1),
  },
  atanh: {
    opcode: 33,
    value: (x) => Math.atanh(x),
    first: (x) => 1 / ((1 - x) * (1 + x)),
    second: (x) => 2 * x / ((1 - x) * (1 + x)) ** 2,
  },
  sign: {
    opcode: 34,
    value: (x) => Math.sign(x),
    first: () => 0,
    second: () => 0,
  },
  /** 1 where x > 0, else 0. */
  step: {
    opcode: 35,
    value: (x) => x <= 0 ? 0 : x > 0 ? 1 : x,
    first: () => 0,
    second: () => 0,
  },
  log1p: {
    opcode: 36,
    value: (x) => Math.log1p(x),
    first: (x) => 1 / (1 + x),
    second: (x) => -1 / (1 + x) / (1 + x),
  },
  expm1: {
    opcode: 37,
    value: (x) => Math.expm1(x),
    first: (x) => Math.exp(x),
    second: (x) => Math.exp(x),
  },
  /** x · min(max(x/6 + 1/2, 0), 1). */
  hard_swish: {
    opcode: 38,
    value: (x) => x <= -3 ? 0 : x > 3 ? x : x * (x / 6 + 0.5),
    first: (x) => x <= -3 ? 0 : x > 3 ? 1 : x / 3 + 0.5,
    second: (x) => x <= -3 || x > 3 ? 0 : 1 / 3,
  },
} as const satisfies Record<string, FunctionRow>;

/** Name of a σ. */
export type FunctionName = keyof typeof FUNCTIONS;

/** Logistic sigmoid without overflow on either side. */
function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const e = Math.exp(x);
  return e / (1 + e);
}

/** sigmoid′, exact in both tails, where s (1 − s) would round to 0 on the right. */
function sigmoidSlope(x: number): number {
  const e = Math.exp(-Math.abs(x));
  return e / (1 + e) / (1 + e);
}

/** tanh′ = 1 / cosh², exact in both tails. */
function tanhSlope(x: number): number {
  return 4 * sigmoidSlope(2 * x);
}

function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

function normalCumulative(x: number): number {
  return 0.5 * erfc(-x * Math.SQRT1_2);
}

function normalDensity(x: number): number {
  return Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
}

/** A factor that decays exponentially times one that grows polynomially: 0 wins over infinity. */
function vanishing(decaying: number, growing: number): number {
  return decaying === 0 ? 0 : decaying * growing;
}

function geluArgument(x: number): number {
  return SQRT_2_OVER_PI * x * (1 + GELU_CUBIC * x * x);
}

function geluTanhFirst(x: number): number {
  const u = geluArgument(x);
  const u1 = SQRT_2_OVER_PI * (1 + 3 * GELU_CUBIC * x * x);
  return 0.5 * (1 + Math.tanh(u)) + 0.5 * vanishing(tanhSlope(u), x * u1);
}

function geluTanhSecond(x: number): number {
  const u = geluArgument(x);
  const u1 = SQRT_2_OVER_PI * (1 + 3 * GELU_CUBIC * x * x);
  const u2 = SQRT_2_OVER_PI * 6 * GELU_CUBIC * x;
  return vanishing(tanhSlope(u), u1 + 0.5 * x * (u2 - 2 * Math.tanh(u) * u1 * u1));
}

/** With w = tanh(softplus(x)) and s = sigmoid(x): mish″ = 2 w′ + x w″, w′ = (1 − w²) s. */
function mishSecond(x: number): number {
  const s = sigmoid(x);
  const w = Math.tanh(softplus(x));
  const slope = tanhSlope(softplus(x));
  const w1 = slope * s;
  const w2 = slope * sigmoidSlope(x) - 2 * w * w1 * s;
  return 2 * w1 + x * w2;
}
