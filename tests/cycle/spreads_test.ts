import assert from "node:assert/strict";
import type { ReadValue } from "../../src/cycle/recommendation.ts";
import { deviation, followSpreads } from "../../src/cycle/spreads.ts";
import type { Spread } from "../../src/cycle/spreads.ts";
import { seededRandom } from "../../src/model/random.ts";
import type { Strategy, Variable } from "../../src/strategy/strategy.ts";

const FEED = { type: "informative", name: "Feed", unit: "t/h" } as Variable;
const STRATEGY = { variables: new Map([["Feed", FEED]]) } as unknown as Strategy;

function read(minute: number, fields: Partial<ReadValue>): ReadValue {
  const source_time = new Date(Date.UTC(2026, 0, 1, 12, minute)).toISOString();
  return {
    ...{ variable: "Feed", unit: "t/h", value: 85, quality: "good", source: "measured" },
    ...{ source_time, note: null, ...fields },
  };
}

function followed(readings: readonly ReadValue[]): Spread | undefined {
  let spreads: ReadonlyMap<string, Spread> = new Map();
  for (const reading of readings) {
    const snapshot = { values: new Map([["Feed", reading]]), measurements: new Map() };
    spreads = followSpreads(STRATEGY, { spreads, snapshot });
  }
  return spreads.get("Feed");
}

Deno.test("deviation is the readings' standard deviation, and nothing before ten of them", () => {
  const values = [81, 84, 90, 86, 88, 79, 85, 87, 91, 83];
  const readings = values.map((value, i) => read(i, { value }));
  assert.equal(deviation(followed(readings.slice(0, 9))), undefined);
  const mean = values.reduce((sum, value) => sum + value) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  assert.ok(Math.abs(deviation(followed(readings))! - Math.sqrt(variance)) < 1e-12);
});

Deno.test("followSpreads forgets how a value strayed some hundred readings ago", () => {
  const random = seededRandom(3);
  const wide = Array.from({ length: 300 }, (_, i) => read(i, { value: 85 + 20 * random() }));
  const narrow = Array.from(
    { length: 700 },
    (_, i) => read(300 + i, { value: 95 + 0.2 * random() }),
  );
  assert.ok(deviation(followed(wide))! > 4);
  assert.ok(deviation(followed([...wide, ...narrow]))! < 0.5);
});

Deno.test("followSpreads learns nothing from substitutes, given values and one reading seen twice", () => {
  const first = read(0, {});
  const spread = followed([first]);
  for (
    const other of [
      read(1, { value: 99, source: "given", source_time: null }),
      read(1, { value: 99, source: "last_good", quality: "uncertain" }),
      read(1, { value: 99, quality: "uncertain" }),
      first,
    ]
  ) assert.deepEqual(followed([first, other]), spread);
});
