/** Random numbers from a seed, for generated programs. */

/** G. Marsaglia's xorshift with 32 bits of state (J. Stat. Softw. 8(14), 2003). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = (Math.imul(seed, 2654435761) ^ 0x9e3779b9) | 1;
    for (let i = 0; i < 20; i++) this.#next();
  }

  /** Uniform in [low, high). */
  uniform(low = 0, high = 1): number {
    return low + (high - low) * (this.#next() / 4294967296);
  }

  /** A whole number from low to high, both included. */
  whole(low: number, high: number): number {
    return low + Math.floor(this.uniform(0, high - low + 1));
  }

  /** Standard normal (G. E. P. Box, M. E. Muller, Ann. Math. Stat. 29 (1958) 610-611). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** A direction in n dimensions, of length 1. */
  unit(n: number): number[] {
    const vector = Array.from({ length: n }, () => this.normal());
    const length = Math.hypot(...vector);
    return vector.map((value) => value / length);
  }

  /** A chosen element. */
  pick<Value>(values: readonly Value[]): Value {
    return values[this.whole(0, values.length - 1)]!;
  }

  #next(): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    return x >>> 0;
  }
}
