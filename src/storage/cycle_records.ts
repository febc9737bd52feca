/** Cycle records in the database: `cycles`, one row each, and `recommendations`, one row per setting. */

import type { DatabaseRow, Queries } from "./database.ts";

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

// One statement, and so one transaction in one round trip: a connection that breaks leaves both rows
// or neither, and nothing to roll back.
const insertText = `
with inserted as (
  insert into cycles (
    cycle_id, time, strategy, version, digest, trigger, status, reason, mode, is_historical, record
  ) values ($1, $2::timestamptz, $3, $4, $5, $6, $7, $8, $9, $10::boolean, $11::text::jsonb)
  on conflict (cycle_id) do nothing
  returning cycle_id
), written as (
  insert into recommendations (
    cycle_id, variable, time, valid_until, unit, measured, recommended, change, limited_by, quality, mode
  )
  select inserted.cycle_id, variable, $2::timestamptz, $12::timestamptz, unit, measured, recommended,
    change, limited_by, quality, $9
  from inserted cross join unnest(
    $13::text[], $14::text[], $15::double precision[], $16::double precision[],
    $17::double precision[], $18::text[], $19::text[]
  ) as setting (variable, unit, measured, recommended, change, limited_by, quality)
)
select cycle_id from inserted`;

/**
 * Writes a record with its settings, or nothing; false when the database has this cycle already. A
 * record that comes after its recommendation has lost its validity is marked as historical.
 */
export async function insertCycle(
  queries: Queries,
  options: { record: DeliverableRecord; now: Date },
): Promise<boolean> {
  const { recommendation } = options.record;
  const { cycle_id, time, valid_until, mode, settings } = recommendation;
  const inserted = await queries.query(insertText, [
    cycle_id,
    time,
    recommendation.strategy,
    recommendation.version,
    recommendation.digest,
    recommendation.trigger,
    recommendation.status,
    recommendation.reason,
    mode.achieved,
    options.now.getTime() > Date.parse(valid_until),
    JSON.stringify(options.record),
    valid_until,
    settings.map((setting) => setting.variable),
    settings.map((setting) => setting.unit),
    settings.map((setting) => setting.measured),
    settings.map((setting) => setting.recommended),
    settings.map((setting) => setting.change),
    settings.map((setting) => setting.limited_by),
    settings.map((setting) => setting.quality),
  ]);
  return inserted.length > 0;
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
