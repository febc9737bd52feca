/** The wide form: a row per time and a column per tag, with the tags' names as they are. */

import type { Measurement, SiteQuestion } from "./measurements.ts";
import { numberText, quoted, timeTexts, type ValueTable } from "./value_table.ts";

/**
 * The newest row, and the windows that end with it. Tags without a column are left out. It wants an
 * index on the time. Such a table holds no quality: what is there counts as good.
 */
export async function readWide(
  { queries, config, tags, until, averages }: SiteQuestion,
  table: ValueTable,
): Promise<Map<string, Measurement>> {
  const there = tags.filter((tag) => table.types.has(tag) && tag !== table.timeColumn);
  const seconds = there.map((tag) => (averages.get(tag)?.ms ?? 0) / 1000);
  const averaged = there.flatMap((_, i) => (seconds[i] ?? 0) > 0 ? [i] : []);
  if (there.length === 0) return new Map();
  const [row] = await queries.query(wideText(table, { config, there, averaged, averages }), [
    until,
    seconds,
  ]);
  if (row === undefined) return new Map();
  const time = row.time instanceof Date ? row.time : new Date(String(row.time));
  const numberOf = (value: unknown) => typeof value === "number" ? value : undefined;
  return new Map(there.map((tag, i) => [tag, {
    tag,
    value: numberOf(row[`v${i}`]) ?? null,
    time,
    quality: "good",
    average: numberOf(row[`a${i}`]),
  }]));
}

function wideText(
  table: ValueTable,
  { config, there, averaged, averages }: Pick<SiteQuestion, "averages"> & {
    readonly config: SiteQuestion["config"];
    readonly there: readonly string[];
    readonly averaged: readonly number[];
  },
): string {
  const time = timeTexts(table, config.zone);
  const raw = `site.${quoted(table.timeColumn)}`;
  const valueOf = (tag: string) => numberText(table.types.get(tag), tag, "site");
  // The parameter with the windows must stand in the statement even where nothing is averaged.
  const longest =
    "(select coalesce(max(seconds), 0) from unnest($2::double precision[]) as seconds)";
  const windows = averaged.map((i) => {
    const tag = there[i] ?? "";
    const value = valueOf(tag);
    const within =
      `filter (where ${raw} > newest.raw - make_interval(secs => ($2::double precision[])[${
        i + 1
      }]) and ${value} > '-Infinity' and ${value} < 'Infinity')`;
    return averages.get(tag)?.by !== "median"
      ? `avg(${value}) ${within} as a${i}`
      : `percentile_cont(0.5) within group (order by ${value}) ${within} as a${i}`;
  });
  return `
select ${time.instant("newest.raw")} as time, newest.*, averages.*
from (
  select ${raw} as raw, ${there.map((tag, i) => `${valueOf(tag)} as v${i}`).join(", ")}
  from ${table.name} as site
  where ${raw} <= ${time.raw("$1::timestamptz")}
  order by ${raw} desc limit 1
) as newest
left join lateral (
  select ${["count(*) as rows", ...windows].join(", ")}
  from ${table.name} as site
  where ${raw} <= newest.raw and ${raw} > newest.raw - make_interval(secs => ${longest})
) as averages on true`;
}
