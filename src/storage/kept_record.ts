/** One cycle record out of a state folder, also while the service runs on it. */

import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** Where the journal lies in a state folder. */
function journalPath(stateFolder: string): string {
  return join(stateFolder, "setpoint.sqlite");
}

/** The record's JSON text; undefined where the journal has no such cycle. Throws without a journal. */
export function readKeptRecord(stateFolder: string, cycleId: string): string | undefined {
  const path = journalPath(stateFolder);
  let database: DatabaseSync;
  try {
    database = new DatabaseSync(path, { readOnly: true });
  } catch (cause) {
    throw new Error(`Cannot read ${path}: name the state folder of the box with --state`, {
      cause,
    });
  }
  try {
    const row = database.prepare("select record from cycles where cycle_id = ?").get(cycleId);
    return row === undefined ? undefined : String(row.record);
  } finally {
    database.close();
  }
}
