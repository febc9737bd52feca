/** All moments of one strategy: the state carried ahead in order, the cycles themselves side by side. */

import type { Plan } from "../cycle/plan.ts";
import { failedRecord } from "../cycle/record.ts";
import type { CycleRecord } from "../cycle/recommendation.ts";
import { runCycle } from "../cycle/run_cycle.ts";
import type { CycleOrder } from "../cycle/run_cycle.ts";
import type { Solver } from "../solve/solver.ts";
import type { KeptResults } from "../storage/kept_results.ts";
import { carryForward } from "./carry_forward.ts";
import type { ReadyMoment } from "./carry_forward.ts";
import type { Layout } from "./layout.ts";
import { LIMITS_NOT_KNOWN } from "../cycle/binding_limits.ts";
import { momentResult } from "./moment_result.ts";
import type { Recording } from "./recording.ts";

export interface Backtest {
  /** What the strategy is called in the file of results. */
  readonly side: string;
  readonly plan: Plan;
  readonly layout: Layout;
  readonly recording: Recording;
  /** Moments before the first whose state is only carried along, so that bias is learned. */
  readonly warmUp: readonly number[];
  readonly moments: readonly number[];
  readonly kept: KeptResults;
  readonly solver: Solver;
  /** Cycles under way at once. */
  readonly atOnce: number;
  /** Aborted: no further moment begins. */
  readonly signal: AbortSignal;
  /** Called when a moment's result is on disk. */
  readonly progressed: () => void;
}

/**
 * A busy machine must not change an answer: searches end by their own counts, not by the clock, so a
 * solve gets many times the strategy's time limit.
 */
const PATIENCE = 20;
/** How often a moment is computed in which the solver itself breaks. */
const TRIES = 3;

/** Computes the moments that have no result yet; false where it was stopped before the last one. */
export async function runBacktest(backtest: Backtest): Promise<boolean> {
  const { side, recording, warmUp, moments, kept, atOnce, signal } = backtest;
  const done = kept.keys(side);
  const missing = new Set(moments.filter((moment) => !done.has(moment)));
  const plan = unhurried(backtest.plan);
  const underWay = new Set<Promise<void>>();
  let fault: unknown;

  const prepared = carryForward(plan, { recording, moments: [...warmUp, ...moments] });
  if (missing.size > 0) {
    for await (const moment of prepared) {
      if (signal.aborted || fault !== undefined) break;
      if (!missing.delete(moment.time)) continue;
      const one = oneMoment(moment, { ...backtest, plan })
        .catch((error) => void (fault ??= error))
        .finally(() => underWay.delete(one));
      underWay.add(one);
      if (underWay.size >= atOnce) await Promise.race(underWay);
      if (missing.size === 0) break;
    }
  }
  await Promise.all(underWay);
  if (fault !== undefined) throw fault;
  return missing.size === 0;
}

async function oneMoment(moment: ReadyMoment, backtest: Backtest): Promise<void> {
  const { side, layout, kept, signal, progressed } = backtest;
  let record = await cycleAt(moment, backtest);
  for (let tries = 1; solverBroke(record) && tries < TRIES; tries++) {
    // Ctrl-C in a terminal ends the solver's children too.
    if (signal.aborted) return;
    record = await cycleAt(moment, backtest);
  }
  if (solverBroke(record) && signal.aborted) return;
  const result = momentResult(record, { layout, moment });
  kept.add({ side, key: moment.time, json: JSON.stringify(result) });
  progressed();
}

/** A child that ended or fell silent says nothing about the strategy. */
function solverBroke({ recommendation: { solver, warnings } }: CycleRecord): boolean {
  return solver?.rungs.some(({ outcome }) => outcome === "crashed" || outcome === "timed_out") ===
      true || warnings.some((warning) => warning.startsWith(LIMITS_NOT_KNOWN));
}

/** The cycle that the box would have run at that moment, had nobody followed it before. */
async function cycleAt(
  { time, readings, state }: ReadyMoment,
  { plan, solver }: Backtest,
): Promise<CycleRecord> {
  const now = new Date(time);
  const order: CycleOrder = {
    cycleId: now.toISOString(),
    trigger: "schedule",
    given: new Map(),
    mode: "advisory",
    validForMs: 0,
  };
  try {
    const parts = { plan, solver, state, read: () => Promise.resolve(readings), now: () => now };
    return (await runCycle(order, parts)).record;
  } catch (error) {
    return failedRecord(error, { order, plan, time: now });
  }
}

function unhurried(plan: Plan): Plan {
  const optimizers = new Map([...plan.optimizers].map(([name, optimizer]) => {
    const { solver } = optimizer.skill;
    const skill = {
      ...optimizer.skill,
      solver: { ...solver, timeLimitMs: PATIENCE * solver.timeLimitMs },
    };
    return [name, { ...optimizer, skill }];
  }));
  return { ...plan, optimizers };
}
