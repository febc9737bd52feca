import assert from "node:assert/strict";
import { printed, randomCycles } from "./random_cycles.ts";

Deno.test("runCycle of random strategies and damaged readings keeps every rule and every limit", async () => {
  const result = await randomCycles({ strategies: 60, first: 10_000 });
  assert.deepEqual(result.faults, [], printed(result));
  // A generator whose strategies or cycles never get anywhere would prove nothing.
  assert.ok(result.refused.length <= 6, printed(result));
  const answers = result.cycles - (result.statuses.get("held") ?? 0);
  assert.ok(answers >= result.cycles / 4, printed(result));
});
