import assert from "node:assert/strict";
import fc from "fast-check";
import { momentsOf } from "../../src/backtest/moments.ts";
import { Recording } from "../../src/backtest/recording.ts";

const MINUTE = 60_000;

function recordingAt(times: readonly number[]): Recording {
  const recording = new Recording();
  for (const time of times) {
    recording.add({ tag: "A", time: new Date(time), value: 1, quality: "good" });
  }
  return recording;
}

Deno.test("momentsOf gives the points of the grid that have something new, and none outside of the range", () => {
  const recording = recordingAt([-10, 0, 1, 4, 7, 8, 21].map((minute) => minute * MINUTE));
  const moments = momentsOf(recording, { from: 0, to: 25 * MINUTE, every: 5 * MINUTE });
  // 1 and 4 are first seen at 5, 7 and 8 at 10; nothing is new at 15 and 20; 25 is outside.
  assert.deepEqual(moments.map((moment) => moment / MINUTE), [0, 5, 10]);
});

Deno.test("momentsOf: every moment has a value since the point before it, and every value its moment", () => {
  fc.assert(fc.property(
    fc.array(fc.integer({ min: 0, max: 10_000 }), { minLength: 1 }),
    fc.integer({ min: 1, max: 500 }),
    (times, every) => {
      const range = { from: 1_000, to: 9_000, every };
      const moments = momentsOf(recordingAt(times), range);
      assert.deepEqual(moments, [...new Set(moments)].toSorted((a, b) => a - b));
      for (const moment of moments) {
        assert.equal((moment - range.from) % every, 0);
        assert.ok(times.some((time) => time > moment - every && time <= moment));
      }
      for (const time of times) {
        if (time <= range.from - every || time > range.to - every) continue;
        assert.ok(moments.some((moment) => moment - every < time && time <= moment), `${time}`);
      }
    },
  ));
});
