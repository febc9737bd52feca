import assert from "node:assert/strict";
import { killedBacktest } from "../campaigns/backtest_kills.ts";

Deno.test("backtest killed with SIGKILL at random goes on without a lost or doubled moment, to the same CSV", async () => {
  const { kills, runs, moments, difference } = await killedBacktest({
    moments: 150,
    kills: 2,
    seed: 5,
  });
  // On a busy machine a run may end before its kill comes.
  assert.ok(kills >= 1);
  assert.equal(runs, kills + 1);
  assert.equal(moments, 150);
  assert.equal(difference, "");
});
