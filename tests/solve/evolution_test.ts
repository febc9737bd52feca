import assert from "node:assert/strict";
import { seededRandom } from "../../src/model/random.ts";
import { Evolution } from "../../src/solve/evolution.ts";
import { spreadStarts } from "../../src/solve/starts.ts";

const BOX = { lower: Float64Array.of(-5, -3), upper: Float64Array.of(5, 9) };

/** Many small basins; the lowest has its bottom at (1, 2). */
function rippled([x = NaN, y = NaN]: Float64Array): number {
  const ripple = (d: number) => d * d - 10 * Math.cos(2 * Math.PI * d);
  return ripple(x - 1) + ripple(y - 2) + 20;
}

function evolutionOf(merit: (point: Float64Array) => number, seed = 3): Evolution {
  return new Evolution(BOX, {
    spread: (count) => spreadStarts(BOX, { count, seed: seed + count }),
    random: seededRandom(seed),
    merit,
  });
}

Deno.test("Evolution comes into the lowest of many basins", () => {
  const point = evolutionOf(rippled).next(3000, undefined);
  assert.ok(Math.abs(point[0]! - 1) < 0.1 && Math.abs(point[1]! - 2) < 0.1, String(point));
});

Deno.test("Evolution gives no point twice, none outside its box, and the same for the same seed", () => {
  const pointsOf = (seed: number) => {
    const evolution = evolutionOf(rippled, seed);
    return Array.from({ length: 12 }, () => String(evolution.next(40, undefined)));
  };
  const points = pointsOf(5);
  assert.equal(new Set(points).size, points.length);
  assert.deepEqual(points, pointsOf(5));
  for (const point of points) {
    const [x = NaN, y = NaN] = point.split(",").map(Number);
    assert.ok(x >= -5 && x <= 5 && y >= -3 && y <= 9, point);
  }
});

Deno.test("Evolution offers the middle of its points where its best one is not new", () => {
  // All good points lie on a ring: their middle lies within it.
  const ring = ([x = NaN, y = NaN]: Float64Array) => Math.abs(Math.hypot(x, y - 3) - 2);
  const evolution = evolutionOf(ring);
  const radii = Array.from({ length: 30 }, () => {
    const [x = NaN, y = NaN] = evolution.next(300, undefined);
    return Math.hypot(x, y - 3);
  });
  assert.ok(radii.some((radius) => radius < 1.5), String(radii));
});

Deno.test("Evolution begins again near the best end once its points have come together", () => {
  // Flat but for a pit that only points near the end can meet.
  const pit = ([x = NaN, y = NaN]: Float64Array) => Math.min(1, Math.hypot(x + 4, y - 8) / 0.05);
  const evolution = evolutionOf((point) => Math.min(pit(point), rippled(point) + 0.5));
  const end = Float64Array.of(-4.02, 8.01);
  let best = Infinity;
  for (let k = 0; k < 20; k++) best = Math.min(best, pit(evolution.next(1000, end)));
  assert.ok(best < 1e-3, `${best}`);
});
