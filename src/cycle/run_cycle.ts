/**
 * One cycle: snapshot, gate, bias, tasks, record. What the cycle sends and what it keeps for the
 * next one are its result; making both durable and delivering them is the caller's.
 */

import type { Solver } from "../solve/solver.ts";
import type { Strategy } from "../strategy/strategy.ts";
import type { BiasStates } from "./bias.ts";
import { cycleInputs } from "./cycle_inputs.ts";
import { FIRST_GATE, passGate } from "./gate.ts";
import type { GateState } from "./gate.ts";
import type { LastGood, Reading, Seen } from "./judge_reading.ts";
import type { EndOfSolve } from "./optimise.ts";
import type { Plan } from "./plan.ts";
import { presentState } from "./present_state.ts";
import type { Answer, CycleRecord, Mode, Recommendation } from "./recommendation.ts";
import { heldRecord, workedRecord } from "./record.ts";
import { takeSnapshot } from "./snapshot.ts";
import { followSpreads } from "./spreads.ts";
import type { Spread } from "./spreads.ts";
import { runTasks } from "./tasks.ts";
import { tracesOf } from "./traces.ts";

/** What one cycle hands to the next. */
export interface CycleState {
  readonly lastGood: ReadonlyMap<string, LastGood>;
  readonly seen: ReadonlyMap<string, Seen>;
  readonly gate: GateState;
  readonly bias: BiasStates;
  /** How far each value strays of late. */
  readonly spreads: ReadonlyMap<string, Spread>;
  /** Where each optimizer's last solve ended, for a warm start. */
  readonly ends: ReadonlyMap<string, EndOfSolve>;
  /** The newest cycle that came to a trusted answer. */
  readonly lastAnswer: Answer | null;
}

export const FIRST_STATE: CycleState = {
  lastGood: new Map(),
  seen: new Map(),
  gate: FIRST_GATE,
  bias: new Map(),
  spreads: new Map(),
  ends: new Map(),
  lastAnswer: null,
};

export interface CycleOrder {
  readonly cycleId: string;
  readonly trigger: Recommendation["trigger"];
  /** Values that a request gave in place of live ones. */
  readonly given: ReadonlyMap<string, number>;
  /** Settings that stay where they are in this cycle. */
  readonly switchedOff?: ReadonlySet<string>;
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

  const { readings, readFault } = await readOrFault(parts);
  const snapshot = takeSnapshot(strategy, { ...state, now: parts.now(), readings, ...order });
  const gate = passGate(strategy, { state: state.gate, snapshot });
  const reached = {
    ...state,
    lastGood: new Map([...state.lastGood, ...snapshot.lastGood]),
    seen: snapshot.seen,
    gate: gate.state,
    spreads: followSpreads(strategy, { spreads: state.spreads, snapshot }),
  };
  const readMs = performance.now() - began;
  const facts = {
    ...{ order, plan, snapshot, began, readMs },
    inputs: cycleInputs({ readings, readFault, order, state }),
    lastAnswer: state.lastAnswer,
    warnings: warningsOf({ readFault, gate }),
  };
  // A question about another state does not wait for the plant.
  const waits = gate.unsettled !== undefined && !gate.waitedEnough && order.given.size === 0;
  const holds = [...snapshot.holds, ...waits ? [gate.unsettled] : []];
  if (holds.length > 0) {
    // Where nothing could be read, that is why values are missing.
    const reasons = readFault === null ? holds : [noLiveValues(readFault), ...holds];
    return { record: heldRecord(reasons.join("; "), facts), state: reached };
  }

  const { biasStates, ...start } = await presentState(plan, { snapshot, states: state.bias });
  const predictMs = performance.now() - began - readMs;
  const traces = tracesOf(plan, snapshot);
  const work = await runTasks(plan, {
    ...{ ...start, snapshot, traces, solver, ends: state.ends, spreads: reached.spreads },
    switchedOff: order.switchedOff ?? new Set(),
  });
  const record = workedRecord(work, { ...facts, ...start, traces, predictMs });
  const lastAnswer = answerOf(record.recommendation) ?? state.lastAnswer;
  return { record, state: { ...reached, bias: biasStates, ends: work.ends, lastAnswer } };
}

/** Without the database the rules for bad values decide, so a cycle may still run. */
async function readOrFault(parts: CycleParts) {
  try {
    return { readings: await parts.read(parts.plan.strategy), readFault: null };
  } catch (error) {
    const readFault = error instanceof Error ? error.message : String(error);
    return { readings: new Map<string, Reading>(), readFault };
  }
}

function noLiveValues(readFault: string): string {
  return `No live values: the database did not answer (${readFault})`;
}

function warningsOf({ readFault, gate }: {
  readonly readFault: string | null;
  readonly gate: { readonly unsettled: string | undefined; readonly waitedEnough: boolean };
}): string[] {
  const warnings: string[] = [];
  if (readFault !== null) warnings.push(noLiveValues(readFault));
  if (gate.unsettled !== undefined && gate.waitedEnough) {
    warnings.push(`${gate.unsettled}; the wait is over, so the cycle ran all the same`);
  }
  return warnings;
}

function answerOf({ cycle_id, time, status }: Recommendation): Answer | undefined {
  return status === "held" || status === "failed" ? undefined : { cycle_id, time, status };
}
