/**
 * Programs with a planted conflict whose minimal set and smallest relaxation are known.
 *
 *   deno run -A tests/campaigns/planted_conflicts.ts [count, 200] [seed, 1]
 *
 * The planted limits are φᵢ(aᵢ·x) ≤ φᵢ(bᵢ), φᵢ rising, with Σ μᵢ aᵢ = 0, μ > 0: they conflict where
 * Σ μᵢ bᵢ = −δ < 0 (Farkas), and any all but one can hold, since any k − 1 of the aᵢ are independent.
 * With distinct ranks the one of the lowest rank gives alone, to bₘ + δ/μₘ. Other limits, of networks,
 * are wide enough to take no part. With k = 1 the box of the settings is what the limit conflicts with.
 */

import { climb, loadLadder } from "../../src/solve/ladder.ts";
import { NativeSolver } from "../../src/solve/native_solver.ts";
import type { Program } from "../../src/solve/program.ts";
import { handProgram, HandTape, requestFor } from "../solve/programs.ts";
import { stopForHelp } from "./campaign_help.ts";
import { Random } from "./random.ts";

/** One generated program with what is known of it. */
export interface Planted {
  readonly program: Program;
  readonly start: Float64Array;
  /** Rows of the minimal set, in order. */
  readonly members: readonly number[];
  /** The row that gives, and by how much at least, in its unit. */
  readonly gives: { readonly row: number; readonly by: number };
}

export interface PlantedResult {
  readonly count: number;
  /** Programs whose conflict was named as planted, and said to be minimal. */
  readonly named: number;
  /** Programs whose relaxation was the planted row's alone. */
  readonly relaxed: number;
  /** Largest relative difference of a relaxation from the known smallest. */
  readonly worstRelaxation: number;
  /** From the climb's begin to its end, in milliseconds. */
  readonly medianMs: number;
  readonly slowestMs: number;
  readonly misses: readonly string[];
}

const BOX = 2;
/** Steps away from the middle point within which all subsets of planted limits can hold. */
const REACH = 0.9;
/** Smallest relaxation to be planted, as a share of the row's scale. */
const LEAST_GIVEN = 1e-3;
/** Rising functions, with their values, as a tape has them. */
const RISING = {
  linear: (t: number) => t,
  sinh: Math.sinh,
  tanh: Math.tanh,
  exp: Math.exp,
} as const;

export function plantConflict(random: Random): Planted {
  for (;;) {
    const planted = tryToPlant(random);
    if (planted !== undefined) return planted;
  }
}

function tryToPlant(random: Random): Planted | undefined {
  const n = random.whole(3, 10);
  const k = random.whole(1, Math.min(5, n));
  const middle = Array.from({ length: n }, () => random.uniform(-0.8, 0.8));
  const { directions, weights } = conflicting(random, { n, k });
  const delta = random.uniform(0.1, 0.4);
  // k = 1: the least value over the box is what cannot be gone below.
  const floor = -BOX * directions[0]!.reduce((sum, a) => sum + Math.abs(a), 0);
  const bounds = directions.map((a, i) =>
    k === 1 ? floor - delta : dot(a, middle) - delta / (k * weights[i]!)
  );
  if (k > 1 && !subsetsHoldNearby(directions, { middle, bounds })) return undefined;

  const t = new HandTape();
  const x = t.input(...Array.from({ length: n }, (_, i) => i));
  const kinds = directions.map(() => random.pick(["linear", "sinh", "tanh", "exp"] as const));
  const rows: { output: number; upper: number; rank: number | undefined; scale: number }[] = [];
  directions.forEach((a, i) => {
    const kind = kinds[i]!;
    const inner = t.affine(x, { weights: [a], offset: [0] });
    const output = kind === "linear" ? inner : t.map(inner, kind);
    rows.push({
      output,
      upper: RISING[kind](bounds[i]!),
      rank: i + 1,
      scale: random.uniform(0.2, 5),
    });
  });
  const others = random.whole(0, 6);
  for (let j = 0; j < others; j++) rows.push(wideLimit(t, { x, random, middle }));
  const order = shuffled(rows.keys(), random);
  const placeOf = (row: number) => order.indexOf(row);

  const objective = t.sum(t.map(t.plus(x, t.constant(...middle.map((m) => -m))), "square"));
  const bare = handProgram({
    tape: t.finish({ inputs: n }),
    objective,
    rows: order.map((row) => [rows[row]!.output, -Infinity, rows[row]!.upper] as const),
    bounds: [-BOX, BOX],
  });
  const last = k - 1;
  const relaxedTo = k === 1 ? floor : bounds[last]! + delta / weights[last]!;
  const by = RISING[kinds[last]!](relaxedTo) - RISING[kinds[last]!](bounds[last]!);
  // Violations below 1e-6 of a row's scale count as none: less than this could not be told to 1 %.
  if (by < LEAST_GIVEN * rows[last]!.scale) return undefined;
  return {
    program: {
      ...bare,
      rows: bare.rows.map((row, place) => {
        const { rank, scale } = rows[order[place]!]!;
        return { ...row, rank, scale };
      }),
    },
    start: Float64Array.from({ length: n }, () => random.uniform(-BOX, BOX)),
    members: directions.map((_, i) => placeOf(i)).sort((a, b) => a - b),
    gives: {
      row: placeOf(last),
      by,
    },
  };
}

