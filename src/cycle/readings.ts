/** The strategy's tags read from the database, as readings for the snapshot to judge. */

import type { Queries } from "../storage/database.ts";
import type { Average, Measurement, Measurements } from "../storage/measurements.ts";
import type { Strategy } from "../strategy/strategy.ts";
import { MAX_CLOCK_SKEW_MS } from "./judge_reading.ts";
import type { Reading } from "./judge_reading.ts";
import { snapshotTags } from "./snapshot.ts";

/**
 * The newest reading of each tag that has one; the average over its window where the strategy asks
 * for it. Throws DatabaseError.
 */
export async function readReadings(
  strategy: Strategy,
  { measurements, queries, now }: {
    readonly measurements: Measurements;
    readonly queries: Queries;
    readonly now: Date;
  },
): Promise<Map<string, Reading>> {
  const averages = new Map<string, Average>();
  for (const variable of strategy.variables.values()) {
    if (variable.type !== "operative" && variable.type !== "informative") continue;
    if (variable.averageMs === undefined) continue;
    averages.set(variable.name, { ms: variable.averageMs, by: variable.averageBy });
  }
  const newest = await measurements.newest(queries, {
    tags: snapshotTags(strategy),
    until: new Date(now.getTime() + MAX_CLOCK_SKEW_MS),
    averages,
  });
  return new Map(
    [...newest].map(([tag, measurement]) => [
      tag,
      readingOf(measurement, { averaged: averages.has(tag) }),
    ]),
  );
}

function readingOf(
  { value, time, quality, average }: Measurement,
  { averaged }: { readonly averaged: boolean },
): Reading {
  return { value: averaged ? average ?? null : value, time, quality };
}
