import assert from "node:assert/strict";
import { summaryOf } from "../../src/backtest/summary.ts";
import { BEGIN, held, HOUR, LAYOUT, resultAt } from "./sample_results.ts";

const gaining = (hour: number, gain: number) =>
  resultAt(hour, { objective: { measured: null, now: 100, expected: 100 + gain, gain } });

Deno.test("summaryOf counts gains over moments with an answer only, and tells kept from broken limits", () => {
  const summary = summaryOf(LAYOUT, [
    gaining(0, 10),
    gaining(1, 20),
    resultAt(2, {
      objective: { measured: 90, now: 100, expected: 94, gain: -6 },
      limits: [{ measured: 2.5, now: 3, expected: 2 }],
    }),
    held(3, "Coal: the value is 700 s old, 600 s are allowed, and it is critical"),
    held(4, "Coal: the value is 905 s old, 600 s are allowed, and it is critical"),
  ]);
  assert.equal(summary.count, 5);
  assert.deepEqual(Object.fromEntries(summary.statuses), { optimised: 3, held: 2 });
  assert.equal(summary.gain?.all.mean, 8);
  assert.equal(summary.gain?.kept?.mean, 15);
  assert.equal(summary.gain?.broken?.mean, -6);
  assert.equal(summary.gain?.measured, 90);
  assert.ok(Math.abs(summary.gain!.betterShare - 2 / 3) < 1e-12);
  // An hour each; the held ones earn nothing.
  assert.equal(summary.hours, 3);
  assert.equal(summary.gain?.gainHours, 24);
  assert.deepEqual(summary.reasons.map(({ count, first }) => [count, first]), [
    [2, BEGIN + 3 * HOUR],
  ]);
});

Deno.test("summaryOf lets a moment stand over a gap in the record for two usual steps at most", () => {
  const summary = summaryOf(LAYOUT, [0, 1, 2, 3, 100, 101].map((hour) => gaining(hour, 1)));
  assert.equal(summary.stepMs, HOUR);
  assert.equal(summary.hours, 3 + 2 + 1 + 1);
});

Deno.test("summaryOf counts a limit as broken beyond its tolerance, in three views of it", () => {
  const at = (hour: number, measured: number | null, now: number, expected: number) =>
    resultAt(hour, { limits: [{ measured, now, expected }] });
  const { limits: [limit], anyLimit } = summaryOf(LAYOUT, [
    at(0, 2.5, 2.0005, 2),
    at(1, null, 2.1, 2.5),
    at(2, 3.5, 1, 2.0009),
  ]);
  assert.deepEqual(limit!.broken.measured, { known: 2, count: 2, mean: 1, worst: 1.5 });
  assert.equal(limit!.broken.now.count, 1);
  assert.ok(Math.abs(limit!.broken.now.worst - 0.1) < 1e-12);
  assert.deepEqual(limit!.broken.expected, { known: 3, count: 1, mean: 0.5, worst: 0.5 });
  assert.deepEqual(anyLimit.measured, { known: 2, count: 2 });
});

Deno.test("summaryOf gives moves, what stops them, binding limits with prices, and errors of models", () => {
  const bind = (price: number | null) => ({
    ...{ limit: "lime & more", of: "constraint", side: "upper", price, priceUnit: "p" } as const,
  });
  const error = (measured: number, plain: number, corrected: number) => ({
    ...{ measured, plain, corrected },
  });
  const { moves: [move], binding, models: [model] } = summaryOf(LAYOUT, [
    resultAt(0, { binding: [bind(4)], errors: [error(1, 3, 2)] }),
    resultAt(1, {
      settings: [{ measured: 5, recommended: 4, limitedBy: "optimum" }],
      binding: [bind(null)],
      errors: [error(3, 2, 2.5)],
    }),
    resultAt(2, { settings: [{ measured: 5, recommended: 5, limitedBy: "optimum" }] }),
    held(3, "no answer"),
  ]);
  assert.deepEqual([move!.count, move!.up, move!.down], [3, 1, 1]);
  assert.deepEqual([move!.meanChange, move!.mostUp, move!.mostDown], [0, 1, -1]);
  assert.ok(Math.abs(move!.meanSize - 2 / 3) < 1e-12);
  assert.deepEqual(move!.stoppedBy, [{ by: "optimum", count: 2 }, {
    by: "move limit up",
    count: 1,
  }]);
  assert.deepEqual(
    binding.map(({ limit, count, meanPrice, mostPrice }) => [limit, count, meanPrice, mostPrice]),
    [["lime & more, upper", 2, 4, 4]],
  );
  assert.equal(model!.count, 2);
  assert.deepEqual([model!.plain.mean, model!.plain.meanSize], [0.5, 1.5]);
  assert.deepEqual([model!.corrected.mean, model!.corrected.meanSize], [0.25, 0.75]);
  // Measured 1 and 3: variance 2; squares of the error 1 and 1/4.
  assert.ok(Math.abs(model!.corrected.explained! - (1 - 0.625 / 2)) < 1e-12);
});

Deno.test("summaryOf finds the moments worth a look, the earlier one first among equals", () => {
  const { cases } = summaryOf(LAYOUT, [
    ...[3, 1, 2, 1, 9, 1, 1].map((gain, hour) => gaining(hour, gain)),
    resultAt(7, { relaxed: [{ limit: "lime & more", unit: "%", by: 0.5 }] }),
    held(8, "Coal is 3 s old"),
    held(9, "Feed is bad"),
    held(10, "Coal is 4 s old"),
  ]);
  const of = (title: string) =>
    cases.find((group) => group.title.startsWith(title))!.cases
      .map(({ time }) => (time - BEGIN) / HOUR);
  assert.deepEqual(of("Largest"), [7, 4, 0, 2, 1]);
  assert.deepEqual(of("Smallest"), [1, 3, 5, 6, 2]);
  assert.deepEqual(of("Limits"), [7]);
  assert.deepEqual(of("No answer"), [8, 9]);
  assert.ok(!cases.some(({ title }) => title.startsWith("Models")));
});
