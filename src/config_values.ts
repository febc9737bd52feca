/** Where a site's live values are and how they are written there: `database.values`. */

import type { ConfigFile } from "./config_schema.ts";

/** Where the site keeps its live values, and what they look like there. */
export interface ValuesConfig {
  /** With its schema where it has one: `historian.samples`. */
  readonly table: string;
  /** `long`: a row per value. `wide`: a row per time, a column per tag. `auto`: by the table's columns. */
  readonly form: "auto" | "long" | "wide";
  /** In place of a table: gives rows of either form for the tags in $1 (text[]) up to the time $2. */
  readonly query: string | undefined;
  /** Columns by what they hold; undefined `time`: `time` in the long form, `timestamp` in the wide one. */
  readonly columns: {
    readonly time: string | undefined;
    readonly tag: string;
    readonly value: string;
    readonly quality: string;
  };
  /** Of times that are stored without a zone; IANA name. */
  readonly zone: string;
  /** Variable to the site's own tag, where that has another name. */
  readonly tags: Readonly<Record<string, string>>;
  /** The site's quality codes in lower case; any other is understood by the rule for OPC. */
  readonly quality: ReadonlyMap<string, "good" | "uncertain" | "bad">;
}

export function toValues(section: ConfigFile["database"]["values"]): ValuesConfig {
  const codes = (["good", "uncertain", "bad"] as const).flatMap((quality) =>
    section.quality[quality].map((code) => [String(code).trim().toLowerCase(), quality] as const)
  );
  return {
    ...section,
    query: section.query,
    columns: { ...section.columns, time: section.columns.time },
    quality: new Map(codes),
  };
}
