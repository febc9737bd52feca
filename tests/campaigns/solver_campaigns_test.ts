import assert from "node:assert/strict";
import { multiStart } from "./multi_start.ts";
import { sweep } from "./sweep.ts";

Deno.test("climb from several starts leaves next to nothing of what one start loses", async () => {
  const { programs, lossAlone, lossTogether, worseTogether } = await multiStart({
    programs: 3,
    referenceStarts: 20,
    seed: 1,
    // A number in place of a time, which a busy machine fills with fewer.
    most: { starts: 30, timeLimitMs: 120_000 },
  });
  assert.equal(programs, 3);
  assert.ok(lossAlone > 0.1, `one start loses ${lossAlone}: these programs show nothing`);
  assert.ok(lossTogether <= 0.05 * lossAlone, `${lossTogether} of ${lossAlone}`);
  assert.equal(worseTogether, 0);
});

for (const site of ["cement-kiln", "gas-turbine"]) {
  Deno.test(`climb answers every perturbed instance of ${site}, warm in no more iterations than cold`, async () => {
    const { instances, solved, relaxed, conflicting, others, cold, warm } = await sweep(site, {
      instances: 11,
      seed: 5,
    });
    assert.deepEqual(others, {});
    assert.equal(solved + relaxed + conflicting, instances);
    assert.ok(
      warm.iterations <= 1.1 * cold.iterations,
      `${warm.iterations} warm, ${cold.iterations} cold`,
    );
  });
}
