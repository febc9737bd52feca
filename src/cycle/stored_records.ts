/** Cycle records as the journal keeps them, read back. */

import type { Config } from "../config.ts";
import type { Journal } from "../storage/journal.ts";
import type { CycleRecord } from "./recommendation.ts";

/** Records that a client of the events gets at most of what it missed. */
const MISSED_RECORDS = 200;
/** How far back to look for a record that a request did not make. */
const LOOK_BACK = 50;

/** Stored records after a cycle, oldest first; ids of cycles sort by their time (RFC 9562, section 5.7). */
export function recordsAfter(journal: Journal, cycleId: string): CycleRecord[] {
  return journal.cycles({ limit: MISSED_RECORDS })
    .filter((kept) => kept.cycleId > cycleId)
    .map(({ json }) => JSON.parse(json) as CycleRecord)
    .toReversed();
}

/** The newest cycle records, at most `limit`. */
export function recordsOf(journal: Journal, limit: number): CycleRecord[] {
  return journal.cycles({ limit }).map(({ json }) => JSON.parse(json) as CycleRecord);
}

/** The newest recommendation that counts, from before this start. */
export function newestRecord(journal: Journal, { app }: Config): CycleRecord | undefined {
  return recordsOf(journal, LOOK_BACK)
    .find(({ recommendation }) => app.mode === "api" || recommendation.trigger !== "request");
}
