/**
 * When cycles start: at each slot, one at the start when one is due, never two at once. Due is what
 * either clock says: the wall clock, which people read, or the monotonic one, which nobody can set.
 */

import type { Slots } from "./schedule.ts";

export interface Schedule {
  /** The next planned start, as the wall clock reads now; null once stopped, or where none comes. */
  next(): Date | null;
  /** Slots that came while the cycle before them was still running. */
  overruns(): number;
  /** Slots that passed while this process or its clock was elsewhere. */
  skipped(): number;
  /** A cycle now, unless one is running. */
  trigger(): void;
  stop(): void;
}

/** The clocks that a schedule goes by; tests give their own. */
export interface Clocks {
  /** Milliseconds since 1970, as somebody has set it. */
  wallMs(): number;
  /** Milliseconds that only go forward. */
  monotonicMs(): number;
  /** Calls back after at least `ms` on the monotonic clock; returns what calls that off. */
  after(ms: number, call: () => void): () => void;
}

export interface ScheduleOptions {
  readonly slots: Slots;
  /** `wall`: slots are instants. `monotonic`: they are distances, and the wall clock does not count. */
  readonly clock: "wall" | "monotonic";
  /** False: the first cycle comes at the first slot, whatever was missed. */
  readonly runAtStart: boolean;
  /** When the last cycle before this start ran; undefined where none is known. */
  readonly lastRun?: Date | undefined;
  /** Gets whatever a cycle throws; the schedule goes on. */
  readonly failed: (error: unknown) => void;
  readonly clocks?: Clocks;
}

/** How often the clocks are compared, at least. */
const LOOK_MS = 1_000;
/** A clock that is set back by no more than this was corrected, not moved to another time. */
const CORRECTION_MS = 60_000;
/** More slots than this are not counted one by one. */
const MAX_SKIPPED = 500;

interface Due {
  readonly wallMs: number;
  readonly monotonicMs: number;
}

export function startSchedule(
  cycle: (trigger: "start" | "schedule") => Promise<unknown>,
  options: ScheduleOptions,
): Schedule {
  const { slots, clock, failed, clocks = systemClocks } = options;
  let overruns = 0;
  let skipped = 0;
  let isRunning = false;
  let isStopped = false;
  let callOff = () => {};

  const run = (trigger: "start" | "schedule") => {
    if (isRunning) {
      overruns++;
      return;
    }
    isRunning = true;
    // The promise is made here, so that a cycle that throws at once is caught too.
    Promise.resolve().then(() => cycle(trigger)).catch(failed).finally(() => isRunning = false);
  };
  const dueAfter = (fromMs: number): Due | undefined => {
    const slot = slots.after(new Date(fromMs));
    if (slot === undefined) return undefined;
    const wallMs = slot.getTime();
    return { wallMs, monotonicMs: clocks.monotonicMs() + wallMs - clocks.wallMs() };
  };

  let due = firstDue(options, { clocks, dueAfter });
  const look = () => {
    if (isStopped || due === undefined) return;
    const wallMs = clocks.wallMs();
    const lateMs = clocks.monotonicMs() - due.monotonicMs;
    if (lateMs >= 0 || (clock === "wall" && wallMs >= due.wallMs)) {
      const slot = due;
      run("schedule");
      due = clock === "monotonic" ? after(slot, lateMs) : dueAfter(from(slot, wallMs));
    }
    arm();
  };
  /** The next distance from the last one, so that late starts do not add up. */
  const after = ({ wallMs, monotonicMs }: Due, lateMs: number): Due => {
    const periodMs = slots.periodMs(new Date(wallMs));
    const missed = Math.floor(lateMs / periodMs);
    skipped += missed;
    const ms = periodMs * (missed + 1);
    return { wallMs: wallMs + ms, monotonicMs: monotonicMs + ms };
  };
  /** Where the search for the next instant begins. */
  const from = (slot: Due, wallMs: number): number => {
    const backMs = slot.wallMs - wallMs;
    // A little behind: this slot has had its cycle, and must not have a second one.
    if (backMs > 0) return backMs <= CORRECTION_MS ? slot.wallMs : wallMs;
    for (let passed = slot.wallMs, i = 0; i < MAX_SKIPPED; i++) {
      const next = slots.after(new Date(passed))?.getTime();
      if (next === undefined || next > wallMs) break;
      skipped++;
      passed = next;
    }
    return wallMs;
  };
  const arm = () => {
    if (isStopped || due === undefined) return;
    const byMonotonic = due.monotonicMs - clocks.monotonicMs();
    const byWall = clock === "wall" ? due.wallMs - clocks.wallMs() : Infinity;
    callOff = clocks.after(Math.max(0, Math.min(byMonotonic, byWall, LOOK_MS)), look);
  };
  if (isDueAtStart(options, clocks)) run("start");
  arm();

  return {
    next: () =>
      isStopped || due === undefined ? null : new Date(
        clock === "wall"
          ? due.wallMs
          : Math.round(clocks.wallMs() + due.monotonicMs - clocks.monotonicMs()),
      ),
    overruns: () => overruns,
    skipped: () => skipped,
    trigger: () => {
      if (!isStopped && !isRunning) run("start");
    },
    stop: () => {
      isStopped = true;
      callOff();
    },
  };
}

/** A cycle is due when none is known, its slot has passed, or the last one lies in the future. */
function isDueAtStart({ slots, runAtStart, lastRun }: ScheduleOptions, clocks: Clocks): boolean {
  if (!runAtStart) return false;
  if (lastRun === undefined) return true;
  const slot = slots.after(lastRun);
  const nowMs = clocks.wallMs();
  return lastRun.getTime() > nowMs || (slot !== undefined && slot.getTime() <= nowMs);
}

/** A restart keeps the rhythm of before; where a cycle runs at the start, that begins a new one. */
function firstDue(
  options: ScheduleOptions,
  { clocks, dueAfter }: {
    readonly clocks: Clocks;
    readonly dueAfter: (fromMs: number) => Due | undefined;
  },
): Due | undefined {
  const { runAtStart, lastRun } = options;
  const goesOn = runAtStart && lastRun !== undefined && !isDueAtStart(options, clocks);
  return dueAfter(goesOn ? lastRun.getTime() : clocks.wallMs());
}

const systemClocks: Clocks = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after: (ms, call) => {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
};
