/** The site's table of live values: its columns, and the SQL that reads numbers and times from them. */

import type { ValuesConfig } from "../config_values.ts";
import { DatabaseError, type Queries } from "./database.ts";

/** A table as it was found; names are quoted where they stand in SQL. */
export interface ValueTable {
  /** Quoted, with its schema where one was named. */
  readonly name: string;
  readonly form: "long" | "wide";
  /** Postgres' type names by column. */
  readonly types: ReadonlyMap<string, string>;
  readonly timeColumn: string;
}

/**
 * Looks the table up. Throws DatabaseError: `schema` where the table or a column that the
 * configuration names is not there.
 */
export async function describeTable(
  queries: Queries,
  { config, place }: { readonly config: ValuesConfig; readonly place: string },
): Promise<ValueTable> {
  const name = config.table.split(".").map(quoted).join(".");
  const rows = await queries.query(
    `select attname::text as name, typname::text as type
     from pg_attribute join pg_type on pg_type.oid = atttypid
     where attrelid = to_regclass($1::text) and attnum > 0 and not attisdropped`,
    [name],
  );
  const types = new Map(rows.map((row) => [String(row.name), String(row.type)]));
  const missing = (message: string) =>
    new DatabaseError(`${place}: ${message}`, { fault: "schema" });
  if (types.size === 0) throw missing(`there is no table ${name}, or no right to see it`);
  const { columns } = config;
  const isLong = types.has(columns.tag) && types.has(columns.value);
  const form = config.form === "auto" ? (isLong ? "long" : "wide") : config.form;
  const timeColumn = columns.time ??
    (form === "wide" && types.has("timestamp") ? "timestamp" : "time");
  const wanted = form === "long" ? [columns.tag, columns.value, timeColumn] : [timeColumn];
  const absent = wanted.filter((column) => !types.has(column));
  if (absent.length > 0) {
    throw missing(
      `table ${name} has no column ${absent.map(quoted).join(", ")}; it has ` +
        `${[...types.keys()].map(quoted).join(", ")}: correct database.values.columns`,
    );
  }
  if (!/^(timestamptz|timestamp|date)$/.test(types.get(timeColumn) ?? "")) {
    throw missing(`column ${quoted(timeColumn)} of ${name} is no timestamp`);
  }
  return { name, form, types, timeColumn };
}

/** The column as `double precision`; null where its text is no number. `of` is the row it stands in. */
export function numberText(type: string | undefined, column: string, of: string): string {
  const name = `${of}.${quoted(column)}`;
  switch (type) {
    case "bool":
      return `${name}::integer::double precision`;
    case "int2":
    case "int4":
    case "int8":
    case "float4":
    case "float8":
    case "numeric":
      return `${name}::double precision`;
    case "text":
    case "varchar":
    case "bpchar":
      return `case when ${name} ~ '^\\s*[-+]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][-+]?[0-9]{1,2})?\\s*$'
        then ${name}::double precision when lower(trim(${name})) = 'true' then 1
        when lower(trim(${name})) = 'false' then 0 end`;
    default:
      return "null::double precision";
  }
}

/** The SQL of an instant from the table's time column, and of a table's time from an instant. */
export function timeTexts(
  { types, timeColumn }: ValueTable,
  zone: string,
): { instant: (raw: string) => string; raw: (instant: string) => string } {
  if (types.get(timeColumn) === "timestamptz") {
    return { instant: (raw) => raw, raw: (instant) => instant };
  }
  const at = `at time zone ${literal(zone)}`;
  return {
    instant: (raw) => `(${raw}::timestamp ${at})`,
    raw: (instant) => `(${instant} ${at})`,
  };
}

/** An identifier as it is, whatever is in it. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
