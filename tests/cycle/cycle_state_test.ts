import assert from "node:assert/strict";
import { keptState, restoredState } from "../../src/cycle/cycle_state.ts";
import { FIRST_STATE } from "../../src/cycle/run_cycle.ts";
import type { CycleState } from "../../src/cycle/run_cycle.ts";

const STATE: CycleState = {
  lastGood: new Map([["Coal", { value: 8.5, time: new Date("2026-01-01T12:00:00Z") }]]),
  seen: new Map([["Coal", {
    value: 8.5,
    time: new Date("2026-01-01T12:00:00Z"),
    since: new Date("2026-01-01T11:50:00Z"),
    suspect: false,
  }]]),
  gate: {
    settings: new Map([["Coal", 8.5]]),
    movedAt: "2026-01-01T11:00:00.000Z",
    settling: new Map([["Lime", {
      ...{ value: 1, mean: 1.1, variance: 0.01, differences: 0.02 },
      ...{ time: "2026-01-01T12:00:00.000Z", readings: 4 },
    }]]),
  },
  spreads: new Map([["Feed", {
    ...{ mean: 85, variance: 0.4, readings: 12, time: "2026-01-01T12:00:00.000Z" },
  }]]),
  lastAnswer: { cycle_id: "a", time: "2026-01-01T12:00:00.000Z", status: "optimised" },
  bias: new Map([["Lime", { value: 0.1, measuredAt: "2026-01-01T11:00:00.000Z" }]]),
  ends: new Map([["optimum", {
    digest: "abc",
    point: Float64Array.of(1, 2),
    multipliers: {
      rows: Float64Array.of(0.5),
      lower: Float64Array.of(0, 0),
      upper: Float64Array.of(1e-9, 0),
    },
  }]]),
};

Deno.test("restoredState gives back what keptState wrote, through JSON text", () => {
  assert.deepEqual(restoredState(JSON.parse(JSON.stringify(keptState(STATE)))), STATE);
});

Deno.test("restoredState starts anew where nothing was kept", () => {
  assert.deepEqual(restoredState({}), FIRST_STATE);
});

Deno.test("restoredState starts one damaged part anew and keeps the others", () => {
  const restored = restoredState({ ...keptState(STATE), warm_start: [["optimum", { point: 3 }]] });
  assert.deepEqual(restored, { ...STATE, ends: new Map() });
});
