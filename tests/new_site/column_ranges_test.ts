import assert from "node:assert/strict";
import fc from "fast-check";
import { aroundRange, nice, rangeOf } from "../../src/new_site/column_ranges.ts";

Deno.test("rangeOf rounds the recorded range outwards, and takes usual changes for moves", () => {
  const values = Float64Array.from({ length: 100 }, (_, i) => 70.3 + (i % 10) * 4);
  const { bounds, valid, maxMove, deadband, resolution, middle } = rangeOf(values);
  assert.deepEqual(bounds, [70, 106.5]);
  assert.deepEqual(valid, [52, 124.5]);
  assert.deepEqual([maxMove, deadband, resolution, middle], [2, 0.1, 0.02, 88.25]);
});

Deno.test("rangeOf gives a width to what never changes, and takes gaps for nothing", () => {
  const { bounds, maxMove } = rangeOf(Float64Array.of(5, NaN, 5));
  assert.ok(bounds[0] < bounds[1] && maxMove > 0);
  assert.ok(rangeOf(new Float64Array(0)).bounds.every(Number.isFinite));
});

Deno.test("aroundRange keeps order, signs and sizes for any range", () => {
  const size = fc.double({ min: -1e9, max: 1e9, noNaN: true });
  fc.assert(fc.property(size, size, (a, b) => {
    const range = aroundRange([Math.min(a, b), Math.max(a, b)]);
    const { bounds, valid, maxMove, deadband, resolution } = range;
    assert.ok(valid[0] <= bounds[0] && bounds[0] < bounds[1] && bounds[1] <= valid[1]);
    const rounding = 1e-9 * Math.max(Math.abs(a), Math.abs(b), 1);
    assert.ok(bounds[0] <= Math.min(a, b) + rounding && Math.max(a, b) <= bounds[1] + rounding);
    assert.ok(0 < resolution && resolution <= deadband && deadband < maxMove);
    if (Math.min(a, b) >= 0) assert.ok(valid[0] >= 0);
  }));
});

Deno.test("nice gives 1, 2 or 5 times a power of ten, never above", () => {
  assert.deepEqual([0.3, 1, 4.99, 5, 70, 0.02].map(nice), [0.2, 1, 2, 5, 50, 0.02]);
});
