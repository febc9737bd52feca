/** How a new version does in its first cycles. */

import type { CycleRecord } from "./recommendation.ts";

/** What one cycle says about the version that ran it. */
export type CycleJudgement = "good" | "bad" | "says nothing";

/**
 * Bad is what only the version can be blamed for: the cycle broke, or it had all its values and came
 * to no trusted answer. A snapshot that held the cycle says nothing about the version, nor does a
 * held request, which may have asked for the impossible.
 */
export function judgeCycle({ recommendation }: CycleRecord): CycleJudgement {
  const { trigger, status, solver } = recommendation;
  if (status === "failed") return "bad";
  if (status !== "held") return "good";
  return solver === null || trigger === "request" ? "says nothing" : "bad";
}

/** Counts; begins anew with each version. */
export class Probation {
  /** Bad cycles in a row after which a version is taken back. */
  static readonly MOST_BAD = 3;
  /** Good cycles after which a version is trusted for good. */
  static readonly GOOD_ENOUGH = 3;
  #good = 0;
  #badInARow = 0;
  #isOver = false;

  begin(): void {
    this.#good = 0;
    this.#badInARow = 0;
    this.#isOver = false;
  }

  /** What follows from the cycles so far; `failed` and `passed` are said once. */
  note(judgement: CycleJudgement): "failed" | "passed" | "going well" | "open" {
    if (judgement === "says nothing" || this.#isOver) return "open";
    if (judgement === "bad") {
      this.#badInARow++;
      this.#isOver = this.#badInARow === Probation.MOST_BAD;
      return this.#isOver ? "failed" : "open";
    }
    this.#badInARow = 0;
    this.#good++;
    this.#isOver = this.#good === Probation.GOOD_ENOUGH;
    return this.#isOver ? "passed" : "going well";
  }
}
