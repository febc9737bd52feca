import assert from "node:assert/strict";
import { powerCut } from "./power_cut.ts";

Deno.test("Setpoint comes back on copies of its state taken at random moments, whole, mixed and cut", async () => {
  const { cameBack, cutFiles, faults } = await powerCut({ copies: 3, seed: 5, say: console.log });
  assert.deepEqual(faults, []);
  assert.deepEqual(cameBack, { whole: 1, mixed: 1, cut: 1 });
  assert.ok(cutFiles > 0);
});
