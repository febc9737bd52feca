/** The past of one tag in buckets of equal length: a chart of a week costs no more than one of an hour. */

import type { ValuesConfig } from "../config_values.ts";
import type { Queries } from "./database.ts";
import { isGoodText, siteCodes } from "./quality.ts";
import { numberText, quoted, timeTexts, type ValueTable } from "./value_table.ts";

/** What a tag's good values were within one bucket; buckets without any are left out. */
export interface HistoryBucket {
  /** 0 is the one that begins with `from`. */
  readonly bucket: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly count: number;
}

export interface HistoryQuestion {
  readonly tag: string;
  readonly from: Date;
  /** Not included. */
  readonly to: Date;
  readonly buckets: number;
}

/**
 * Longest span of one statement: the embedded database blocks the process while it runs one, and a
 * server's statements have a deadline.
 */
const SLICE_MS = 12 * 3_600_000;
/** Statements of one question; a longer span is cut into longer slices. */
const MOST_SLICES = 64;

/** Reads the buckets slice by slice. Throws DatabaseError. */
export async function readHistory(
  { tag, from, to, buckets }: HistoryQuestion,
  { queries, config, table }: {
    readonly queries: Queries;
    readonly config: ValuesConfig;
    readonly table: ValueTable;
  },
): Promise<HistoryBucket[]> {
  if (table.form === "wide" && !table.types.has(tag)) return [];
  const { good, other } = siteCodes(config.quality);
  const text = historyText(table, { config, tag });
  const spanMs = to.getTime() - from.getTime();
  // A slice holds whole buckets, so that none is told twice.
  const slices = Math.min(MOST_SLICES, buckets, Math.max(1, Math.ceil(spanMs / SLICE_MS)));
  const at = (bucket: number) => new Date(from.getTime() + spanMs * bucket / buckets);
  const found: HistoryBucket[] = [];
  for (let i = 0; i < slices; i++) {
    const first = Math.floor(buckets * i / slices);
    const end = Math.floor(buckets * (i + 1) / slices);
    const rows = await queries.query(text, [
      at(first),
      at(end),
      spanMs / buckets / 1000,
      ...(table.form === "long" ? [tag, good, other] : []),
    ]);
    for (const row of rows) {
      found.push({
        bucket: Math.min(first + Number(row.bucket), end - 1),
        min: Number(row.min),
        max: Number(row.max),
        mean: Number(row.mean),
        count: Number(row.count),
      });
    }
  }
  return found;
}

function historyText(
  table: ValueTable,
  { config, tag }: { readonly config: ValuesConfig; readonly tag: string },
): string {
  const { columns, zone, quality: codes } = config;
  const isLong = table.form === "long";
  const time = timeTexts(table, zone);
  const raw = `site.${quoted(table.timeColumn)}`;
  const column = isLong ? columns.value : tag;
  const value = numberText(table.types.get(column), column, "site");
  const type = table.types.get(columns.tag) ?? "text";
  const wanted = isLong
    ? `site.${quoted(columns.tag)} = ${
      /^(text|varchar)$/.test(type) ? "$4::text" : `$4::text::${quoted(type)}`
    } and`
    : "";
  const quality = isLong && table.types.has(columns.quality)
    ? `site.${quoted(columns.quality)}::text`
    : "null::text";
  const isGood = isLong ? isGoodText("quality", { good: "$5", other: "$6", codes }) : "true";
  return `
select floor(extract(epoch from (${time.instant("raw")} - $1::timestamptz))
    / $3::double precision)::integer as bucket,
  min(value) as min, max(value) as max, avg(value) as mean, count(*)::integer as count
from (
  select ${raw} as raw, ${value} as value, ${quality} as quality
  from ${table.name} as site
  where ${wanted} ${raw} >= ${time.raw("$1::timestamptz")}
    and ${raw} < ${time.raw("$2::timestamptz")}
) as one
where value > '-Infinity' and value < 'Infinity' and ${isGood}
group by 1 order by 1`;
}
