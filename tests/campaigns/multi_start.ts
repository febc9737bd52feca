/**
 * What several starts leave of the loss of one start, on random network programs, against the best
 * of many starts.
 *
 *   deno run -A tests/campaigns/multi_start.ts [programs, 60] [reference starts, 200] [seed, 1]
 */

import { climb, loadLadder } from "../../src/solve/ladder.ts";
import { NativeSolver } from "../../src/solve/native_solver.ts";
import { converged } from "../../src/solve/outcome.ts";
import type { SolveOutcome } from "../../src/solve/outcome.ts";
import { spreadStarts } from "../../src/solve/starts.ts";
import { requestFor } from "../solve/programs.ts";
import { stopForHelp } from "./campaign_help.ts";
import { networkProgram } from "./network_programs.ts";
import { Random } from "./random.ts";

export interface MultiStartResult {
  readonly programs: number;
  /** Programs in which one start ends more than 1 % of the objective's scale above the reference. */
  readonly worseAlone: number;
  readonly worseTogether: number;
  /** Sums over the programs of what is above the reference. */
  readonly lossAlone: number;
  readonly lossTogether: number;
  /** Programs in which several starts ended below the reference. */
  readonly better: number;
  readonly startsMedian: number;
}

/** As many starts as a plant's cycle has time for. */
const IN_TIME = { starts: Infinity, timeLimitMs: 2_000 };
const CLEARLY = 0.01;

export async function multiStart({ programs, referenceStarts, seed, most }: {
  readonly programs: number;
  readonly referenceStarts: number;
  readonly seed: number;
  /** What a climb may have. */
  readonly most: { readonly starts: number; readonly timeLimitMs: number };
}): Promise<MultiStartResult> {
  const random = new Random(seed);
  const solver = new NativeSolver();
  const sum = { worseAlone: 0, worseTogether: 0, lossAlone: 0, lossTogether: 0, better: 0 };
  const tried: number[] = [];
  try {
    for (let i = 0; i < programs; i++) {
      const { program, start, parameters } = networkProgram(random, { steepness: 4 });
      const ladder = await loadLadder(solver, program);
      const request = requestFor(program, { start, parameters });
      const ends: SolveOutcome[] = [];
      const many = spreadStarts(request, { count: referenceStarts, seed: 1000 + i });
      for (const from of [start, ...many]) {
        ends.push(await solver.solve(ladder.main, { ...request, start: from }));
      }
      const { warm: _, ...cold } = { ...request, ...most };
      const together = await climb(solver, {
        ladder,
        request: { ...cold, seed: i, previous: undefined },
      });
      tried.push(together.rungs.length);
      await solver.release(ladder.main);
      await solver.release(ladder.elastic!.loaded);
      const reference = Math.min(...ends.map(objectiveOf));
      // Where no start at all serves there is nothing to lose.
      if (reference === Infinity) continue;
      const worst = Math.max(...ends.filter(converged).map(objectiveOf));
      const loss = (outcome: SolveOutcome) =>
        Math.max(0, Math.min(objectiveOf(outcome), worst) - reference);
      const [alone, all] = [loss(ends[0]!), loss(together.outcome)];
      sum.lossAlone += alone;
      sum.lossTogether += all;
      if (alone > CLEARLY) sum.worseAlone++;
      if (all > CLEARLY) sum.worseTogether++;
      if (objectiveOf(together.outcome) < reference - CLEARLY) sum.better++;
    }
  } finally {
    await solver.close();
  }
  tried.sort((a, b) => a - b);
  return { programs, ...sum, startsMedian: tried[Math.floor(tried.length / 2)] ?? 0 };
}

/** Infinity where there is no answer. */
function objectiveOf(outcome: SolveOutcome): number {
  return converged(outcome) ? outcome.objective : Infinity;
}

if (import.meta.main) {
  stopForHelp("campaign:starts");
  const [programs, starts, seed] = [60, 200, 1].map((otherwise, i) =>
    Number(Deno.args[i] ?? otherwise)
  );
  const result = await multiStart({
    programs: programs!,
    referenceStarts: starts!,
    seed: seed!,
    most: IN_TIME,
  });
  console.log(JSON.stringify(result, undefined, 2));
  if (result.lossTogether > 0.05 * result.lossAlone) Deno.exit(1);
}
