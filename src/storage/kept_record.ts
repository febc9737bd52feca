/** What a state folder's journal holds, read beside the service that may run on it. */

import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** The newest cycle and how the outbox stands. */
export interface KeptSummary {
  /** The record's JSON text; undefined where no cycle has ended yet. */
  readonly newest: string | undefined;
  readonly pending: number;
  /** Refused for good by the database. */
  readonly setAside: number;
  /** Why the newest of them was, or why the newest that waits was not taken. */
  readonly error: string | undefined;
}

/** The record's JSON text; undefined where the journal has no such cycle. Throws without a journal. */
export function readKeptRecord(stateFolder: string, cycleId: string): string | undefined {
  return withJournal(stateFolder, (database) => {
    const row = database.prepare("select record from cycles where cycle_id = ?").get(cycleId);
    return row === undefined ? undefined : String(row.record);
  });
}

/** Throws without a journal. */
export function readKeptSummary(stateFolder: string): KeptSummary {
  return withJournal(stateFolder, (database) => {
    const newest = database.prepare("select record from cycles order by rowid desc limit 1").get();
    const counts = database.prepare(
      `select count(*) filter (where state = 'pending') as pending,
              count(*) filter (where state = 'set aside') as set_aside,
              (select error from outbox where error is not null and state <> 'delivered'
               order by id desc limit 1) as error
       from outbox`,
    ).get() ?? {};
    return {
      newest: newest && String(newest.record),
      pending: Number(counts.pending),
      setAside: Number(counts.set_aside),
      error: typeof counts.error === "string" ? counts.error : undefined,
    };
  });
}

function withJournal<Value>(stateFolder: string, read: (database: DatabaseSync) => Value): Value {
  const path = join(stateFolder, "setpoint.sqlite");
  let database: DatabaseSync;
  try {
    database = new DatabaseSync(path, { readOnly: true });
  } catch (cause) {
    throw new Error(`Cannot read ${path}: name the state folder of the box with --state`, {
      cause,
    });
  }
  try {
    return read(database);
  } finally {
    database.close();
  }
}
