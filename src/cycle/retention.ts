/** Keeps the database's own tables small: what is older than the site wants goes, a little at a time. */

import { forgetCycles } from "../storage/cycle_records.ts";
import type { Database } from "../storage/database.ts";

/** At most this many cycles go in one statement, so that none of them holds locks for long. */
const STEP = 200;
/** Steps at one time, at most: a table that has grown for years takes some hours. */
const STEPS = 10;
const EVERY_MS = 3_600_000;

/** What removes old cycles when called, at most once an hour. */
export function hourlyRetention(
  database: Database,
  { days }: { readonly days: number },
): () => Promise<void> {
  let dueMs = 0;
  return async () => {
    if (performance.now() < dueMs) return;
    for (let step = 0; step < STEPS; step++) {
      if (await forgetCycles(database, { days, limit: STEP }) < STEP) break;
    }
    dueMs = performance.now() + EVERY_MS;
  };
}
