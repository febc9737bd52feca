/**
 * The outbox: cycle records from the ledger to the database, in order, at least once. The database
 * knows a cycle by its id, so that a repeated delivery changes nothing.
 */

import { insertCycle } from "../storage/cycle_records.ts";
import type { Database } from "../storage/database.ts";
import { DatabaseError } from "../storage/database.ts";
import type { OutboxRow } from "../storage/journal.ts";
import type { Ledger } from "./ledger.ts";
import type { CycleRecord } from "./recommendation.ts";

export interface OutboxParts {
  readonly ledger: Ledger;
  readonly database: Database;
  readonly now: () => Date;
  /** Brings the database's tables up to date; called before the first delivery and when a table is missing. */
  readonly prepare: () => Promise<unknown>;
  /** Keeps the database's own tables small; called after deliveries that left nothing waiting. */
  readonly tidy: () => Promise<unknown>;
  /** A delivery failed and will be tried again, or was set aside for good. */
  readonly failed: (error: unknown, fate: "retry" | "set aside") => void;
}

const BATCH = 50;
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 60_000;

export class Outbox {
  readonly #parts: OutboxParts;
  #delivering: Promise<void> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #prepared = false;
  #failures = 0;
  #fault: string | undefined;
  #stopped = false;

  constructor(parts: OutboxParts) {
    this.#parts = parts;
  }

  /** Deliveries that failed one after the other; 0 when the last one worked. */
  get failures(): number {
    return this.#failures;
  }

  /** Why the last delivery failed; undefined when it worked. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /** Delivers what waits, now unless a delivery runs already. */
  kick(): void {
    if (this.#stopped) return;
    clearTimeout(this.#timer);
    this.#delivering ??= this.#deliver().finally(() => this.#delivering = undefined);
  }

  /**
   * Delivers what waits once more, ends after that or at the deadline; what still waits then stays
   * in the journal.
   */
  async stop({ deadlineMs }: { readonly deadlineMs: number }): Promise<void> {
    clearTimeout(this.#timer);
    const deadline = Promise.withResolvers<void>();
    const timer = setTimeout(deadline.resolve, deadlineMs);
    const last = (this.#delivering ?? Promise.resolve()).then(() => {
      if (this.#stopped) return;
      this.kick();
      return this.#delivering;
    });
    await Promise.race([last, deadline.promise]);
    clearTimeout(timer);
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#parts.ledger.save();
  }

  async #deliver(): Promise<void> {
    const { ledger, prepare, tidy, failed } = this.#parts;
    try {
      ledger.save();
      if (!this.#prepared) await prepare();
      this.#prepared = true;
      while (!this.#stopped) {
        const rows = ledger.waiting(BATCH);
        if (rows.length === 0) break;
        for (const row of rows) {
          if (!this.#stopped) await this.#deliverOne(row);
        }
      }
      this.#fault = undefined;
      this.#failures = 0;
      if (!this.#stopped) await tidy();
    } catch (error) {
      if (error instanceof DatabaseError && error.fault === "schema") this.#prepared = false;
      this.#fault = error instanceof Error ? error.message : String(error);
      this.#failures++;
      failed(error, "retry");
      if (!this.#stopped) this.#timer = setTimeout(() => this.kick(), retryMs(this.#failures));
    }
  }

  async #deliverOne(row: OutboxRow): Promise<void> {
    const { ledger, database, now, failed } = this.#parts;
    try {
      const record = JSON.parse(row.json) as CycleRecord;
      await insertCycle(database, { record, now: now() });
      ledger.delivered(row);
    } catch (error) {
      const refused = error instanceof DatabaseError && !error.isPassing;
      if (!refused && !(error instanceof SyntaxError)) {
        ledger.failed(row, String(error));
        throw error;
      }
      // Such a row would block every later one for ever.
      ledger.setAside(row, String(error));
      failed(error, "set aside");
    }
  }
}

/** Doubles from the first to the last delay; half of it is random, so that boxes do not come together. */
function retryMs(failures: number): number {
  const full = Math.min(FIRST_RETRY_MS * 2 ** (failures - 1), LAST_RETRY_MS);
  return full * (0.5 + Math.random() / 2);
}
