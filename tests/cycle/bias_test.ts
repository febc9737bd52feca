import assert from "node:assert/strict";
import { updateBias } from "../../src/cycle/bias.ts";
import type { BiasState } from "../../src/cycle/bias.ts";
import { predicted, strategyOf } from "./strategies.ts";

const NOW = new Date("2026-01-01T12:00:00Z");
const STRATEGY = strategyOf(
  predicted("Lime", {
    measuredBy: "LAB",
    bias: { filter: 0.5, limit: 0.4, maxAgeMs: 8 * 3_600_000 },
  }),
);

function update(
  { old, measured, measuredAt = "2026-01-01T11:00:00.000Z", prediction = 1 }: {
    old?: BiasState;
    measured?: number;
    measuredAt?: string;
    prediction?: number;
  },
): BiasState | undefined {
  return updateBias(STRATEGY, {
    now: NOW,
    states: new Map(old === undefined ? [] : [["Lime", old]]),
    predicted: new Map([["Lime", prediction]]),
    measurements: new Map(
      measured === undefined ? [] : [["Lime", {
        variable: "LAB",
        unit: "%",
        value: measured,
        quality: "good" as const,
        source: "measured" as const,
        source_time: measuredAt,
        note: null,
      }]],
    ),
  }).get("Lime");
}

Deno.test("updateBias takes the filter's share of the first difference", () => {
  assert.equal(update({ measured: 1.2 })?.value.toFixed(12), (0.5 * 0.2).toFixed(12));
});

Deno.test("updateBias converges to a lasting difference", () => {
  let old: BiasState | undefined;
  for (let minute = 0; minute < 40; minute++) {
    const measuredAt = `2026-01-01T11:${String(minute).padStart(2, "0")}:00.000Z`;
    old = update({ ...(old && { old }), measured: 1.2, measuredAt });
  }
  assert.ok(Math.abs(old!.value - 0.2) < 1e-9);
});

Deno.test("updateBias never leaves its limit", () => {
  assert.equal(update({ measured: 100 })?.value, 0.4);
  assert.equal(update({ measured: -100 })?.value, -0.4);
});

Deno.test("updateBias learns nothing twice from one measurement", () => {
  const old = { value: 0.1, measuredAt: "2026-01-01T11:00:00.000Z" };
  assert.deepEqual(update({ old, measured: 1.4 }), old);
});

Deno.test("updateBias keeps a bias without a new measurement until it is too old", () => {
  const young = { value: 0.1, measuredAt: "2026-01-01T04:00:01.000Z" };
  assert.deepEqual(update({ old: young }), young);
  const old = { value: 0.1, measuredAt: "2026-01-01T03:59:59.000Z" };
  assert.equal(update({ old }), undefined);
});

Deno.test("updateBias ignores a prediction that is not a number", () => {
  assert.equal(update({ measured: 1.2, prediction: NaN }), undefined);
});
