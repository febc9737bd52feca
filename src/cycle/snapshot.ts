/**
 * The snapshot: the values that one cycle works from, each judged by its variable's rule. A bad
 * value never passes silently: it is replaced as the rule says and marked, or it holds the cycle.
 */

import type { LiveValueRule, Strategy } from "../strategy/strategy.ts";
import type { ReadValue, ValueSource } from "./recommendation.ts";

/** The newest stored value of a tag. */
export interface Reading {
  readonly value: number | null;
  readonly time: Date;
  readonly quality: "good" | "uncertain" | "bad";
}

/** The last value of a variable that passed its rule, kept across cycles and restarts. */
export interface LastGood {
  readonly value: number;
  readonly time: Date;
}

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
}

export interface SnapshotSources {
  readonly now: Date;
  readonly readings: ReadonlyMap<string, Reading>;
  readonly lastGood: ReadonlyMap<string, LastGood>;
  /** Values that a request gave in place of live ones. */
  readonly given: ReadonlyMap<string, number>;
}

/** How far in the future a source time may lie before its clock or zone is taken to be wrong. */
export const MAX_CLOCK_SKEW_MS = 60_000;

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
    const fault = faultOf(reading, variable, sources.now);
    if (fault === undefined && reading !== undefined && reading.value !== null) {
      values.set(name, measured(name, unit, reading.value, reading));
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
    const rule = { valid: undefined, maxAgeMs: variable.bias?.maxAgeMs };
    const fault = faultOf(reading, rule, sources.now);
    if (fault === undefined && reading !== undefined && reading.value !== null) {
      measurements.set(
        variable.name,
        measured(variable.measuredBy, variable.unit, reading.value, reading),
      );
    }
  }
  return { time: sources.now, values, measurements, holds, lastGood };
}

/** What is wrong with a reading under a rule, in words; undefined where it is usable. */
function faultOf(
  reading: Reading | undefined,
  rule: Pick<LiveValueRule, "valid" | "maxAgeMs">,
  now: Date,
): string | undefined {
  if (reading === undefined) return "no value was ever stored";
  if (reading.value === null || !Number.isFinite(reading.value)) return "the value is not a number";
  if (reading.quality === "bad") return "the source marks the value as bad";
  const ageMs = now.getTime() - reading.time.getTime();
  if (ageMs < -MAX_CLOCK_SKEW_MS) {
    return `the source time ${reading.time.toISOString()} lies in the future`;
  }
  if (rule.maxAgeMs !== undefined && ageMs > rule.maxAgeMs) {
    return `the value is ${seconds(ageMs)} old, ${seconds(rule.maxAgeMs)} are allowed`;
  }
  if (rule.valid !== undefined) {
    const [low, high] = rule.valid;
    if (reading.value < low || reading.value > high) {
      return `the value ${reading.value} is outside its valid range ${low} to ${high}`;
    }
  }
  return undefined;
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

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`;
}
