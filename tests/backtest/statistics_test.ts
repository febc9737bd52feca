import assert from "node:assert/strict";
import fc from "fast-check";
import {
  distributionOf,
  histogramOf,
  roundStep,
  spreadOf,
  stretchesOf,
} from "../../src/backtest/statistics.ts";

const numbers = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1 });

Deno.test("distributionOf gives mean, ends and quantiles of numbers that are known by hand", () => {
  const found = distributionOf([4, 1, 3, 2, 5])!;
  assert.equal(found.mean, 3);
  assert.equal(found.least, 1);
  assert.equal(found.most, 5);
  assert.equal(found.quantiles.get(0.5), 3);
  assert.equal(found.quantiles.get(0.25), 2);
  assert.ok(Math.abs(found.quantiles.get(0.95)! - 4.8) < 1e-12);
  assert.equal(distributionOf([]), undefined);
  // (1 + 1) / (3 - 1) about the mean of 2
  assert.equal(spreadOf([1, 2, 3]), 1);
});

Deno.test("histogramOf loses no value and has an edge at 0 where values lie on both sides", () => {
  fc.assert(fc.property(numbers, (values) => {
    const bars = histogramOf(values);
    assert.equal(bars.reduce((sum, { count }) => sum + count, 0), values.length);
    bars.slice(1).forEach(({ from }, i) => assert.equal(from, bars[i]!.to));
    const edges = bars.flatMap(({ from, to }) => [from, to]);
    if (edges[0]! < 0 && edges.at(-1)! > 0) assert.ok(edges.includes(0));
  }));
});

Deno.test("histogramOf puts each value into the bar whose range holds it, the last bar its end too", () => {
  const values = [-0.5, 0.5, 0.5, 1.5];
  const bars = histogramOf(values, 4);
  assert.ok(bars.length >= 4);
  for (const [i, { from, to, count }] of bars.entries()) {
    const isLast = i === bars.length - 1;
    const inside = values.filter((value) => value >= from && (isLast || value < to)).length;
    assert.equal(count, inside, `${from} to ${to}`);
  }
});

Deno.test("roundStep is 1, 2 or 5 times a power of ten, and not below what was asked", () => {
  assert.deepEqual([0.03, 0.1, 1.1, 2, 4.9, 7].map(roundStep), [0.05, 0.1, 2, 2, 5, 10]);
});

Deno.test("stretchesOf keeps the mean of all where stretches are equally full", () => {
  const points = Array.from({ length: 100 }, (_, i) => ({ time: i, value: i * i }));
  const stretches = stretchesOf(points, { from: 0, to: 100, wanted: 10 });
  assert.equal(stretches.length, 10);
  const mean = stretches.reduce((sum, stretch) => sum + stretch.mean, 0) / 10;
  assert.ok(Math.abs(mean - points.reduce((sum, { value }) => sum + value, 0) / 100) < 1e-9);
  for (const { low, mean, high } of stretches) assert.ok(low <= mean && mean <= high);
});
