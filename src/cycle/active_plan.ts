/** The plan in force. A new bundle takes its place whole or not at all. */

import type { Plan } from "./plan.ts";

/** A fetched bundle: enough to know whether it is another one than before. */
export interface Candidate {
  readonly version: string;
  readonly digest: string;
}

/** What became of the newest bundle that was tried. */
export interface Activation extends Candidate {
  readonly time: Date;
  /** Why it was refused; null where it is in force. */
  readonly refusal: string | null;
}

export interface ActivePlanParts<Bundle extends Candidate> {
  /** The newest bundle; throws where the store is away or holds no whole one. */
  readonly fetch: () => Promise<Bundle>;
  /** Makes a bundle ready to run; throws where it cannot run. */
  readonly prepare: (bundle: Bundle) => Promise<Plan>;
  /** Runs the change when no cycle is under way. */
  readonly between: (change: () => Promise<void>) => Promise<void>;
  /** A bundle was put in force, or refused. */
  readonly activated: (activation: Activation, bundle: Bundle) => void;
  readonly now: () => Date;
}

export class ActivePlan<Bundle extends Candidate> {
  readonly #parts: ActivePlanParts<Bundle>;
  #plan: Plan | undefined;
  #last: Activation | undefined;
  #fetchFault: string | undefined;

  constructor(parts: ActivePlanParts<Bundle>) {
    this.#parts = parts;
  }

  get plan(): Plan | undefined {
    return this.#plan;
  }

  get last(): Activation | undefined {
    return this.#last;
  }

  /** Why the last fetch failed; undefined when it worked. */
  get fetchFault(): string | undefined {
    return this.#fetchFault;
  }

  /**
   * Fetches the newest bundle and puts it in force between two cycles. Whatever is wrong with it,
   * the plan before it stays; a refused bundle is not tried again until its contents change.
   */
  async refresh(): Promise<void> {
    let bundle: Bundle;
    try {
      bundle = await this.#parts.fetch();
      this.#fetchFault = undefined;
    } catch (error) {
      this.#fetchFault = error instanceof Error ? error.message : String(error);
      return;
    }
    const { version, digest } = bundle;
    if (this.#last?.digest === digest && this.#last.version === version) return;
    this.#last = await this.#activate(bundle);
    this.#parts.activated(this.#last, bundle);
  }

  async #activate(bundle: Bundle): Promise<Activation> {
    const { version, digest } = bundle;
    const activation = { version, digest, time: this.#parts.now() };
    try {
      const plan = await this.#parts.prepare(bundle);
      await this.#parts.between(async () => {
        const before = this.#plan;
        this.#plan = plan;
        await before?.release();
      });
      return { ...activation, refusal: null };
    } catch (error) {
      return { ...activation, refusal: error instanceof Error ? error.message : String(error) };
    }
  }

  /** Lets go of the plan in force. */
  async close(): Promise<void> {
    await this.#plan?.release();
    this.#plan = undefined;
  }
}
