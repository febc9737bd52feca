import assert from "node:assert/strict";
import { NativeSolver } from "../../src/solve/native_solver.ts";
import { RequestError } from "../../src/solve/pack.ts";
import { handProgram, HandTape, hs071, HS071_OPTIMUM, requestFor, rosenbrock } from "./programs.ts";

Deno.test("NativeSolver solves HS071 to its published optimum", async () => {
  await using solver = opened();
  const { program, request } = hs071();
  const outcome = await solver.solve(await solver.load(program), request);
  assert.equal(outcome.kind, "solved");
  assert(outcome.kind === "solved");
  assert(Math.abs(outcome.objective - HS071_OPTIMUM.objective) < 1e-6);
  for (const [i, x] of HS071_OPTIMUM.point.entries()) {
    assert(Math.abs(outcome.point[i]! - x) < 1e-6, `x${i} = ${outcome.point[i]}`);
  }
  assert(outcome.point[0]! >= 1, "the bound of x0 is kept exactly");
  // x0 stands at its lower bound, the product at its lower limit: both multipliers pull.
  assert(outcome.multipliers.lower[0]! > 1);
  assert(outcome.multipliers.rows[0]! < -0.5);
  assert(outcome.times.evaluationMs <= outcome.times.totalMs);
});

Deno.test("NativeSolver starts warm from a point and its multipliers in fewer iterations", async () => {
  await using solver = opened();
  const { program, request } = hs071();
  const loaded = await solver.load(program);
  const cold = await solver.solve(loaded, request);
  assert(cold.kind === "solved");
  const warm = await solver.solve(loaded, {
    ...request,
    start: cold.point,
    warm: cold.multipliers,
  });
  assert(warm.kind === "solved");
  assert(warm.iterations < cold.iterations, `${warm.iterations} after ${cold.iterations}`);
  assert(Math.abs(warm.objective - cold.objective) < 1e-7);
});

Deno.test("NativeSolver calls conflicting limits infeasible", async () => {
  await using solver = opened();
  const { program, request } = hs071();
  const outcome = await solver.solve(await solver.load(program), {
    ...request,
    rowLower: Float64Array.of(700, 40),
  });
  assert.equal(outcome.kind, "infeasible");
});

Deno.test("NativeSolver ends at the iteration limit with the point it has reached", async () => {
  await using solver = opened();
  const { program, request } = rosenbrock(20);
  const outcome = await solver.solve(await solver.load(program), { ...request, maxIterations: 3 });
  assert(outcome.kind === "limit");
  assert.equal(outcome.limit, "iterations");
  assert.equal(outcome.iterations, 3);
  assert.equal(outcome.point.length, 20);
});

Deno.test("NativeSolver ends at the time limit by the steady clock", async () => {
  await using solver = opened();
  const { program, request } = rosenbrock(3000);
  const outcome = await solver.solve(await solver.load(program), { ...request, timeLimitMs: 20 });
  assert(outcome.kind === "limit", outcome.kind);
  assert.equal(outcome.limit, "time");
});

Deno.test("NativeSolver lets a solve be cancelled before and while it runs", async () => {
  await using solver = opened();
  const { program, request } = rosenbrock(3000);
  const loaded = await solver.load(program);
  const before = await solver.solve(loaded, request, { signal: AbortSignal.abort() });
  assert.equal(before.kind, "cancelled");
  const controller = new AbortController();
  const running = solver.solve(loaded, request, { signal: controller.signal });
  controller.abort();
  assert.equal((await running).kind, "cancelled");
});

Deno.test("NativeSolver solves the same on whatever thread, after whatever end of the solve before", async () => {
  await using solver = opened();
  const { program, request } = rosenbrock(300);
  const short = { ...request, maxIterations: 5 };
  const loaded = await solver.load(program);
  const alone = await solver.solve(loaded, short);
  assert(alone.kind === "limit", alone.kind);
  // All of them wait at once, each on a thread of its own, and they have their turns one by one.
  const outcomes = await Promise.all(
    Array.from(
      { length: 24 },
      (_, i) => solver.solve(loaded, short, i % 2 === 0 ? { signal: AbortSignal.abort() } : {}),
    ),
  );
  for (const [i, outcome] of outcomes.entries()) {
    if (i % 2 === 0) assert.equal(outcome.kind, "cancelled");
    else assert.deepEqual({ ...outcome, times: 0 }, { ...alone, times: 0 });
  }
});

Deno.test("NativeSolver leaves the event loop its turns, however brief the solves", async () => {
  await using solver = opened();
  const { program, request } = hs071();
  const loaded = await solver.load(program);
  let turns = 0;
  const timer = setInterval(() => turns++, 0);
  for (let i = 0; i < 200; i++) await solver.solve(loaded, request);
  clearInterval(timer);
  assert(turns > 2, `${turns} turns`);
});

