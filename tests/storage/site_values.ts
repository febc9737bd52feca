/** What a site's configuration says of its live values, and reading by it, in short. */

import { parseConfig } from "../../src/config.ts";
import type { ValuesConfig } from "../../src/config_values.ts";
import type { DatabaseRow, Queries } from "../../src/storage/database.ts";
import { Measurements, type ReadOptions } from "../../src/storage/measurements.ts";

/** `database.values` with these lines of YAML, the defaults for all else. */
export function siteValues(yaml = "{}"): ValuesConfig {
  const text = `database:\n  values:\n${yaml.replaceAll(/^/gm, "    ")}\n`;
  return parseConfig(text, { path: "/site/config.yaml", env: {} }).values;
}

/** Reads our own table, or the one that the lines of YAML describe. */
export function readNewest(queries: Queries, options: ReadOptions & { yaml?: string }) {
  const measurements = new Measurements(siteValues(options.yaml), { place: "here" });
  return measurements.newest(queries, options);
}

interface PlanNode {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly "Index Name"?: string;
  readonly Plans?: readonly PlanNode[];
}

/** The nodes of what `explain (format json)` gave, each as "kind on table by index". */
export function nodesOf(rows: readonly DatabaseRow[]): string[] {
  const [{ Plan: top }] = rows[0]?.["QUERY PLAN"] as [{ Plan: PlanNode }];
  const walk = (node: PlanNode): string[] => {
    const table = node["Relation Name"];
    const index = node["Index Name"];
    return [
      node["Node Type"] + (table === undefined ? "" : ` on ${table}`) +
      (index === undefined ? "" : ` by ${index}`),
      ...(node.Plans ?? []).flatMap(walk),
    ];
  };
  return walk(top);
}
