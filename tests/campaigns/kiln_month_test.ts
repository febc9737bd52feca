import assert from "node:assert/strict";
import { kilnMonth, printed } from "./kiln_month.ts";

Deno.test("kilnMonth earns more per hour than the first settings, and every cycle has a status", async () => {
  const month = await kilnMonth({ cycles: 24, seed: 2 });
  const { held, fixed, setpoint } = month;
  assert.ok(setpoint.margin > held.margin + 10, printed(month));
  assert.ok(setpoint.specificCost < held.specificCost, printed(month));
  assert.ok(fixed.margin > held.margin, printed(month));
  assert.ok(setpoint.anyLimit <= held.anyLimit, printed(month));
  const counted = [...setpoint.statuses.values()].reduce((sum, count) => sum + count, 0);
  assert.equal(counted, 24);
  assert.equal(setpoint.statuses.get("failed"), undefined);
});
