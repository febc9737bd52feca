/** The health of the bundle in force: kept on disk, not expired, and whether the store still decides. */

import type { ActivePlan } from "../cycle/active_plan.ts";
import type { HealthCheck } from "./health.ts";

export function bundleCheck(
  { diskFault, expires, pinned, waiting }: Pick<
    ActivePlan,
    "diskFault" | "expires" | "pinned" | "waiting"
  >,
  now: Date,
): HealthCheck {
  const observedValue = pinned
    ? "pinned"
    : waiting === undefined
    ? "follows the store"
    : `version ${waiting} waits until the one in force has been there for bundles.dwell_seconds`;
  const faults = [
    ...(diskFault === undefined ? [] : [
      `the version in force is not on disk and would be gone after a restart: ${diskFault}`,
    ]),
    // A plant is never stopped because nobody published.
    ...(expires === undefined || expires > now
      ? []
      : [`the version in force expired at ${expires.toISOString()}: publish a newer one`]),
  ];
  return faults.length === 0
    ? { status: "pass", observedValue }
    : { status: "warn", observedValue, output: faults.join("; ") };
}
