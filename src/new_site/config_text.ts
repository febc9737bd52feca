/** A new site's config.yaml: what a box needs to run it, and what a plant has in place of the skeleton's parts. */

import type { SitePlan } from "./site_plan.ts";
import { commented, scalar } from "./yaml_text.ts";

export interface ConfigPlaces {
  /** From the site's folder. */
  readonly stateFolder: string;
  readonly port: number;
  /** The columns of data/plant.csv that are replayed; undefined without data. */
  readonly columns: readonly string[] | undefined;
}

/** A recorded row comes at least this often, so that a newcomer sees something happen. */
const ROW_EVERY_SECONDS = 30;

export function configText(plan: SitePlan, { stateFolder, port, columns }: ConfigPlaces): string {
  const pace = Math.max(1, plan.rowSeconds / ROW_EVERY_SECONDS);
  const interval = plan.rowSeconds / pace;
  const feed = columns === undefined
    ? [
      "# No data, no feed: a cycle runs when it is asked for, on the values that the request gives.",
    ]
    : [
      "# The recorded rows as live values, in place of a plant. A recording cannot follow, so the mode is",
      "# advisory.",
      "feed:",
      "  replay:",
      "    file: data/plant.csv",
      commented(
        `    row_seconds: ${plan.rowSeconds}`,
        "time between two rows when they were recorded",
      ),
      commented(`    pace: ${pace}`, `1: as recorded; here a row every ${interval} s`),
      "    columns:",
      ...columns.map((name) => `      ${scalar(name)}: ${scalar(name)}`),
    ];
  return [
    "# yaml-language-server: $schema=config.schema.json",
    `# ${plan.name} on one box with embedded parts. Every key: deno task config-reference. \${VAR} and`,
    "# ${VAR:-default} are replaced from the environment.",
    columns === undefined
      ? commented("app: { mode: api }", "by requests alone; hybrid: by the clock as well")
      : commented("app: { mode: hybrid }", "by the clock and by requests"),
    commented(
      `api: { host: 127.0.0.1, port: ${port} }`,
      "a host that the network reaches needs tokens: deno task token",
    ),
    "optimization:",
    commented(
      `  interval_seconds: ${columns === undefined ? 300 : interval}`,
      "time between two cycles",
    ),
    commented("  config_file: strategy.yaml", "the strategy's path in the bundle"),
    commented("  mode: advisory", "active: also offered to SCADA for download"),
    commented(`state: { folder: ${scalar(stateFolder)} }`, "what must outlive a restart"),
    "log: { level: INFO }",
    ...feed,
    "",
    "# What a plant has in place of the feed and of this folder:",
    "# database: { host: historian.plant, dbname: process_db, user: box, password_file: /run/secrets/box }",
    '# storage: { minio: { endpoint: "minio.plant:9000", bucket: process-optimization } }',
    "# or a folder that versions are published to:",
    "# storage: { folder: /srv/bundles }",
    "",
  ].join("\n");
}
