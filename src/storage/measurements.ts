/** Live values in `process_data(time, tag, value, quality)`: the newest of each tag, and new ones. */

import type { DatabaseRow, Queries } from "./database.ts";

export type Quality = "good" | "uncertain" | "bad";

/** The newest row of a tag. */
export interface Measurement {
  readonly tag: string;
  /** In the tag's own unit; null where the historian wrote none. NaN and infinities come as they are. */
  readonly value: number | null;
  readonly time: Date;
  readonly quality: Quality;
  /** Mean of the good values in the window that ends with the newest; undefined where none was asked for, or none is good. */
  readonly average: number | undefined;
}

export interface NewMeasurement {
  readonly tag: string;
  readonly value: number;
  readonly time: Date;
  readonly quality: Quality;
}

// One index descent per tag, whatever the table's size: DISTINCT ON would read every row of each tag.
// What counts as good is the rule of `qualityOf`; NaN sorts above Infinity in Postgres.
const newestText = `
select wanted.tag, newest.time, newest.value, newest.quality, mean.value as average
from unnest($1::text[], $2::double precision[]) as wanted (tag, seconds)
cross join lateral (
  select time, value, quality::text as quality from process_data
  where tag = wanted.tag and time <= $3::timestamptz
  order by time desc limit 1
) as newest
left join lateral (
  select avg(value) as value from process_data
  where tag = wanted.tag and time <= newest.time
    and time > newest.time - make_interval(secs => wanted.seconds)
    and value > '-Infinity' and value < 'Infinity'
    and case when quality is null then true
      when quality::text ~ '^[0-9]{1,10}$' then quality::text::bigint between 192 and 1073741823
      else lower(quality::text) like 'good%' end
) as mean on wanted.seconds > 0`;

/**
 * The newest value of each tag, by one query; a tag without any is left out. `until` shuts out times
 * in the future. `averagesMs` gives the window, in milliseconds, of each tag that wants a mean.
 */
export async function readNewest(
  queries: Queries,
  options: {
    tags: readonly string[];
    until: Date;
    averagesMs?: ReadonlyMap<string, number>;
  },
): Promise<ReadonlyMap<string, Measurement>> {
  const tags = [...new Set(options.tags)];
  const seconds = tags.map((tag) => (options.averagesMs?.get(tag) ?? 0) / 1000);
  const rows = await queries.query(newestText, [tags, seconds, options.until]);
  return new Map(rows.map((row) => [String(row.tag), toMeasurement(row)]));
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

function toMeasurement(row: DatabaseRow): Measurement {
  return {
    tag: String(row.tag),
    value: typeof row.value === "number" ? row.value : null,
    time: row.time instanceof Date ? row.time : new Date(String(row.time)),
    quality: qualityOf(row.quality),
    average: typeof row.average === "number" ? row.average : undefined,
  };
}

/**
 * A historian's quality as one of three. Words; OPC DA codes, one byte, of which the two upper bits
 * tell (OPC DA 3.0, 6.8); OPC UA status codes, 32 bits, likewise (OPC UA part 4, 7.39). 0 is bad in
 * the first and good in the second: it counts as bad, since a wrong "bad" is seen and does no harm.
 * No quality at all counts as good.
 */
export function qualityOf(quality: unknown): Quality {
  if (quality === null || quality === undefined) return "good";
  const word = String(quality).trim().toLowerCase();
  const code = Number(word);
  if (word === "" || !Number.isInteger(code)) {
    if (word.startsWith("good")) return "good";
    return word.startsWith("uncertain") ? "uncertain" : "bad";
  }
  if (code > 255) return code < 0x4000_0000 ? "good" : code < 0x8000_0000 ? "uncertain" : "bad";
  return code >= 192 ? "good" : code >= 64 && code < 128 ? "uncertain" : "bad";
}
