/** SIGINT and SIGTERM, which ask a program to end. */

/**
 * A terminal signals its whole process group, and `deno task` passes on what it gets as well: one
 * Ctrl-C, or one `kill %1`, arrives twice. A person who has waited in vain asks later than this. It
 * passes in parts, for while a program works on without a pause the second has to wait too, and would
 * seem to be late.
 */
const SAME_ASKING = { parts: 10, partMs: 100 } as const;

/** The first signal asks to `stop` in order; one that comes later on, while that lasts, to `end` at once. */
export function onStopSignals({ stop, end }: {
  readonly stop: () => void;
  readonly end: () => void;
}): void {
  let isAsked = false;
  let parts: number = SAME_ASKING.parts;
  const pass = () => {
    if (parts-- > 0) Deno.unrefTimer(setTimeout(pass, SAME_ASKING.partMs));
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => {
      if (isAsked) {
        if (parts < 0) end();
        return;
      }
      isAsked = true;
      pass();
      stop();
    });
  }
}
