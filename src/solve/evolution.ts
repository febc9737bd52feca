/** A population of points that gets better by merit alone, and whose best points are starts. */

import type { StartBox } from "./starts.ts";

/** Points in the first population, per coordinate and within these. */
const PER_COORDINATE = 8;
const FEWEST = 24;
const MOST = 80;
/** A population that has come together is followed by one so much larger, up to so many points. */
const GROWTH = 1.5;
const LARGEST = 400;
/** Members nearer than this share of the box, all of them, have come together. */
const TOGETHER = 1e-7;
/** Half the width of every second population, as a share of the box: around the best end so far. */
const NEAR = 0.01;
/** Generations that a population lives at most: on a ring of equal merit it never comes together. */
const LONGEST = 400;
/** Weight of a difference between two points, drawn anew for each trial. */
const LEAST_WEIGHT = 0.4;
const MOST_WEIGHT = 0.9;
/** Shares of the coordinates that a trial changes: few for sums of terms of one coordinate, most for the others. */
const CHANGED = [0.1, 0.9] as const;

interface Member {
  readonly point: Float64Array;
  readonly merit: number;
  /** It has been a start, so that it is none again. */
  taken: boolean;
}

/**
 * Differential evolution: each trial is a member moved by the weighted difference of two others, and
 * takes the place of the member that it is tried against where its merit is no worse. The same random
 * numbers give the same points.
 *
 * R. Storn, K. Price, J. Global Optim. 11 (1997) 341-359 (DE/rand/1/bin), with the weight drawn per
 * trial and a third of the trials around the best member.
 */
export class Evolution {
  readonly #box: StartBox;
  readonly #random: () => number;
  readonly #merit: (point: Float64Array) => number;
  readonly #spread: (count: number) => readonly Float64Array[];
  #members: Member[] = [];
  #size: number;
  #turn = 0;
  #populations = 0;

  constructor(
    box: StartBox,
    { spread, random, merit }: {
      /** So many points all over the box. */
      readonly spread: (count: number) => readonly Float64Array[];
      readonly random: () => number;
      /** Less is better. */
      readonly merit: (point: Float64Array) => number;
    },
  ) {
    this.#box = box;
    this.#random = random;
    this.#merit = merit;
    this.#spread = spread;
    this.#size = smallest(box);
  }

  /**
   * So many trials at most, then the best point; the middle of them all where that has been taken before.
   * `end`: the best end of a solve so far, where there is one.
   */
  next(trials: number, end: Float64Array | undefined): Float64Array {
    for (let k = 0; k < trials; k++) {
      const count = this.#members.length;
      if (count === 0) this.#begin(end);
      else if (this.#turn % count === 0 && this.#isOver()) {
        // What a population has come to is given before another one begins.
        if (!this.#best().taken) break;
        this.#begin(end);
      }
      this.#try(this.#turn++ % this.#members.length);
    }
    const best = this.#best();
    if (best.taken) return this.#middle();
    best.taken = true;
    return best.point.slice();
  }

  /** By turns all over the box, each time with more points, and near the best end. */
  #begin(end: Float64Array | undefined): void {
    const isNear = this.#populations++ % 2 === 1 && end !== undefined;
    if (!isNear && this.#populations > 1) {
      this.#size = Math.min(Math.ceil(GROWTH * this.#size), LARGEST);
    }
    const points = this.#spread(isNear ? smallest(this.#box) : this.#size);
    this.#members = points.map((spread) => {
      const point = isNear ? this.#drawnTo(end, spread) : spread;
      return { point, merit: this.#merit(point), taken: false };
    });
    this.#turn = 0;
  }

  /** A point of the whole box as one of a small box around an end. */
  #drawnTo(end: Float64Array, spread: Float64Array): Float64Array {
    const { lower, upper } = this.#box;
    return spread.map((value, i) => {
      const step = NEAR * (2 * value - lower[i]! - upper[i]!);
      return Math.min(Math.max(end[i]! + step, lower[i]!), upper[i]!);
    });
  }

  #isOver(): boolean {
    if (this.#turn >= LONGEST * this.#members.length) return true;
    const [first] = this.#members;
    const { lower, upper } = this.#box;
    return this.#members.every(({ point }) =>
      point.every((value, i) =>
        Math.abs(value - first!.point[i]!) <= TOGETHER * (upper[i]! - lower[i]!)
      )
    );
  }

  #middle(): Float64Array {
    const count = this.#members.length;
    return this.#box.lower.map((_, i) =>
      this.#members.reduce((sum, { point }) => sum + point[i]! / count, 0)
    );
  }

  #try(place: number): void {
    const { lower, upper } = this.#box;
    const target = this.#members[place]!;
    const around = this.#random() < 1 / 3 ? this.#best() : this.#any();
    const one = this.#any();
    const other = this.#any();
    const weight = LEAST_WEIGHT + (MOST_WEIGHT - LEAST_WEIGHT) * this.#random();
    const share = CHANGED[this.#random() < 0.5 ? 0 : 1];
    const certain = Math.floor(this.#random() * target.point.length);
    const point = target.point.map((value, i) => {
      if (i !== certain && this.#random() >= share) return value;
      const trial = around.point[i]! + weight * (one.point[i]! - other.point[i]!);
      const [low, high] = [lower[i]!, upper[i]!];
      // Beyond an end: anywhere between the end and where it came from, so that ends do not gather points.
      if (trial < low) return low + (value - low) * this.#random();
      if (trial > high) return high - (high - value) * this.#random();
      return trial;
    });
    const merit = this.#merit(point);
    if (merit <= target.merit) this.#members[place] = { point, merit, taken: false };
  }

  #any(): Member {
    return this.#members[Math.floor(this.#random() * this.#members.length)]!;
  }

  #best(): Member {
    return this.#members.reduce((a, b) => b.merit < a.merit ? b : a);
  }
}

function smallest({ lower }: StartBox): number {
  return Math.min(Math.max(PER_COORDINATE * lower.length, FEWEST), MOST);
}
