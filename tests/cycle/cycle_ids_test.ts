import assert from "node:assert/strict";
import { cycleIds } from "../../src/cycle/cycle_ids.ts";

Deno.test("cycleIds sort in the order of their making, whatever the clock does", () => {
  const times = [5e12, 5e12, 4e12, 0, 5e12 + 10, 1e3];
  let i = 0;
  const next = cycleIds(() => new Date(times[i++ % times.length] ?? 0), undefined);
  const ids = Array.from({ length: 600 }, next);
  assert.deepEqual(ids.toSorted(), ids);
  assert.equal(new Set(ids).size, ids.length);
});

Deno.test("cycleIds go on after the newest id of before the start", () => {
  const before = cycleIds(() => new Date("2026-06-01T00:00:00Z"), undefined)();
  const after = cycleIds(() => new Date(0), before)();
  assert.ok(after > before);
  assert.match(after, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.ok(cycleIds(() => new Date(1e12), "c-1")() > "0");
});
