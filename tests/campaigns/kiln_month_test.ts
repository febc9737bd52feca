import assert from "node:assert/strict";
import { kilnMonth, printed } from "./kiln_month.ts";

Deno.test("kilnMonth earns more per hour than the first settings, and every cycle has a status", async () => {
  const month = await kilnMonth({ cycles: 24, seed: 2 });
  const { held, optimised, backedOff } = month;
  assert.ok(optimised.margin > held.margin + 20, printed(month));
  assert.ok(backedOff.margin > held.margin, printed(month));
  assert.ok(backedOff.anyLimit <= optimised.anyLimit, printed(month));
  assert.ok(optimised.specificCost < held.specificCost, printed(month));
  const counted = [...optimised.statuses.values()].reduce((sum, count) => sum + count, 0);
  assert.equal(counted, 24);
  assert.equal(optimised.statuses.get("failed"), undefined);
});
