/**
 * The plan in force. A new bundle takes its place whole or not at all: it is fetched and verified,
 * tried in a child process, made ready, kept on disk, and only then swapped in between two cycles.
 * One change at a time; whatever goes wrong, the plan before stays.
 */

import type { Bundle } from "../storage/bundle.ts";
import { generationId } from "../storage/generation.ts";
import type { Generation } from "../storage/generation.ts";
import type { GenerationChange, Generations } from "../storage/generations.ts";
import { ManifestError } from "../storage/manifest.ts";
import { withHint } from "../storage/object_store.ts";
import { Refusal } from "./activation.ts";
import type { Activation, ActivationCause, ActivePlanParts } from "./activation.ts";
import { Dwell } from "./dwell.ts";
import type { Plan } from "./plan.ts";
import { PlanError } from "./plan.ts";
import { judgeCycle, Probation } from "./probation.ts";
import type { CycleRecord } from "./recommendation.ts";

/** Names in place of a version: the generation before, and whatever the store names. */
export const PREVIOUS = "previous";
export const NEWEST = "newest";

interface InForce {
  readonly plan: Plan;
  readonly id: string;
  readonly expires: Date | undefined;
}

interface Change extends GenerationChange {
  readonly cause: ActivationCause;
}

export class ActivePlan {
  readonly #parts: ActivePlanParts;
  readonly #probation = new Probation();
  readonly #dwell: Dwell;
  /** Settles when the last change in the row has ended. */
  #row: Promise<unknown> = Promise.resolve();
  #inForce: InForce | undefined;
  #last: Activation | undefined;
  #fetchFault: string | undefined;
  #diskFault: string | undefined;
  #waiting: string | undefined;
  #closed = false;

  constructor(parts: ActivePlanParts) {
    this.#parts = parts;
    this.#dwell = new Dwell({ ms: parts.dwellMs, elapsedMs: parts.elapsedMs });
  }

  get plan(): Plan | undefined {
    return this.#inForce?.plan;
  }

  get last(): Activation | undefined {
    return this.#last;
  }

  /** Why the last fetch failed; undefined when it worked. */
  get fetchFault(): string | undefined {
    return this.#fetchFault;
  }

  /** Why the version in force is not on disk; undefined when it is. */
  get diskFault(): string | undefined {
    return this.#diskFault;
  }

  /** When the version in force should have been replaced; undefined where its manifest says nothing. */
  get expires(): Date | undefined {
    return this.#inForce?.expires;
  }

  /** The version that the store names, where the one in force has not been there for long enough. */
  get waiting(): string | undefined {
    return this.#waiting;
  }

  /** Versions that are kept on disk, and what is remembered of others. */
  get known(): Pick<Generations, "all" | "record"> {
    return this.#parts.generations;
  }

  get pinned(): boolean {
    return this.#parts.generations.record.pinned !== null;
  }

