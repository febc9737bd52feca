import assert from "node:assert/strict";
import { seededRandom } from "../../src/model/random.ts";
import { gainsOf } from "../../src/new_site/gains.ts";

const random = seededRandom(3);
const column = (f: (row: number) => number) => Float64Array.from({ length: 400 }, (_, i) => f(i));
const a = column(() => 80 + 10 * random());
const b = column(() => random());

Deno.test("gainsOf finds the gains of a linear plant, whatever the sizes, around gaps", () => {
  const result = column((i) => i % 7 === 0 ? NaN : 5 - 0.2 * a[i]! + 300 * b[i]!);
  const gains = gainsOf(result, [a, b])!;
  assert.ok(Math.abs(gains.perUnit[0]! + 0.2) < 2e-3, String(gains.perUnit));
  assert.ok(Math.abs(gains.perUnit[1]! - 300) < 1);
  assert.ok(gains.explained > 0.999);
});

Deno.test("gainsOf shares a gain out where inputs move as one, and gives none to what never moves", () => {
  const result = column((i) => 4 * a[i]!);
  const gains = gainsOf(result, [a, column((i) => 2 * a[i]! + 1), column(() => 7)])!;
  assert.ok(gains.perUnit.every(Number.isFinite));
  assert.ok(Math.abs(gains.perUnit[0]! + 2 * gains.perUnit[1]! - 4) < 0.01);
  assert.equal(gains.perUnit[2], 0);
});

Deno.test("gainsOf says how little noise is explained, and nothing with too few rows", () => {
  assert.ok(gainsOf(column(() => random()), [a, b])!.explained < 0.1);
  assert.equal(gainsOf(a.slice(0, 8), [a.slice(0, 8), b.slice(0, 8)]), undefined);
  assert.equal(gainsOf(a, []), undefined);
});
