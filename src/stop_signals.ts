/** SIGINT and SIGTERM, which ask a program to end. */

/**
 * A terminal signals its whole process group, and `deno task` passes on what it gets as well: one
 * Ctrl-C, or one `kill %1`, arrives twice. A person who has waited in vain asks later than this.
 */
const SAME_ASKING_MS = 1_000;

/** The first signal asks to `stop` in order; one that comes later on, while that lasts, to `end` at once. */
export function onStopSignals({ stop, end }: {
  readonly stop: () => void;
  readonly end: () => void;
}): void {
  let askedMs: number | undefined;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => {
      if (askedMs === undefined) {
        askedMs = performance.now();
        stop();
      } else if (performance.now() - askedMs > SAME_ASKING_MS) end();
    });
  }
}