Deno.test("NativeSolver reports an evaluation that is not a number", async () => {
  await using solver = opened();
  const t = new HandTape();
  const program = handProgram({
    tape: t.finish({ inputs: t.map(t.input(0), "log") }),
    objective: 1,
    bounds: [-3, -1],
  });
  const request = requestFor(program, { start: Float64Array.of(-2) });
  const outcome = await solver.solve(await solver.load(program), request);
  assert.equal(outcome.kind, "invalid_number");
});

Deno.test("NativeSolver puts solves that arrive at once in a row, each right", async () => {
  await using solver = opened();
  const { program, request } = hs071();
  const [one, two] = [await solver.load(program), await solver.load(program)];
  const outcomes = await Promise.all(
    Array.from({ length: 40 }, (_, i) => solver.solve(i % 2 === 0 ? one : two, request)),
  );
  for (const outcome of outcomes) {
    assert(outcome.kind === "solved");
    assert(Math.abs(outcome.objective - HS071_OPTIMUM.objective) < 1e-6);
  }
});

Deno.test("NativeSolver answers a program in which nothing is free to move", async () => {
  await using solver = opened();
  const { program, request } = hs071();
  const loaded = await solver.load(program);
  const fixed = Float64Array.from(HS071_OPTIMUM.point);
  const inside = await solver.solve(loaded, {
    ...request,
    lower: fixed,
    upper: fixed,
    rowLower: Float64Array.of(24, 39),
    rowUpper: Float64Array.of(Infinity, 41),
  });
  assert.equal(inside.kind, "solved");
  const outside = await solver.solve(loaded, {
    ...request,
    lower: fixed,
    upper: fixed,
    rowLower: Float64Array.of(30, 39),
  });
  assert.equal(outside.kind, "infeasible");
});

Deno.test("NativeSolver holds a variable whose bounds are equal and solves for the rest", async () => {
  await using solver = opened();
  const { program, request } = hs071();
  const outcome = await solver.solve(await solver.load(program), {
    ...request,
    lower: Float64Array.of(1, 4.7, 1, 1),
    upper: Float64Array.of(5, 4.7, 5, 5),
  });
  assert(outcome.kind === "solved", JSON.stringify(outcome));
  assert.equal(outcome.point[1], 4.7);
});

Deno.test("NativeSolver refuses a request that does not fit, naming every misfit", async () => {
  await using solver = opened();
  const { program, request } = hs071();
  const loaded = await solver.load(program);
  const wrong = solver.solve(loaded, {
    ...request,
    start: Float64Array.of(1, NaN, 5),
    lower: Float64Array.of(1, 1, 6, 1),
    tolerance: 0,
  });
  await assert.rejects(wrong, (error) => {
    assert(error instanceof RequestError);
    assert.match(error.message, /start has 3 elements in place of 4/);
    assert.match(error.message, /start\[1\] is not a number/);
    assert.match(error.message, /x2 has a lower limit 6 above its upper limit 5/);
    assert.match(error.message, /the tolerance is 0/);
    return true;
  });
});

Deno.test("NativeSolver reaches the optimum of programs of very different scales", async () => {
  await using solver = opened();
  const { program, request } = hs071();
  // The same program with scales from 1e-2 to 1e3, as if written by somebody careless.
  const scaled = {
    ...program,
    objectiveScale: 1e3,
    variables: program.variables.map((variable, i) => ({ ...variable, scale: 10 ** (i - 2) })),
    rows: program.rows.map((row, i) => ({ ...row, scale: i === 0 ? 1e-2 : 1e3 })),
  };
  const outcome = await solver.solve(await solver.load(scaled), request);
  assert(outcome.kind === "solved", JSON.stringify(outcome));
  assert(Math.abs(outcome.objective - HS071_OPTIMUM.objective) < 1e-5);
});

Deno.test("NativeSolver solves a sparse program of 2,000 variables and rows", async () => {
  await using solver = opened();
  const n = 2000;
  const t = new HandTape();
  const x = Array.from({ length: n }, (_, i) => t.input(i));
  // min Σ (xᵢ − 2)², xᵢ · xᵢ₊₁ ≤ 1 around a ring: at the optimum all are 1 and the sum is n.
  const terms = x.map((id) => t.map(t.scale(id, [1, -2]), "square"));
  const program = handProgram({
    tape: t.finish({ inputs: n }),
    objective: terms.reduce((sum, term) => t.plus(sum, term)),
    rows: x.map((id, i) => [t.times(id, x[(i + 1) % n]!), -Infinity, 1] as const),
    bounds: [0, 5],
  });
  const loaded = await solver.load(program);
  const start = Float64Array.from({ length: n }, (_, i) => 0.5 + (i % 7) / 20);
  const outcome = await solver.solve(loaded, requestFor(program, { start }));
  assert(outcome.kind === "solved", JSON.stringify(outcome).slice(0, 500));
  assert(outcome.objective <= n * (1 + 1e-7), `${outcome.objective}`);
});

function opened(): NativeSolver & AsyncDisposable {
  const solver = new NativeSolver();
  return Object.assign(solver, { [Symbol.asyncDispose]: () => solver.close() });
}
