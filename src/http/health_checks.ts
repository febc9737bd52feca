/** The health of each part that the box depends on, from what the parts say of themselves. */

import type { FeedState } from "../feed/feed.ts";
import type { OutboxCounts } from "../storage/journal.ts";
import type { HealthCheck } from "./health.ts";

/** A dependency that is there, or why it is not. */
export function dependencyCheck(place: string, fault: string | undefined): HealthCheck {
  return fault === undefined
    ? { status: "pass", observedValue: place }
    : { status: "warn", observedValue: place, output: fault };
}

export function outboxCheck(
  { pending, setAside, oldestPending }: OutboxCounts,
  { failures }: { readonly failures: number },
): HealthCheck {
  const output = failures > 0
    ? `${pending} records wait since ${oldestPending}; the last ${failures} tries failed`
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

export function feedCheck({ kind, fault, written }: FeedState): HealthCheck {
  return {
    status: fault === undefined ? "pass" : "warn",
    observedValue: written,
    observedUnit: `values written by the ${kind}`,
    ...(fault === undefined ? {} : { output: fault }),
  };
}
