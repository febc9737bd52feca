/**
 * Log records that are written at the end of the event loop's turn, all together: whoever logs in
 * the middle of his work waits neither for the text nor for the disk. A warning or worse is written
 * at once, with all that came before it, and so is everything when the process ends by itself.
 */

import type { LogRecord } from "@logtape/logtape";

const LEVELS_AT_ONCE: ReadonlySet<string> = new Set(["warning", "error", "fatal"]);
/** A turn that logs more than this writes in between. */
const MOST_WAITING = 1_000;

export class LateLines {
  readonly #write: (records: readonly LogRecord[]) => void;
  #waiting: LogRecord[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `write` never throws. */
  constructor(write: (records: readonly LogRecord[]) => void) {
    this.#write = write;
  }

  add(record: LogRecord): void {
    this.#waiting.push(record);
    if (LEVELS_AT_ONCE.has(record.level) || this.#waiting.length >= MOST_WAITING) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), 0);
  }

  /** Writes what waits, in order. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const records = this.#waiting;
    this.#waiting = [];
    if (records.length > 0) this.#write(records);
  }

  /** From now on the end of the process writes what waits, an error that nobody caught included. */
  flushAtEnd(): void {
    for (const event of ["unload", "error", "unhandledrejection"]) {
      globalThis.addEventListener(event, () => this.flush());
    }
  }
}
