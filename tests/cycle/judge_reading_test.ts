import assert from "node:assert/strict";
import fc from "fast-check";
import { judgeReading } from "../../src/cycle/judge_reading.ts";
import type { LastGood, ReadingRule, Seen } from "../../src/cycle/judge_reading.ts";

const NOW = Date.parse("2026-01-01T12:00:00Z");
const MINUTE = 60_000;

const RULE: ReadingRule = {
  valid: [0, 100],
  maxAgeMs: undefined,
  frozenMs: 30 * MINUTE,
  maxChange: 5,
};

/** Judges values that come once a minute, one after the other, as cycles do. */
function judgeAll(values: readonly number[], rule: ReadingRule = RULE): (string | undefined)[] {
  let before: Seen | undefined;
  let lastGood: LastGood | undefined;
  return values.map((value, minute) => {
    const time = new Date(NOW + minute * MINUTE);
    const { fault, seen } = judgeReading({ value, time, quality: "good" }, rule, {
      ...{ now: time, before, lastGood },
    });
    before = seen;
    if (fault === undefined) lastGood = { value, time };
    return fault;
  });
}

Deno.test("judgeReading refuses a value that has not changed at all for the given time", () => {
  const faults = judgeAll([50, ...new Array<number>(31).fill(51), 51.5]);
  assert.equal(faults[30], undefined);
  assert.match(String(faults[31]), /exactly 51 for 1800 s: the sensor looks frozen/);
  assert.equal(faults[32], undefined, "a value that moves again is good again");
});

Deno.test("judgeReading refuses a spike and takes the value after it", () => {
  const faults = judgeAll([50, 51, 80, 51, 52]);
  assert.match(String(faults[2]), /jumped from 51 to 80, further than 5/);
  assert.deepEqual(faults.filter((fault) => fault !== undefined).length, 1);
});

Deno.test("judgeReading takes a step once a second reading confirms it, and not before", () => {
  const faults = judgeAll([50, 70, 71, 72]);
  assert.match(String(faults[1]), /no second reading confirms it yet/);
  assert.deepEqual(faults.slice(2), [undefined, undefined]);
});

Deno.test("judgeReading does not let the same stored reading confirm itself", () => {
  const time = new Date(NOW);
  const lastGood = { value: 50, time: new Date(NOW - MINUTE) };
  const reading = { value: 70, time, quality: "good" as const };
  const first = judgeReading(reading, RULE, { now: time, before: undefined, lastGood });
  const later = new Date(NOW + MINUTE);
  const again = judgeReading(reading, RULE, { now: later, before: first.seen, lastGood });
  assert.match(String(again.fault), /jumped from 50 to 70/);
});

Deno.test("judgeReading notes a source clock that is a little ahead and refuses one far ahead", () => {
  const judge = (aheadMs: number) =>
    judgeReading({ value: 50, time: new Date(NOW + aheadMs), quality: "good" }, RULE, {
      ...{ now: new Date(NOW), before: undefined, lastGood: undefined },
    });
  assert.equal(judge(0).note, null);
  assert.deepEqual([judge(20_000).fault, judge(20_000).note], [
    undefined,
    "the source clock is 20 s ahead",
  ]);
  assert.match(String(judge(61_000).fault), /lies in the future/);
});

Deno.test("judgeReading never refuses a slow and lively signal, and always ends a refusal of a real step", () => {
  const step = fc.double({ min: -4, max: 4, noNaN: true }).filter((d) => Math.abs(d) > 1e-6);
  fc.assert(fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
    let value = 50;
    const values = steps.map((d) => value = Math.min(Math.max(value + d, 1), 99));
    const lively = values.every((v, i) => i === 0 || v !== values[i - 1]);
    if (lively) assert.ok(judgeAll(values).every((fault) => fault === undefined));
    const jumped = judgeAll([10, ...values.map((v) => Math.max(v, 30)), 60, 60.5, 61]);
    assert.equal(jumped.at(-1), undefined);
  }));
});
