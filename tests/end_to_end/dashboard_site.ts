/** The kiln's service as the dashboard's tests want it: tokens, quick cycles, two versions to choose from. */

import { join } from "node:path";
import { newToken } from "../../src/http/access.ts";
import { freePort } from "../storage/postgres_server.ts";
import { copy } from "./copy_folder.ts";
import { siteFolder } from "./site_plan.ts";

export type TestRole = "read" | "operate" | "engineer";

export interface DashboardSite {
  readonly folder: string;
  readonly configPath: string;
  readonly url: string;
  readonly tokens: Readonly<Record<TestRole, string>>;
}

/** A folder with store, state and configuration; the port stays through restarts. */
export async function dashboardSite(): Promise<DashboardSite> {
  const folder = await Deno.makeTempDir();
  const kiln = siteFolder("cement-kiln");
  const store = join(folder, "store");
  for (const version of ["1", "2"]) {
    const to = join(store, "versions", version);
    await copy(kiln, { to, names: [STRATEGY, "models", "scalers"] });
  }
  const second = join(store, "versions", "2", STRATEGY);
  const text = await Deno.readTextFile(second);
  await Deno.writeTextFile(second, `${text}\n# The second version.\n`);
  await Deno.writeTextFile(join(store, "strategy_version.yaml"), 'version: "1"\n');

  const made = { read: newToken(), operate: newToken(), engineer: newToken() };
  const port = freePort();
  const configPath = join(folder, "config.yaml");
  const tokenLines = Object.entries(made).map(([role, { sha256 }]) =>
    `    - { name: a-${role}, role: ${role}, sha256: ${sha256} }`
  );
  await Deno.writeTextFile(
    configPath,
    `api:
  host: 127.0.0.1
  port: ${port}
  requests_per_minute: 6000
  tokens:
${tokenLines.join("\n")}
optimization: { interval_seconds: 4, mode: active }
storage: { folder: ${JSON.stringify(store)} }
bundles: { poll_seconds: 5 }
state: { folder: ${JSON.stringify(join(folder, "state"))} }
feed:
  simulator:
    module: ${JSON.stringify(join(kiln, "simulator.ts"))}
    period_seconds: 1
    speed: 60
    follow_recommendations: true
    warm_up_minutes: 1
`,
  );
  return {
    folder,
    configPath,
    url: `http://127.0.0.1:${port}`,
    tokens: { read: made.read.text, operate: made.operate.text, engineer: made.engineer.text },
  };
}

const STRATEGY = "process-optimization-strategy-config.yaml";
