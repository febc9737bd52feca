/** What the last cycle came to, and what waits for the database. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import type { CycleRecord } from "../cycle/recommendation.ts";
import { readKeptSummary } from "../storage/kept_record.ts";
import { Complaint, type Patient, shortened } from "./patient.ts";

/** Intervals after which a running box should have ended another cycle. */
const LATE_INTERVALS = 3;
/** Values of lower quality that are told one by one. */
const MOST_TOLD = 4;
/** A few wait in every cycle; more means that nothing is taken. */
const MOST_PENDING = 3;

/** Where a status needs somebody, what to do; the others are as they should be. */
const CURES: Readonly<Record<string, string>> = {
  held: "see what the reason names; the line live values has the rest, /cycles/ID the whole cycle",
  failed: "the log has the cause; deno task replay CYCLE_ID computes it once more",
};

export function checkLastCycle({ config, now, isRunning }: Patient): string {
  if (!hasJournal(config.state.folder)) return "none yet: the box has not run";
  const { newest } = readKeptSummary(config.state.folder);
  if (newest === undefined) return "none yet";
  const { recommendation, snapshot } = JSON.parse(newest) as CycleRecord;
  const { status, reason, time, version, cycle_id, warnings } = recommendation;
  const ageSeconds = Math.round((now.getTime() - Date.parse(time)) / 1000);
  const shown = `${status}, ${ageSeconds} s ago, version ${version}`;
  const cure = CURES[status];
  if (cure !== undefined) {
    // A held cycle gives the database's silence as its reason too.
    const more = warnings.filter((warning) => !reason?.includes(warning));
    const why = shortened([...more, reason].join("; "));
    throw new Complaint(`${shown}: ${why} (${cycle_id})`, cure);
  }
  const { cron, intervalSeconds } = config.optimization;
  const isTimed = config.app.mode !== "api" && cron === undefined;
  if (isRunning && isTimed && ageSeconds > LATE_INTERVALS * intervalSeconds) {
    throw new Complaint(
      `${shown}: one is due every ${intervalSeconds} s`,
      "see the check schedule of /health and the log; the box may be waiting for a slow part",
    );
  }
  const doubtful = snapshot.filter(({ quality }) => quality !== "good");
  if (doubtful.length === 0) return shown;
  const told = doubtful.slice(0, MOST_TOLD).map(({ variable, note }) => `${variable}: ${note}`);
  return `${shown}; with ${doubtful.length} values in doubt: ${told.join("; ")}`;
}

export function checkOutbox({ config }: Patient): string {
  if (!hasJournal(config.state.folder)) return "nothing waits";
  const { pending, setAside, error } = readKeptSummary(config.state.folder);
  const why = error === undefined ? "" : `: ${error}`;
  if (setAside > 0) {
    throw new Complaint(
      `${setAside} records were refused for good${why}`,
      "they stay in the state folder; mend the table or its constraints for those to come",
    );
  }
  if (pending > MOST_PENDING) {
    throw new Complaint(
      `${pending} records wait for the database${why}`,
      "mend the database: they are delivered in order when it answers",
    );
  }
  return pending === 0 ? "nothing waits" : `${pending} on their way`;
}

function hasJournal(stateFolder: string): boolean {
  return existsSync(join(stateFolder, "setpoint.sqlite"));
}
