/** What a site's table holds of a stretch of time: every value, in time order, by few large queries. */

import type { ValuesConfig } from "../config_values.ts";
import { type DatabaseRow, type Queries } from "./database.ts";
import type { NewMeasurement } from "./new_measurements.ts";
import { qualityOf } from "./quality.ts";
import { describeTable, numberText, quoted, timeTexts, type ValueTable } from "./value_table.ts";

export interface RecordedRange {
  /** By the strategy's names; the configuration says how the site calls them. */
  readonly tags: readonly string[];
  /** Not included. */
  readonly after: Date;
  /** Included. */
  readonly until: Date;
}

/** One statement reads so much time: some ten thousand rows of a usual site. */
const STRETCH_MS = 6 * 3_600_000;

/** The site's values are not in a table. */
export class NoHistoryError extends Error {
  override readonly name = "NoHistoryError";
}

/**
 * Values under the strategy's names; NaN where the table holds no number. An index on the time (wide
 * form) or on tag and time (long form) serves it.
 * @throws {NoHistoryError} where the site reads by a query of its own, which knows no past.
 * @throws {DatabaseError}
 */
export async function* recordedValues(
  queries: Queries,
  { tags, after, until, config, place }: RecordedRange & {
    readonly config: ValuesConfig;
    readonly place: string;
  },
): AsyncGenerator<NewMeasurement> {
  if (config.query !== undefined) {
    throw new NoHistoryError(
      "database.values.query gives the newest values and not the past: export the record as CSV " +
        "and name it with --csv, or give another --config whose database.values.table holds it",
    );
  }
  const table = await describeTable(queries, { config, place });
  const siteTags = new Map(tags.map((tag) => [config.tags[tag] ?? tag, tag]));
  const read = table.form === "long" ? longRows : wideRows;
  for (let start = after.getTime(); start < until.getTime(); start += STRETCH_MS) {
    const end = Math.min(start + STRETCH_MS, until.getTime());
    const stretch = { after: new Date(start), until: new Date(end) };
    for (const value of await read(queries, { table, config, siteTags, ...stretch })) yield value;
  }
}

interface Stretch {
  readonly table: ValueTable;
  readonly config: ValuesConfig;
  /** The site's tag to the strategy's. */
  readonly siteTags: ReadonlyMap<string, string>;
  readonly after: Date;
  readonly until: Date;
}

async function longRows(
  queries: Queries,
  { table, config, siteTags, after, until }: Stretch,
): Promise<NewMeasurement[]> {
  const { columns, zone } = config;
  const time = timeTexts(table, zone);
  const raw = `site.${quoted(table.timeColumn)}`;
  const tag = quoted(columns.tag);
  const type = table.types.get(columns.tag) ?? "text";
  const wanted = /^(text|varchar)$/.test(type) ? "$1::text[]" : `$1::text[]::${quoted(type)}[]`;
  const quality = table.types.has(columns.quality)
    ? `site.${quoted(columns.quality)}::text`
    : "null::text";
  const rows = await queries.query(
    `select site.${tag}::text as tag, ${time.instant(raw)} as time,
       ${numberText(table.types.get(columns.value), columns.value, "site")} as value,
       ${quality} as quality
     from ${table.name} as site
     where site.${tag} = any (${wanted}) and ${raw} > ${time.raw("$2::timestamptz")}
       and ${raw} <= ${time.raw("$3::timestamptz")}
     order by ${raw}`,
    [[...siteTags.keys()], after, until],
  );
  return rows.map((row) => ({
    tag: siteTags.get(String(row.tag))!,
    time: timeOf(row),
    value: numberOf(row.value),
    quality: qualityOf(row.quality, config.quality),
  }));
}

async function wideRows(
  queries: Queries,
  { table, config, siteTags, after, until }: Stretch,
): Promise<NewMeasurement[]> {
  const time = timeTexts(table, config.zone);
  const raw = `site.${quoted(table.timeColumn)}`;
  const there = [...siteTags].filter(([site]) =>
    table.types.has(site) && site !== table.timeColumn
  );
  if (there.length === 0) return [];
  const values = there.map(([site], i) =>
    `${numberText(table.types.get(site), site, "site")} as v${i}`
  );
  const rows = await queries.query(
    `select ${time.instant(raw)} as time, ${values.join(", ")} from ${table.name} as site
     where ${raw} > ${time.raw("$1::timestamptz")} and ${raw} <= ${time.raw("$2::timestamptz")}
     order by ${raw}`,
    [after, until],
  );
  return rows.flatMap((row) =>
    there.map(([, tag], i) => ({
      tag,
      time: timeOf(row),
      value: numberOf(row[`v${i}`]),
      quality: "good" as const,
    }))
  );
}

function timeOf({ time }: DatabaseRow): Date {
  return time instanceof Date ? time : new Date(String(time));
}

function numberOf(value: unknown): number {
  return typeof value === "number" ? value : NaN;
}
