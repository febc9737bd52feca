/**
 * Node-RED (npm) with a real flow: its HTTP request node asks the kiln's running service for an
 * optimum and hands the answer on.
 *
 *     deno run -A tests/campaigns/node_red.ts
 *
 * It keeps Node-RED in the user's cache folder, and needs node and npm.
 */

import { join } from "node:path";
import type { Recommendation } from "../../src/cycle/recommendation.ts";
import { RunningBox } from "../faults/running_box.ts";
import { freePort } from "../storage/postgres_server.ts";
import { stopForHelp } from "./campaign_help.ts";
import { writeConfig } from "./http_load.ts";

const VERSION = "4.1.1";
const START_MS = 120_000;

/** What came out of the flow's end. */
export async function optimumThroughNodeRed(): Promise<Recommendation> {
  const tool = await installed();
  const folder = await Deno.makeTempDir({ prefix: "setpoint-node-red-" });
  const configPath = await writeConfig(folder);
  const site = { folder, stateFolder: join(folder, "state"), configPath };
  const box = await RunningBox.start(site, { startMs: 180_000 });
  const port = freePort();
  let nodeRed: Deno.ChildProcess | undefined;
  try {
    await box.healthBecomes(({ last_cycle }) => last_cycle !== null, 120_000);
    const home = join(folder, "node-red");
    await Deno.mkdir(home);
    await Deno.writeTextFile(join(home, "settings.js"), settingsText(port));
    await Deno.writeTextFile(join(home, "flows.json"), JSON.stringify(flowTo(box.port)));
    nodeRed = new Deno.Command("node", {
      args: [tool, "--userDir", home, "--settings", join(home, "settings.js"), "flows.json"],
      stdout: "null",
      stderr: "null",
    }).spawn();
    return await answerOf(`http://127.0.0.1:${port}/run`);
  } finally {
    nodeRed?.kill("SIGKILL");
    await nodeRed?.status;
    await box.kill();
    await Deno.remove(folder, { recursive: true });
  }
}

/** The path of its program; fetched where it is not there yet. */
async function installed(): Promise<string> {
  const cache = Deno.env.get("XDG_CACHE_HOME") ?? join(Deno.env.get("HOME") ?? "", ".cache");
  const folder = join(cache, "setpoint", "node-red");
  const program = join(folder, "node_modules", "node-red", "red.js");
  if (await Deno.stat(program).then(() => true, () => false)) return program;
  await Deno.mkdir(folder, { recursive: true });
  const { success, stderr } = await new Deno.Command("npm", {
    args: ["install", "--no-audit", "--no-fund", "--ignore-scripts", `node-red@${VERSION}`],
    cwd: folder,
    stdout: "null",
  }).output();
  if (!success) throw new Error(`npm: ${new TextDecoder().decode(stderr)}`);
  return program;
}

/** On this machine alone, and asking nobody for newer versions. */
function settingsText(port: number): string {
  return `module.exports = {
  uiHost: "127.0.0.1",
  uiPort: ${port},
  httpAdminRoot: false,
  credentialSecret: false,
  telemetry: { enabled: false, updateNotification: false },
  externalModules: { palette: { allowInstall: false } },
  logging: { console: { level: "fatal" } },
};
`;
}

/** Something asks /run; a body is made; the HTTP request node posts it; its answer is the answer. */
function flowTo(servicePort: number): readonly unknown[] {
  const at = { z: "flow" };
  return [
    { id: "flow", type: "tab", label: "Setpoint" },
    { id: "run", type: "http in", ...at, url: "/run", method: "get", wires: [["body"]] },
    {
      id: "body",
      type: "change",
      ...at,
      rules: [{
        t: "set",
        p: "payload",
        pt: "msg",
        to: JSON.stringify({ input_data: { Kiln_Coal_PV: 8.5 } }),
        tot: "json",
      }],
      wires: [["ask"]],
    },
    {
      id: "ask",
      type: "http request",
      ...at,
      method: "POST",
      ret: "obj",
      paytoqs: "ignore",
      url: `http://localhost:${servicePort}/optimize`,
      wires: [["answer"]],
    },
    { id: "answer", type: "http response", ...at, wires: [] },
  ];
}

/** Asks until Node-RED has started. */
async function answerOf(url: string): Promise<Recommendation> {
  const end = performance.now() + START_MS;
  for (;;) {
    try {
      const answer = await fetch(url);
      if (answer.ok) return await answer.json() as Recommendation;
      // It listens before its flow has started.
      await answer.body?.cancel();
      if (answer.status !== 404) throw new TypeError(`The flow answered ${answer.status}`);
    } catch (error) {
      if (error instanceof TypeError && /The flow/.test(error.message)) throw error;
    }
    if (performance.now() > end) throw new Error(`Node-RED did not start within ${START_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

if (import.meta.main) {
  stopForHelp("campaign:node-red");
  const { status, settings } = await optimumThroughNodeRed();
  const coal = settings.find(({ variable }) => variable === "Kiln_Coal_PV");
  console.log(`Node-RED ${VERSION}: ${status}`, coal);
  const isRight = ["optimised", "unchanged", "relaxed"].includes(status) && coal?.measured === 8.5;
  Deno.exit(isRight ? 0 : 1);
}
