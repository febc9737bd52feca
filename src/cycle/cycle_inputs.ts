/**
 * What a cycle worked from, in a form that survives JSON: with it and with the bundle of the same
 * digest the cycle can be computed again.
 */

import { z } from "zod";
import { keptState, restoredState } from "./cycle_state.ts";
import type { Reading } from "./judge_reading.ts";
import type { CycleOrder, CycleState } from "./run_cycle.ts";

const inputs = z.looseObject({
  readings: z.array(z.tuple([
    z.string(),
    z.object({
      /** JSON knows no NaN and no infinities: they are written as text. */
      value: z.union([z.number(), z.enum(["NaN", "Infinity", "-Infinity"])]).nullable(),
      time: z.iso.datetime(),
      quality: z.enum(["good", "uncertain", "bad"]),
    }),
  ])),
  /** Why the database gave no readings; null where it did. */
  read_fault: z.string().nullable(),
  given: z.record(z.string(), z.number()),
  switched_off: z.array(z.string()),
  valid_for_ms: z.number(),
  /** The state before the cycle. */
  state: z.looseObject({}),
});

export type CycleInputs = z.infer<typeof inputs>;

/** What a cycle starts with. */
export interface CycleStart {
  readonly readings: ReadonlyMap<string, Reading>;
  readonly readFault: string | null;
  readonly order: Pick<CycleOrder, "given" | "switchedOff" | "validForMs">;
  readonly state: CycleState;
}

export function cycleInputs({ readings, readFault, order, state }: CycleStart): CycleInputs {
  return {
    readings: [...readings].map(([tag, { value, time, quality }]) => [tag, {
      value: value === null || Number.isFinite(value)
        ? value
        : String(value) as "NaN" | "Infinity" | "-Infinity",
      time: time.toISOString(),
      quality,
    }]),
    read_fault: readFault,
    given: Object.fromEntries(order.given),
    switched_off: [...order.switchedOff ?? []],
    valid_for_ms: order.validForMs,
    state: keptState(state),
  };
}

/** The same back; throws where the record is of another form, such as one of an older release. */
export function cycleStart(kept: unknown): CycleStart {
  const { readings, read_fault, given, switched_off, valid_for_ms, state } = inputs.parse(kept);
  return {
    readings: new Map(readings.map(([tag, { value, time, quality }]) => [tag, {
      value: value === null ? null : Number(value),
      time: new Date(time),
      quality,
    }])),
    readFault: read_fault,
    order: {
      given: new Map(Object.entries(given)),
      switchedOff: new Set(switched_off),
      validForMs: valid_for_ms,
    },
    state: restoredState(state),
  };
}
