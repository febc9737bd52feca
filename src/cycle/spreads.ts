/**
 * How far each value strays of late: the standard deviation over about the last hundred readings, so
 * that a sensitivity can be told for a change that the plant really makes.
 *
 * Running mean and variance with a weight that does not fall below 1/100: B. P. Welford,
 * Technometrics 4 (1962) 419-420, with the exponential forgetting of T. Finch, Incremental
 * calculation of weighted mean and variance, 2009, section 9.
 */

import type { Strategy } from "../strategy/strategy.ts";
import type { Snapshot } from "./snapshot.ts";

export interface Spread {
  readonly mean: number;
  readonly variance: number;
  readonly readings: number;
  /** Of the newest reading; ISO 8601. */
  readonly time: string;
}

/** At five minutes a cycle some eight hours: a shift. */
const MEMORY = 100;
/** A deviation over fewer readings says nothing yet. */
const ENOUGH = 10;

/** Spreads after a snapshot, of informative and of measured predicted variables, by name. */
export function followSpreads(
  { variables }: Strategy,
  { spreads, snapshot }: {
    readonly spreads: ReadonlyMap<string, Spread>;
    readonly snapshot: Pick<Snapshot, "values" | "measurements">;
  },
): Map<string, Spread> {
  const followed = new Map<string, Spread>();
  for (const { name, type } of variables.values()) {
    if (type !== "informative" && type !== "predicted") continue;
    const read = (type === "predicted" ? snapshot.measurements : snapshot.values).get(name);
    const before = spreads.get(name);
    const isNew = read?.source === "measured" && read.quality === "good" &&
      read.source_time !== null && read.source_time !== before?.time;
    if (isNew) followed.set(name, after(before, { value: read.value, time: read.source_time! }));
    else if (before !== undefined) followed.set(name, before);
  }
  return followed;
}

/** The standard deviation; undefined while too few readings are behind it. */
export function deviation(spread: Spread | undefined): number | undefined {
  return spread === undefined || spread.readings < ENOUGH ? undefined : Math.sqrt(spread.variance);
}

function after(
  before: Spread | undefined,
  { value, time }: { readonly value: number; readonly time: string },
): Spread {
  if (before === undefined) return { mean: value, variance: 0, readings: 1, time };
  const readings = Math.min(before.readings + 1, MEMORY);
  const weight = 1 / readings;
  const away = value - before.mean;
  return {
    mean: before.mean + weight * away,
    variance: (1 - weight) * (before.variance + weight * away * away),
    readings,
    time,
  };
}
