/**
 * The state that each moment's cycle starts from, carried along in the order of the record: last good
 * values, frozen and jumping sensors, the gate, bias. It takes predictions only, so it runs ahead of
 * the solves, which may then be done in any order.
 */

import { updateBias } from "../cycle/bias.ts";
import type { BiasStates } from "../cycle/bias.ts";
import { passGate } from "../cycle/gate.ts";
import type { Reading } from "../cycle/judge_reading.ts";
import type { Plan } from "../cycle/plan.ts";
import { predictState } from "../cycle/predict_state.ts";
import { FIRST_STATE } from "../cycle/run_cycle.ts";
import type { CycleState } from "../cycle/run_cycle.ts";
import { takeSnapshot } from "../cycle/snapshot.ts";
import type { Snapshot } from "../cycle/snapshot.ts";
import type { Average } from "../storage/measurements.ts";
import type { Strategy } from "../strategy/strategy.ts";
import type { Recording } from "./recording.ts";

/** A moment ready to be optimised. */
export interface ReadyMoment {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly readings: ReadonlyMap<string, Reading>;
  readonly snapshot: Snapshot;
  /** As the cycles before have left it; without warm starts, so that the order does not matter. */
  readonly state: CycleState;
  /** The models' own outputs, without bias; undefined where the cycle is held before it predicts. */
  readonly predicted: ReadonlyMap<string, number> | undefined;
}

/**
 * Goes through all moments, which must be in order. The first half of `runCycle` is done here once
 * more, with the same functions.
 */
export async function* carryForward(
  plan: Plan,
  { recording, moments }: { readonly recording: Recording; readonly moments: readonly number[] },
): AsyncGenerator<ReadyMoment> {
  const { strategy } = plan;
  const averages = averagesOf(strategy);
  let state = FIRST_STATE;
  for (const time of moments) {
    const now = new Date(time);
    const readings = recording.readingsAt(time, { averages });
    const snapshot = takeSnapshot(strategy, { ...state, now, readings, given: new Map() });
    const gate = passGate(strategy, { state: state.gate, snapshot });
    const waits = gate.unsettled !== undefined && !gate.waitedEnough;
    const isHeld = snapshot.holds.length > 0 || waits;
    const predicted = isHeld ? undefined : await predictedAt(plan, snapshot);
    yield { time, readings, snapshot, state, predicted };
    state = {
      ...state,
      lastGood: new Map([...state.lastGood, ...snapshot.lastGood]),
      seen: snapshot.seen,
      gate: gate.state,
      bias: predicted === undefined
        ? state.bias
        : learned(strategy, { states: state.bias, snapshot, predicted }),
    };
  }
}

async function predictedAt(plan: Plan, snapshot: Snapshot): Promise<Map<string, number>> {
  const values = new Map([...snapshot.values].map(([name, read]) => [name, read.value]));
  const measured = new Map([
    ...values,
    ...[...snapshot.measurements].map(([name, read]) => [name, read.value] as const),
  ]);
  return await predictState(plan, { values, measured, bias: new Map() });
}

function learned(
  strategy: Strategy,
  { states, snapshot, predicted }: {
    readonly states: BiasStates;
    readonly snapshot: Snapshot;
    readonly predicted: ReadonlyMap<string, number>;
  },
): BiasStates {
  const { measurements, time: now } = snapshot;
  return updateBias(strategy, { states, measurements, predicted, now });
}

/** The windows that stand in place of the newest value, by tag. */
function averagesOf({ variables }: Strategy): Map<string, Average> {
  const averages = new Map<string, Average>();
  for (const variable of variables.values()) {
    if (variable.type !== "operative" && variable.type !== "informative") continue;
    if (variable.averageMs === undefined) continue;
    averages.set(variable.name, { ms: variable.averageMs, by: variable.averageBy });
  }
  return averages;
}
