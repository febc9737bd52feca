import assert from "node:assert/strict";
import type { SolveOutcome } from "../../src/solve/outcome.ts";
import { SolverStartError } from "../../src/solve/solver_connection.ts";
import { SolverProcess, SolverProcessError } from "../../src/solve/solver_process.ts";
import type { Program } from "../../src/solve/program.ts";
import { handProgram, HandTape, hs071, HS071_OPTIMUM, requestFor, rosenbrock } from "./programs.ts";

Deno.test("SolverProcess solves HS071 in its child", async () => {
  await using solver = await started();
  const { program, request } = hs071();
  assertOptimal(await solver.solve(await solver.load(program), request));
});

Deno.test("SolverProcess evaluates like the reference", async () => {
  await using solver = await started();
  const { program } = hs071();
  const x = Float64Array.of(1, 5, 5, 1);
  const { objective, rows, gradient, jacobian, hessian } = await solver.evaluateNative(
    await solver.load(program),
    { x, p: new Float64Array(0), sigma: 1, lambda: Float64Array.of(0, 0.5) },
  );
  assert.equal(objective, 16);
  assert.deepEqual([...rows], [25, 52]);
  assert.deepEqual([...gradient], [12, 1, 2, 11]);
  assert.deepEqual([...jacobian], [25, 5, 5, 25, 2, 10, 10, 2]);
  // Lower triangle by rows: (0,0) (1,0) (1,1) (2,0) (2,1) (2,2) (3,0) … (3,3).
  assert.deepEqual([...hessian], [3, 1, 1, 1, 0, 1, 12, 1, 1, 1]);
});

for (const signal of ["SIGKILL", "SIGABRT", "SIGTERM"] as const) {
  Deno.test(`SolverProcess loses one solve to ${signal} and does the next`, async () => {
    await using solver = await started();
    const [long, short] = [rosenbrock(3000), hs071()];
    const [loadedLong, loadedShort] = [
      await solver.load(long.program),
      await solver.load(short.program),
    ];
    const pid = await solver.pid();
    const running = solver.solve(loadedLong, long.request);
    const waiting = solver.solve(loadedShort, short.request);
    Deno.kill(pid, signal);
    const outcome = await running;
    assert(outcome.kind === "crashed", outcome.kind);
    assert.match(outcome.message, new RegExp(signal));
    assertOptimal(await waiting);
    assert.equal(solver.restarts, 1);
    assert.notEqual(await solver.pid(), pid);
    assertGone(pid);
  });
}

Deno.test("SolverProcess kills a child that hangs, two seconds after the time limit", async () => {
  await using solver = await started();
  const { program, request } = hs071();
  const loaded = await solver.load(program);
  const pid = await solver.pid();
  Deno.kill(pid, "SIGSTOP");
  const begin = performance.now();
  const outcome = await solver.solve(loaded, { ...request, timeLimitMs: 50 });
  const ms = performance.now() - begin;
  assert.equal(outcome.kind, "timed_out");
  assert(ms >= 2050 && ms < 6000, `${ms} ms`);
  assertGone(pid);
  assertOptimal(await solver.solve(loaded, request));
});

Deno.test("SolverProcess kills a child that falls silent, long before a long time limit", async () => {
  const module = new URL("./spinning_child.ts", import.meta.url);
  for (const signal of ["SIGSTOP", "SIGUSR1"] as const) {
    await using solver = disposable(await SolverProcess.start({ module, silenceMs: 600 }));
    const [long, short] = [rosenbrock(3000), hs071()];
    const loaded = await solver.load(long.program);
    const pid = await solver.pid();
    const running = solver.solve(loaded, { ...long.request, timeLimitMs: 600_000 });
    Deno.kill(pid, signal);
    const outcome = await running;
    assert(outcome.kind === "timed_out", outcome.kind);
    assert.match(outcome.message, /No sign of life for 600 ms/);
    assertGone(pid);
    assertOptimal(await solver.solve(await solver.load(short.program), short.request));
  }
});

Deno.test("SolverProcess hears a child that works for longer than the silence that it allows", async () => {
  await using solver = disposable(await SolverProcess.start({ silenceMs: 2_000 }));
  const { program, request } = rosenbrock(3000);
  const outcome = await solver.solve(await solver.load(program), {
    ...request,
    maxIterations: 1e6,
    timeLimitMs: 4_000,
  });
  assert(outcome.kind === "limit" || outcome.kind === "solved", outcome.kind);
  assert.equal(solver.restarts, 0);
});

Deno.test("SolverProcess gives a program no more memory than it may have, and serves on", async () => {
  await using solver = disposable(await SolverProcess.start({ memoryBytes: 256 * 2 ** 20 }));
  const small = hs071();
  const loaded = await solver.load(small.program);
  assertOptimal(await solver.solve(loaded, small.request));
  await assert.rejects(
    solver.load(dense(6000)),
    (error) =>
      error instanceof SolverProcessError && /memory|allocation|ended/i.test(error.message),
  );
  assertOptimal(await solver.solve(loaded, small.request));
});

