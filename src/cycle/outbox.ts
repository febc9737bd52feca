/**
 * The outbox: cycle records from the journal to the database, in order, at least once. The database
 * knows a cycle by its id, so that a repeated delivery changes nothing.
 */

import { insertCycle } from "../storage/cycle_records.ts";
import type { Database } from "../storage/database.ts";
import { DatabaseError } from "../storage/database.ts";
import type { Journal, OutboxRow } from "../storage/journal.ts";
import type { CycleRecord } from "./recommendation.ts";

export interface OutboxParts {
  readonly journal: Journal;
  readonly database: Database;
  readonly now: () => Date;
  /** Brings the database's tables up to date; called before the first delivery. */
  readonly prepare: () => Promise<unknown>;
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
  #stopped = false;

  constructor(parts: OutboxParts) {
    this.#parts = parts;
  }

  /** Deliveries that failed one after the other; 0 when the last one worked. */
  get failures(): number {
    return this.#failures;
  }

  /** Delivers what waits, now unless a delivery runs already. */
  kick(): void {
    if (this.#stopped) return;
    clearTimeout(this.#timer);
    this.#delivering ??= this.#deliver().finally(() => this.#delivering = undefined);
  }

  /** Ends after the delivery that runs; what waits stays in the journal. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#delivering;
  }

  async #deliver(): Promise<void> {
    try {
      if (!this.#prepared) await this.#parts.prepare();
      this.#prepared = true;
      for (
        let rows = this.#parts.journal.pending(BATCH);
        rows.length > 0 && !this.#stopped;
        rows = this.#parts.journal.pending(BATCH)
      ) {
        for (const row of rows) await this.#deliverOne(row);
      }
      this.#failures = 0;
    } catch (error) {
      this.#failures++;
      this.#parts.failed(error, "retry");
      if (!this.#stopped) this.#timer = setTimeout(() => this.kick(), retryMs(this.#failures));
    }
  }

  async #deliverOne(row: OutboxRow): Promise<void> {
    const { journal, database, now, failed } = this.#parts;
    try {
      const record = JSON.parse(row.json) as CycleRecord;
      await insertCycle(database, { record, now: now() });
      journal.markDelivered(row.id);
    } catch (error) {
      const refused = error instanceof DatabaseError && !error.isPassing;
      if (!refused && !(error instanceof SyntaxError)) {
        journal.markFailed(row.id, String(error));
        throw error;
      }
      // Such a row would block every later one for ever.
      journal.setAside(row.id, String(error));
      failed(error, "set aside");
    }
  }
}

/** Doubles from the first to the last delay; half of it is random, so that boxes do not come together. */
function retryMs(failures: number): number {
  const full = Math.min(FIRST_RETRY_MS * 2 ** (failures - 1), LAST_RETRY_MS);
  return full * (0.5 + Math.random() / 2);
}
