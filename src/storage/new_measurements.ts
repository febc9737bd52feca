/** New live values into `process_data(time, tag, value, quality)`, our own table of the long form. */

import type { Queries } from "./database.ts";
import type { Quality } from "./quality.ts";

export interface NewMeasurement {
  readonly tag: string;
  readonly value: number;
  readonly time: Date;
  readonly quality: Quality;
}

const insertText = `
insert into process_data (time, tag, value, quality)
select * from unnest($1::timestamptz[], $2::text[], $3::double precision[], $4::text[])`;

// Bounds one statement's size; a warm-up history has tens of thousands of rows.
const rowsPerInsert = 5000;

/** Appends rows; each statement is atomic, all of them together are not. */
export async function insertMeasurements(
  queries: Queries,
  rows: readonly NewMeasurement[],
): Promise<void> {
  for (let at = 0; at < rows.length; at += rowsPerInsert) {
    const some = rows.slice(at, at + rowsPerInsert);
    await queries.query(insertText, [
      some.map((row) => row.time.toISOString()),
      some.map((row) => row.tag),
      some.map((row) => row.value),
      some.map((row) => row.quality),
    ]);
  }
}

/**
 * Keeps an embedded `process_data` small and quick: removes rows of these tags from before a time,
 * at most `limit` of each, then vacuums, which no server does for it. Returns how many rows went.
 * Only for a database that is ours: a historian keeps its own house.
 */
export async function tidyMeasurements(
  queries: Queries,
  options: { tags: readonly string[]; before: Date; limit?: number },
): Promise<number> {
  const rows = await queries.query(
    `with gone as (
       delete from process_data where ctid = any (array(
         select old.ctid from unnest($1::text[]) as wanted (tag)
         cross join lateral (
           select ctid from process_data
           where tag = wanted.tag and time < $2::timestamptz
           order by time desc limit $3::integer
         ) as old
       )) returning 1
     ) select count(*)::integer as count from gone`,
    [[...new Set(options.tags)], options.before, options.limit ?? 5000],
  );
  await queries.query("vacuum (analyze) process_data");
  return Number(rows[0]?.count ?? 0);
}
