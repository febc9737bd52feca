/** The long form: a row per value, as in `process_data(time, tag, value, quality)`. */

import type { Average, Measurement, SiteQuestion } from "./measurements.ts";
import { isGoodText, qualityOf, siteCodes } from "./quality.ts";
import { numberText, quoted, timeTexts, type ValueTable } from "./value_table.ts";

/**
 * One index descent per tag, whatever the table's size: DISTINCT ON would read every row of each
 * tag. It wants an index on (tag, time desc).
 */
export async function readLong(
  { queries, config, tags, until, averages }: SiteQuestion,
  table: ValueTable,
): Promise<Map<string, Measurement>> {
  const seconds = tags.map((tag) => (averages.get(tag)?.ms ?? 0) / 1000);
  const ways = tags.map((tag) => averages.get(tag)?.by ?? "mean");
  const { good, other } = siteCodes(config.quality);
  const rows = await queries.query(longText(table, config), [
    tags,
    seconds,
    ways,
    until,
    good,
    other,
  ]);
  return new Map(rows.map((row) => {
    const tag = String(row.tag);
    return [tag, {
      tag,
      value: typeof row.value === "number" ? row.value : null,
      time: row.time instanceof Date ? row.time : new Date(String(row.time)),
      quality: qualityOf(row.quality, config.quality),
      average: typeof row.average === "number" ? row.average : undefined,
    }];
  }));
}

/** Exported for the test that asks Postgres for its plan. */
export function longText(table: ValueTable, config: SiteQuestion["config"]): string {
  const { columns, zone } = config;
  const time = timeTexts(table, zone);
  const tag = quoted(columns.tag);
  const raw = quoted(table.timeColumn);
  const type = table.types.get(columns.tag) ?? "text";
  // The tag's column keeps its type, so that its index serves.
  const wanted = `site.${tag} = ${
    /^(text|varchar)$/.test(type) ? "wanted.tag" : `wanted.tag::${quoted(type)}`
  }`;
  const quality = table.types.has(columns.quality)
    ? `site.${quoted(columns.quality)}::text`
    : "null::text";
  const value = numberText(table.types.get(columns.value), columns.value, "site");
  const isGood = isGoodText("quality", { good: "$5", other: "$6", codes: config.quality });
  // One join per way: an aggregate that nobody asked for would sort every window.
  const averageOf = (way: Average["by"]) => `
left join lateral (
  select ${AGGREGATES[way]} as value
  from (
    select ${value} as value, ${quality} as quality
    from ${table.name} as site
    where ${wanted} and site.${raw} <= newest.raw
      and site.${raw} > newest.raw - make_interval(secs => wanted.seconds)
  ) as one
  where value > '-Infinity' and value < 'Infinity' and ${isGood}
) as ${way} on wanted.seconds > 0 and wanted.way = '${way}'`;
  return `
select wanted.tag, ${time.instant("newest.raw")} as time, newest.value, newest.quality,
  coalesce(mean.value, median.value) as average
from unnest($1::text[], $2::double precision[], $3::text[]) as wanted (tag, seconds, way)
cross join lateral (
  select site.${raw} as raw, ${value} as value, ${quality} as quality
  from ${table.name} as site
  where ${wanted} and site.${raw} <= ${time.raw("$4::timestamptz")}
  order by site.${raw} desc limit 1
) as newest${averageOf("mean")}${averageOf("median")}`;
}

const AGGREGATES: Readonly<Record<Average["by"], string>> = {
  mean: "avg(value)",
  median: "percentile_cont(0.5) within group (order by value)",
};
