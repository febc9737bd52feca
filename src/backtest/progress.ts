/** How far a long run is: a bar with rate and time left on a terminal, a line now and then elsewhere. */

export interface ProgressTerminal {
  /** A line of its own. */
  readonly say: (line: string) => void;
  /** Text that the next one overwrites; undefined where the output is no terminal. */
  readonly overwrite: ((text: string) => void) | undefined;
  /** In milliseconds; never steps back. */
  readonly nowMs: () => number;
}

const BAR_WIDTH = 30;
/** Between two texts on a terminal, and between two lines elsewhere. */
const EVERY_MS = { terminal: 200, lines: 10_000 } as const;
/** The rate is that of the last so many milliseconds. */
const WINDOW_MS = 20_000;

export class Progress {
  readonly #terminal: ProgressTerminal;
  readonly #total: number;
  readonly #began: number;
  readonly #first: number;
  /** Counts at recent times, the oldest first. */
  #recent: { ms: number; done: number }[];
  #done: number;
  #saidMs: number;

  /** `done` of `total` were there before. */
  constructor(
    terminal: ProgressTerminal,
    { total, done }: { readonly total: number; readonly done: number },
  ) {
    this.#terminal = terminal;
    this.#total = total;
    this.#done = this.#first = done;
    this.#began = this.#saidMs = terminal.nowMs();
    this.#recent = [{ ms: this.#began, done }];
  }

  /** One more is done. */
  step(): void {
    this.#done++;
    const now = this.#terminal.nowMs();
    const isLast = this.#done === this.#total;
    const every = EVERY_MS[this.#terminal.overwrite === undefined ? "lines" : "terminal"];
    if (!isLast && now - this.#saidMs < every) return;
    this.#saidMs = now;
    this.#recent = this.#recent.filter(({ ms }) => now - ms < WINDOW_MS);
    this.#recent.push({ ms: now, done: this.#done });
    this.#show(now);
  }

  /** In this run. */
  get count(): number {
    return this.#done - this.#first;
  }

  get seconds(): number {
    return (this.#terminal.nowMs() - this.#began) / 1000;
  }

  /** Leaves the bar on its line. */
  end(): void {
    if (this.#terminal.overwrite !== undefined && this.count > 0) this.#terminal.say("");
  }

  #show(now: number): void {
    const { ms, done } = this.#recent.length > 1
      ? this.#recent[0]!
      : { ms: this.#began, done: this.#first };
    const rate = (this.#done - done) / Math.max(1e-3, (now - ms) / 1000);
    const left = durationText((this.#total - this.#done) / Math.max(rate, 1e-9));
    const share = this.#done / this.#total;
    const text = `${(100 * share).toFixed(1).padStart(5)} %  ${this.#done} of ${this.#total}  ` +
      `${rate.toFixed(1)} cycles/s  ` +
      (this.#done === this.#total ? `done in ${durationText(this.seconds)}` : `${left} left`);
    if (this.#terminal.overwrite === undefined) return this.#terminal.say(text);
    const filled = Math.round(BAR_WIDTH * share);
    const bar = `[${"#".repeat(filled)}${"-".repeat(BAR_WIDTH - filled)}]`;
    this.#terminal.overwrite(`${bar} ${text}`);
  }
}

/** `45 s`, `3 min 20 s`, `2 h 05 min`. */
export function durationText(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const two = (value: number) => String(value).padStart(2, "0");
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${two(Math.floor(whole % 3600 / 60))} min`;
}
