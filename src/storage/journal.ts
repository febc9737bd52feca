/**
 * What must survive a power cut, in one SQLite file: cycle records, the outbox, and named values.
 * Every call is on disk when it returns (WAL, synchronous=FULL; sqlite.org, "PRAGMA synchronous").
 */

import { Buffer } from "node:buffer";
import { mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { Log } from "../log.ts";
import { migrateJournal } from "./journal_schema.ts";

/** A cycle record as it is kept: its identity for finding it, and its JSON text. */
export interface JournalRecord {
  readonly cycleId: string;
  /** UTC instant, ISO 8601. */
  readonly time: string;
  readonly status: string;
  readonly json: string;
}

/** A record that waits for its delivery, in the order of `id`. */
export interface OutboxRow extends JournalRecord {
  readonly id: number;
  readonly attempts: number;
}

export interface OutboxCounts {
  readonly pending: number;
  /** Refused for good by the database, kept with the error. */
  readonly setAside: number;
  readonly delivered: number;
  /** Removed before they could be delivered, since this journal began: see `Journal.forget`. */
  readonly dropped: number;
  /** Age of the oldest that waits; undefined when none does. */
  readonly oldestPending: string | undefined;
}

/** Names of what is kept across restarts. */
export type StateName =
  | "dropped"
  | "last_snapshot"
  | "bias"
  | "warm_start"
  | "last_run";

/** Values by name, each of which JSON can hold. */
export type KeptState = Readonly<Partial<Record<StateName, unknown>>>;

/** What the write-ahead log may keep on disk when it is not in use. */
const maxWalBytes = 8 * 1024 * 1024;

/** How much a journal keeps; what is oldest goes first. */
export interface JournalCaps {
  /** Cycle records that do not wait for delivery. */
  readonly records: number;
  /** Of all records together. */
  readonly bytes: number;
  /** A record that has waited since before this time (ISO 8601) is not delivered any more. */
  readonly waitingSince: string;
}

/** Beyond a cap at most this many records go at once: a clock that jumped must not empty the outbox. */
const FORGOTTEN_AT_ONCE = 4;

/** The journal of one state folder; only the holder of its `StateLock` may open it. */
export class Journal {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  /** Length of all records; kept here, since adding them up would read the whole table. */
  #bytes: number;

  private constructor(database: DatabaseSync) {
    this.#database = database;
    const row = database.prepare("select sum(octet_length(record)) as bytes from cycles").get();
    this.#bytes = Number(row?.bytes ?? 0);
  }

  /** Opens or makes the file. A damaged one is set aside under another name and a new one begun. */
  static open(path: string, options: { log: Log }): Journal {
    mkdirSync(dirname(path), { recursive: true });
    try {
      return new Journal(openDatabase(path));
    } catch (error) {
      if (!isDamage(error)) throw error;
      const aside = `${path}.damaged-${Date.now()}`;
      options.log.error("Journal {path} is damaged: set aside as {aside}, a new one begins", {
        path,
        aside,
        error,
      });
      renameSync(path, aside);
      for (const part of ["-wal", "-shm"]) rmSync(path + part, { force: true });
      return new Journal(openDatabase(path));
    }
  }

  /**
   * Keeps a cycle record, its outbox row and what the next cycle starts from, in one transaction. A
   * known cycle id changes neither record nor outbox. Returns the id of a new outbox row.
   */
  record(
    record: JournalRecord,
    options: { deliver: boolean; keep?: KeptState },
  ): number | undefined {
    let isNew = false;
    let id: number | undefined;
    this.#transaction(() => {
      this.#keep(options.keep ?? {});
      const { changes } = this.#statement(
        "insert into cycles (cycle_id, time, status, record) values (?, ?, ?, ?) on conflict do nothing",
      ).run(record.cycleId, record.time, record.status, record.json);
      isNew = Number(changes) > 0;
      if (!isNew || !options.deliver) return;
      id = Number(
        this.#statement("insert into outbox (cycle_id) values (?)").run(record.cycleId)
          .lastInsertRowid,
      );
    });
    if (isNew) this.#bytes += Buffer.byteLength(record.json);
    return id;
  }

  /** The oldest rows that wait, at most `limit`. */
  pending(limit: number): readonly OutboxRow[] {
    return this.#statement(
      `select id, attempts, cycle_id, time, status, record from outbox join cycles using (cycle_id)
       where state = 'pending' order by id limit ?`,
    ).all(limit).map((row) => ({
      id: Number(row.id),
      attempts: Number(row.attempts),
      ...toRecord(row),
    }));
  }

  markDelivered(id: number): void {
    this.#statement("update outbox set state = 'delivered', error = null where id = ?").run(
      id,
    );
  }

  /** Notes a delivery that failed and will be tried again. */
  markFailed(id: number, error: string): void {
    this.#statement("update outbox set attempts = attempts + 1, error = ? where id = ?")
      .run(error, id);
  }

  /** Takes a row that can never be delivered out of the way of the others. */
  setAside(id: number, error: string): void {
    this.#statement(
      "update outbox set state = 'set aside', attempts = attempts + 1, error = ? where id = ?",
    ).run(error, id);
  }

  counts(): OutboxCounts {
    const row = this.#statement(
      `select count(*) filter (where state = 'pending') as pending,
              count(*) filter (where state = 'set aside') as set_aside,
              count(*) filter (where state = 'delivered') as delivered,
              (select time from cycles where cycle_id = (
                select cycle_id from outbox where state = 'pending' order by id limit 1
              )) as oldest
       from outbox`,
    ).get() ?? {};
    return {
      pending: Number(row.pending),
      setAside: Number(row.set_aside),
      delivered: Number(row.delivered),
      dropped: Number(this.state("dropped") ?? 0),
      oldestPending: typeof row.oldest === "string" ? row.oldest : undefined,
    };
  }

  /**
   * The newest records first, at most `limit`; of a time before `before` where given. Newest is what
   * was written last: a clock that stepped back must not hide what came after.
   */
  cycles(options: { limit: number; before?: string }): readonly JournalRecord[] {
    return this.#statement(
      `select cycle_id, time, status, record from cycles where ? is null or time < ?
       order by rowid desc limit ?`,
    ).all(options.before ?? null, options.before ?? null, options.limit).map(toRecord);
  }

  cycle(cycleId: string): JournalRecord | undefined {
    const row = this.#statement(
      "select cycle_id, time, status, record from cycles where cycle_id = ?",
    ).get(cycleId);
    return row && toRecord(row);
  }

  /**
   * Forgets the oldest records beyond the caps, a few at each call. Returns how many of them had not
   * been delivered; `counts().dropped` adds them up.
   */
  forget(caps: JournalCaps): number {
    const beyond = this.#statement(
      `with late as (
         select cycles.rowid as at from (
           select cycle_id from outbox where state = 'pending' order by id limit :few
         ) join cycles using (cycle_id) where time < :since
       ), idle as (
         select rowid as at from cycles
         where cycle_id not in (select cycle_id from outbox where state = 'pending')
         order by rowid limit min(:few, max(0, (select count(*) from cycles)
           - (select count(*) from outbox where state = 'pending') - :records))
       ), oldest as (
         select rowid as at from cycles order by rowid limit :oldest
       )
       select at, octet_length(record) as bytes, coalesce(state = 'pending', false) as waits
       from (select at from late union select at from idle union select at from oldest)
       join cycles on cycles.rowid = at left join outbox using (cycle_id) order by at limit :few`,
    ).all({
      few: FORGOTTEN_AT_ONCE,
      since: caps.waitingSince,
      records: caps.records,
      oldest: this.#bytes > caps.bytes ? FORGOTTEN_AT_ONCE : 0,
    });
    if (beyond.length === 0) return 0;
    const dropped = beyond.filter(({ waits }) => waits === 1).length;
    this.#transaction(() => {
      const remove = this.#statement("delete from cycles where rowid = ?");
      for (const { at } of beyond) remove.run(Number(at));
      if (dropped > 0) this.#keep({ dropped: this.counts().dropped + dropped });
    });
    this.#bytes -= beyond.reduce((sum, { bytes }) => sum + Number(bytes), 0);
    return dropped;
  }

  /** A kept value, parsed from JSON; undefined when there is none. The caller checks its shape. */
  state(name: StateName): unknown {
    const row = this.#statement("select json from state where name = ?").get(name);
    return row && JSON.parse(String(row.json));
  }

  /** Keeps values, all or none. */
  keep(values: KeptState): void {
    this.#transaction(() => this.#keep(values));
  }

  #keep(values: KeptState): void {
    const statement = this.#statement(
      "insert into state (name, json) values (?, ?) on conflict (name) do update set json = excluded.json",
    );
    for (const [name, value] of Object.entries(values)) {
      statement.run(name, JSON.stringify(value ?? null));
    }
  }

  close(): void {
    this.#database.close();
  }

  /** Prepared once: what SQLite keeps of a statement is out of the garbage collector's sight. */
  #statement(text: string): StatementSync {
    const known = this.#statements.get(text);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(text);
    this.#statements.set(text, statement);
    return statement;
  }

  #transaction(work: () => void): void {
    this.#database.exec("begin immediate");
    try {
      work();
      this.#database.exec("commit");
    } catch (error) {
      // On a full disk SQLite has rolled back already (sqlite.org/lang_transaction.html, 2.3).
      if (this.#database.isTransaction) this.#database.exec("rollback");
      throw error;
    }
  }
}

function openDatabase(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  try {
    database.exec(
      `pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on;
       pragma journal_size_limit = ${maxWalBytes}`,
    );
    const check = database.prepare("pragma quick_check(1)").get();
    if (check?.quick_check !== "ok") throw new DamageError(String(check?.quick_check));
    migrateJournal(database, { path });
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** What SQLite's quick check found. */
class DamageError extends Error {
  override readonly name = "DamageError";
}

/** SQLITE_CORRUPT (11) and SQLITE_NOTADB (26), as SQLite words them (sqlite.org/rescode.html). */
function isDamage(error: unknown): boolean {
  return error instanceof DamageError ||
    (error instanceof Error && /malformed|not a database/i.test(error.message));
}

function toRecord(row: Readonly<Record<string, unknown>>): JournalRecord {
  return {
    cycleId: String(row.cycle_id),
    time: String(row.time),
    status: String(row.status),
    json: String(row.record),
  };
}
