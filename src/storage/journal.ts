/**
 * What must survive a power cut, in one SQLite file: cycle records, the outbox, and named values.
 * Every call is on disk when it returns (WAL, synchronous=FULL; sqlite.org, "PRAGMA synchronous").
 */

import { mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Log } from "../log.ts";

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
  /** Age of the oldest that waits; undefined when none does. */
  readonly oldestPending: string | undefined;
}

/** Names of what is kept across restarts. */
export type StateName =
  | "active_version"
  | "last_snapshot"
  | "last_good_recommendation"
  | "bias"
  | "warm_start"
  | "last_run";

/** Values by name, each of which JSON can hold. */
export type KeptState = Readonly<Partial<Record<StateName, unknown>>>;

const schemaVersion = 1;
const schema = `
create table if not exists cycles (
  cycle_id text primary key,
  time text not null,
  status text not null,
  record text not null
) strict;
create index if not exists cycles_time on cycles (time desc);
create table if not exists outbox (
  id integer primary key autoincrement,
  cycle_id text not null unique references cycles (cycle_id) on delete cascade,
  state text not null default 'pending' check (state in ('pending', 'delivered', 'set aside')),
  attempts integer not null default 0,
  error text
) strict;
create index if not exists outbox_state on outbox (state, id);
create table if not exists state (
  name text primary key,
  json text not null
) strict;
pragma user_version = ${schemaVersion};
`;

/** The journal of one state folder; only the holder of its `StateLock` may open it. */
export class Journal {
  readonly #database: DatabaseSync;

  private constructor(database: DatabaseSync) {
    this.#database = database;
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
   * known cycle id changes neither record nor outbox.
   */
  record(record: JournalRecord, options: { deliver: boolean; keep?: KeptState }): void {
    this.#transaction(() => {
      this.#keep(options.keep ?? {});
      const { changes } = this.#database.prepare(
        "insert into cycles (cycle_id, time, status, record) values (?, ?, ?, ?) on conflict do nothing",
      ).run(record.cycleId, record.time, record.status, record.json);
      if (Number(changes) === 0 || !options.deliver) return;
      this.#database.prepare("insert into outbox (cycle_id) values (?)").run(record.cycleId);
    });
  }

  /** The oldest rows that wait, at most `limit`. */
  pending(limit: number): readonly OutboxRow[] {
    return this.#database.prepare(
      `select id, attempts, cycle_id, time, status, record from outbox join cycles using (cycle_id)
       where state = 'pending' order by id limit ?`,
    ).all(limit).map((row) => ({
      id: Number(row.id),
      attempts: Number(row.attempts),
      ...toRecord(row),
    }));
  }

  markDelivered(id: number): void {
    this.#database.prepare("update outbox set state = 'delivered', error = null where id = ?").run(
      id,
    );
  }

  /** Notes a delivery that failed and will be tried again. */
  markFailed(id: number, error: string): void {
    this.#database.prepare("update outbox set attempts = attempts + 1, error = ? where id = ?")
      .run(error, id);
  }

  /** Takes a row that can never be delivered out of the way of the others. */
  setAside(id: number, error: string): void {
    this.#database.prepare(
      "update outbox set state = 'set aside', attempts = attempts + 1, error = ? where id = ?",
    ).run(error, id);
  }

  counts(): OutboxCounts {
    const row = this.#database.prepare(
      `select count(*) filter (where state = 'pending') as pending,
              count(*) filter (where state = 'set aside') as set_aside,
              count(*) filter (where state = 'delivered') as delivered,
              min(time) filter (where state = 'pending') as oldest
       from outbox join cycles using (cycle_id)`,
    ).get() ?? {};
    return {
      pending: Number(row.pending),
      setAside: Number(row.set_aside),
      delivered: Number(row.delivered),
      oldestPending: typeof row.oldest === "string" ? row.oldest : undefined,
    };
  }

  /** The newest records first, at most `limit`; older than `before` (a time) where given. */
  cycles(options: { limit: number; before?: string }): readonly JournalRecord[] {
    return this.#database.prepare(
      `select cycle_id, time, status, record from cycles where ? is null or time < ?
       order by time desc, rowid desc limit ?`,
    ).all(options.before ?? null, options.before ?? null, options.limit).map(toRecord);
  }

  cycle(cycleId: string): JournalRecord | undefined {
    const row = this.#database.prepare(
      "select cycle_id, time, status, record from cycles where cycle_id = ?",
    ).get(cycleId);
    return row && toRecord(row);
  }

  /** Forgets the oldest records beyond `keep`; those that wait for delivery stay. Returns how many went. */
  forget(options: { keep: number }): number {
    const { changes } = this.#database.prepare(
      `delete from cycles where cycle_id in (
         select cycle_id from cycles order by time desc, rowid desc limit -1 offset ?
       ) and cycle_id not in (select cycle_id from outbox where state = 'pending')`,
    ).run(options.keep);
    return Number(changes);
  }

  /** A kept value, parsed from JSON; undefined when there is none. The caller checks its shape. */
  state(name: StateName): unknown {
    const row = this.#database.prepare("select json from state where name = ?").get(name);
    return row && JSON.parse(String(row.json));
  }

  /** Keeps values, all or none. */
  keep(values: KeptState): void {
    this.#transaction(() => this.#keep(values));
  }

  #keep(values: KeptState): void {
    const statement = this.#database.prepare(
      "insert into state (name, json) values (?, ?) on conflict (name) do update set json = excluded.json",
    );
    for (const [name, value] of Object.entries(values)) {
      statement.run(name, JSON.stringify(value ?? null));
    }
  }

  close(): void {
    this.#database.close();
  }

  #transaction(work: () => void): void {
    this.#database.exec("begin immediate");
    try {
      work();
      this.#database.exec("commit");
    } catch (error) {
      this.#database.exec("rollback");
      throw error;
    }
  }
}

function openDatabase(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  try {
    database.exec("pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on");
    const check = database.prepare("pragma quick_check(1)").get();
    if (check?.quick_check !== "ok") throw new DamageError(String(check?.quick_check));
    const version = Number(database.prepare("pragma user_version").get()?.user_version);
    if (version > schemaVersion) {
      throw new Error(
        `Journal ${path} was written by a newer Setpoint (schema ${version}, this one knows ` +
          `${schemaVersion}): start the newer one, or give this one another state.folder`,
      );
    }
    database.exec(schema);
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
