/**
 * Results of a long run, one per key, in one SQLite file: each is on disk before the next is asked
 * for, so a run that was killed goes on where it stopped. The file belongs to one task; its
 * fingerprint says to which.
 */

import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";

/** What a run depends on, by what it is called in messages. */
export type Fingerprint = Readonly<Record<string, string>>;

/** The file holds results of another task; the message says what differs, and the cure. */
export class OtherResultsError extends Error {
  override readonly name = "OtherResultsError";
}

export interface KeptResult {
  readonly side: string;
  readonly key: number;
  readonly json: string;
}

/** What one run of the program did: for its speed. */
export interface RunTime {
  readonly seconds: number;
  readonly results: number;
  readonly note: string;
}

const schema = `
create table if not exists fingerprint (name text primary key, value text not null) strict;
create table if not exists results (
  side text not null, key integer not null, json text not null, primary key (side, key)
) strict, without rowid;
create table if not exists runs (
  id integer primary key, seconds real not null, results integer not null, note text not null
) strict;
`;

export class KeptResults {
  readonly #database: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #insertRun: StatementSync;
  readonly #updateRun: StatementSync;

  private constructor(database: DatabaseSync) {
    this.#database = database;
    this.#insert = database.prepare("insert into results (side, key, json) values (?, ?, ?)");
    this.#insertRun = database.prepare(
      "insert into runs (seconds, results, note) values (?, ?, ?)",
    );
    this.#updateRun = database.prepare(
      "update runs set seconds = ?, results = ?, note = ? where id = ?",
    );
  }

  /**
   * Opens or makes the file.
   * @throws {OtherResultsError} where it holds results of another task, or is no such file.
   */
  static open(path: string, fingerprint: Fingerprint): KeptResults {
    mkdirSync(dirname(path), { recursive: true });
    const database = new DatabaseSync(path);
    try {
      // Somebody may be looking at the file.
      database.exec("pragma busy_timeout = 10000");
      // A killed process loses nothing; a power cut may cost the newest results, which are made anew.
      database.exec("pragma journal_mode = wal; pragma synchronous = normal;");
      database.exec(schema);
      hold(database, { path, fingerprint });
    } catch (error) {
      database.close();
      if (error instanceof OtherResultsError) throw error;
      throw new OtherResultsError(
        `${path} cannot be used: ${error instanceof Error ? error.message : error}. ` +
          "Remove it, or name another folder with --out",
        { cause: error },
      );
    }
    return new KeptResults(database);
  }

  /** Keeps one result; throws where the key has one already. */
  add({ side, key, json }: KeptResult): void {
    this.#insert.run(side, key, json);
  }

  keys(side: string): Set<number> {
    const rows = this.#database.prepare("select key from results where side = ?").all(side);
    return new Set(rows.map((row) => Number(row.key)));
  }

  /** In the order of their keys. */
  *all(side: string): Iterable<{ readonly key: number; readonly json: string }> {
    const statement = this.#database.prepare(
      "select key, json from results where side = ? order by key",
    );
    for (const row of statement.iterate(side)) {
      yield { key: Number(row.key), json: String(row.json) };
    }
  }

  /** One result; throws where the key has none. */
  get(side: string, key: number): string {
    const row = this.#database.prepare("select json from results where side = ? and key = ?")
      .get(side, key);
    if (row === undefined) throw new RangeError(`There is no result ${key} of "${side}"`);
    return String(row.json);
  }

  /** Notes what this run has done; without an id a new row, whose id is the result. */
  noteRun({ seconds, results, note }: RunTime, id?: number): number {
    if (id === undefined) {
      return Number(this.#insertRun.run(seconds, results, note).lastInsertRowid);
    }
    this.#updateRun.run(seconds, results, note, id);
    return id;
  }

  runs(): RunTime[] {
    return this.#database.prepare("select seconds, results, note from runs order by id").all()
      .map((row) => ({
        seconds: Number(row.seconds),
        results: Number(row.results),
        note: String(row.note),
      }));
  }

  close(): void {
    this.#database.close();
  }
}

/** Writes the fingerprint into a new file; holds that of another one against it. */
function hold(
  database: DatabaseSync,
  { path, fingerprint }: { readonly path: string; readonly fingerprint: Fingerprint },
): void {
  const rows = database.prepare("select name, value from fingerprint").all();
  const kept = new Map(rows.map((row) => [String(row.name), String(row.value)]));
  if (kept.size === 0) {
    const insert = database.prepare("insert into fingerprint (name, value) values (?, ?)");
    database.exec("begin immediate");
    for (const [name, value] of Object.entries(fingerprint)) insert.run(name, value);
    database.exec("commit");
    return;
  }
  const names = new Set([...kept.keys(), ...Object.keys(fingerprint)]);
  const other = [...names].filter((name) => kept.get(name) !== fingerprint[name]);
  if (other.length === 0) return;
  const differences = other.map((name) =>
    `  ${name}: ${kept.get(name) ?? "none"} there, ${fingerprint[name] ?? "none"} now`
  );
  throw new OtherResultsError(
    `${path} holds results of another backtest:\n${differences.join("\n")}\n` +
      "Name another folder with --out, or remove this one to begin anew",
  );
}
