/** The clients that people have at hand, as the README shows them: each runs an optimisation of the kiln. */

import assert from "node:assert/strict";
import { join } from "node:path";
import type { Recommendation } from "../../src/cycle/recommendation.ts";
import { writeConfig } from "../campaigns/http_load.ts";
import { RunningBox } from "../faults/running_box.ts";
import { isInstalled } from "../programs.ts";

const python = pythonWithRequests();
if (python === undefined) {
  console.error("IGNORED: no Python with requests here (apt-get install python3-requests)");
}
const hasCurl = isInstalled("curl");
if (!hasCurl) console.error("IGNORED: no curl here");

Deno.test({
  name: "curl and Python's requests each run an optimisation as the README shows",
  ignore: python === undefined && !hasCurl,
  async fn(t) {
    const folder = await Deno.makeTempDir({ prefix: "setpoint-clients-" });
    const configPath = await writeConfig(folder);
    const site = { folder, stateFolder: join(folder, "state"), configPath };
    const box = await RunningBox.start(site, { startMs: 180_000 });
    const address = `localhost:${box.port}`;
    try {
      await box.healthBecomes(({ last_cycle }) => last_cycle !== null, 120_000);
      await t.step({
        name: "curl",
        ignore: !hasCurl,
        async fn() {
          const text = await outputOf("sh", [
            "-c",
            `curl --silent -X POST ${address}/optimize -H 'content-type: application/json' ` +
            `-d '{"input_data": {"Kiln_Coal_PV": 8.5}}'`,
          ]);
          assertRecommends(JSON.parse(text) as Recommendation);
        },
      });
      await t.step({
        name: "Python's requests",
        ignore: python === undefined,
        async fn() {
          const text = await outputOf(python ?? "", ["-c", pythonText(address)]);
          assert.match(text, /^Kiln_Coal_PV 8\.5 -> [\d.]+ t\/h$/m);
          assert.equal(text.trim().split("\n").length, 16, "a line per setting");
        },
      });
    } finally {
      await box.kill();
      await Deno.remove(folder, { recursive: true });
    }
  },
});

function pythonText(address: string): string {
  return `import requests
answer = requests.post("http://${address}/optimize", json={"input_data": {"Kiln_Coal_PV": 8.5}})
for setting in answer.json()["settings"]:
    print(setting["variable"], setting["measured"], "->", setting["recommended"], setting["unit"])
`;
}

function assertRecommends({ status, settings }: Recommendation): void {
  assert.ok(["optimised", "unchanged", "relaxed"].includes(status), status);
  const coal = settings.find(({ variable }) => variable === "Kiln_Coal_PV");
  assert.equal(coal?.measured, 8.5);
  assert.ok(Number.isFinite(coal?.recommended));
}

async function outputOf(command: string, args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, { args: [...args] }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

/** The system's, or the one that the campaign with Schemathesis keeps. */
function pythonWithRequests(): string | undefined {
  const cache = Deno.env.get("XDG_CACHE_HOME") ?? join(Deno.env.get("HOME") ?? "", ".cache");
  const candidates = ["python3", join(cache, "setpoint", "schemathesis", "bin", "python3")];
  return candidates.find((path) => canRun(path, ["-c", "import requests"]));
}

function canRun(command: string, args: readonly string[]): boolean {
  try {
    return new Deno.Command(command, { args: [...args], stdout: "null", stderr: "null" })
      .outputSync().success;
  } catch {
    return false;
  }
}
