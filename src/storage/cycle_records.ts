/** Cycle records in the database: `cycles`, one row each, and `recommendations`, one row per setting. */

import type { Database, DatabaseRow, Queries } from "./database.ts";

/**
 * What this file needs to know of a cycle record; the whole of it is kept as JSON beside. Numbers are
 * in the unit beside them, times are ISO 8601 instants.
 */
export interface DeliverableRecord {
  readonly recommendation: {
    readonly cycle_id: string;
    readonly strategy: string;
    readonly version: string;
    readonly digest: string;
    readonly time: string;
    readonly valid_until: string;
    readonly trigger: string;
    readonly status: string;
    readonly reason: string | null;
    readonly mode: { readonly achieved: string };
    readonly settings: readonly {
      readonly variable: string;
      readonly unit: string;
      readonly measured: number;
      readonly recommended: number;
      readonly change: number;
      readonly limited_by: string;
      readonly quality: string;
    }[];
  };
}

const cycleText = `
insert into cycles (
  cycle_id, time, strategy, version, digest, trigger, status, reason, mode, is_historical, record
) values ($1, $2::timestamptz, $3, $4, $5, $6, $7, $8, $9, $10::boolean, $11::text::jsonb)
on conflict (cycle_id) do nothing
returning cycle_id`;

const settingsText = `
insert into recommendations (
  cycle_id, variable, time, valid_until, unit, measured, recommended, change, limited_by, quality, mode
)
select $1, variable, $2::timestamptz, $3::timestamptz, unit, measured, recommended, change, limited_by,
  quality, $4
from unnest(
  $5::text[], $6::text[], $7::double precision[], $8::double precision[], $9::double precision[],
  $10::text[], $11::text[]
) as setting (variable, unit, measured, recommended, change, limited_by, quality)`;

/**
 * Writes a record in one transaction; false when the database has this cycle already. A record that
 * comes after its recommendation has lost its validity is marked as historical.
 */
export function insertCycle(
  database: Database,
  options: { record: DeliverableRecord; now: Date },
): Promise<boolean> {
  const { recommendation } = options.record;
  const { cycle_id, time, valid_until, mode, settings } = recommendation;
  const isHistorical = options.now.getTime() > Date.parse(valid_until);
  return database.transaction(async (queries) => {
    const inserted = await queries.query(cycleText, [
      cycle_id,
      time,
      recommendation.strategy,
      recommendation.version,
      recommendation.digest,
      recommendation.trigger,
      recommendation.status,
      recommendation.reason,
      mode.achieved,
      isHistorical,
      JSON.stringify(options.record),
    ]);
    if (inserted.length === 0) return false;
    await queries.query(settingsText, [
      cycle_id,
      time,
      valid_until,
      mode.achieved,
      settings.map((setting) => setting.variable),
      settings.map((setting) => setting.unit),
      settings.map((setting) => setting.measured),
      settings.map((setting) => setting.recommended),
      settings.map((setting) => setting.change),
      settings.map((setting) => setting.limited_by),
      settings.map((setting) => setting.quality),
    ]);
    return true;
  });
}

/** A cycle as the database keeps it; `record` is the parsed JSON of the whole cycle record. */
export interface StoredCycle {
  readonly cycleId: string;
  readonly time: Date;
  readonly status: string;
  readonly isHistorical: boolean;
  readonly record: unknown;
}

/** The newest cycles first, at most `limit`; their ids are in the order of their making (UUIDv7). */
export async function listCycles(
  queries: Queries,
  options: { limit: number },
): Promise<readonly StoredCycle[]> {
  const rows = await queries.query(
    `select cycle_id, time, status, is_historical, record from cycles
     order by cycle_id desc limit $1::integer`,
    [options.limit],
  );
  return rows.map(toStoredCycle);
}

/** The newest cycle; undefined when there is none yet. */
export async function newestCycle(queries: Queries): Promise<StoredCycle | undefined> {
  return (await listCycles(queries, { limit: 1 }))[0];
}

function toStoredCycle(row: DatabaseRow): StoredCycle {
  return {
    cycleId: String(row.cycle_id),
    time: row.time instanceof Date ? row.time : new Date(String(row.time)),
    status: String(row.status),
    isHistorical: row.is_historical === true,
    record: row.record,
  };
}

/**
 * Removes the oldest cycles beyond an age with their recommendations, at most `limit`; returns how
 * many went. The age is by the database's clock, since a box's may be wrong by years.
 */
export async function forgetCycles(
  queries: Queries,
  options: { days: number; limit: number },
): Promise<number> {
  const rows = await queries.query(
    `with gone as (
       delete from cycles where cycle_id in (
         select cycle_id from cycles where time < now() - make_interval(secs => $1)
         order by time limit $2::integer
       ) returning 1
     ) select count(*)::integer as count from gone`,
    [options.days * 86_400, options.limit],
  );
  return Number(rows[0]?.count ?? 0);
}
