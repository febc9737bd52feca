/**
 * One reading under its variable's rule: bad, stale, in the future, out of range, frozen, or further
 * from the last good value than the plant can go.
 */

import type { LiveValueRule } from "../strategy/strategy.ts";

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

/** The last reading of a variable that was a number in its valid range, whether used or not. */
export interface Seen {
  readonly value: number;
  readonly time: Date;
  /** The first reading with exactly this value. */
  readonly since: Date;
  /** True: too far from the last good value, and not yet confirmed by another reading. */
  readonly suspect: boolean;
}

export type ReadingRule = Pick<LiveValueRule, "valid" | "maxAgeMs" | "frozenMs" | "maxChange">;

export interface Judgement {
  /** Why the reading cannot be used, in words; undefined where it can. */
  readonly fault: string | undefined;
  /** What is odd about a usable one; null where nothing is. */
  readonly note: string | null;
  readonly seen: Seen | undefined;
}

/** How far in the future a source time may lie before its clock or zone is taken to be wrong. */
export const MAX_CLOCK_SKEW_MS = 60_000;

/** Judges a reading; `before` and `lastGood` are what the cycles before have left. */
export function judgeReading(
  reading: Reading | undefined,
  rule: ReadingRule,
  { now, before, lastGood }: {
    readonly now: Date;
    readonly before: Seen | undefined;
    readonly lastGood: LastGood | undefined;
  },
): Judgement {
  const fault = faultOf(reading, rule, now);
  if (reading === undefined || reading.value === null || fault !== undefined) {
    return { fault: fault ?? "no value was ever stored", note: null, seen: before };
  }
  const { value, time } = reading;
  const seen = seenAfter({ value, time }, { before, lastGood, maxChange: rule.maxChange });
  const aheadMs = time.getTime() - now.getTime();
  const note = aheadMs > 0 ? `the source clock is ${seconds(aheadMs)} ahead` : null;
  return { fault: frozen(seen, rule) ?? jumped(seen, { lastGood, rule }), note, seen };
}

/** What a reading says by itself. */
function faultOf(
  reading: Reading | undefined,
  { valid, maxAgeMs }: ReadingRule,
  now: Date,
): string | undefined {
  if (reading === undefined) return "no value was ever stored";
  if (reading.value === null || !Number.isFinite(reading.value)) return "the value is not a number";
  if (reading.quality === "bad") return "the source marks the value as bad";
  const ageMs = now.getTime() - reading.time.getTime();
  if (ageMs < -MAX_CLOCK_SKEW_MS) {
    return `the source time ${reading.time.toISOString()} lies in the future`;
  }
  if (maxAgeMs !== undefined && ageMs > maxAgeMs) {
    return `the value is ${seconds(ageMs)} old, ${seconds(maxAgeMs)} are allowed`;
  }
  if (valid !== undefined && !(reading.value >= valid[0] && reading.value <= valid[1])) {
    return `the value ${reading.value} is outside its valid range ${valid[0]} to ${valid[1]}`;
  }
  return undefined;
}

/**
 * A single reading that jumps is a spike; when the next one agrees with it, the plant has moved.
 * Without the second rule one real step would make a sensor bad for good.
 */
function seenAfter(
  reading: LastGood,
  { before, lastGood, maxChange }: {
    readonly before: Seen | undefined;
    readonly lastGood: LastGood | undefined;
    readonly maxChange: number | undefined;
  },
): Seen {
  const isSame = before?.value === reading.value;
  if (before !== undefined && isSame && reading.time <= before.time) return before;
  const isFar = (from: { readonly value: number } | undefined) =>
    maxChange !== undefined && from !== undefined &&
    Math.abs(reading.value - from.value) > maxChange;
  return {
    ...reading,
    since: isSame ? before.since : reading.time,
    suspect: isFar(lastGood) && (before === undefined || isFar(before)),
  };
}

function frozen({ value, time, since }: Seen, { frozenMs }: ReadingRule): string | undefined {
  const forMs = time.getTime() - since.getTime();
  if (frozenMs === undefined || forMs < frozenMs) return undefined;
  return `the value has been exactly ${value} for ${seconds(forMs)}: the sensor looks frozen`;
}

function jumped(
  { value, suspect }: Seen,
  { lastGood, rule }: { readonly lastGood: LastGood | undefined; readonly rule: ReadingRule },
): string | undefined {
  if (!suspect || lastGood === undefined) return undefined;
  return `the value jumped from ${lastGood.value} to ${value}, further than ${rule.maxChange}, ` +
    "and no second reading confirms it yet";
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`;
}
