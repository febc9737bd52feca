/** The simulated kiln as its historian shows it, and the faults of single tags. */

import type { Reading } from "../../src/cycle/judge_reading.ts";
import type { Plan } from "../../src/cycle/plan.ts";
import { Deviates } from "../../strategies/cement-kiln/disturbances.ts";
import { createPlant } from "../../strategies/cement-kiln/simulator.ts";

export const CYCLE_SECONDS = 300;
/** Values that are stored per cycle; averages are taken over them. */
const SAMPLES = 10;
const START = Date.parse("2026-01-01T00:00:00Z");
/** Share of cycles in which one tag's value is marked bad, for three cycles on end. */
const FAULTS_PER_CYCLE = 0.002;

export type Values = ReadonlyMap<string, number>;

/** When a cycle runs. */
export function timeOf(cycle: number): Date {
  return new Date(START + cycle * CYCLE_SECONDS * 1000);
}

/** A value as the historian has it. */
export interface Stored {
  readonly value: number;
  readonly time: Date;
}

/** The plant as its historian shows it: averages where the strategy takes them, samples as they came. */
export class ObservedKiln {
  readonly #plant;
  readonly #averageMs: ReadonlyMap<string, number>;
  readonly #newest = new Map<string, Stored>();

  constructor(seed: number, plan: Plan) {
    this.#plant = createPlant(seed);
    this.#averageMs = averagedTags(plan);
  }

  /** Lets a cycle pass, up to its number's time; every tag's newest value, or its average. */
  cycle(settings: Values, cycle: number): ReadonlyMap<string, Stored> {
    const stepMs = CYCLE_SECONDS * 1000 / SAMPLES;
    const taken = new Map<string, number[]>();
    for (let sample = 1; sample <= SAMPLES; sample++) {
      const time = new Date(timeOf(cycle).getTime() + (sample - SAMPLES) * stepMs);
      for (const [tag, value] of this.#plant.step(stepMs / 1000, settings)) {
        taken.set(tag, [...taken.get(tag) ?? [], value]);
        this.#newest.set(tag, { value, time });
      }
    }
    return new Map(
      [...this.#newest].map(([tag, { value, time }]) => {
        const averageMs = this.#averageMs.get(tag);
        if (averageMs === undefined) return [tag, { value, time }];
        const last = taken.get(tag)!.slice(-Math.max(1, Math.round(averageMs / stepMs)));
        return [tag, { value: last.reduce((a, b) => a + b, 0) / last.length, time }];
      }),
    );
  }
}

/** Marks single tags as bad now and then, each for a few cycles. */
export class Faults {
  readonly #deviates: Deviates;
  readonly #tags: readonly string[];
  readonly #until = new Map<string, number>();

  constructor(seed: number, { strategy }: Plan) {
    this.#deviates = new Deviates(seed + 1000);
    this.#tags = [...strategy.variables.values()]
      .filter(({ type }) => type === "operative" || type === "informative")
      .map(({ name }) => name);
  }

  damaged(stored: ReadonlyMap<string, Stored>, now: Date): Map<string, Reading> {
    if (this.#deviates.uniform() < FAULTS_PER_CYCLE) {
      const tag = this.#tags[Math.floor(this.#deviates.uniform() * this.#tags.length)]!;
      this.#until.set(tag, now.getTime() + 3 * CYCLE_SECONDS * 1000);
    }
    return new Map([...stored].map(([tag, reading]) => [tag, {
      ...reading,
      quality: now.getTime() < (this.#until.get(tag) ?? 0) ? "bad" : "good",
    }]));
  }
}

/** The windows over which the strategy averages, by tag; a median counts as a mean here. */
function averagedTags({ strategy }: Plan): Map<string, number> {
  return new Map(
    [...strategy.variables.values()].flatMap((variable) =>
      (variable.type === "operative" || variable.type === "informative") &&
        variable.averageMs !== undefined
        ? [[variable.name, variable.averageMs] as const]
        : []
    ),
  );
}
