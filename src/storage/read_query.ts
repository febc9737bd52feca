/** A site's own query in place of a table: it gives rows of the long or of the wide form. */

import type { Measurement, SiteQuestion } from "./measurements.ts";
import type { DatabaseRow } from "./database.ts";
import { qualityOf } from "./quality.ts";

/** More rows than this are not read: the query is to give windows, not the history. */
const MAX_ROWS = 100_000;

/**
 * Runs the query with the tags as $1 (text[]) and the latest time as $2 (timestamptz); it need not
 * use them. Rows with a tag column are of the long form. Times must carry their zone.
 */
export async function readQuery(
  { queries, config, tags, until, averages }: SiteQuestion,
  text: string,
): Promise<Map<string, Measurement>> {
  const own = text.trim().replace(/;\s*$/, "");
  // Both parameters stand outside too, so that Postgres knows their types.
  const rows = await queries.query(
    `select * from (${own}\n) as site
     where $1::text[] is not null and $2::timestamptz is not null limit ${MAX_ROWS}`,
    [tags, until],
  );
  const { columns } = config;
  const long = rows.flatMap((row) =>
    columns.tag in row ? [rowOf(row, config)] : wideRows(row, { config, tags })
  );
  const byTag = Map.groupBy(
    long.filter(({ time }) => time.getTime() <= until.getTime()),
    ({ tag }) => tag,
  );
  return new Map(
    tags.flatMap((tag) => {
      const rows = byTag.get(tag)?.toSorted((a, b) => b.time.getTime() - a.time.getTime()) ?? [];
      const [newest] = rows;
      if (newest === undefined) return [];
      const wanted = averages.get(tag);
      const since = newest.time.getTime() - (wanted?.ms ?? 0);
      const window = rows.filter(({ time, quality }) =>
        time.getTime() > since && quality === "good"
      )
        .flatMap(({ value }) => value !== null && Number.isFinite(value) ? [value] : []);
      const average = wanted && averageOf[wanted.by](window);
      return [[tag, { ...newest, average }]];
    }),
  );
}

function rowOf(row: DatabaseRow, { columns, quality }: SiteQuestion["config"]): Measurement {
  return {
    tag: String(row[columns.tag]),
    value: numberOf(row[columns.value]),
    time: timeOf(row, columns.time ?? "time"),
    quality: qualityOf(row[columns.quality], quality),
    average: undefined,
  };
}

function wideRows(
  row: DatabaseRow,
  { config, tags }: Pick<SiteQuestion, "config" | "tags">,
): Measurement[] {
  const time = timeOf(row, config.columns.time ?? ("timestamp" in row ? "timestamp" : "time"));
  return tags.flatMap((tag) =>
    tag in row
      ? [{ tag, value: numberOf(row[tag]), time, quality: "good" as const, average: undefined }]
      : []
  );
}

/** An instant; the beginning of time where the row has none, so that the value counts as too old. */
function timeOf(row: DatabaseRow, column: string): Date {
  const time = row[column];
  const date = time instanceof Date ? time : new Date(String(time));
  return Number.isNaN(date.getTime()) ? new Date(0) : date;
}

/** Numbers, booleans, and what a driver gives as text: bigint and numeric. */
function numberOf(value: unknown): number | null {
  if (typeof value === "number") return value;
  if (typeof value === "boolean" || typeof value === "bigint") return Number(value);
  if (typeof value !== "string" || value.trim() === "") return null;
  const number = Number(value);
  return Number.isNaN(number) && value !== "NaN" ? null : number;
}

const averageOf: Readonly<
  Record<"mean" | "median", (values: readonly number[]) => number | undefined>
> = {
  mean: (values) =>
    values.length === 0 ? undefined : values.reduce((a, b) => a + b, 0) / values.length,
  median: (values) => {
    const sorted = values.toSorted((a, b) => a - b);
    const upper = sorted[sorted.length >> 1];
    const lower = sorted[(sorted.length - 1) >> 1];
    return upper === undefined || lower === undefined ? undefined : (lower + upper) / 2;
  },
};
