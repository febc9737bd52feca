/** The state between cycles in the form in which it is kept across restarts. */

import { z } from "zod";
import type { CycleState } from "./run_cycle.ts";

/** The names under which the journal keeps the parts of the state. */
export type KeptState = Readonly<Record<"last_snapshot" | "bias" | "warm_start", unknown>>;

const vector = z.array(z.number()).transform((values) => Float64Array.from(values));

const lastSnapshot = z.array(z.tuple([
  z.string(),
  z.object({ value: z.number(), time: z.iso.datetime().transform((text) => new Date(text)) }),
]));

const bias = z.array(z.tuple([
  z.string(),
  z.object({ value: z.number(), measuredAt: z.string() }),
]));

const warmStart = z.array(z.tuple([
  z.string(),
  z.object({
    digest: z.string(),
    point: vector,
    multipliers: z.object({ rows: vector, lower: vector, upper: vector }),
  }),
]));

export function keptState({ lastGood, bias, ends }: CycleState): KeptState {
  return {
    last_snapshot: [...lastGood].map(([name, { value, time }]) => [
      name,
      { value, time: time.toISOString() },
    ]),
    bias: [...bias],
    warm_start: [...ends].map(([name, { digest, point, multipliers }]) => [name, {
      digest,
      point: [...point],
      multipliers: {
        rows: [...multipliers.rows],
        lower: [...multipliers.lower],
        upper: [...multipliers.upper],
      },
    }]),
  };
}

/** The state that was kept; a part that is absent or not of its form starts anew. */
export function restoredState(kept: Partial<KeptState>): CycleState {
  return {
    lastGood: new Map(lastSnapshot.safeParse(kept.last_snapshot).data),
    bias: new Map(bias.safeParse(kept.bias).data),
    ends: new Map(warmStart.safeParse(kept.warm_start).data),
  };
}
