/**
 * A cycle computed again from its record: the same readings, the same state before, the same bundle.
 * On the same build the recommendation is the same; a difference tells that something has changed.
 */

import type { Solver } from "../solve/solver.ts";
import { cycleStart } from "./cycle_inputs.ts";
import type { Plan } from "./plan.ts";
import type { CycleRecord, Recommendation } from "./recommendation.ts";
import { runCycle } from "./run_cycle.ts";

/** The record cannot be computed again; the message says why. */
export class ReplayError extends Error {
  override readonly name = "ReplayError";
}

/** Numbers nearer than this, relative to their size, are the same. */
export const REPLAY_TOLERANCE = 1e-12;

/** What differs between any two runs: how long things took. */
const CLOCKS = new Set(["ms", "total_ms", "evaluation_ms"]);
/** What records of older releases do not have: nothing to hold a new one against. */
const ADDED = ["influences"] as const;

/**
 * Runs the recorded cycle again.
 * @throws {ReplayError} for another bundle, a cycle that failed, or a record of another form.
 */
export async function replayCycle(
  { recommendation, inputs }: CycleRecord,
  { plan, solver }: { readonly plan: Plan; readonly solver: Solver },
): Promise<CycleRecord> {
  const { cycle_id, digest, version, status, trigger, mode, time } = recommendation;
  if (plan.digest !== digest) {
    throw new ReplayError(
      `Cycle ${cycle_id} ran on version ${version} with the digest ${digest}, ` +
        `not on ${plan.version} with ${plan.digest}`,
    );
  }
  if (status === "failed" || inputs === null || inputs === undefined) {
    throw new ReplayError(`The record of cycle ${cycle_id} does not hold what it worked from`);
  }
  const { order, readings, readFault, state } = startOf(cycle_id, inputs);
  const { record } = await runCycle(
    { ...order, cycleId: cycle_id, trigger, mode: mode.requested },
    {
      ...{ plan, solver, state },
      read: () =>
        readFault === null ? Promise.resolve(readings) : Promise.reject(new Error(readFault)),
      now: () => new Date(time),
    },
  );
  return record;
}

function startOf(cycleId: string, inputs: unknown) {
  try {
    return cycleStart(inputs);
  } catch (cause) {
    throw new ReplayError(`The record of cycle ${cycleId} is of another form than this build's`, {
      cause,
    });
  }
}

/** Where two recommendations differ, by path, with both values; times that things took left out. */
export function differences(before: Recommendation, after: Recommendation): string[] {
  const comparable = { ...after };
  for (const key of ADDED) {
    if (before[key] === undefined) delete comparable[key];
  }
  return differ(asJson(before), asJson(comparable), "");
}

/** As stored: NaN is null there. */
function asJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

function differ(before: unknown, after: unknown, path: string): string[] {
  if (typeof before === "number" && typeof after === "number") {
    const size = Math.max(Math.abs(before), Math.abs(after));
    return Math.abs(before - after) <= REPLAY_TOLERANCE * size
      ? []
      : [`${path}: ${before} was recorded, ${after} comes out now`];
  }
  if (isTree(before) && isTree(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...keys].flatMap((key) =>
      CLOCKS.has(key) ? [] : differ(before[key], after[key], path === "" ? key : `${path}.${key}`)
    );
  }
  return before === after
    ? []
    : [`${path}: ${JSON.stringify(before)} was recorded, ${JSON.stringify(after)} comes out now`];
}

/** An object, or a list by its positions. */
function isTree(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
