/** The health of what every part stands on: the disk, the clock, the audit log. */

import { statfsSync } from "node:fs";
import type { HealthCheck } from "./health.ts";

/** With less than this a database's write-ahead log may not fit. */
const LEAST_FREE_BYTES = 500_000_000;
/** As the snapshot judges source times. */
const MAX_AHEAD_MS = 60_000;

/** Room on the disk that holds the state folder. */
export function diskCheck(folder: string): HealthCheck {
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  return {
    status: free < LEAST_FREE_BYTES ? "warn" : "pass",
    observedValue: free,
    observedUnit: "bytes free",
    ...(free < LEAST_FREE_BYTES
      ? { output: `the disk of the state folder has ${Math.round(free / 1e6)} MB left` }
      : {}),
  };
}

/**
 * The wall clock against the newest record of this box, which cannot lie in the future; the value is
 * by how much the clock was set since the start.
 */
export function clockCheck(
  { now, newest, started, elapsedMs }: {
    readonly now: Date;
    /** Time of the newest record. */
    readonly newest: Date | undefined;
    readonly started: Date;
    /** Since the start, by a clock that nobody sets. */
    readonly elapsedMs: number;
  },
): HealthCheck {
  const aheadMs = newest === undefined ? 0 : newest.getTime() - now.getTime();
  const setMs = now.getTime() - started.getTime() - elapsedMs;
  return {
    status: aheadMs > MAX_AHEAD_MS ? "warn" : "pass",
    observedValue: Math.round(setMs / 1000),
    observedUnit: "s by which the clock was set since the start",
    ...(aheadMs > MAX_AHEAD_MS
      ? { output: `the clock is ${Math.round(aheadMs / 1000)} s behind the newest cycle's time` }
      : {}),
  };
}
