import assert from "node:assert/strict";
import { carryForward } from "../../src/backtest/carry_forward.ts";
import { Recording } from "../../src/backtest/recording.ts";
import { FIRST_STATE, runCycle } from "../../src/cycle/run_cycle.ts";
import type { CycleState } from "../../src/cycle/run_cycle.ts";
import type { SteadyStateRule } from "../../src/strategy/strategy.ts";
import { NativeSolver } from "../../src/solve/native_solver.ts";
import { sitePlan } from "../end_to_end/site_plan.ts";

const HOUR = 3_600_000;
const START = Date.parse("2026-03-01T00:00:00Z");

/** Hours near a real one of the turbine; at some, values lack, are impossible, or are marked bad. */
function turbineHours(count: number): Recording {
  const recording = new Recording();
  const typical = {
    ...{ AT: 9, AP: 1021, AH: 95, AFDP: 3.2, GTEP: 23.3, TIT: 1068, TAT: 549.8 },
    ...{ TEY: 126.5, CDP: 11.45, CO: 2.1, NOX: 68.5 },
  };
  for (let hour = 0; hour < count; hour++) {
    for (const [i, [tag, value]] of Object.entries(typical).entries()) {
      if (hour === 4 && tag === "AT") continue;
      const wave = 1 + 0.002 * Math.sin(hour + i);
      recording.add({
        tag,
        time: new Date(START + hour * HOUR),
        value: hour === 7 && tag === "TIT" ? 5000 : value * wave,
        quality: hour === 5 && tag === "CO" ? "bad" : "good",
      });
    }
  }
  return recording;
}

const settles: SteadyStateRule = {
  variables: ["TEY"],
  threshold: 1e6,
  filters: [0.2, 0.1, 0.1],
  readings: 2,
  maxWaitMs: undefined,
};

for (const steadyState of [undefined, settles]) {
  const gate = steadyState === undefined ? "" : " where the plant has to settle";
  Deno.test(`carryForward leaves each moment the state that cycles in a row would leave it${gate}`, async () => {
    const solver = new NativeSolver();
    const site = await sitePlan("gas-turbine", solver);
    const plan = { ...site.plan, strategy: { ...site.plan.strategy, steadyState } };
    try {
      const moments = Array.from({ length: 10 }, (_, hour) => START + hour * HOUR);
      let state: CycleState = FIRST_STATE;
      let held = 0;
      for await (const ready of carryForward(plan, { recording: turbineHours(10), moments })) {
        const now = new Date(ready.time);
        const compared = (some: CycleState) => ({
          lastGood: [...some.lastGood],
          seen: [...some.seen],
          gate: some.gate,
          bias: [...some.bias],
        });
        assert.deepEqual(compared(ready.state), compared(state), now.toISOString());
        const order = {
          cycleId: now.toISOString(),
          trigger: "schedule" as const,
          given: new Map(),
          mode: "advisory" as const,
          validForMs: 0,
        };
        const read = () => Promise.resolve(ready.readings);
        const result = await runCycle(order, { plan, solver, state, read, now: () => now });
        if (ready.predicted === undefined) {
          held++;
          assert.equal(result.record.recommendation.status, "held");
        }
        state = result.state;
      }
      assert.ok(held >= (steadyState === undefined ? 1 : 2), `${held} held`);
      assert.ok(state.bias.size === 3);
    } finally {
      await site.close();
      await solver.close();
    }
  });
}
