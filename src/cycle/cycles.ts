/** The cycles of this box, one at a time: scheduled ones first, a bounded number of requests behind. */

import type { Solver } from "../solve/solver.ts";
import type { Choices } from "./choices.ts";
import type { Plan } from "./plan.ts";
import { failedRecord } from "./record.ts";
import type { CycleRecord, Mode, Recommendation } from "./recommendation.ts";
import { runCycle } from "./run_cycle.ts";
import type { CycleParts, CycleState } from "./run_cycle.ts";

export interface CyclesParts extends Pick<CycleParts, "read" | "now"> {
  readonly activePlan: () => Plan | undefined;
  readonly solver: Solver;
  readonly state: CycleState;
  /** The last recommendation before this process started. */
  readonly latest: CycleRecord | undefined;
  /** True: a request's recommendation is the latest one too, as there is no schedule. */
  readonly requestsCount: boolean;
  readonly mode: Mode;
  /** What an engineer has set while the box runs; undefined: `mode`, and nothing switched off. */
  readonly choices?: Pick<Choices, "mode" | "switchedOff">;
  readonly validForMs: number;
  /** A new cycle's id; never one that was given before. */
  readonly cycleId: () => string;
  /**
   * Makes record and state durable together, before anybody sees them. Returns why that is not
   * possible now, undefined when it is done.
   */
  readonly commit: (record: CycleRecord, state: CycleState) => string | undefined;
  readonly ended: (record: CycleRecord, error: unknown) => void;
}

export interface CycleRequest {
  readonly trigger: Recommendation["trigger"];
  readonly given: ReadonlyMap<string, number>;
  /** Settings that stay where they are in this cycle. */
  readonly switchedOff?: ReadonlySet<string>;
  /** True: a question alone; no record of it is kept, sent or counted. */
  readonly isTrial?: boolean;
}

/** More requests wait than the box will serve in useful time. */
export class QueueFullError extends Error {
  override readonly name = "QueueFullError";
}

/** No further cycle starts: the service is stopping. */
export class StoppedError extends Error {
  override readonly name = "StoppedError";
}

/** There is no plan to run. */
export class NoPlanError extends Error {
  override readonly name = "NoPlanError";
}

/** Requests that may wait behind the running cycle. */
const MAX_WAITING = 16;

interface Waiting {
  readonly start: () => Promise<void>;
  readonly refuse: (error: Error) => void;
}

export class Cycles {
  readonly #parts: CyclesParts;
  readonly #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;
  #state: CycleState;
  #latest: CycleRecord | undefined;
  #stopped = false;

  constructor(parts: CyclesParts) {
    this.#parts = parts;
    this.#state = parts.state;
    this.#latest = parts.latest;
  }

  /** The newest record that counts for operators and SCADA. */
  get latest(): CycleRecord | undefined {
    return this.#latest;
  }

  /** Whether a request's cycle can be the latest one. */
  get requestsCount(): boolean {
    return this.#parts.requestsCount;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** True while a further request would be refused. */
  get isFull(): boolean {
    return this.#waiting.length >= MAX_WAITING;
  }

  /**
   * Runs a cycle with the plan that is in force when its turn comes, and resolves with the record,
   * whatever its status. Throws QueueFullError, StoppedError or NoPlanError.
   */
  run(request: CycleRequest): Promise<CycleRecord> {
    const isRequest = request.trigger === "request";
    if (isRequest && this.isFull) {
      return Promise.reject(new QueueFullError(`${MAX_WAITING} requests wait already`));
    }
    return this.#enqueue(() => this.#one(request), { first: !isRequest });
  }

  /** Does work between two cycles, before any that wait: nothing changes under a running one. */
  between<T>(work: () => Promise<T>): Promise<T> {
    return this.#enqueue(work, { first: true });
  }

  /**
   * Refuses the waiting cycles and lets the running one end; false when it had not ended at the
   * deadline and is abandoned.
   */
  async stop({ deadlineMs }: { readonly deadlineMs: number }): Promise<boolean> {
    this.#stopped = true;
    for (const { refuse } of this.#waiting.splice(0)) refuse(stopping());
    const deadline = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => deadline.resolve(false), deadlineMs);
    const ended = (this.#running ?? Promise.resolve()).then(() => true);
    const isEnded = await Promise.race([ended, deadline.promise]);
    clearTimeout(timer);
    return isEnded;
  }

  #enqueue<T>(work: () => Promise<T>, { first }: { readonly first: boolean }): Promise<T> {
    if (this.#stopped) return Promise.reject(stopping());
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const waiting = { start: () => work().then(resolve, reject), refuse: reject };
    if (first) this.#waiting.unshift(waiting);
    else this.#waiting.push(waiting);
    this.#running ??= this.#work();
    return promise;
  }

  async #work(): Promise<void> {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      await next.start();
    }
    this.#running = undefined;
  }

  async #one(
    { trigger, given, switchedOff = new Set<string>(), isTrial = false }: CycleRequest,
  ): Promise<CycleRecord> {
    const plan = this.#parts.activePlan();
    if (plan === undefined) throw new NoPlanError("No strategy is active");
    const { solver, read, now, cycleId, choices, validForMs, requestsCount } = this.#parts;
    const order = {
      cycleId: cycleId(),
      trigger,
      given,
      switchedOff: switchedOff.union(choices?.switchedOff ?? new Set<string>()),
      mode: choices?.mode ?? this.#parts.mode,
      validForMs,
    };
    const isQuestion = isTrial || given.size > 0 || switchedOff.size > 0;
    const time = now();
    let fault: unknown;
    const { record, state } = await runCycle(order, {
      plan,
      solver,
      read,
      now,
      // A question about another state is answered from the ground up.
      state: isQuestion ? { ...this.#state, ends: new Map() } : this.#state,
    }).catch((error) => {
      fault = error;
      return { record: failedRecord(error, { order, plan, time }), state: this.#state };
    });
    if (isTrial) return record;
    // A request with values of its own is a question, not the plant: it teaches the box nothing.
    if (!isQuestion) this.#state = state;
    const notDurable = this.#parts.commit(record, this.#state);
    const shown = notDurable === undefined ? record : withWarning(
      record,
      `Not durable: a power cut would lose this record (state folder: ${notDurable})`,
    );
    if (trigger !== "request" || requestsCount) this.#latest = shown;
    this.#parts.ended(shown, fault);
    return shown;
  }
}

function withWarning(record: CycleRecord, warning: string): CycleRecord {
  const { recommendation } = record;
  const warnings = [...recommendation.warnings, warning];
  return { ...record, recommendation: { ...recommendation, warnings } };
}

function stopping(): StoppedError {
  return new StoppedError("The service is stopping");
}
