/**
 * How long a version stays at least before the store replaces it: a publisher whose pointer flaps
 * must not have the box change its strategy at every poll. What a person asks for goes at once.
 */

import type { ActivationCause } from "./activation.ts";

export class Dwell {
  readonly #ms: number;
  readonly #elapsedMs: () => number;
  #overAtMs = -Infinity;

  /** `elapsedMs` is a clock that nobody sets. */
  constructor(
    { ms, elapsedMs = () => performance.now() }: {
      readonly ms: number;
      readonly elapsedMs?: (() => number) | undefined;
    },
  ) {
    this.#ms = ms;
    this.#elapsedMs = elapsedMs;
  }

  /** A version has taken over: one from the store stays for a while, any other until the store has news. */
  begin(cause: ActivationCause): void {
    this.#overAtMs = cause === "store" ? this.#elapsedMs() + this.#ms : -Infinity;
  }

  get isOver(): boolean {
    return this.#elapsedMs() >= this.#overAtMs;
  }
}
