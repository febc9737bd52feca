/**
 * erf and erfc in float64, to a few units in the last place.
 *
 * Near zero the series of NIST DLMF 7.6.2, all of whose terms have one sign; in the tail the
 * continued fraction of DLMF 7.9.3, evaluated by Lentz's method (W. Lentz, Applied Optics 15, 1976).
 */

/** From here on 1 − erf(x) would lose digits, and the continued fraction is short. */
const TAIL_START = 1.5;
/** erfc(27.3) is below the smallest positive float64. */
const UNDERFLOW = 27.3;
const SQRT_PI = Math.sqrt(Math.PI);

/** The error function erf(x), −1 to 1. */
export function erf(x: number): number {
  if (Number.isNaN(x)) return x;
  if (Math.abs(x) < TAIL_START) return series(x);
  return x > 0 ? 1 - tail(x) : tail(-x) - 1;
}

/** The complement 1 − erf(x), 0 to 2, with full relative accuracy in the right tail. */
export function erfc(x: number): number {
  if (Number.isNaN(x)) return x;
  if (Math.abs(x) < TAIL_START) return 1 - series(x);
  return x > 0 ? tail(x) : 2 - tail(-x);
}

/** erf(x) = 2/√π · exp(−x²) · Σ 2ⁿ x²ⁿ⁺¹ / (1·3·…·(2n+1)). */
function series(x: number): number {
  const square = x * x;
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
    term *= 2 * square / (2 * n + 1);
    sum += term;
  }
  return 2 / SQRT_PI * Math.exp(-square) * sum;
}

/** erfc(x) for x ≥ TAIL_START: exp(−x²)/√π · 1/(x + (1/2)/(x + (2/2)/(x + (3/2)/(x + …)))). */
function tail(x: number): number {
  if (x > UNDERFLOW) return 0;
  let fraction = x;
  let c = x;
  let d = 0;
  for (let n = 1; n < 500; n++) {
    const numerator = n / 2;
    d = 1 / (x + numerator * d);
    c = x + numerator / c;
    const change = c * d;
    fraction *= change;
    if (Math.abs(change - 1) < 1e-16) break;
  }
  return Math.exp(-x * x) / (SQRT_PI * fraction);
}
