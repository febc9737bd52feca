/** What the simulated kiln suffers over time: seeded, so that a run can be repeated exactly. */

import { type Disturbances, NOMINAL_DISTURBANCES } from "./physics/conditions.ts";

/** A disturbance that wanders about its nominal value. */
interface Wander {
  /** Standard deviation over a long time, in the disturbance's unit. */
  readonly deviation: number;
  readonly timeConstantSeconds: number;
}

const HOUR = 3600;

/** Deviations of the size that plants report between lab samples, shifts and fuel deliveries. */
export const WANDER: Readonly<Record<keyof Disturbances, Wander>> = {
  coalHeat: { deviation: 0.12, timeConstantSeconds: 12 * HOUR },
  limeSaturation: { deviation: 0.7, timeConstantSeconds: 4 * HOUR },
  ambientTemperature: { deviation: 1, timeConstantSeconds: 6 * HOUR },
  moisture: { deviation: 0.0004, timeConstantSeconds: 6 * HOUR },
  falseAir: { deviation: 0.004, timeConstantSeconds: 24 * HOUR },
  burnability: { deviation: 0.2, timeConstantSeconds: 8 * HOUR },
  coating: { deviation: 0.1, timeConstantSeconds: 24 * HOUR },
  coolerFouling: { deviation: 0.008, timeConstantSeconds: 12 * HOUR },
};

/** Half the difference between the warmest and the coolest hour of a day, kelvin. */
export const DAILY_SWING = 5;

const NAMES = Object.keys(NOMINAL_DISTURBANCES) as (keyof Disturbances)[];

/** Normal deviates from a 32-bit seed (mulberry32 and the polar form of Box and Muller). */
export class Deviates {
  #state: number;
  #spare: number | undefined;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** Uniform in [0, 1). */
  uniform(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** Mean 0, standard deviation 1. */
  normal(): number {
    if (this.#spare !== undefined) {
      const spare = this.#spare;
      this.#spare = undefined;
      return spare;
    }
    for (;;) {
      const u = 2 * this.uniform() - 1;
      const v = 2 * this.uniform() - 1;
      const square = u * u + v * v;
      if (square === 0 || square >= 1) continue;
      const factor = Math.sqrt(-2 * Math.log(square) / square);
      this.#spare = v * factor;
      return u * factor;
    }
  }
}

/** Disturbances as Ornstein-Uhlenbeck processes, and a daily swing of the ambient temperature. */
export class DisturbanceProcess {
  readonly #deviates: Deviates;
  readonly #away = new Map<keyof Disturbances, number>(NAMES.map((name) => [name, 0]));
  #seconds = 0;

  constructor(deviates: Deviates) {
    this.#deviates = deviates;
  }

  /** The disturbances now. */
  get now(): Disturbances {
    const day = DAILY_SWING * Math.sin(2 * Math.PI * this.#seconds / (24 * HOUR));
    const values = NAMES.map((name) => {
      const swing = name === "ambientTemperature" ? day : 0;
      return [name, NOMINAL_DISTURBANCES[name] + (this.#away.get(name) ?? 0) + swing];
    });
    return Object.fromEntries(values) as Disturbances;
  }

  /** Advances by the exact solution over the step, so that its length does not matter. */
  advance(seconds: number): void {
    this.#seconds += seconds;
    for (const name of NAMES) {
      const { deviation, timeConstantSeconds } = WANDER[name];
      const keep = Math.exp(-seconds / timeConstantSeconds);
      const fresh = deviation * Math.sqrt(1 - keep * keep) * this.#deviates.normal();
      this.#away.set(name, keep * (this.#away.get(name) ?? 0) + fresh);
    }
  }
}
