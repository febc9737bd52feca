/** Start points for several solves of one program, spread over its box by Latin hypercube. */

/**
 * `count` points inside [lower, upper] (each of length n), each coordinate's range cut into `count`
 * strata of which every point takes another one. The same seed gives the same points.
 *
 * M. D. McKay, R. J. Beckman, W. J. Conover, Technometrics 21 (1979) 239-245, section 2.1.
 */
export function spreadStarts(
  box: { readonly lower: Float64Array; readonly upper: Float64Array },
  { count, seed }: { readonly count: number; readonly seed: number },
): Float64Array[] {
  const random = mulberry32(seed);
  const starts = Array.from({ length: count }, () => new Float64Array(box.lower.length));
  for (let i = 0; i < box.lower.length; i++) {
    const low = box.lower[i]!;
    const width = box.upper[i]! - low;
    const strata = shuffled(count, random);
    for (const [k, start] of starts.entries()) {
      start[i] = low + width * ((strata[k]! + random()) / count);
    }
  }
  return starts;
}

function shuffled(count: number, random: () => number): number[] {
  const order = Array.from({ length: count }, (_, k) => k);
  for (let k = count - 1; k > 0; k--) {
    const other = Math.floor(random() * (k + 1));
    [order[k], order[other]] = [order[other]!, order[k]!];
  }
  return order;
}

/** Uniform numbers in [0, 1) from a 32-bit seed (T. Ettinger's mulberry32). */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
