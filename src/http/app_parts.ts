/** What the interface works with; `main.ts` hands it over. */

import type { Activation } from "../cycle/activation.ts";
import type { Cycles } from "../cycle/cycles.ts";
import type { Plan } from "../cycle/plan.ts";
import type { CycleRecord } from "../cycle/recommendation.ts";
import type { AuditEntry } from "../storage/audit_log.ts";
import type { MemoryCache } from "../storage/memory_cache.ts";
import type { Token } from "./access.ts";
import type { Desk } from "./desk.ts";
import type { EventStream } from "./event_stream.ts";
import type { Health } from "./health.ts";
import type { SessionsParts } from "./sessions.ts";

/** One answered request, for metrics and log. */
export interface AnsweredRequest {
  /** The route's path as it is written in the table; `none` where there is no such route. */
  readonly route: string;
  readonly method: string;
  readonly status: number;
  readonly seconds: number;
  readonly caller: string | undefined;
}

export interface AppParts {
  readonly cycles: Cycles;
  readonly activePlan: () => Plan | undefined;
  /**
   * Goes to another version, or back to one; the outcome tells why where it was refused. Undefined:
   * the store decides alone, and there is no route for it.
   */
  readonly activate: undefined | ((version: string) => Promise<Activation>);
  /** How long a client is kept waiting for a change of version, in ms; eight seconds where not given. */
  readonly answerMs?: number;
  /** False: the box works by its schedule alone. */
  readonly takesRequests: boolean;
  readonly cache: MemoryCache;
  readonly health: () => Health;
  readonly metrics: () => string;
  readonly cycle: (id: string) => CycleRecord | undefined;
  /** Newest first; older than `before` (a time) where given. */
  readonly cycleList: (page: { limit: number; before?: string }) => readonly CycleRecord[];
  readonly events: EventStream;
  /** Empty: only this machine can connect, and whoever is on it may do everything. */
  readonly tokens: readonly Token[];
  /** Requests that one token may send in a minute. */
  readonly requestsPerMinute: number;
  /** Writes down a change of state, durably, before it is answered. */
  readonly audit: (entry: AuditEntry) => void;
  /** What people at the desk ask and set; undefined: the box serves machines alone. */
  readonly desk?: Desk | undefined;
  /** Browsers' sessions from before this start, and where they are kept; undefined: in memory. */
  readonly sessions?: Pick<SessionsParts, "kept" | "keep"> | undefined;
  readonly answered: (request: AnsweredRequest) => void;
  readonly failed: (error: unknown, path: string) => void;
  readonly now: () => Date;
}
