/** A site without models whose cycles take milliseconds: what the tests of faults run the service on. */

import { join } from "node:path";

const STRATEGY = `name: small site
variables:
  Valve: { type: operative, unit: "1", bounds: [0, 100], max_move: 5, on_bad: last_good }
  Load: { type: informative, unit: "1", on_bad: last_good }
  loss: { type: calculated, unit: "1" }
skills:
  losses: { type: function, output: loss, formula: "(Valve - 0.5 * Load) ^ 2 + 1" }
  optimum:
    type: optimizer
    minimize: loss
    unit: "1"
    model: losses
    solver: { tolerance: 1e-8, max_iterations: 50, time_limit: 2s, starts: 1 }
tasks:
  - { name: estimate, skill: losses }
  - { name: optimise, skill: optimum }
`;

export interface SmallSite {
  readonly folder: string;
  readonly stateFolder: string;
  readonly configPath: string;
}

/** Writes the site; `yaml` adds sections such as `database`. */
export async function writeSmallSite(
  { yaml, mode = "hybrid", stateFolder, state = "", optimization = "interval_seconds: 1" }: {
    readonly yaml: string;
    /** Of the section `app`. */
    readonly mode?: "continuous" | "api" | "hybrid";
    readonly stateFolder?: string;
    /** Further keys of the section `state`. */
    readonly state?: string;
    readonly optimization?: string;
  },
): Promise<SmallSite> {
  const folder = await Deno.makeTempDir({ prefix: "setpoint-site-" });
  const site = {
    folder,
    stateFolder: stateFolder ?? join(folder, "state"),
    configPath: join(folder, "config.yaml"),
  };
  await Deno.writeTextFile(join(folder, "strategy.yaml"), STRATEGY);
  await Deno.writeTextFile(
    site.configPath,
    `app: { mode: ${mode} }
api: { port: 0 }
optimization: { ${optimization}, config_file: strategy.yaml }
state: { folder: ${JSON.stringify(site.stateFolder)}, ${state} }
log: { level: INFO }
${yaml}
`,
  );
  return site;
}

/** `database` for a server of these tests, with deadlines that a test can wait for. */
export function databaseYaml(port: number, { user = "postgres" } = {}): string {
  return `database:
  { host: 127.0.0.1, port: ${port}, dbname: postgres, user: ${user}, connect_timeout_seconds: 1, query_timeout_seconds: 1 }`;
}

/** Live values for an hour to come, so that a test need not write any more. */
export const LIVE_VALUES = `
insert into process_data (time, tag, value, quality)
select now() - interval '30 seconds' + make_interval(secs => second), tag, value + random(), 'good'
from generate_series(0, 1800) as second, (values ('Valve', 30), ('Load', 100)) as t (tag, value)`;
