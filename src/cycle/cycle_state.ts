/** The state between cycles in the form in which it is kept across restarts. */

import { z } from "zod";
import { FIRST_GATE } from "./gate.ts";
import type { CycleState } from "./run_cycle.ts";

/** The names under which the journal keeps the parts of the state. */
export type KeptState = Readonly<Record<"last_snapshot" | "bias" | "warm_start", unknown>>;

const vector = z.array(z.number()).transform((values) => Float64Array.from(values));

const time = z.iso.datetime().transform((text) => new Date(text));
const numbers = z.array(z.tuple([z.string(), z.number()]));

const lastSnapshot = z.object({
  last_good: z.array(z.tuple([z.string(), z.object({ value: z.number(), time })])),
  seen: z.array(z.tuple([
    z.string(),
    z.object({ value: z.number(), time, since: time, suspect: z.boolean() }),
  ])),
  gate: z.object({
    settings: numbers,
    moved_at: z.iso.datetime().nullable(),
    settling: z.array(z.tuple([
      z.string(),
      z.object({
        value: z.number(),
        mean: z.number(),
        variance: z.number(),
        differences: z.number(),
        time: z.iso.datetime(),
        readings: z.number(),
      }),
    ])),
  }),
  /** Absent where an older release has kept the state. */
  spreads: z.array(z.tuple([
    z.string(),
    z.object({
      mean: z.number(),
      variance: z.number(),
      readings: z.number(),
      time: z.iso.datetime(),
    }),
  ])).default([]),
  last_answer: z.object({
    cycle_id: z.string(),
    time: z.iso.datetime(),
    status: z.enum(["optimised", "unchanged", "relaxed"]),
  }).nullable(),
});

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

export function keptState(state: CycleState): KeptState {
  const { lastGood, seen, gate, spreads, lastAnswer, bias, ends } = state;
  return {
    last_snapshot: {
      last_good: [...lastGood].map(([name, { value, time }]) => [
        name,
        { value, time: time.toISOString() },
      ]),
      seen: [...seen].map(([name, { value, time, since, suspect }]) => [
        name,
        { value, time: time.toISOString(), since: since.toISOString(), suspect },
      ]),
      gate: {
        settings: [...gate.settings],
        moved_at: gate.movedAt,
        settling: [...gate.settling],
      },
      spreads: [...spreads],
      last_answer: lastAnswer,
    },
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
  const snapshot = lastSnapshot.safeParse(kept.last_snapshot).data;
  return {
    lastGood: new Map(snapshot?.last_good),
    seen: new Map(snapshot?.seen),
    gate: snapshot === undefined ? FIRST_GATE : {
      settings: new Map(snapshot.gate.settings),
      movedAt: snapshot.gate.moved_at,
      settling: new Map(snapshot.gate.settling),
    },
    spreads: new Map(snapshot?.spreads),
    lastAnswer: snapshot?.last_answer ?? null,
    bias: new Map(bias.safeParse(kept.bias).data),
    ends: new Map(warmStart.safeParse(kept.warm_start).data),
  };
}
