/** One cycle: read, judge, learn the bias, run the tasks, write down what came of it. */

import type { Solver } from "../solve/solver.ts";
import type { Strategy } from "../strategy/strategy.ts";
import { updateBias } from "./bias.ts";
import type { BiasStates } from "./bias.ts";
import type { EndOfSolve } from "./optimise.ts";
import type { Plan } from "./plan.ts";
import { predictState } from "./predict_state.ts";
import type { CycleRecord, Mode, Recommendation } from "./recommendation.ts";
import { heldRecord, workedRecord } from "./record.ts";
import { takeSnapshot } from "./snapshot.ts";
import type { LastGood, Reading, Snapshot } from "./snapshot.ts";
import { runTasks } from "./tasks.ts";

/** What one cycle hands to the next. */
export interface CycleState {
  readonly lastGood: ReadonlyMap<string, LastGood>;
  readonly bias: BiasStates;
  /** Where each optimizer's last solve ended, for a warm start. */
  readonly ends: ReadonlyMap<string, EndOfSolve>;
}

export const FIRST_STATE: CycleState = { lastGood: new Map(), bias: new Map(), ends: new Map() };

export interface CycleOrder {
  readonly cycleId: string;
  readonly trigger: Recommendation["trigger"];
  /** Values that a request gave in place of live ones. */
  readonly given: ReadonlyMap<string, number>;
  readonly mode: Mode;
  readonly validForMs: number;
}

export interface CycleParts {
  readonly plan: Plan;
  readonly solver: Solver;
  readonly state: CycleState;
  /** Newest reading of each of the strategy's tags; throws where the database does not answer. */
  readonly read: (strategy: Strategy) => Promise<ReadonlyMap<string, Reading>>;
  readonly now: () => Date;
}

export interface CycleResult {
  readonly record: CycleRecord;
  readonly state: CycleState;
}

/** Never throws for what the plant, the database or the solver does: that is in the record. */
export async function runCycle(order: CycleOrder, parts: CycleParts): Promise<CycleResult> {
  const { plan, solver, state } = parts;
  const { strategy } = plan;
  const began = performance.now();

  const { readings, warnings } = await readOrWarn(parts);
  const time = parts.now();
  const snapshot = takeSnapshot(strategy, {
    now: time,
    readings,
    lastGood: state.lastGood,
    given: order.given,
  });
  const lastGood = new Map([...state.lastGood, ...snapshot.lastGood]);
  const readMs = performance.now() - began;
  const facts = { order, plan, snapshot, warnings, began, readMs };
  if (snapshot.holds.length > 0) {
    return {
      record: heldRecord(snapshot.holds.join("; "), facts),
      state: { ...state, lastGood },
    };
  }

  const measured = measuredValues(snapshot);
  const values = new Map([...snapshot.values].map(([name, read]) => [name, read.value]));
  const unbiased = await predictState(plan, { values, measured, bias: new Map() });
  const biasStates = updateBias(strategy, {
    states: state.bias,
    measurements: snapshot.measurements,
    predicted: unbiased,
    now: time,
  });
  const bias = new Map([...biasStates].map(([name, learned]) => [name, learned.value]));
  const present = await predictState(plan, { values, measured, bias });
  const predictMs = performance.now() - began - readMs;

  const work = await runTasks(plan, {
    snapshot,
    measured,
    bias,
    present,
    ends: state.ends,
    solver,
  });
  return {
    record: workedRecord(work, { ...facts, bias, present, predictMs }),
    state: { lastGood, bias: biasStates, ends: work.ends },
  };
}

/** Without the database the rules for bad values decide, so a cycle may still run. */
async function readOrWarn(parts: CycleParts) {
  try {
    return { readings: await parts.read(parts.plan.strategy), warnings: [] };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return {
      readings: new Map<string, Reading>(),
      warnings: [`No live values: the database did not answer (${message})`],
    };
  }
}

/** Values at the cycle's start; of predicted variables, what is measured in their place. */
function measuredValues(snapshot: Snapshot): Map<string, number> {
  return new Map(
    [...snapshot.values, ...snapshot.measurements].map(([name, read]) => [name, read.value]),
  );
}
