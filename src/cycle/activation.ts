/** What an activation comes to, and what it is made with. */

import type { Bundle } from "../storage/bundle.ts";
import type { BundleSource } from "../storage/bundle_source.ts";
import type { Generations } from "../storage/generations.ts";
import type { Plan } from "./plan.ts";
import type { Verdict } from "./rehearsal_message.ts";

/** What became of the newest bundle that was tried. */
export interface Activation {
  readonly version: string;
  readonly digest: string;
  readonly time: Date;
  /** Why it was refused; null where it is in force. */
  readonly refusal: string | null;
}

/** Who wanted a change. */
export type ActivationCause = "start" | "store" | "operator" | "rollback";

export interface ActivePlanParts {
  readonly source: Pick<BundleSource, "poll" | "fetch" | "settle" | "forget">;
  readonly generations: Generations;
  /** Tries a bundle where a crash costs nothing. */
  readonly rehearse: (bundle: Bundle) => Promise<Verdict>;
  /** Makes a bundle ready to run; throws where it cannot run. */
  readonly prepare: (bundle: Bundle) => Promise<Plan>;
  /** Runs the change when no cycle is under way. */
  readonly between: (change: () => Promise<void>) => Promise<void>;
  /** `bundle` was put in force, or something was refused. */
  readonly activated: (
    activation: Activation,
    details: { readonly cause: ActivationCause; readonly bundle: Bundle | undefined },
  ) => void;
  /** The store cannot be asked any more, or for another reason; undefined: it answers again. */
  readonly storeFault: (fault: string | undefined) => void;
  /** The disk cannot keep what happened, or a kept generation is damaged: the box goes on. */
  readonly diskFault: (error: unknown) => void;
  readonly now: () => Date;
  /** How long a version from the store stays at least before the store replaces it. */
  readonly dwellMs: number;
  /** A clock that nobody sets; the process's own where not given. */
  readonly elapsedMs?: () => number;
}

/** A bundle that may not be put in force, and that need not be tried again. */
export class Refusal extends Error {
  override readonly name = "Refusal";
}
