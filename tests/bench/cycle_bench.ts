/**
 * One solve and one whole cycle of each site, on real parts: PGlite, ONNX Runtime and the solver in
 * its child process; where the time goes. Medians, in milliseconds.
 *
 *   deno run -A tests/bench/cycle_bench.ts
 */

import { parseConfig } from "../../src/config.ts";
import { readReadings } from "../../src/cycle/readings.ts";
import { FIRST_STATE, runCycle } from "../../src/cycle/run_cycle.ts";
import type { CycleRecord } from "../../src/cycle/recommendation.ts";
import { logOf } from "../../src/log.ts";
import { insertMeasurements } from "../../src/storage/new_measurements.ts";
import { Measurements } from "../../src/storage/measurements.ts";
import { migrate } from "../../src/storage/migrations.ts";
import { PgliteDatabase } from "../../src/storage/pglite_database.ts";
import { SolverProcess } from "../../src/solve/solver_process.ts";
import { createPlant } from "../../strategies/cement-kiln/simulator.ts";
import { sitePlan } from "../end_to_end/site_plan.ts";

const CYCLES = 40;
const WARM_UP = 10;

interface Run {
  readonly record: CycleRecord;
  /** Reading, predictions, ladder, referee. */
  readonly wallMs: number;
}

/** Cycles of the simulated kiln, a minute of the plant's life apart. */
async function kilnCycles(start: "cold" | "warm"): Promise<Run[]> {
  const solver = await SolverProcess.start();
  const { plan, close } = await sitePlan("cement-kiln", solver);
  const folder = await Deno.makeTempDir();
  const database = await PgliteDatabase.open(folder, { log: logOf("bench") });
  const measurements = new Measurements(parseConfig("", { path: "/", env: {} }).values, database);
  const plant = createPlant(1);
  const runs: Run[] = [];
  let state = FIRST_STATE;
  let clock = Date.parse("2026-01-01T00:00:00Z");
  try {
    await migrate(database);
    for (let cycle = -WARM_UP; cycle < CYCLES; cycle++) {
      clock += 60_000;
      const time = new Date(clock);
      const values = plant.step(60, new Map());
      await insertMeasurements(
        database,
        [...values].map(([tag, value]) => ({ tag, value, time, quality: "good" })),
      );
      const begin = performance.now();
      const result = await runCycle(
        {
          cycleId: `${cycle}`,
          trigger: "schedule",
          given: new Map(),
          mode: "active",
          validForMs: 1,
        },
        {
          plan,
          solver,
          state: start === "cold" ? { ...state, ends: new Map() } : state,
          read: (strategy) =>
            readReadings(strategy, { measurements, queries: database, now: time }),
          now: () => time,
        },
      );
      const wallMs = performance.now() - begin;
      state = result.state;
      if (cycle >= 0) runs.push({ record: result.record, wallMs });
    }
  } finally {
    await close();
    await solver.close();
    await database.close();
    await Deno.remove(folder, { recursive: true });
  }
  return runs;
}

function median(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[Math.floor(sorted.length / 2)] ?? NaN).toFixed(2);
}

/** Prints the two tables. */
export async function cycleBench(): Promise<void> {
  const solves: Record<string, unknown> = {};
  const cycles: Record<string, unknown> = {};
  for (const start of ["cold", "warm"] as const) {
    const runs = await kilnCycles(start);
    const rungs = runs.flatMap(({ record }) => record.recommendation.solver!.rungs);
    const first = rungs.filter(({ rung }) => rung === start);
    solves[`one ${start} solve`] = {
      "whole ms": median(first.map(({ ms }) => ms)),
      iterations: median(first.map(({ iterations }) => iterations)),
      solved: `${first.filter(({ outcome }) => outcome === "solved").length}/${first.length}`,
    };
    const stage = (of: (run: Run) => number) => median(runs.map(of));
    const evaluation = ({ record }: Run) => record.recommendation.solver!.evaluation_ms;
    cycles[`${start} cycle`] = {
      "whole ms": stage(({ wallMs }) => wallMs),
      "reading ms": stage(({ record }) => record.times.read_ms),
      "predicting ms": stage(({ record }) => record.times.predict_ms + record.times.referee_ms),
      "evaluations ms": stage(evaluation),
      "IPOPT and child ms": stage((run) =>
        run.record.recommendation.solver!.total_ms - evaluation(run)
      ),
      "rest ms": stage((run) =>
        run.wallMs - run.record.times.read_ms - run.record.times.predict_ms -
        run.record.times.referee_ms - run.record.recommendation.solver!.total_ms
      ),
      solves: median(runs.map(({ record }) => record.recommendation.solver!.rungs.length)),
    };
  }
  console.log(`The kiln, ${CYCLES} cycles each; a cycle has one warm or cold solve and its starts`);
  console.table(solves);
  console.table(cycles);
}

if (import.meta.main) await cycleBench();
