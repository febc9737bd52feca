/** The campaigns about bundles at a size for every run; their own files say how to run them in full. */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { damageBundles } from "./bundle_damage.ts";
import { flappingPublisher } from "./flapping_publisher.ts";
import { flipUnderLoad } from "./flips_under_load.ts";
import { coldStarts, cyclesWithoutStore } from "./store_away.ts";

/** Two seconds are promised on a box of its own; tests share their processors. */
const SOON_MS = 8_000;

Deno.test("Setpoint answers every request with one whole version while versions flip", async () => {
  const { requests, failed, mixed, backMs } = await flipUnderLoad({ flips: 3 });
  assert.deepEqual([failed, mixed], [[], []]);
  assert.ok(requests > 0);
  assert.ok(backMs < SOON_MS, `going back took ${backMs} ms`);
});

Deno.test("Setpoint keeps a version for its time, and answers from whole ones, while a publisher flaps", async () => {
  const { requests, failed, mixed, changes, shortestSeconds, settled } = await flappingPublisher({
    flips: 20,
    dwellSeconds: 2,
  });
  assert.deepEqual([failed, mixed], [[], []]);
  assert.ok(requests > 0 && settled);
  assert.ok(changes >= 2 && shortestSeconds >= 2, `${changes} changes, ${shortestSeconds} s`);
});

Deno.test("ActivePlan starts on whole versions whatever bit of its disk cache flips", async () => {
  const { wrong, longestMs } = await damageBundles({ flips: 15, seed: 2 });
  assert.deepEqual(wrong, []);
  assert.ok(longestMs < SOON_MS, `${longestMs} ms`);
});

Deno.test("Setpoint misses no cycle and starts cold while its store is away", async () => {
  assert.deepEqual(await cyclesWithoutStore(144), { missed: 0 });
  assert.equal((await coldStarts(1)).length, 1);
});

Deno.test("preparePlan takes new versions of a model without holding the old ones", async () => {
  // In a process of its own: other tests leave garbage, and here it can be collected before measuring.
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "--v8-flags=--expose-gc"],
      ...[fileURLToPath(new URL("./reload_memory.ts", import.meta.url)), "10", "3"],
    ],
    stderr: "inherit",
  }).output();
  assert.equal(code, 0, new TextDecoder().decode(stdout));
});
