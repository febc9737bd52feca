/** Start points for several solves of one program. */

import { seededRandom } from "../model/random.ts";

/** A box of start points; both ends finite. */
export interface StartBox {
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

/** How far a box reaches from `around` on a side that has no bound, in scales of the variable. */
const OPEN_SIDE = 10;

/** The bounds as a box; a side without a bound ends OPEN_SIDE scales from the point `around`. */
export function startBox(
  bounds: StartBox,
  { around, scales }: { readonly around: Float64Array; readonly scales: readonly number[] },
): StartBox {
  const end = (bound: number, i: number, direction: -1 | 1) =>
    Number.isFinite(bound) ? bound : around[i]! + direction * OPEN_SIDE * scales[i]!;
  return {
    lower: bounds.lower.map((bound, i) => end(bound, i, -1)),
    upper: bounds.upper.map((bound, i) => end(bound, i, 1)),
  };
}

/**
 * `count` points inside [lower, upper] (each of length n), each coordinate's range cut into `count`
 * strata of which every point takes another one. The same seed gives the same points.
 *
 * M. D. McKay, R. J. Beckman, W. J. Conover, Technometrics 21 (1979) 239-245, section 2.1.
 */
export function spreadStarts(
  box: StartBox,
  { count, seed }: { readonly count: number; readonly seed: number },
): Float64Array[] {
  return latinHypercube(box, { count, random: seededRandom(seed) });
}

/** Points of one Latin hypercube of the sequence; another one follows when they are used up. */
const BATCH = 16;
/** Spread points of which a chosen one is the best by merit. */
const CHOICE = 12;
/** Widths of a hop, as shares of the box, and which share of the coordinates moves beside one. */
const HOPS = [
  { reach: 0.1, share: 0 },
  { reach: 0.5, share: 0.1 },
  { reach: 0.1, share: 0.2 },
  { reach: 0.3, share: 1 },
  { reach: 0.2, share: 0 },
  { reach: 1, share: 0.2 },
] as const;

/**
 * Start points without end: by turns a point of a Latin hypercube, a hop from the best end point so
 * far, the best of some points by merit, and a hop again. Spread points find other basins; hops find
 * the bottom of a basin that is itself full of small ones.
 *
 * Hops: D. J. Wales, J. P. K. Doye, J. Phys. Chem. A 101 (1997) 5111-5116. Choice by merit: A. H. G.
 * Rinnooy Kan, G. T. Timmer, Math. Program. 39 (1987) 27-56 (the reduced sample).
 */
export class StartSequence {
  readonly #box: StartBox;
  readonly #random: () => number;
  readonly #merit: ((point: Float64Array) => number) | undefined;
  #batch: Float64Array[] = [];
  #turn = 0;
  #hops = 0;

  /** `merit`: less is better; without it no points are chosen by merit. */
  constructor(
    box: StartBox,
    { seed, merit }: {
      readonly seed: number;
      readonly merit?: ((point: Float64Array) => number) | undefined;
    },
  ) {
    this.#box = box;
    this.#random = seededRandom(seed);
    this.#merit = merit;
  }

  /** The next start; `best` is the best end point so far, where there is one. */
  next(best: Float64Array | undefined): Float64Array {
    const turn = this.#turn++;
    if (turn % 2 === 1 && best !== undefined) return this.#hop(best);
    return turn % 4 === 2 && this.#merit !== undefined ? this.#chosen(this.#merit) : this.#spread();
  }

  #spread(): Float64Array {
    if (this.#batch.length === 0) {
      this.#batch = latinHypercube(this.#box, { count: BATCH, random: this.#random });
    }
    return this.#batch.pop()!;
  }

  #chosen(merit: (point: Float64Array) => number): Float64Array {
    let best: { readonly point: Float64Array; readonly merit: number } | undefined;
    for (const point of latinHypercube(this.#box, { count: CHOICE, random: this.#random })) {
      const value = merit(point);
      if (best === undefined || value < best.merit) best = { point, merit: value };
    }
    return best!.point;
  }

  #hop(from: Float64Array): Float64Array {
    const { reach, share } = HOPS[this.#hops++ % HOPS.length]!;
    const { lower, upper } = this.#box;
    // At least one coordinate moves.
    const chosen = Math.floor(this.#random() * from.length);
    return from.map((value, i) => {
      const low = lower[i]!;
      const high = upper[i]!;
      const moved = i === chosen || this.#random() < share;
      const step = moved ? reach * (high - low) * (this.#random() - 0.5) : 0;
      return Math.min(Math.max(value + step, low), high);
    });
  }
}

function latinHypercube(
  { lower, upper }: StartBox,
  { count, random }: { readonly count: number; readonly random: () => number },
): Float64Array[] {
  const starts = Array.from({ length: count }, () => new Float64Array(lower.length));
  for (let i = 0; i < lower.length; i++) {
    const low = lower[i]!;
    const width = upper[i]! - low;
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