/** k directions of length 1 with weights so that Σ μᵢ aᵢ = 0; one alone needs no partner. */
function conflicting(random: Random, { n, k }: { readonly n: number; readonly k: number }) {
  const directions = Array.from({ length: Math.max(1, k - 1) }, () => random.unit(n));
  const weights = directions.map(() => random.uniform(0.5, 1.5));
  if (k === 1) return { directions, weights };
  const closing = directions[0]!.map((_, i) =>
    -directions.reduce((sum, a, j) => sum + weights[j]! * a[i]!, 0)
  );
  const length = Math.hypot(...closing);
  return {
    directions: [...directions, closing.map((value) => value / length)],
    weights: [...weights, length],
  };
}

/** Whether each all-but-one of aᵢ·x = bᵢ is met within REACH of the middle, by its shortest step. */
function subsetsHoldNearby(
  directions: readonly (readonly number[])[],
  { middle, bounds }: { readonly middle: readonly number[]; readonly bounds: readonly number[] },
): boolean {
  return directions.every((_, without) => {
    const kept = directions.flatMap((a, i) =>
      i === without ? [] : [{ a, gap: bounds[i]! - dot(a, middle) }]
    );
    // The shortest step is Aᵀ y with (A Aᵀ) y = gap; by Gauss-Seidel, as the directions are few.
    const y = kept.map(() => 0);
    for (let sweep = 0; sweep < 500; sweep++) {
      kept.forEach(({ a, gap }, i) => {
        const sum = kept.reduce(
          (total, other, j) => total + (j === i ? 0 : dot(a, other.a) * y[j]!),
          0,
        );
        y[i] = gap - sum;
      });
    }
    const step = middle.map((_, c) => kept.reduce((sum, { a }, i) => sum + a[c]! * y[i]!, 0));
    return Math.hypot(...step) < REACH &&
      kept.every(({ a, gap }) => Math.abs(dot(a, step) - gap) < 1e-6);
  });
}

/** w·tanh(V x) with its limit beyond all that it can reach from the middle within twice REACH. */
function wideLimit(
  t: HandTape,
  { x, random, middle }: {
    readonly x: number;
    readonly random: Random;
    readonly middle: readonly number[];
  },
) {
  const hidden = Array.from({ length: 4 }, () => random.unit(middle.length));
  const weights = hidden.map(() => random.uniform(-1, 1));
  const value = (at: readonly number[]) =>
    hidden.reduce((sum, v, i) => sum + weights[i]! * Math.tanh(dot(v, at)), 0);
  const steepness = weights.reduce((sum, w) => sum + Math.abs(w), 0);
  const inner = t.map(t.affine(x, { weights: hidden, offset: hidden.map(() => 0) }), "tanh");
  return {
    output: t.affine(inner, { weights: [weights], offset: [0] }),
    upper: value(middle) + 2 * REACH * steepness,
    rank: random.pick([undefined, 1, 3, 7]),
    scale: 1,
  };
}

export async function plantedConflicts(
  { count, seed, timeLimitMs }: {
    readonly count: number;
    readonly seed: number;
    /** A fifth of it may go into the name. */
    readonly timeLimitMs: number;
  },
): Promise<PlantedResult> {
  const random = new Random(seed);
  const solver = new NativeSolver();
  const times: number[] = [];
  const misses: string[] = [];
  let named = 0;
  let relaxed = 0;
  let worst = 0;
  try {
    for (let i = 0; i < count; i++) {
      const planted = plantConflict(random);
      const { program, start, members, gives } = planted;
      const ladder = await loadLadder(solver, program);
      const { warm: _, ...request } = requestFor(program, { start, timeLimitMs });
      const begin = performance.now();
      const climbed = await climb(solver, {
        ladder,
        request: { ...request, starts: 2, seed: i, previous: undefined },
      });
      times.push(performance.now() - begin);
      const found = climbed.conflict?.limits.map(({ row }) => row).sort((a, b) => a - b);
      const isNamed = climbed.conflict?.minimal === true && `${found}` === `${members}`;
      if (isNamed) named++;
      else misses.push(`program ${i}: named ${found}, planted ${members}`);
      const [first, ...more] = climbed.relaxations;
      const error = first?.row === gives.row ? Math.abs(first.by / gives.by - 1) : Infinity;
      if (more.length === 0 && error <= 0.01) relaxed++;
      else {misses.push(
          `program ${i}: relaxed ${JSON.stringify(climbed.relaxations)}, known ${
            JSON.stringify(gives)
          }, ${JSON.stringify(climbed.rungs.map(({ rung, outcome }) => `${rung} ${outcome}`))}`,
        );}
      if (Number.isFinite(error)) worst = Math.max(worst, error);
      await solver.release(ladder.main);
      if (ladder.elastic !== undefined) await solver.release(ladder.elastic.loaded);
    }
  } finally {
    await solver.close();
  }
  times.sort((a, b) => a - b);
  return {
    count,
    named,
    relaxed,
    worstRelaxation: worst,
    medianMs: times[Math.floor(times.length / 2)] ?? 0,
    slowestMs: times.at(-1) ?? 0,
    misses,
  };
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}

function shuffled(keys: Iterable<number>, random: Random): number[] {
  return [...keys].map((key) => [random.uniform(), key] as const).sort(([a], [b]) => a - b)
    .map(([, key]) => key);
}

if (import.meta.main) {
  stopForHelp("campaign:conflicts");
  const [count, seed] = [Number(Deno.args[0] ?? 200), Number(Deno.args[1] ?? 1)];
  const result = await plantedConflicts({ count, seed, timeLimitMs: 10_000 });
  console.log(JSON.stringify(result, undefined, 2));
  if (result.misses.length > 0) Deno.exit(1);
}
