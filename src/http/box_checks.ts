/** The health of what every part stands on: the disk, the clock, the certificate. */

import { X509Certificate } from "node:crypto";
import { readFileSync, statfsSync } from "node:fs";
import type { HealthCheck } from "./health.ts";

/** With less than this a database's write-ahead log may not fit. */
const LEAST_FREE_BYTES = 500_000_000;
/** Time to have a certificate renewed by people. */
const RENEWAL_DAYS = 30;
const DAY_MS = 86_400_000;
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

/** Whether the interface's certificate stays valid for long enough to have it renewed. */
export function certificateCheck(certFile: string, now: Date): HealthCheck {
  let validTo: Date;
  try {
    validTo = new Date(new X509Certificate(readFileSync(certFile, "utf8")).validTo);
  } catch {
    return {
      status: "warn",
      output: "the certificate's file cannot be read: see api.tls.cert_file",
    };
  }
  const days = (validTo.getTime() - now.getTime()) / DAY_MS;
  const value = {
    observedValue: Math.floor(days),
    observedUnit: "days that the certificate is valid",
  };
  if (days >= RENEWAL_DAYS) return { status: "pass", ...value };
  const when = `${days < 0 ? "has expired" : "expires"} at ${validTo.toISOString()}`;
  return {
    status: "warn",
    ...value,
    output: `the certificate ${when}: renew it; no restart is needed`,
  };
}
