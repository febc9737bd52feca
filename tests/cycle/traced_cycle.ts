/** Writes the trace of one made-up cycle; run with OTEL_DENO by the test of cycle_trace.ts. */

import { traceCycle } from "../../src/cycle/cycle_trace.ts";
import type { CycleRecord } from "../../src/cycle/recommendation.ts";

traceCycle({
  recommendation: {
    cycle_id: "c-1",
    status: "failed",
    trigger: "schedule",
    strategy: "kiln",
    version: "12",
    reason: "it broke",
    solver: { iterations: 14, outcome: "optimal" },
  },
  times: { read_ms: 10, predict_ms: 5, solve_ms: 30, referee_ms: 4, total_ms: 52 },
} as unknown as CycleRecord, { endMs: Date.parse("2026-03-01T12:00:00Z") });
