import assert from "node:assert/strict";
import { durationText, parseDuration } from "../../src/strategy/duration.ts";

Deno.test("parseDuration reads each unit in milliseconds", () => {
  const cases = [["250ms", 250], ["30s", 30_000], ["10m", 600_000], ["1.5h", 5_400_000], [
    "2d",
    172_800_000,
  ]] as const;
  for (const [text, ms] of cases) assert.equal(parseDuration(text), ms, text);
});

Deno.test("parseDuration refuses what is not a length of time", () => {
  for (const text of ["", "10", "m", "10 m", "-1h", "1e3s", "10min", "1h30m", ".5h"]) {
    assert.throws(() => parseDuration(text), SyntaxError, text);
  }
});

Deno.test("durationText writes what parseDuration reads back, in the largest whole unit", () => {
  for (const text of ["250ms", "30s", "90s", "10m", "8h", "36h", "2d"]) {
    assert.equal(durationText(parseDuration(text)), text);
  }
  assert.equal(durationText(parseDuration("1.5h")), "90m");
});
