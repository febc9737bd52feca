/** Start points for several solves of one program. */

import { seededRandom } from "../model/random.ts";
import { Evolution } from "./evolution.ts";

/** A box of start points; both ends finite. */
export interface StartBox {
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  /** Where it has sides without a bound: the points gather around this one. */
  readonly open?: OpenSides | undefined;
}

interface OpenSides {
  readonly around: Float64Array;
  readonly lower: readonly boolean[];
  readonly upper: readonly boolean[];
}

/** How far a box reaches from `around` on a side that has no bound, in scales of the variable. */
const OPEN_SIDE = 10;
/** Distances on such a side are this power of an even spread: every size of distance has its share. */
const GATHERING = 3;

/** The bounds as a box; a side without a bound ends OPEN_SIDE scales from the point `around`. */
export function startBox(
  bounds: StartBox,
  { around, scales }: { readonly around: Float64Array; readonly scales: readonly number[] },
): StartBox {
  const end = (bound: number, i: number, direction: -1 | 1) =>
    Number.isFinite(bound) ? bound : around[i]! + direction * OPEN_SIDE * scales[i]!;
  const box = {
    lower: bounds.lower.map((bound, i) => end(bound, i, -1)),
    upper: bounds.upper.map((bound, i) => end(bound, i, 1)),
  };
  const isOpen = (ends: Float64Array) => Array.from(ends, (bound) => !Number.isFinite(bound));
  const open = { around, lower: isOpen(bounds.lower), upper: isOpen(bounds.upper) };
  return open.lower.includes(true) || open.upper.includes(true) ? { ...box, open } : box;
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
/**
 * Longest step of a hop, as a share of the box, and which share of the coordinates moves beside one.
 * Without a reach the step is of any size: how far apart the small basins lie is not known.
 */
const HOPS: readonly { readonly reach?: number; readonly share: number }[] = [
  { reach: 0.05, share: 0 },
  { share: 0 },
  { reach: 0.25, share: 0.1 },
  { share: 0 },
  { reach: 0.05, share: 0.2 },
  { share: 0 },
  { reach: 0.15, share: 1 },
  { share: 0 },
  { reach: 0.5, share: 0.2 },
  { share: 0 },
];

/** A step is this share of the box at least and at most. */
interface Hop {
  readonly least: number;
  readonly most: number;
  readonly share: number;
}

/** From here on three hops come to one spread point: what spread points find, they have found. */
const MANY_TURNS = 40;
/** Hops of one size after one of them that paid. */
const REPEATS = 12;
/** Ends nearer than this share of the box are one. */
const SAME = 1e-6;
/** Steps of any size are between 10 to this power of the box and the whole of it. */
const SMALLEST_STEP = -4;

/**
 * Start points without end: by turns a point of a Latin hypercube, a hop from the best end point so
 * far, the best of some points by merit, and a hop again. Spread points find other basins; hops find
 * the bottom of a basin that is itself full of small ones. A hop that led to a better end is followed
 * by hops of its size until so many in a row have led nowhere.
 *
 * Hops: D. J. Wales, J. P. K. Doye, J. Phys. Chem. A 101 (1997) 5111-5116. Choice by merit: A. H. G.
 * Rinnooy Kan, G. T. Timmer, Math. Program. 39 (1987) 27-56 (the reduced sample).
 */
export class StartSequence {
  readonly #box: StartBox;
  readonly #random: () => number;
  readonly #merit: ((point: Float64Array) => number) | undefined;
  readonly #evolution: Evolution | undefined;
  readonly #trials: number;
  #choices = 0;
  #batch: Float64Array[] = [];
  #coordinates: number[] = [];
  #turn = 0;
  #hops = 0;
  /** The hop that was asked for last, where the last start was one. */
  #last: { readonly from: Float64Array; readonly hop: Hop } | undefined;
  /** The last hop that led to a better end, and how many of its kind follow at once. */
  #paid: Hop | undefined;
  #more = 0;

  /**
   * `merit`: less is better; without it no points are chosen by merit. `trials`: in place of a choice
   * the points come out of an evolution, the first after so many trials, the second after twice as
   * many more, and so on: where few solves do, it costs little, and where many have not, it pays.
   */
  constructor(
    box: StartBox,
    { seed, merit, trials = 0 }: {
      readonly seed: number;
      readonly merit?: ((point: Float64Array) => number) | undefined;
      readonly trials?: number;
    },
  ) {
    this.#box = box;
    const random = seededRandom(seed);
    this.#random = random;
    this.#merit = merit;
    this.#trials = trials;
    const spread = (count: number) => latinHypercube(box, { count, random });
    if (merit !== undefined && trials > 0) {
      this.#evolution = new Evolution(box, { spread, random, merit });
    }
  }

  /** The next start; `best` is the best end point so far, where there is one. */
  next(best: Float64Array | undefined): Float64Array {
    if (best !== undefined && this.#last !== undefined) {
      if (this.#isAway(best, this.#last.from)) {
        this.#paid = this.#last.hop;
        this.#more = REPEATS;
      } else this.#more--;
      if (this.#more > 0) return this.#hop(best, this.#paid!);
    }
    this.#last = undefined;
    const turn = this.#turn++;
    const round = turn < MANY_TURNS ? 2 : 4;
    if (turn % round !== 0 && best !== undefined) return this.#hop(best, this.#nextHop());
    if (turn % (2 * round) !== round) return this.#spread();
    if (this.#evolution !== undefined) {
      return this.#evolution.next(this.#trials * ++this.#choices, best);
    }
    return this.#merit === undefined ? this.#spread() : this.#chosen(this.#merit);
  }

  /** The next of the table; at every third turn the one that has paid last. */
  #nextHop(): Hop {
    const turn = this.#hops++;
    if (this.#paid !== undefined && turn % 3 === 2) return this.#paid;
    const { reach, share } = HOPS[turn % HOPS.length]!;
    if (reach !== undefined) return { least: 0, most: reach, share };
    const most = 10 ** (SMALLEST_STEP * this.#random());
    return { least: most / 5, most, share };
  }

  #isAway(point: Float64Array, from: Float64Array): boolean {
    const { lower, upper } = this.#box;
    return point.some((value, i) => Math.abs(value - from[i]!) > SAME * (upper[i]! - lower[i]!));
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

  #hop(from: Float64Array, hop: Hop): Float64Array {
    this.#last = { from: from.slice(), hop };
    const { lower, upper, open } = this.#box;
    // At least one coordinate moves: each that can has its turn.
    if (this.#coordinates.length === 0) {
      this.#coordinates = shuffled(from.length, this.#random).filter((i) => lower[i]! < upper[i]!);
    }
    const chosen = this.#coordinates.pop();
    return from.map((value, i) => {
      const low = lower[i]!;
      const high = upper[i]!;
      if (i !== chosen && this.#random() >= hop.share) return value;
      const size = hop.least + (hop.most - hop.least) * this.#random();
      const step = (this.#random() < 0.5 ? -1 : 1) * size * (high - low);
      // The box ends at a bound, or only somewhere on an open side: there a best end may lie beyond it.
      const lowest = open?.lower[i] === true ? -Infinity : low;
      const highest = open?.upper[i] === true ? Infinity : high;
      return Math.min(Math.max(value + step, lowest), highest);
    });
  }
}

/** A share of the way through a coordinate's range as its value there. */
function valueAt({ lower, upper, open }: StartBox, i: number, share: number): number {
  const low = lower[i]!;
  const high = upper[i]!;
  const middle = open?.around[i] ?? low;
  const toLow = open?.lower[i] === true;
  const toHigh = open?.upper[i] === true;
  if (!(toLow || toHigh) || !(middle > low && middle < high)) return low + (high - low) * share;
  const t = 2 * share - 1;
  return t < 0
    ? middle - (middle - low) * (toLow ? (-t) ** GATHERING : -t)
    : middle + (high - middle) * (toHigh ? t ** GATHERING : t);
}

function latinHypercube(
  box: StartBox,
  { count, random }: { readonly count: number; readonly random: () => number },
): Float64Array[] {
  const coordinates = box.lower.length;
  const starts = Array.from({ length: count }, () => new Float64Array(coordinates));
  for (let i = 0; i < coordinates; i++) {
    const strata = shuffled(count, random);
    for (const [k, start] of starts.entries()) {
      start[i] = valueAt(box, i, (strata[k]! + random()) / count);
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
