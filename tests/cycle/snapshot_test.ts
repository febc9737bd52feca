import assert from "node:assert/strict";
import fc from "fast-check";
import { snapshotTags, takeSnapshot } from "../../src/cycle/snapshot.ts";
import type { Reading, Seen } from "../../src/cycle/judge_reading.ts";
import { informative, operative, predicted, strategyOf } from "./strategies.ts";

const NOW = new Date("2026-01-01T12:00:00Z");

function ago(seconds: number): Date {
  return new Date(NOW.getTime() - seconds * 1000);
}

function reading(value: number | null, fields: Partial<Reading> = {}): Reading {
  return { value, time: ago(5), quality: "good", ...fields };
}

function sources(readings: Record<string, Reading>, given: Record<string, number> = {}) {
  return {
    now: NOW,
    readings: new Map(Object.entries(readings)),
    lastGood: new Map([["T", { value: 70, time: ago(3600) }]]),
    seen: new Map<string, Seen>(),
    given: new Map(Object.entries(given)),
  };
}

Deno.test("snapshotTags names live values and measured tags once", () => {
  const strategy = strategyOf(
    operative("Coal"),
    informative("T"),
    predicted("Lime", { measuredBy: "LAB" }),
    predicted("Heat", { measuredBy: "T" }),
  );
  assert.deepEqual(snapshotTags(strategy), ["Coal", "T", "LAB"]);
});

Deno.test("takeSnapshot takes a good value with its unit and source time", () => {
  const { values, holds } = takeSnapshot(
    strategyOf(operative("Coal")),
    sources({ Coal: reading(8.5) }),
  );
  assert.deepEqual(holds, []);
  assert.deepEqual(values.get("Coal"), {
    variable: "Coal",
    unit: "t/h",
    value: 8.5,
    quality: "good",
    source: "measured",
    source_time: ago(5).toISOString(),
    note: null,
  });
});

const FAULTS: readonly (readonly [string, Reading | undefined, RegExp])[] = [
  ["missing", undefined, /no value was ever stored/],
  ["null", reading(null), /not a number/],
  ["NaN", reading(NaN), /not a number/],
  ["infinite", reading(Infinity), /not a number/],
  ["bad quality", reading(80, { quality: "bad" }), /marks the value as bad/],
  ["too old", reading(80, { time: ago(601) }), /601 s old, 600 s are allowed/],
  ["in the future", reading(80, { time: ago(-3600) }), /lies in the future/],
  ["out of range", reading(200), /200 is outside its valid range 40 to 150/],
];

for (const [fault, bad, reason] of FAULTS) {
  const readings = bad === undefined ? {} : { T: bad };
  const rule = { valid: [40, 150], maxAgeMs: 600_000 } as const;

  Deno.test(`takeSnapshot holds on a value that is ${fault} when the rule says so`, () => {
    const strategy = strategyOf(informative("T", { ...rule, onBad: { kind: "hold" } }));
    const { holds } = takeSnapshot(strategy, sources(readings));
    assert.equal(holds.length, 1);
    assert.match(holds[0]!, reason);
    assert.match(holds[0]!, /^T: /);
  });

  Deno.test(`takeSnapshot puts the last good value in place of one that is ${fault}`, () => {
    const onBad = { kind: "last_good", maxAgeMs: 7_200_000 } as const;
    const strategy = strategyOf(informative("T", { ...rule, onBad }));
    const { values, holds, lastGood } = takeSnapshot(strategy, sources(readings));
    assert.deepEqual(holds, []);
    assert.equal(values.get("T")?.value, 70);
    assert.equal(values.get("T")?.quality, "uncertain");
    assert.equal(values.get("T")?.source, "last_good");
    assert.match(values.get("T")?.note ?? "", reason);
    assert.equal(lastGood.has("T"), false, "a substitute is not a new good value");
  });

  Deno.test(`takeSnapshot puts the default in place of a value that is ${fault}`, () => {
    const strategy = strategyOf(
      informative("T", { ...rule, onBad: { kind: "default", value: 85 } }),
    );
    const { values } = takeSnapshot(strategy, sources(readings));
    assert.equal(values.get("T")?.value, 85);
    assert.equal(values.get("T")?.source, "default");
  });

  Deno.test(`takeSnapshot holds on a critical value that is ${fault}, whatever its substitute`, () => {
    const strategy = strategyOf(
      informative("T", { ...rule, critical: true, onBad: { kind: "default", value: 85 } }),
    );
    assert.equal(takeSnapshot(strategy, sources(readings)).holds.length, 1);
  });
}

Deno.test("takeSnapshot holds when the last good value is too old itself", () => {
  const onBad = { kind: "last_good", maxAgeMs: 60_000 } as const;
  const { holds } = takeSnapshot(strategyOf(informative("T", { onBad })), sources({}));
  assert.equal(holds.length, 1);
});

Deno.test("takeSnapshot takes a given value before a live one", () => {
  const { values, lastGood } = takeSnapshot(
    strategyOf(operative("Coal")),
    sources({ Coal: reading(8.5) }, { Coal: 9 }),
  );
  assert.equal(values.get("Coal")?.value, 9);
  assert.equal(values.get("Coal")?.source, "given");
  assert.equal(lastGood.size, 0);
});

Deno.test("takeSnapshot keeps an uncertain value, marked, and does not learn it as good", () => {
  const { values, lastGood } = takeSnapshot(
    strategyOf(operative("Coal")),
    sources({ Coal: reading(8.5, { quality: "uncertain" }) }),
  );
  assert.equal(values.get("Coal")?.quality, "uncertain");
  assert.equal(lastGood.size, 0);
});

Deno.test("takeSnapshot leaves out a lab value that is older than the bias allows", () => {
  const strategy = strategyOf(
    predicted("Lime", {
      measuredBy: "LAB",
      bias: { filter: 0.3, limit: 0.5, maxAgeMs: 3_600_000 },
    }),
  );
  const fresh = takeSnapshot(strategy, sources({ LAB: reading(1.2) }));
  assert.equal(fresh.measurements.get("Lime")?.value, 1.2);
  const old = takeSnapshot(strategy, sources({ LAB: reading(1.2, { time: ago(3601) }) }));
  assert.equal(old.measurements.size, 0);
  assert.deepEqual(old.holds, [], "a lab value is never required");
});

Deno.test("takeSnapshot gives every live variable a usable value or a reason to hold", () => {
  const readings = fc.option(
    fc.record({
      value: fc.option(fc.double({ noNaN: false })),
      time: fc.integer({ min: -100_000, max: 100_000 }).map(ago),
      quality: fc.constantFrom("good", "uncertain", "bad"),
    }),
    { nil: undefined },
  );
  const onBads = fc.constantFrom(
    { kind: "hold" } as const,
    { kind: "last_good", maxAgeMs: undefined } as const,
    { kind: "last_good", maxAgeMs: 1000 } as const,
    { kind: "default", value: 85 } as const,
  );
  fc.assert(
    fc.property(readings, onBads, fc.boolean(), (bad, onBad, critical) => {
      const rule = { valid: [40, 150], maxAgeMs: 600_000, onBad, critical } as const;
      const { values, holds } = takeSnapshot(
        strategyOf(informative("T", rule)),
        sources(bad === undefined ? {} : { T: bad }),
      );
      const value = values.get("T")?.value;
      assert.equal(holds.length, value === undefined ? 1 : 0);
      if (value !== undefined) assert.ok(value >= 40 && value <= 150, `${value}`);
    }),
    { numRuns: 2000 },
  );
});
