/** The health of each part that the box depends on, from what the parts say of themselves. */

import type { LedgerCounts } from "../cycle/ledger.ts";
import type { FeedState } from "../feed/feed.ts";
import type { HealthCheck } from "./health.ts";

/** A dependency that is there, or why it is not. */
export function dependencyCheck(place: string, fault: string | undefined): HealthCheck {
  return fault === undefined
    ? { status: "pass", observedValue: place }
    : { status: "warn", observedValue: place, output: fault };
}

export function outboxCheck(
  { pending, setAside, dropped, oldestPending }: LedgerCounts,
  { failures, fault }: { readonly failures: number; readonly fault: string | undefined },
): HealthCheck {
  const output = failures > 0
    ? `${pending} records wait since ${oldestPending}; the last ${failures} tries failed: ${fault}`
    : dropped > 0
    ? `${dropped} records were dropped before the database took them: see state.outbox_days and ` +
      "state.megabytes"
    : setAside > 0
    ? `the database refused ${setAside} records for good; they are kept in the state folder`
    : undefined;
  return {
    status: output === undefined ? "pass" : "warn",
    observedValue: pending,
    observedUnit: "records waiting",
    ...(output === undefined ? {} : { output }),
  };
}

/** Whether what the box accepts is durable. */
export function stateFolderCheck(
  { notDurable }: LedgerCounts,
  { fault }: { readonly fault: string | undefined },
): HealthCheck {
  return {
    status: fault === undefined ? "pass" : "warn",
    observedValue: notDurable,
    observedUnit: "records in memory alone",
    ...(fault === undefined ? {} : {
      output: `the state folder takes no writes (${fault}): make room on its disk, see its rights`,
    }),
  };
}

export function scheduleCheck(schedule: {
  overruns(): number;
  skipped(): number;
}): HealthCheck {
  return {
    status: "pass",
    observedValue: `${schedule.overruns()} overruns, ${schedule.skipped()} skipped slots`,
  };
}

export function feedCheck({ kind, fault, written }: FeedState): HealthCheck {
  return {
    status: fault === undefined ? "pass" : "warn",
    observedValue: written,
    observedUnit: `values written by the ${kind}`,
    ...(fault === undefined ? {} : { output: fault }),
  };
}
