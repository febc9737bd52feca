/** One log line per cycle: what it came to, and why where it came to nothing. */

import type { Log } from "../log.ts";
import type { CycleRecord, CycleStatus } from "./recommendation.ts";

const LEVELS: Readonly<Record<CycleStatus, "info" | "warn" | "error">> = {
  optimised: "info",
  unchanged: "info",
  relaxed: "warn",
  held: "warn",
  failed: "error",
};

export function logCycle(log: Log, { record, error }: {
  readonly record: CycleRecord;
  /** What broke the cycle, where it failed. */
  readonly error: unknown;
}): void {
  const { recommendation, times } = record;
  const { status, objective, reason, solver } = recommendation;
  log[LEVELS[status]]("Cycle {cycle_id} is {status}", {
    cycle_id: recommendation.cycle_id,
    status,
    trigger: recommendation.trigger,
    version: recommendation.version,
    reason,
    objective_now: objective?.now,
    objective_expected: objective?.expected,
    objective_unit: objective?.unit,
    moves: recommendation.settings.filter(({ change }) => change !== 0).length,
    iterations: solver?.iterations,
    total_ms: times.total_ms,
    ...(error === undefined ? {} : { error }),
  });
}
