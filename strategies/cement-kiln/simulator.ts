/**
 * A kiln that runs: settings follow set-points with lags, disturbances wander, measurements follow
 * the steady state of `physics/` with first-order lags and noise, the laboratory samples.
 */

import { Deviates, DisturbanceProcess } from "./disturbances.ts";
import type { Disturbances } from "./physics/conditions.ts";
import { type SteadyState, steadyState } from "./physics/steady_state.ts";
import { MEASURED_TAGS, type MeasuredTag, OPERATIVE_TAGS, typicalSettings } from "./tags.ts";

// The plant's door: tests and training start from these too.
export { type Disturbances, NOMINAL_DISTURBANCES } from "./physics/conditions.ts";
export { type SteadyState, steadyState } from "./physics/steady_state.ts";

/** A plant that the feed can step. */
export interface Plant {
  readonly tags: readonly string[];
  /**
   * Lets `seconds` pass with the given set-points by tag (a tag not given keeps its set-point) and
   * returns what is new: the value of every sensor, and of a laboratory tag only where a sample came
   * back in this time (the first step gives one of each). Throws TypeError on an unknown tag or a
   * number that is not finite, RangeError on negative time.
   */
  step(seconds: number, settings: ReadonlyMap<string, number>): ReadonlyMap<string, number>;
}

type MeasuredName = keyof typeof MEASURED_TAGS;

const MEASURED: readonly (readonly [MeasuredName, MeasuredTag])[] = Object.entries(
  MEASURED_TAGS,
) as [MeasuredName, MeasuredTag][];

/** Longest step that is taken as one: well under the shortest thermal lag. */
const LONGEST_STEP_SECONDS = 30;

/** A kiln at its typical settings and steady state; the same seed gives the same run. */
export function createPlant(seed: number): Plant {
  return new Kiln(seed);
}

class Kiln implements Plant {
  readonly tags: readonly string[] = [
    ...OPERATIVE_TAGS.map(({ tag }) => tag),
    ...MEASURED.map(([, { tag }]) => tag),
  ];
  readonly #deviates: Deviates;
  readonly #disturbances: DisturbanceProcess;
  readonly #setPoints = typicalSettings();
  readonly #actual = typicalSettings();
  /** Process values behind the sensors. */
  readonly #process: Map<MeasuredName, number>;
  /** Samples that came back from the laboratory and were not given out yet. */
  readonly #samples = new Map<MeasuredName, number>();
  #seconds = 0;

  constructor(seed: number) {
    this.#deviates = new Deviates(seed);
    this.#disturbances = new DisturbanceProcess(this.#deviates);
    this.#process = measuredState(this.#actual, this.#disturbances.now);
    for (const [name, tag] of MEASURED) {
      if (tag.sampleSeconds !== undefined) this.#samples.set(name, this.#sensed(name, tag));
    }
  }

  step(seconds: number, settings: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
    if (!(seconds >= 0 && Number.isFinite(seconds))) {
      throw new RangeError(`Cannot step the kiln by ${seconds} s: give a time of 0 s or more`);
    }
    this.#accept(settings);
    const steps = Math.ceil(seconds / LONGEST_STEP_SECONDS);
    for (let step = 0; step < steps; step++) this.#advance(seconds / steps);
    return this.#live();
  }

  #accept(settings: ReadonlyMap<string, number>): void {
    const wrong: string[] = [];
    for (const [tag, value] of settings) {
      const row = OPERATIVE_TAGS.find((operative) => operative.tag === tag);
      if (row === undefined) wrong.push(`"${tag}" is not a setting of this kiln`);
      else if (!Number.isFinite(value)) wrong.push(`"${tag}" is ${value}, give a number`);
      else this.#setPoints.set(tag, Math.min(Math.max(value, row.bounds[0]), row.bounds[1]));
    }
    if (wrong.length > 0) throw new TypeError(`Cannot set the kiln: ${wrong.join("; ")}`);
  }

  #advance(seconds: number): void {
    const before = this.#seconds;
    this.#seconds += seconds;
    this.#disturbances.advance(seconds);
    for (const { tag, lagSeconds } of OPERATIVE_TAGS) {
      this.#actual.set(
        tag,
        lagged(known(this.#actual, tag), known(this.#setPoints, tag), seconds / lagSeconds),
      );
    }
    const target = measuredState(this.#actual, this.#disturbances.now);
    for (const [name, tag] of MEASURED) {
      this.#process.set(
        name,
        lagged(known(this.#process, name), known(target, name), seconds / tag.lagSeconds),
      );
      const period = tag.sampleSeconds;
      if (
        period !== undefined && Math.floor(this.#seconds / period) > Math.floor(before / period)
      ) {
        this.#samples.set(name, this.#sensed(name, tag));
      }
    }
  }

  #live(): Map<string, number> {
    const live = new Map<string, number>();
    for (const { tag, noise } of OPERATIVE_TAGS) {
      live.set(tag, known(this.#actual, tag) + noise * this.#deviates.normal());
    }
    for (const [name, tag] of MEASURED) {
      const value = tag.sampleSeconds === undefined
        ? this.#sensed(name, tag)
        : this.#samples.get(name);
      if (value !== undefined) live.set(tag.tag, value);
    }
    this.#samples.clear();
    return live;
  }

  #sensed(name: MeasuredName, { noise, unit }: MeasuredTag): number {
    const value = known(this.#process, name) + noise * this.#deviates.normal();
    // A concentration's sensor does not read below zero.
    return unit === "%" || unit === "ppm" ? Math.max(value, 0) : value;
  }
}

/** What the tags would show at steady state, without noise. */
export function measuredState(
  settings: ReadonlyMap<string, number>,
  disturbances: Disturbances,
): Map<MeasuredName, number> {
  const state = steadyState(settings, disturbances);
  const values: Record<MeasuredName, number> = {
    ...processValues(state),
    limeSaturation: disturbances.limeSaturation,
    coalHeat: disturbances.coalHeat,
    ambientTemperature: disturbances.ambientTemperature,
  };
  return new Map(MEASURED.map(([name]) => [name, values[name]]));
}

function processValues(state: SteadyState) {
  return {
    nox: state.nox,
    driveCurrent: state.driveCurrent,
    clinkerTemperature: state.clinkerTemperature,
    calcinerCo: state.calcinerCo,
    kilnOxygen: state.kilnOxygen,
    hoodPressure: state.hoodPressure,
    calcinerCoal: state.calcinerCoal,
    exhaustTemperature: state.exhaustTemperature,
    secondaryAirTemperature: state.secondaryAirTemperature,
    freeLime: state.freeLime,
  };
}

/** Exact step of a first-order lag; `ratio` is time over time constant. */
function lagged(from: number, to: number, ratio: number): number {
  return to + (from - to) * Math.exp(-ratio);
}

function known<Key>(values: ReadonlyMap<Key, number>, key: Key): number {
  const value = values.get(key);
  if (value === undefined) throw new RangeError(`The kiln has no value "${String(key)}"`);
  return value;
}
