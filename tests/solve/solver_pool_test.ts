import assert from "node:assert/strict";
import { SolverStartError } from "../../src/solve/solver_connection.ts";
import { SolverPool } from "../../src/solve/solver_pool.ts";
import { SolverProcessError } from "../../src/solve/solver_process.ts";
import { childFaults } from "../campaigns/child_faults.ts";
import { hs071, HS071_OPTIMUM } from "./programs.ts";

Deno.test("SolverPool shares solves among its children and answers each rightly", async () => {
  const pool = await SolverPool.start({ size: 2 });
  try {
    assert.equal(pool.size, 2);
    const { program, request } = hs071();
    const loaded = await pool.load(program);
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, () => pool.solve(loaded, request)),
    );
    for (const outcome of outcomes) {
      assert(outcome.kind === "solved", outcome.kind);
      assert(Math.abs(outcome.objective - HS071_OPTIMUM.objective) < 1e-6);
    }
    const evaluation = await pool.evaluateNative(loaded, {
      x: request.start,
      p: request.parameters,
      sigma: 1,
      lambda: new Float64Array(2),
    });
    assert.equal(evaluation.objective, 16);
    await pool.release(loaded);
    await assert.rejects(pool.solve(loaded, request), SolverProcessError);
    assert.equal(pool.restarts, 0);
  } finally {
    await pool.close();
  }
});

Deno.test("SolverPool loses only the solves of the child that ends", async () => {
  const module = new URL("./leaving_child.ts", import.meta.url);
  const pool = await SolverPool.start({ size: 2, module });
  try {
    const { program, request } = hs071();
    const loaded = await pool.load(program);
    const outcomes = await Promise.all([1, 2].map(() => pool.solve(loaded, request)));
    assert.deepEqual(outcomes.map(({ kind }) => kind), ["crashed", "crashed"]);
  } finally {
    await pool.close();
  }
});

Deno.test("SolverPool says why its children do not start", async () => {
  const start = SolverPool.start({ size: 2, libraryPath: "/nowhere/liboptimizer.so" });
  await assert.rejects(start, SolverStartError);
});

Deno.test("SolverProcess types every solve while its child is killed, stopped or spinning", async () => {
  const { solves, outcomes, wrong, latest, childrenLeft, faults } = await childFaults({
    solves: 40,
    seed: 4,
  });
  assert.equal(Object.values(outcomes).reduce((sum, count) => sum + count, 0), solves);
  assert(faults > 0);
  assert.equal(wrong, 0);
  assert(latest < 2_500, `${latest} ms after its time limit`);
  assert.equal(childrenLeft, 0);
});
