import assert from "node:assert/strict";
import { meritOf, worstViolation } from "../../src/solve/merit.ts";
import { spreadStarts, startBox, StartSequence } from "../../src/solve/starts.ts";
import { hs071 } from "./programs.ts";

const BOX = { lower: Float64Array.of(-1, 10, 3), upper: Float64Array.of(1, 30, 3) };

function isInside(point: Float64Array): boolean {
  return point.every((value, i) => value >= BOX.lower[i]! && value <= BOX.upper[i]!);
}

Deno.test("spreadStarts puts one point into each stratum of each coordinate", () => {
  const points = spreadStarts(BOX, { count: 10, seed: 4 });
  for (const i of [0, 1]) {
    const width = (BOX.upper[i]! - BOX.lower[i]!) / 10;
    const strata = points.map((point) => Math.floor((point[i]! - BOX.lower[i]!) / width));
    assert.deepEqual(strata.sort((a, b) => a - b), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  }
  assert.ok(points.every((point) => point[2] === 3));
});

Deno.test("StartSequence stays inside its box, whatever the best end is", () => {
  const sequence = new StartSequence(BOX, { seed: 1, merit: (point) => point[0]! });
  for (let i = 0; i < 200; i++) {
    assert.ok(isInside(sequence.next(i % 3 === 0 ? undefined : BOX.upper)));
  }
});

Deno.test("StartSequence gives the same starts for the same seed and others for another", () => {
  const firstOf = (seed: number) => {
    const sequence = new StartSequence(BOX, { seed });
    return Array.from({ length: 20 }, (_, i) => [...sequence.next(i > 4 ? BOX.lower : undefined)]);
  };
  assert.deepEqual(firstOf(1), firstOf(1));
  assert.notDeepEqual(firstOf(1), firstOf(2));
});

Deno.test("StartSequence hops from the best end by turns, at times by one coordinate alone", () => {
  const best = Float64Array.of(0, 20, 3);
  const sequence = new StartSequence(BOX, { seed: 9 });
  const changed = Array.from({ length: 60 }, () => sequence.next(best))
    .map((point) => point.filter((value, i) => value !== best[i]).length);
  assert.ok(changed.filter((count, turn) => turn % 2 === 1 && count === 1).length > 5);
});

Deno.test("StartSequence prefers points of better merit in its choice", () => {
  const merit = (point: Float64Array) => point[1]!;
  const sequence = new StartSequence(BOX, { seed: 3, merit });
  const points = Array.from({ length: 40 }, () => sequence.next(undefined));
  const chosen = points.filter((_, turn) => turn % 4 === 2).map(merit);
  const spread = points.filter((_, turn) => turn % 4 === 0).map(merit);
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  assert.ok(mean(chosen) < mean(spread) - 4);
});

Deno.test("startBox closes open sides around a point, in scales", () => {
  const { lower, upper } = startBox(
    { lower: Float64Array.of(-Infinity, 0), upper: Float64Array.of(Infinity, 5) },
    { around: Float64Array.of(7, 1), scales: [2, 1] },
  );
  assert.deepEqual([...lower], [-13, 0]);
  assert.deepEqual([...upper], [27, 5]);
});

Deno.test("spreadStarts gathers points around the given one where a side is open, and keeps all sizes of distance", () => {
  const bounds = { lower: Float64Array.of(-Infinity, 0), upper: Float64Array.of(Infinity, 5) };
  const box = startBox(bounds, { around: Float64Array.of(7, 1), scales: [2, 1] });
  const points = spreadStarts(box, { count: 100, seed: 4 });
  const distances = points.map((point) => Math.abs(point[0]! - 7));
  // Of 20 to each side: a tenth of that within 0.02 (0.001 of it), half within 2.5 (an eighth).
  assert.equal(distances.filter((distance) => distance <= 20 / 8).length, 50);
  assert.ok(distances.filter((distance) => distance <= 0.02).length >= 8);
  assert.ok(distances.some((distance) => distance > 15));
  // The other coordinate is bounded on both sides: even, as ever.
  assert.equal(points.filter((point) => point[1]! < 2.5).length, 50);
});

Deno.test("StartSequence hops from an end beyond its box to both sides where that side is open", () => {
  const bounds = { lower: Float64Array.of(-Infinity, 0), upper: Float64Array.of(Infinity, 5) };
  const box = startBox(bounds, { around: Float64Array.of(7, 1), scales: [2, 1] });
  const sequence = new StartSequence(box, { seed: 2 });
  const best = Float64Array.of(900, 5);
  const hops = Array.from({ length: 80 }, () => sequence.next(best)).filter(([x = 0]) => x > 100);
  assert.ok(hops.some(([x = 0]) => x > 900) && hops.some(([x = 0]) => x < 900));
  assert.ok(hops.every(([, y = 0]) => y >= 0 && y <= 5));
});

Deno.test("StartSequence takes points out of an evolution where trials are given", () => {
  const merit = (point: Float64Array) => (point[0]! - 0.3) ** 2 + (point[1]! - 17) ** 2;
  const sequence = new StartSequence(BOX, { seed: 3, merit, trials: 200 });
  const points = Array.from({ length: 40 }, () => sequence.next(undefined));
  assert.ok(points.every(isInside));
  const chosen = points.filter((_, turn) => turn % 4 === 2).map(merit);
  assert.ok(Math.min(...chosen) < 1e-6, String(chosen));
});

Deno.test("meritOf and worstViolation put a point that breaks limits behind one that keeps them", () => {
  const { program, request } = hs071();
  const merit = meritOf(program, request);
  const keeps = Float64Array.of(1, 4.743, 3.8212, 1.3794);
  const breaks = Float64Array.of(1, 1, 1, 1);
  assert.ok(merit(keeps) < merit(breaks));
  assert.ok(worstViolation(program, { point: keeps, request }) < 1e-2);
  // The squares sum to 4 where 40 is wanted; the row's scale is 1.
  assert.equal(worstViolation(program, { point: breaks, request }), 36);
  assert.equal(merit(Float64Array.of(NaN, 1, 1, 1)), Infinity);
});

Deno.test("StartSequence follows a hop that led to a better end by hops of its size, each coordinate in turn", () => {
  const sequence = new StartSequence(BOX, { seed: 9 });
  const width = (i: number) => BOX.upper[i]! - BOX.lower[i]!;
  const from = Float64Array.of(0, 20, 3);
  sequence.next(from);
  const best = sequence.next(from);
  const size = Math.max(...best.map((value, i) => Math.abs(value - from[i]!) / (width(i) || 1)));
  assert.ok(size > 0 && size <= 0.05, `the first hop is ${size} of the box`);
  const followed = Array.from({ length: 9 }, () => sequence.next(best));
  for (const point of followed) {
    const moved = [0, 1, 2].filter((i) => point[i] !== best[i]);
    assert.equal(moved.length, 1);
    for (const i of moved) assert.ok(Math.abs(point[i]! - best[i]!) <= 0.05 * width(i) + 1e-12);
  }
  // The third coordinate is held: the others have every turn.
  const turns = [0, 1].map((i) => followed.filter((point) => point[i] !== best[i]).length);
  assert.ok(turns.every((count) => count >= 4), `${turns}`);
});