  /** Puts the newest generation on disk in force that is whole, without asking the store. */
  start(): Promise<void> {
    return this.#inRow(async () => {
      const { generations } = this.#parts;
      const { doubtful } = generations;
      for (const generation of generations.startOrder) {
        const { active, proven, starts } = generations.record;
        const isActive = generation.id === active;
        try {
          const bundle = await generations.load(generation);
          // Counted before it can do harm.
          if (isActive && !proven) await this.#note({ starts: starts + 1 });
          const plan = await this.#parts.prepare(bundle);
          this.#last = await this.#putInForce(bundle, plan, {
            cause: "start",
            proven: isActive ? proven : true,
          });
          if (doubtful !== undefined && !isActive) {
            const why = "taken back after several starts that ended before one good cycle";
            await this.#takeOut(doubtful, { cause: "start", reason: why });
          }
          return;
        } catch (error) {
          this.#parts.diskFault(error);
        }
      }
    });
  }

  /**
   * Asks the store, and puts what it names in force. A refused bundle is not tried again until it
   * changes. Returns false where the store gave no whole answer.
   */
  refresh(): Promise<boolean> {
    return this.#inRow(async () => {
      let bundle: Bundle | undefined;
      try {
        bundle = await this.#parts.source.poll();
        this.#storeAnswered(undefined);
      } catch (error) {
        this.#noteFetchFault(error);
        // The store did answer where the manifest is what is wrong.
        return error instanceof ManifestError;
      }
      if (bundle !== undefined) await this.#consider(bundle, { atOnce: false });
      else if (this.#diskFault !== undefined) this.#parts.source.forget();
      return true;
    });
  }

  /**
   * Goes to a version and stays there, whatever the store says from then on; `previous` goes back to
   * the generation before, `newest` follows the store again.
   */
  activate(version: string): Promise<Activation> {
    return this.#inRow(async () => {
      try {
        return await this.#goTo(version);
      } catch (error) {
        return this.#refused({ version, digest: "" }, {
          cause: "operator",
          reason: withHint(error),
        });
      }
    });
  }

  /** Notes how a cycle went; a new version that fails three in a row is taken back. */
  noteCycle(record: CycleRecord): void {
    const { plan } = this.#inForce ?? {};
    const { version, digest } = record.recommendation;
    if (plan === undefined || plan.version !== version || plan.digest !== digest) return;
    const { generations } = this.#parts;
    const { proven, starts } = generations.record;
    if (proven) return;
    switch (this.#probation.note(judgeCycle(record))) {
      case "failed":
        void this.#inRow(() => this.#rollBack(plan, record.recommendation.reason ?? "no answer"));
        break;
      case "passed":
        void this.#inRow(() => this.#note({ proven: true, starts: 0 }));
        break;
      case "going well":
        if (starts > 0) void this.#inRow(() => this.#note({ starts: 0 }));
    }
  }

  /** Returns when no change is under way. */
  async settled(): Promise<void> {
    await this.#row;
  }

  /** Lets the change under way end, then lets go of the plan in force. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#row;
    // Who is stopped in order did not fail.
    const { proven, starts } = this.#parts.generations.record;
    if (!proven && starts > 0) await this.#note({ starts: 0 });
    await this.#inForce?.plan.release();
    this.#inForce = undefined;
  }

  /** A bundle from the store: nothing to do, refused before, or to be put in force. */
  async #consider(bundle: Bundle, { atOnce }: { readonly atOnce: boolean }): Promise<void> {
    const { source, generations, now } = this.#parts;
    const id = generationId(bundle);
    const { version, digest } = bundle;
    const remembered = generations.record.refused.find((refused) => refused.id === id);
    // A pinned generation that the disk has lost must not leave the box without any.
    const staysPinned = this.pinned && this.plan !== undefined;
    this.#waiting = undefined;
    if (id === this.#inForce?.id) {
      if (this.#diskFault !== undefined && await this.#keep(bundle)) {
        await this.#note(generations.changeTo(bundle, {}));
      }
      if (this.#last?.refusal !== null) {
        this.#last = { version, digest, time: now(), refusal: null };
      }
    } else if (remembered !== undefined && !staysPinned) {
      const { reason, time } = remembered;
      this.#last = { version, digest, time: new Date(time), refusal: reason };
    } else if (!staysPinned && !atOnce && !this.#dwell.isOver) {
      // Not settled: the next poll looks what the store names then.
      this.#waiting = version;
      return;
    } else if (!staysPinned) {
      const activation = await this.#tryOut(bundle, { cause: "store" });
      // Only what is known to be wrong with the bundle itself will not be tried again.
      const isKnown = generations.record.refused.some((refused) => refused.id === id);
      if (activation.refusal !== null && !isKnown) return;
    }
    source.settle(bundle);
  }

  async #goTo(version: string): Promise<Activation> {
    const { source, generations, now } = this.#parts;
    if (version === NEWEST) {
      await this.#note({ pinned: null, refused: [] });
      source.forget();
      const bundle = await source.poll();
      if (bundle !== undefined) await this.#consider(bundle, { atOnce: true });
      if (this.#last !== undefined) return this.#last;
      throw new Error("The store names no version");
    }
    const wanted = version === PREVIOUS
      ? generations.find(generations.record.previous)
      : generations.ofVersion(version);
    if (version === PREVIOUS && wanted === undefined) {
      throw new Error("There is no generation before the active one");
    }
    if (wanted !== undefined && wanted.id === this.#inForce?.id) {
      await this.#note({ pinned: wanted.id });
      return { version, digest: wanted.digest, time: now(), refusal: null };
    }
    const bundle = await this.#kept(wanted) ?? await source.fetch(wanted?.version ?? version);
    // Who was chosen by a person is not taken back by the box.
    return await this.#tryOut(bundle, { cause: "operator", pin: true, proven: true });
  }

  async #kept(generation: Generation | undefined): Promise<Bundle | undefined> {
    if (generation === undefined) return undefined;
    try {
      return await this.#parts.generations.load(generation);
    } catch (error) {
      this.#parts.diskFault(error);
      return undefined;
    }
  }

  /** Every check, then the swap; the outcome says why not. */
  async #tryOut(bundle: Bundle, change: Change): Promise<Activation> {
    const { generations, rehearse, prepare } = this.#parts;
    try {
      if (!generations.hasPassed(bundle)) {
        const verdict = await rehearse(bundle);
        if (verdict.kind === "refused") throw new Refusal(verdict.reason);
      }
      const plan = await prepare(bundle);
      return this.#last = await this.#putInForce(bundle, plan, change);
    } catch (error) {
      const reason = withHint(error);
      if (error instanceof Refusal || error instanceof PlanError) {
        await this.#note(generations.refusalOf(bundle, reason));
      }
      return this.#refused(bundle, { cause: change.cause, reason });
    }
  }

  async #putInForce(bundle: Bundle, plan: Plan, change: Change): Promise<Activation> {
    const { generations, between, activated, now } = this.#parts;
    const before = this.#inForce;
    try {
      await this.#keep(bundle);
      await between(async () => {
        await this.#note(generations.changeTo(bundle, change));
        const expires = bundle.manifest?.content.expires;
        this.#inForce = {
          plan,
          id: generationId(bundle),
          expires: expires === undefined ? undefined : new Date(expires),
        };
        this.#probation.begin();
        this.#dwell.begin(change.cause);
        this.#waiting = undefined;
      });
    } catch (error) {
      await plan.release();
      throw error;
    }
    await before?.plan.release();
    const { version, digest } = bundle;
    const activation = { version, digest, time: now(), refusal: null };
    activated(activation, { cause: change.cause, bundle });
    await generations.tidy().catch((error) => this.#parts.diskFault(error));
    return activation;
  }

  /** Back to the generation before, since the one in force cannot do its work. */
  async #rollBack(failed: Plan, reason: string): Promise<void> {
    const { generations, prepare, diskFault } = this.#parts;
    const bad = generations.find(this.#inForce?.id ?? null);
    if (this.plan !== failed || bad === undefined) return;
    const why = `rolled back after ${Probation.MOST_BAD} cycles without an answer: ${reason}`;
    const { previous } = generations.record;
    const others = generations.all.filter(({ id }) => id !== bad.id && id !== previous);
    for (const target of [generations.find(previous), ...others]) {
      const bundle = await this.#kept(target);
      if (target === undefined || bundle === undefined) continue;
      try {
        const plan = await prepare(bundle);
        await this.#putInForce(bundle, plan, { cause: "rollback", proven: true });
      } catch (error) {
        diskFault(error);
        continue;
      }
      await this.#takeOut(bad, { cause: "rollback", reason: why });
      return;
    }
  }

  /** Neither a start nor a rollback nor the store brings this generation back, until it changes. */
  async #takeOut(
    bad: Generation,
    refusal: { readonly cause: ActivationCause; readonly reason: string },
  ): Promise<void> {
    const { generations, diskFault } = this.#parts;
    await this.#note(generations.refusalOf(bad, refusal.reason));
    await generations.remove(bad).catch((error) => diskFault(error));
    const next = generations.all.find(({ id }) => id !== this.#inForce?.id);
    await this.#note({ previous: next?.id ?? null });
    this.#refused(bad, refusal);
  }

  /** On disk, whole; a disk that takes nothing is reported, and the box goes on from memory. */
  async #keep(bundle: Bundle): Promise<boolean> {
    try {
      await this.#parts.generations.add(bundle);
      this.#diskFault = undefined;
    } catch (error) {
      this.#noteDiskFault(error);
    }
    return this.#diskFault === undefined;
  }

  async #note(change: Parameters<Generations["note"]>[0]): Promise<void> {
    try {
      await this.#parts.generations.note(change);
    } catch (error) {
      this.#noteDiskFault(error);
    }
  }

  #refused(
    { version, digest }: Pick<Activation, "version" | "digest">,
    { cause, reason }: { readonly cause: ActivationCause; readonly reason: string },
  ): Activation {
    const activation = { version, digest, time: this.#parts.now(), refusal: reason };
    const isNews = this.#last?.refusal !== reason || this.#last.version !== version;
    if (cause !== "operator") this.#last = activation;
    if (isNews) this.#parts.activated(activation, { cause, bundle: undefined });
    return activation;
  }

  #noteFetchFault(error: unknown): void {
    if (error instanceof ManifestError) {
      this.#storeAnswered(undefined);
      const refused = { version: error.version ?? "unknown", digest: "" };
      this.#refused(refused, { cause: "store", reason: error.message });
    } else this.#storeAnswered(withHint(error));
  }

  /** Told once, not at each poll of a night without the store. */
  #storeAnswered(fault: string | undefined): void {
    if (fault !== this.#fetchFault) this.#parts.storeFault(fault);
    this.#fetchFault = fault;
  }

  #noteDiskFault(error: unknown): void {
    this.#diskFault = withHint(error);
    this.#parts.diskFault(error);
  }

  /** Runs when every change asked for earlier has ended. */
  #inRow<Value>(change: () => Promise<Value>): Promise<Value> {
    if (this.#closed) return Promise.reject(new Error("The service is stopping"));
    const mine = this.#row.then(change);
    this.#row = mine.catch(() => undefined);
    return mine;
  }
}
