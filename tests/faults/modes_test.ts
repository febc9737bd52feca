/** The modes of the box as people see them: by its schedule alone, by requests alone, by both. */

import assert from "node:assert/strict";
import type { Health } from "../../src/http/health.ts";
import { RunningBox } from "./running_box.ts";
import { writeSmallSite } from "./small_site.ts";

type Mode = Health["mode"];

const REQUEST: RequestInit = {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: '{"input_data": {"Valve": 30, "Load": 100}}',
};

/** A box of the small site in this mode, which has its plan. */
async function inMode(
  mode: Mode,
  work: (box: RunningBox, url: string) => Promise<void>,
): Promise<void> {
  const site = await writeSmallSite({ yaml: "", mode });
  const box = await RunningBox.start(site, { startMs: 120_000 });
  try {
    await box.healthBecomes((health) => health.version !== null && health.mode === mode, 60_000);
    await work(box, `http://127.0.0.1:${box.port}`);
    assert.equal(await box.stop(), 0);
  } finally {
    await box.kill();
    await Deno.remove(site.folder, { recursive: true });
  }
}

/** Status and body of an answer. */
async function ask(url: string, init: RequestInit = {}) {
  const response = await fetch(url, init);
  return { status: response.status, body: await response.json() };
}

Deno.test("a box in the mode api runs no cycle by itself, and its newest answer to a request is the latest one", () =>
  inMode("api", async (box, url) => {
    // Its interval is a second: three of them pass.
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    const idle = await box.health();
    assert.deepEqual([idle.last_cycle, idle.next_cycle], [null, null]);
    assert.equal(idle.status, "pass", idle.output);
    assert.equal((await ask(`${url}/recommendations/latest`)).status, 404);
    assert.deepEqual((await ask(`${url}/cycles`)).body.cycles, []);

    const first = await ask(`${url}/optimize`, REQUEST);
    assert.deepEqual([first.status, first.body.status], [200, "optimised"]);
    const latest = await ask(`${url}/recommendations/latest`);
    assert.equal(latest.body.cycle_id, first.body.cycle_id);
    assert.equal((await ask(`${url}/health/ready`)).status, 200);
    const { cycles } = (await ask(`${url}/cycles`)).body;
    assert.deepEqual(cycles.map(({ trigger }: { trigger: string }) => trigger), ["request"]);
  }));

Deno.test("a box in the mode continuous runs its cycles and takes no request for an optimum", () =>
  inMode("continuous", async (box, url) => {
    const refused = await ask(`${url}/optimize`, REQUEST);
    assert.equal(refused.status, 409);
    assert.match(refused.body.detail, /app\.mode/);
    const triggers = async () =>
      (await ask(`${url}/cycles`)).body.cycles.map(({ trigger }: { trigger: string }) => trigger);
    await box.until(async () => (await triggers()).length >= 3, 30_000);
    assert.ok((await triggers()).every((trigger: string) => trigger !== "request"));
    assert.ok((await box.health()).next_cycle !== null);
    // Nobody has brought values: the cycles are held, and say so.
    const latest = await ask(`${url}/recommendations/latest`);
    assert.deepEqual([latest.status, latest.body.status], [200, "held"]);
  }));

Deno.test("a box in the mode hybrid does both, and a request is not its latest recommendation", () =>
  inMode("hybrid", async (box, url) => {
    await box.healthBecomes(({ last_cycle }) => last_cycle !== null, 30_000);
    const asked = await ask(`${url}/optimize`, REQUEST);
    assert.deepEqual([asked.status, asked.body.status], [200, "optimised"]);
    const latest = await ask(`${url}/recommendations/latest`);
    assert.notEqual(latest.body.cycle_id, asked.body.cycle_id);
    assert.equal((await ask(`${url}/cycles/${asked.body.cycle_id}`)).status, 200);
  }));
