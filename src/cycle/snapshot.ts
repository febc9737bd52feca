/**
 * The snapshot: the values that one cycle works from, each judged by its variable's rule. A bad
 * value never passes silently: it is replaced as the rule says and marked, or it holds the cycle.
 */

import type { LiveValueRule, Strategy } from "../strategy/strategy.ts";
import { judgeReading } from "./judge_reading.ts";
import type { LastGood, Reading, Seen } from "./judge_reading.ts";
import type { ReadValue, ValueSource } from "./recommendation.ts";

export interface Snapshot {
  readonly time: Date;
  /** Usable values of operative and informative variables, by name. */
  readonly values: ReadonlyMap<string, ReadValue>;
  /** Usable measurements behind predicted variables, by the predicted variable's name. */
  readonly measurements: ReadonlyMap<string, ReadValue>;
  /** Why no cycle can run on this snapshot; empty where it can. */
  readonly holds: readonly string[];
  /** Good live values of this snapshot, to be the next one's last good ones. */
  readonly lastGood: ReadonlyMap<string, LastGood>;
  /** The newest credible readings, to tell frozen and jumping ones in the next snapshot. */
  readonly seen: ReadonlyMap<string, Seen>;
}

export interface SnapshotSources {
  readonly now: Date;
  readonly readings: ReadonlyMap<string, Reading>;
  readonly lastGood: ReadonlyMap<string, LastGood>;
  readonly seen: ReadonlyMap<string, Seen>;
  /** Values that a request gave in place of live ones. */
  readonly given: ReadonlyMap<string, number>;
}

/** The tags that a snapshot of this strategy reads, without repeats. */
export function snapshotTags(strategy: Strategy): string[] {
  const tags = new Set<string>();
  for (const variable of strategy.variables.values()) {
    if (variable.type === "operative" || variable.type === "informative") tags.add(variable.name);
    if (variable.type === "predicted" && variable.measuredBy !== undefined) {
      tags.add(variable.measuredBy);
    }
  }
  return [...tags];
}

/** Judges every reading by its variable's rule; never throws for what the plant sends. */
export function takeSnapshot(strategy: Strategy, sources: SnapshotSources): Snapshot {
  const values = new Map<string, ReadValue>();
  const measurements = new Map<string, ReadValue>();
  const lastGood = new Map<string, LastGood>();
  const seen = new Map<string, Seen>();
  const holds: string[] = [];

  for (const variable of strategy.variables.values()) {
    if (variable.type !== "operative" && variable.type !== "informative") continue;
    const { name, unit } = variable;
    const given = sources.given.get(name);
    if (given !== undefined) {
      values.set(name, readValue(name, unit, given, "given"));
      continue;
    }
    const reading = sources.readings.get(name);
    const judged = judgeReading(reading, variable, {
      now: sources.now,
      before: sources.seen.get(name),
      lastGood: sources.lastGood.get(name),
    });
    const { fault, note } = judged;
    if (judged.seen !== undefined) seen.set(name, judged.seen);
    if (fault === undefined && reading !== undefined && reading.value !== null) {
      values.set(name, { ...measured(name, unit, reading.value, reading), note });
      if (reading.quality === "good") {
        lastGood.set(name, { value: reading.value, time: reading.time });
      }
      continue;
    }
    const substitute = substituteFor(variable, sources.lastGood.get(name), sources.now);
    if (variable.critical) holds.push(`${name}: ${fault}, and it is critical`);
    else if (substitute === undefined) {
      holds.push(`${name}: ${fault}, and no substitute is allowed`);
    } else {
      values.set(name, {
        ...readValue(name, unit, substitute.value, substitute.source),
        quality: "uncertain",
        source_time: substitute.time?.toISOString() ?? null,
        note: fault ?? null,
      });
    }
  }

  for (const variable of strategy.variables.values()) {
    if (variable.type !== "predicted" || variable.measuredBy === undefined) continue;
    const judged = values.get(variable.measuredBy);
    if (judged !== undefined) {
      measurements.set(variable.name, judged);
      continue;
    }
    const reading = sources.readings.get(variable.measuredBy);
    const { fault } = judgeReading(reading, {
      valid: undefined,
      maxAgeMs: variable.bias?.maxAgeMs,
      frozenMs: undefined,
      maxChange: undefined,
    }, { now: sources.now, before: undefined, lastGood: undefined });
    if (fault === undefined && reading !== undefined && reading.value !== null) {
      measurements.set(
        variable.name,
        measured(variable.measuredBy, variable.unit, reading.value, reading),
      );
    }
  }
  return { time: sources.now, values, measurements, holds, lastGood, seen };
}

interface Substitute {
  readonly value: number;
  readonly source: ValueSource;
  readonly time: Date | undefined;
}

/** What the rule allows in place of a bad value; undefined where it allows nothing. */
function substituteFor(
  { onBad }: LiveValueRule,
  lastGood: LastGood | undefined,
  now: Date,
): Substitute | undefined {
  if (onBad.kind === "default") {
    return { value: onBad.value, source: "default", time: undefined };
  }
  if (onBad.kind === "hold" || lastGood === undefined) return undefined;
  const ageMs = now.getTime() - lastGood.time.getTime();
  if (onBad.maxAgeMs !== undefined && ageMs > onBad.maxAgeMs) return undefined;
  return { value: lastGood.value, source: "last_good", time: lastGood.time };
}

function readValue(variable: string, unit: string, value: number, source: ValueSource): ReadValue {
  return { variable, unit, value, quality: "good", source, source_time: null, note: null };
}

function measured(variable: string, unit: string, value: number, reading: Reading): ReadValue {
  return {
    ...readValue(variable, unit, value, "measured"),
    quality: reading.quality === "good" ? "good" : "uncertain",
    source_time: reading.time.toISOString(),
  };
}
