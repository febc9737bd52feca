import assert from "node:assert/strict";
import { describeConflict, findConflict } from "../../src/solve/conflict.ts";
import type { Conflict } from "../../src/solve/conflict.ts";
import type { ElasticSolve } from "../../src/solve/ease.ts";
import { easeByRank } from "../../src/solve/ease.ts";
import { elasticProgram } from "../../src/solve/elastic.ts";
import { climb, loadLadder } from "../../src/solve/ladder.ts";
import { NativeSolver } from "../../src/solve/native_solver.ts";
import type { SolveRequest } from "../../src/solve/outcome.ts";
import type { Program } from "../../src/solve/program.ts";
import type { LoadedProgram } from "../../src/solve/solver.ts";
import { handProgram, HandTape, requestFor } from "./programs.ts";

/** x0 + x1 ≥ 7 against x0 ≤ 3 and x1 ≤ 2 on [0, 5]², beside x0 − x1 ≤ 9, which takes no part. */
function conflicting(): Program {
  const t = new HandTape();
  const [x0, x1] = [t.input(0), t.input(1)];
  const sum = t.plus(x0, x1);
  const difference = t.plus(x0, t.scale(x1, [-1, 0]));
  const objective = t.sum(t.map(t.plus(t.input(0, 1), t.constant(-1, -1)), "square"));
  const program = handProgram({
    tape: t.finish({ inputs: 2 }),
    objective,
    rows: [[sum, 7, Infinity], [x0, -Infinity, 3], [x1, -Infinity, 2], [difference, -Infinity, 9]],
    bounds: [0, 5],
  });
  return {
    ...program,
    rows: program.rows.map((row, i) => ({ ...row, name: `limit ${i}`, unit: "t/h", rank: i + 1 })),
  };
}

/** A search with the number of solves that it took. */
async function searched(
  { known, timeLeft = () => true }: {
    readonly known?: readonly Float64Array[];
    /** By solves done so far. */
    readonly timeLeft?: (solves: number) => boolean;
  } = {},
): Promise<{ conflict: Conflict | undefined; solves: number; request: SolveRequest }> {
  const solver = new NativeSolver();
  try {
    const program = conflicting();
    const request = requestFor(program, { start: Float64Array.of(1, 1) });
    const loaded = await solver.load(elasticProgram(program));
    let solves = 0;
    const solve: ElasticSolve = (change) => {
      solves++;
      return solver.solve(loaded, { ...request, ...change });
    };
    const conflict = await findConflict(program, {
      ...{ request, solve, timeLeft: () => timeLeft(solves) },
      ...known === undefined ? {} : { known },
    });
    return { conflict, solves, request };
  } finally {
    await solver.close();
  }
}

const rowsOf = (conflict: Conflict | undefined) => conflict?.limits.map(({ row }) => row).sort();

Deno.test("findConflict names the minimal set, and needs no solve for what known points certify", async () => {
  const alone = await searched();
  assert.deepEqual([rowsOf(alone.conflict), alone.conflict?.minimal], [[0, 1, 2], true]);
  // Each of these breaks one of the three limits alone.
  const known = [[3, 2], [5, 2], [3, 4]].map((point) => Float64Array.from(point));
  const helped = await searched({ known });
  assert.deepEqual(helped.conflict?.limits, alone.conflict?.limits);
  assert.equal(helped.conflict?.minimal, true);
  // The whole, and two opinions more on the candidates.
  assert.equal(helped.solves, 3);
  assert.ok(alone.solves > 3, `${alone.solves}`);
});

Deno.test("findConflict tells the best set known so far when the time is up, and says so", async () => {
  const { conflict, request } = await searched({ timeLeft: (solves) => solves < 1 });
  assert.equal(conflict?.minimal, false);
  for (const row of [0, 1, 2]) assert.ok(rowsOf(conflict)!.includes(row));
  assert.match(
    describeConflict(conflicting(), { conflict: conflict!, request }),
    /cannot hold together \(fewer of them may conflict already, which could not be ruled out\)/,
  );
});

Deno.test("easeByRank serves the ranks that hold at its start without a solve", async () => {
  const solver = new NativeSolver();
  try {
    const program = conflicting();
    const loaded = await solver.load(elasticProgram(program));
    const solvesFrom = async (start: Float64Array) => {
      let solves = 0;
      const request = requestFor(program, { start });
      const eased = await easeByRank(program, {
        request,
        solve: (change) => {
          solves++;
          return solver.solve(loaded, { ...request, ...change });
        },
      });
      assert.deepEqual(eased?.relaxations.map(({ row, side }) => [row, side]), [[2, "upper"]]);
      assert.ok(Math.abs(eased!.relaxations[0]!.by - 2) < 1e-5);
      return solves;
    };
    // Ranks 1 and 2 hold at (3, 4); 3 has to give; 4 holds where that ends.
    assert.equal(await solvesFrom(Float64Array.of(3, 4)), 1);
    assert.ok(await solvesFrom(Float64Array.of(0, 0)) > 1);
  } finally {
    await solver.close();
  }
});

/** Each solve takes longer than the least time that a name has, and ends all the same. */
class Slow extends NativeSolver {
  /** What the longest of them took: on a busy machine that is more than it has to. */
  longestMs = 0;

  override async solve(loaded: LoadedProgram, request: SolveRequest) {
    const began = performance.now();
    const [outcome] = await Promise.all([
      super.solve(loaded, { ...request, timeLimitMs: 30_000 }),
      new Promise((resolve) => setTimeout(resolve, 400)),
    ]);
    this.longestMs = Math.max(this.longestMs, performance.now() - began);
    return outcome;
  }
}

Deno.test("climb names a conflict by its own time limit, minimal or not", async () => {
  const solver = new Slow();
  try {
    const program = conflicting();
    const ladder = await loadLadder(solver, program);
    const { warm: _, ...request } = requestFor(program, { start: Float64Array.of(1, 1) });
    const { conflict, rungs } = await climb(solver, {
      ladder,
      request: { ...request, timeLimitMs: 5_000, starts: 1, seed: 1, previous: undefined },
    });
    assert.equal(conflict?.minimal, false);
    for (const row of [0, 1, 2]) assert.ok(rowsOf(conflict)!.includes(row));
    // One solve of all limits together: its time was up before the candidates had their turn.
    const [named] = rungs.filter(({ rung }) => rung === "conflict");
    const longest = solver.longestMs;
    assert.ok(named!.ms >= 399 && named!.ms < 3 * longest, `${named!.ms}, ${longest} for a solve`);
  } finally {
    await solver.close();
  }
});
