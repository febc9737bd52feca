/**
 * Where cycle records are kept and wait for their delivery: the journal, and this process's memory
 * while the journal's disk takes no writes. A full disk must not stop the recommendations.
 */

import type {
  Journal,
  JournalRecord,
  KeptState,
  OutboxCounts,
  OutboxRow,
} from "../storage/journal.ts";

export interface LedgerCaps {
  /** Cycle records that stay after their delivery. */
  readonly records: number;
  /** Of all records in the journal together. */
  readonly bytes: number;
  /** How long a record waits for its delivery before it is dropped. */
  readonly waitMs: number;
}

export interface LedgerCounts extends OutboxCounts {
  /** Records in memory alone, which a power cut would take. */
  readonly notDurable: number;
}

interface Unsaved {
  readonly row: OutboxRow;
  end: "waits" | "delivered" | "set aside";
  error: string;
}

/** Records that memory holds for the journal, at most: some hours of five-minute cycles. */
const MAX_UNSAVED = 200;

export class Ledger {
  readonly #journal: Journal;
  readonly #caps: LedgerCaps;
  readonly #now: () => Date;
  /** In order; the journal takes all of them before the next record. */
  readonly #unsaved: Unsaved[] = [];
  /** Ends of deliveries that the journal could not note, by its row id. */
  readonly #ends = new Map<number, { end: "delivered" | "set aside"; error: string }>();
  #unsavedState: KeptState = {};
  #lastUnsavedId = 0;
  #lost = 0;
  #fault: string | undefined;
  #known: OutboxCounts;

  constructor(journal: Journal, { caps, now }: {
    readonly caps: LedgerCaps;
    readonly now: () => Date;
  }) {
    this.#journal = journal;
    this.#caps = caps;
    this.#now = now;
    this.#known = journal.counts();
  }

  /** Why the journal takes no writes; undefined while it does. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /**
   * Keeps a record and the state after it, in one transaction. Where that fails, the record waits in
   * memory and is delivered from there; the answer is why it is not durable, undefined when it is.
   */
  keep(record: JournalRecord, state: KeptState): string | undefined {
    this.#unsavedState = { ...this.#unsavedState, ...state };
    this.#unsaved.push({
      row: { ...record, id: --this.#lastUnsavedId, attempts: 0 },
      end: "waits",
      error: "",
    });
    this.#save();
    if (this.#unsaved.length > MAX_UNSAVED) {
      const [oldest] = this.#unsaved.splice(0, 1);
      if (oldest?.end === "waits") this.#lost++;
    }
    return this.#fault;
  }

  /** The oldest records that wait for delivery, at most `limit`. */
  waiting(limit: number): readonly OutboxRow[] {
    const saved = this.#saved(limit);
    const unsaved = this.#unsaved.filter(({ end }) => end === "waits").map(({ row }) => row);
    return [...saved, ...unsaved].slice(0, limit);
  }

  delivered({ id }: OutboxRow): void {
    this.#end(id, { end: "delivered", error: "" });
  }

  /** Takes a record that can never be delivered out of the way of the others. */
  setAside({ id }: OutboxRow, error: string): void {
    this.#end(id, { end: "set aside", error });
  }

  /** Notes a delivery that failed and will be tried again. */
  failed({ id }: OutboxRow, error: string): void {
    if (id > 0) this.#tryWrite(() => this.#journal.markFailed(id, error));
  }

  counts(): LedgerCounts {
    const counts = this.#savedCounts();
    const waits = this.#unsaved.filter(({ end }) => end === "waits");
    return {
      ...counts,
      pending: counts.pending - this.#ends.size + waits.length,
      dropped: counts.dropped + this.#lost,
      oldestPending: counts.pending > this.#ends.size ? counts.oldestPending : waits[0]?.row.time,
      notDurable: this.#unsaved.length,
    };
  }

  /** Moves what memory holds into the journal, where that works again. */
  save(): void {
    if (this.#unsaved.length > 0 || this.#ends.size > 0) this.#save();
  }

  #saved(limit: number): readonly OutboxRow[] {
    try {
      return this.#journal.pending(limit + this.#ends.size).filter(({ id }) => !this.#ends.has(id));
    } catch (error) {
      this.#fault = error instanceof Error ? error.message : String(error);
      return [];
    }
  }

  /** The journal's counts; the last known ones where its disk cannot even be read. */
  #savedCounts(): OutboxCounts {
    try {
      this.#known = this.#journal.counts();
    } catch (error) {
      this.#fault = error instanceof Error ? error.message : String(error);
    }
    return this.#known;
  }

  #end(id: number, end: { end: "delivered" | "set aside"; error: string }): void {
    const unsaved = this.#unsaved.find(({ row }) => row.id === id);
    if (unsaved !== undefined) Object.assign(unsaved, end);
    else if (!this.#tryWrite(() => this.#write(id, end))) this.#ends.set(id, end);
  }

  #write(id: number, { end, error }: { end: "delivered" | "set aside"; error: string }): void {
    if (end === "delivered") this.#journal.markDelivered(id);
    else this.#journal.setAside(id, error);
  }

  #save(): void {
    this.#tryWrite(() => {
      // Room first: on a full disk the records beyond the caps make it.
      this.#journal.forget({
        records: this.#caps.records,
        bytes: this.#caps.bytes,
        waitingSince: new Date(this.#now().getTime() - this.#caps.waitMs).toISOString(),
      });
      for (const [id, end] of this.#ends) {
        this.#write(id, end);
        this.#ends.delete(id);
      }
      for (let next = this.#unsaved[0]; next !== undefined; next = this.#unsaved[0]) {
        const id = this.#journal.record(next.row, { deliver: true, keep: this.#unsavedState });
        this.#unsaved.shift();
        // Where only this fails, the record is delivered once more, which the database ignores.
        if (next.end !== "waits" && id !== undefined) {
          this.#write(id, { end: next.end, error: next.error });
        }
      }
      this.#unsavedState = {};
    });
  }

  #tryWrite(write: () => void): boolean {
    try {
      write();
      this.#fault = undefined;
      return true;
    } catch (error) {
      this.#fault = error instanceof Error ? error.message : String(error);
      return false;
    }
  }
}
