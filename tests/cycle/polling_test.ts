import assert from "node:assert/strict";
import { pollingWaitMs, startPolling } from "../../src/cycle/polling.ts";

Deno.test("pollingWaitMs spreads boxes by a fifth, and doubles while nothing answers, up to a bound", () => {
  const at = (failures: number, random: number) =>
    pollingWaitMs(failures, { periodMs: 30_000, random: () => random });
  assert.deepEqual([at(0, 0), at(0, 0.5), at(0, 1)].map(Math.round), [24_000, 30_000, 36_000]);
  assert.equal(Math.round(at(1, 0.5)), 60_000);
  assert.equal(Math.round(at(3, 0.5)), 240_000);
  assert.equal(Math.round(at(4, 0.5)), 300_000);
  assert.equal(Math.round(at(1e9, 0.5)), 300_000);
  assert.equal(Math.round(pollingWaitMs(5, { periodMs: 600_000, random: () => 0.5 })), 600_000);
});

Deno.test("startPolling goes on after answers, after none, and after errors, until it is stopped", async () => {
  const three = Promise.withResolvers<void>();
  const errors: unknown[] = [];
  let asked = 0;
  const polling = startPolling(async () => {
    asked++;
    if (asked === 2) throw new Error("broken");
    if (asked === 4) three.resolve();
    return await Promise.resolve(asked !== 1);
  }, { periodMs: 1, longestMs: 2, failed: (error) => errors.push(error) });
  await three.promise;
  await polling.stop();
  const before = asked;
  assert.equal(errors.length, 1);
  assert.equal(asked, before);
});