Deno.test("SolverProcess types a solve that runs out of memory and replaces the child", async () => {
  await using solver = disposable(await SolverProcess.start({ memoryBytes: 256 * 2 ** 20 }));
  const [small, large] = [hs071(), dense(2400)];
  const [loadedSmall, loadedLarge] = [await solver.load(small.program), await solver.load(large)];
  const start = Float64Array.from({ length: 2400 }, (_, i) => i % 3);
  const request = requestFor(large, { start, timeLimitMs: 8_000 });
  const outcome = await solver.solve(loadedLarge, request);
  // OpenBLAS waits forever for buffers that it does not get: then the deadline ends it.
  assert(["failed", "crashed", "timed_out"].includes(outcome.kind), outcome.kind);
  assertOptimal(await solver.solve(loadedSmall, small.request));
});

Deno.test("SolverProcess refuses less memory than a child needs", async () => {
  await assert.rejects(SolverProcess.start({ memoryBytes: 1e6 }), RangeError);
});

Deno.test("SolverProcess takes exit code 0 in a solve for the crash that it is", async () => {
  const module = new URL("./leaving_child.ts", import.meta.url);
  await using solver = disposable(await SolverProcess.start({ module }));
  const { program, request } = hs071();
  const loaded = await solver.load(program);
  for (let i = 0; i < 2; i++) {
    const outcome = await solver.solve(loaded, request);
    assert(outcome.kind === "crashed", outcome.kind);
    assert.match(outcome.message, /exit code 0/);
  }
});

Deno.test("SolverProcess survives a segmentation fault inside the native library", async () => {
  const module = new URL("./crashing_child.ts", import.meta.url);
  await using solver = disposable(await SolverProcess.start({ module }));
  const { program, request } = hs071();
  const loaded = await solver.load(program);
  for (let i = 0; i < 2; i++) {
    const outcome = await solver.solve(loaded, request);
    assert(outcome.kind === "crashed", outcome.kind);
    assert.match(outcome.message, /SIGSEGV/);
  }
});

Deno.test("SolverProcess replaces a child whose output is not frames", async () => {
  const module = new URL("./noisy_child.ts", import.meta.url);
  await using solver = disposable(await SolverProcess.start({ module }));
  const { program, request } = hs071();
  const outcome = await solver.solve(await solver.load(program), request);
  assert(outcome.kind === "crashed", outcome.kind);
  assert.match(outcome.message, /No frame starts with/);
});

Deno.test("SolverProcess cancels a solve that waits and one that runs", async () => {
  await using solver = await started();
  const { program, request } = rosenbrock(3000);
  const loaded = await solver.load(program);
  const controller = new AbortController();
  const running = solver.solve(loaded, request, { signal: controller.signal });
  const waiting = solver.solve(loaded, request, { signal: controller.signal });
  controller.abort();
  assert.equal((await running).kind, "cancelled");
  assert.equal((await waiting).kind, "cancelled");
  assert.equal(solver.restarts, 0);
});

Deno.test("SolverProcess forgets a released program and keeps the others", async () => {
  await using solver = await started();
  const { program, request } = hs071();
  const [one, two] = [await solver.load(program), await solver.load(program)];
  await solver.release(one);
  await assert.rejects(solver.solve(one, request), SolverProcessError);
  assertOptimal(await solver.solve(two, request));
});

Deno.test("SolverProcess names a broken program and serves on", async () => {
  await using solver = await started();
  const { program, request } = hs071();
  const broken = { ...program, objective: { node: 99, element: 0 } };
  await assert.rejects(solver.load(broken), /broken at the objective: instruction 99 is not below/);
  assertOptimal(await solver.solve(await solver.load(program), request));
  assert.equal(solver.restarts, 0);
});

Deno.test("SolverProcess says why its child does not start", async () => {
  await assert.rejects(
    SolverProcess.start({ libraryPath: "/nowhere/liboptimizer.so" }),
    (error) => error instanceof SolverStartError && /native:build/.test(error.message),
  );
});

Deno.test("SolverProcess leaves no child behind when it closes", async () => {
  const solver = await SolverProcess.start();
  const pid = await solver.pid();
  await solver.close();
  assertGone(pid);
  await assert.rejects(solver.load(hs071().program), SolverProcessError);
});

/** min exp of the sum of n variables, each with a square: every pair has a second derivative. */
function dense(n: number): Program {
  const t = new HandTape();
  const x = t.input(...Array.from({ length: n }, (_, i) => i));
  return handProgram({
    objective: t.plus(
      t.map(t.scale(t.sum(x), [1 / n, 0]), "exp"),
      t.sum(t.map(x, "square")),
    ),
    tape: t.finish({ inputs: n }),
    bounds: [-5, 5],
  });
}

async function started(): Promise<SolverProcess & AsyncDisposable> {
  return disposable(await SolverProcess.start());
}

function disposable(solver: SolverProcess): SolverProcess & AsyncDisposable {
  return Object.assign(solver, { [Symbol.asyncDispose]: () => solver.close() });
}

function assertOptimal(outcome: SolveOutcome): void {
  assert(outcome.kind === "solved", JSON.stringify(outcome));
  assert(Math.abs(outcome.objective - HS071_OPTIMUM.objective) < 1e-6);
}

function assertGone(pid: number): void {
  assert.throws(() => Deno.kill(pid, "SIGCONT"), `process ${pid} still exists`);
}
