/** When cycles start: every `intervalSeconds`, one at the start, never two at once. */

import { Cron } from "croner";

export interface Schedule {
  /** The next planned start; null once stopped. */
  next(): Date | null;
  /** Slots that were skipped since the cycle before them was still running. */
  overruns(): number;
  stop(): void;
}

/**
 * Starts `cycle` at each slot. `failed` gets whatever `cycle` throws, and the schedule goes on:
 * Croner by itself would either end the process or drop the error.
 */
export function startSchedule(
  cycle: (trigger: "start" | "schedule") => Promise<unknown>,
  { intervalSeconds, runAtStart, failed }: {
    readonly intervalSeconds: number;
    readonly runAtStart: boolean;
    readonly failed: (error: unknown) => void;
  },
): Schedule {
  let overruns = 0;
  const job = new Cron("* * * * * *", {
    interval: intervalSeconds,
    // With an interval, Croner leaves out a run exactly at startAt and takes the second after it.
    startAt: new Date(Date.now() + intervalSeconds * 1000 - 1000),
    protect: () => overruns++,
    catch: failed,
  }, async () => {
    await cycle("schedule");
  });
  if (runAtStart) cycle("start").catch(failed);
  return {
    next: () => job.nextRun(),
    overruns: () => overruns,
    stop: () => job.stop(),
  };
}
