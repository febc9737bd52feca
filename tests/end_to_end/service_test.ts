/** The main job as a user sees it: the kiln's service from start to stop, over its interface. */

import assert from "node:assert/strict";
import type { Recommendation } from "../../src/cycle/recommendation.ts";
import { startBox, until, writeKilnConfig } from "./running_box.ts";
import type { Box } from "./running_box.ts";

const README_REQUEST = {
  input_data: {
    Kiln_Feed_SFF_1_Feed_rate: 85.0,
    Kiln_Coal_PV: 8.5,
    Calciner_temperature_PV: 875.0,
  },
};

Deno.test("the service optimises the kiln over HTTP, survives its solver, keeps its state and stops", async (t) => {
  const folder = await Deno.makeTempDir();
  const config = await writeKilnConfig(folder);
  let box = await startBox(config, folder);
  try {
    let first: Recommendation | undefined;
    await t.step("its first cycle comes by itself", async () => {
      first = await firstCycle(box);
    });

    await t.step("it answers the README's request, the rest coming from live values", async () => {
      const answer = await optimize(box, README_REQUEST);
      assert.equal(answer.status, 200);
      const recommendation = await answer.json() as Recommendation;
      assert.equal(recommendation.status, "optimised", String(recommendation.reason));
      const settings = new Map(recommendation.settings.map((s) => [s.variable, s]));
      assert.equal(settings.get("Kiln_Coal_PV")?.measured, 8.5);
      assert.equal(settings.get("Calciner_temperature_PV")?.measured, 875);
      assert.equal(settings.size, 16, "settings that were not given are there too");
      assert.ok(recommendation.objective!.expected > recommendation.objective!.now);
      assert.ok(recommendation.checks.every(({ violation }) => violation <= 1e-9));
      for (const { measured, change } of recommendation.settings) {
        assert.ok(Number.isFinite(measured) && Number.isFinite(change));
      }
    });

    const wrong: readonly (readonly [string, unknown, number, RegExp])[] = [
      ["an unknown tag", { input_data: { Kiln_Coal: 8 } }, 422, /did you mean Kiln_Coal_PV\?/],
      [
        "a string for a number",
        { input_data: { Kiln_Coal_PV: "8" } },
        422,
        /input_data\.Kiln_Coal_PV/,
      ],
      ["an unknown field", { inputs: {} }, 422, /inputs/],
      ["a predicted variable", { input_data: { Predicted_NOX: 700 } }, 422, /cannot be given/],
      [
        "a value outside its valid range",
        { input_data: { Kiln_Coal_PV: 99 } },
        422,
        /valid are 4 to 13/,
      ],
      ["broken JSON", "{", 400, /JSON/],
    ];
    for (const [name, body, status, detail] of wrong) {
      await t.step(`it refuses ${name} and names the field`, async () => {
        const answer = await optimize(box, body);
        assert.equal(answer.status, status);
        assert.equal(answer.headers.get("content-type"), "application/problem+json");
        assert.match((await answer.json()).detail, detail);
      });
    }

    await t.step("it counts and clears its cache, and answers all the same", async () => {
      const before = await getJson(box, "/cache/stats");
      assert.ok(before.kinds.models.items >= 4, JSON.stringify(before.kinds.models));
      const cleared = await (await fetch(`${box.url}/cache/clear`, { method: "POST" })).json();
      assert.ok(cleared.cleared >= 9);
      assert.equal((await getJson(box, "/cache/stats")).items, 0);
      assert.equal((await optimize(box, README_REQUEST)).status, 200);
    });

    await t.step("killing its solver costs one solve at most", async () => {
      for (const pid of await childrenOf(box.pid)) Deno.kill(pid, "SIGKILL");
      const next = await (await optimize(box, README_REQUEST)).json() as Recommendation;
      assert.equal(next.status, "optimised", String(next.reason));
    });

    await t.step("it stops within seconds and says so", async () => {
      const children = await childrenOf(box.pid);
      // One Ctrl-C reaches the process itself, and again by way of `deno task`.
      Deno.kill(box.pid, "SIGINT");
      assert.equal(await box.stop(), 0);
      assert.match(box.output(), /Setpoint has stopped/);
      for (const pid of children) assert.throws(() => Deno.kill(pid, "SIGCONT"));
    });

    await t.step("after a restart the last recommendation is still there", async () => {
      box = await startBox(config, folder);
      const latest = await getJson(box, "/recommendations/latest") as Recommendation;
      assert.ok(latest.time >= first!.time);
      assert.equal(await box.stop(), 0);
    });
  } finally {
    await box.stop().catch(() => {});
    await Deno.remove(folder, { recursive: true });
  }
});

async function firstCycle(box: Box): Promise<Recommendation> {
  const latest = await until(
    () => getJson(box, "/recommendations/latest"),
    (answer) => answer.status === "optimised",
  );
  const health = await getJson(box, "/health");
  assert.equal(health.status, "pass", health.output);
  assert.equal(health.last_cycle.status, "optimised");
  assert.equal((await fetch(`${box.url}/health/ready`).then(drained)).status, 200);
  return latest;
}

function optimize(box: Box, body: unknown): Promise<Response> {
  return fetch(`${box.url}/optimize`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

async function getJson(box: Box, path: string) {
  return await (await fetch(box.url + path)).json();
}

async function drained(response: Response): Promise<Response> {
  await response.body?.cancel();
  return response;
}

/** Process numbers of the direct children. */
async function childrenOf(pid: number): Promise<number[]> {
  const text = await Deno.readTextFile(`/proc/${pid}/task/${pid}/children`).catch(() => "");
  if (text !== "") return text.trim().split(" ").map(Number);
  const { stdout } = await new Deno.Command("pgrep", { args: ["-P", String(pid)] }).output();
  return new TextDecoder().decode(stdout).trim().split("\n").filter(Boolean).map(Number);
}
