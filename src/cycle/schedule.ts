/** When the slots of a schedule lie: at a fixed interval, or where a cron expression says in a zone. */

import { Cron } from "croner";

export type Timing =
  | { readonly kind: "interval"; readonly intervalMs: number }
  /** Five fields, or six with seconds first; `zone` is an IANA name such as Europe/Berlin. */
  | { readonly kind: "cron"; readonly expression: string; readonly zone: string };

/** The slots of a schedule. */
export interface Slots {
  /** The first slot after an instant; undefined where none ever comes. */
  after(time: Date): Date | undefined;
  /** The distance of the next two slots after an instant, in milliseconds. */
  periodMs(time: Date): number;
}

/** The schedule's expression or zone cannot be used; the message says what was expected. */
export class TimingError extends Error {
  override readonly name = "TimingError";
}

/** Throws TimingError where the expression or the zone is not understood, or no slot ever comes. */
export function slotsOf(timing: Timing, now: Date): Slots {
  if (timing.kind === "interval") {
    const { intervalMs } = timing;
    return {
      after: (time) => new Date(time.getTime() + intervalMs),
      periodMs: () => intervalMs,
    };
  }
  const { expression, zone } = timing;
  const wanted = `optimization.cron is "${expression}" in zone "${zone}"; expected such as ` +
    '"*/5 * * * *" (minute, hour, day, month, weekday) in "UTC" or "Europe/Berlin"';
  let after: Slots["after"];
  try {
    const cron = new Cron(expression, { timezone: zone, paused: true });
    after = (time) => cron.nextRun(time) ?? undefined;
    // A wrong zone shows at the first question, not before.
    if (after(now) === undefined) throw new RangeError("no such time ever comes");
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new TimingError(`${wanted}: ${why}`, { cause });
  }
  return {
    after,
    periodMs: (time) => {
      const first = after(time);
      const second = first && after(first);
      return second === undefined || first === undefined ? 0 : second.getTime() - first.getTime();
    },
  };
}
