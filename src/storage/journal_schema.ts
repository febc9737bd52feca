/** The journal's tables, as steps from one version to the next (`pragma user_version`). */

import type { DatabaseSync } from "node:sqlite";

/** A journal that this Setpoint is too old for. */
export class NewerJournalError extends Error {
  override readonly name = "NewerJournalError";
}

/** Step i takes a journal of version i to version i + 1; what stands here never changes. */
const STEPS: readonly string[] = [
  `create table cycles (
    cycle_id text primary key,
    time text not null,
    status text not null,
    record text not null
  ) strict;
  create index cycles_time on cycles (time desc);
  create table outbox (
    id integer primary key autoincrement,
    cycle_id text not null unique references cycles (cycle_id) on delete cascade,
    state text not null default 'pending' check (state in ('pending', 'delivered', 'set aside')),
    attempts integer not null default 0,
    error text
  ) strict;
  create index outbox_state on outbox (state, id);
  create table state (
    name text primary key,
    json text not null
  ) strict;`,
  // The active version is in bundles/active.json, the last good recommendation among the cycles.
  "delete from state where name in ('active_version', 'last_good_recommendation');",
];

/** The version that this Setpoint writes. */
export const JOURNAL_VERSION: number = STEPS.length;

/**
 * Brings a journal forward, each step whole or not at all; never back.
 * @throws {NewerJournalError} where it was written by a newer Setpoint; it is left as it is.
 */
export function migrateJournal(database: DatabaseSync, { path }: { readonly path: string }): void {
  const version = Number(database.prepare("pragma user_version").get()?.user_version);
  if (version > JOURNAL_VERSION) {
    throw new NewerJournalError(
      `Journal ${path} was written by a newer Setpoint (schema ${version}, this one knows ` +
        `${JOURNAL_VERSION}): start the newer one, or give this one another state.folder`,
    );
  }
  for (const [at, step] of STEPS.entries()) {
    if (at < version) continue;
    database.exec(`begin immediate; ${step} pragma user_version = ${at + 1}; commit`);
  }
}
