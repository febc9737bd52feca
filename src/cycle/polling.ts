/** Asks again and again, so that many boxes do not ask at once, and less often what does not answer. */

export interface Polling {
  /** Ends after the question under way. */
  stop(): Promise<void>;
}

export interface PollingOptions {
  readonly periodMs: number;
  /** Between questions that failed; twice as long after each, up to this. */
  readonly longestMs?: number;
  readonly failed: (error: unknown) => void;
  /** Uniform in [0, 1). */
  readonly random?: () => number;
}

const LONGEST_MS = 300_000;
/** Each wait is shortened or lengthened by up to this share. */
const JITTER = 0.2;

/** The wait before the next question after `failures` failed ones, in milliseconds. */
export function pollingWaitMs(
  failures: number,
  { periodMs, longestMs = LONGEST_MS, random = Math.random }: Omit<PollingOptions, "failed">,
): number {
  const full = Math.min(periodMs * 2 ** Math.min(failures, 30), Math.max(longestMs, periodMs));
  return full * (1 - JITTER + 2 * JITTER * random());
}

/** `ask` gives false, or throws, where it had no answer. The first question comes after one wait. */
export function startPolling(ask: () => Promise<boolean>, options: PollingOptions): Polling {
  let failures = 0;
  let stopped = false;
  let asking: Promise<void> = Promise.resolve();
  let timer: ReturnType<typeof setTimeout>;
  const wait = () => {
    timer = setTimeout(() => asking = askOnce(), pollingWaitMs(failures, options));
  };
  const askOnce = async () => {
    try {
      failures = await ask() ? 0 : failures + 1;
    } catch (error) {
      failures++;
      options.failed(error);
    }
    if (!stopped) wait();
  };
  wait();
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await asking;
    },
  };
}
