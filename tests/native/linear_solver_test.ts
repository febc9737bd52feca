import assert from "node:assert/strict";
import fc from "fast-check";
import { IpoptLibrary } from "deno-ipopt-ffi";
import { NativeSolver } from "../../src/solve/native_solver.ts";
import { converged } from "../../src/solve/outcome.ts";
import type { EndPoint, LinearSolver, SolveOutcome } from "../../src/solve/outcome.ts";
import type { Program } from "../../src/solve/program.ts";
import { handProgram, HandTape, requestFor } from "../solve/programs.ts";

const library = IpoptLibrary.open();
const choosable = !library.ipoptVersion.startsWith("3.11");
library.close();
if (!choosable) {
  console.error("NOT RUN: the dense linear solver against MUMPS, as the library has IPOPT 3.11");
}

/** One program solved with each linear solver from the same start. */
async function both(
  program: Program,
  start: Float64Array,
): Promise<{ readonly dense: SolveOutcome; readonly sparse: SolveOutcome }> {
  const solver = new NativeSolver();
  try {
    const loaded = await solver.load(program);
    const solve = (linearSolver: LinearSolver) =>
      solver.solve(loaded, { ...requestFor(program, { start }), linearSolver });
    return { dense: await solve("dense LDLᵀ"), sparse: await solve("MUMPS") };
  } finally {
    await solver.close();
  }
}

function ended(outcome: SolveOutcome): EndPoint {
  assert.ok("point" in outcome, JSON.stringify(outcome));
  return outcome;
}

/** Random numbers of −1 to 1 from a seed (a linear congruential generator, Numerical Recipes). */
function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(1664525, state) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

/** A curved objective, equations and limits; indefinite away from its optimum where `bend` is large. */
function saddle({ n, equations, limits, bend, seed }: {
  readonly n: number;
  readonly equations: number;
  readonly limits: number;
  readonly bend: number;
  readonly seed: number;
}): Program {
  const next = numbers(seed);
  const matrix = (rows: number) =>
    Array.from({ length: rows }, () => Array.from({ length: n }, next));
  const t = new HandTape();
  const x = t.input(...Array(n).keys());
  const away = t.plus(x, t.constant(...Array.from({ length: n }, next)));
  const waves = t.map(
    t.affine(x, { weights: matrix(3), offset: [next(), next(), next()] }),
    "sin",
  );
  const rows = [
    ...Array.from({ length: equations }, () => {
      const row = t.affine(x, { weights: matrix(1), offset: [0] });
      return [row, 0.3 * next(), undefined] as const;
    }),
    ...Array.from({ length: limits }, () => {
      const row = t.map(t.affine(x, { weights: matrix(1), offset: [0] }), "square");
      return [row, -Infinity, 0.5 + 0.3 * next()] as const;
    }),
  ];
  return handProgram({
    tape: t.finish({ inputs: n }),
    objective: t.plus(t.sum(t.map(away, "square")), t.scale(t.sum(waves), [bend, 0])),
    rows: rows.map(([row, lower, upper]) => [row, lower, upper ?? lower] as const),
    bounds: [-2, 2],
  });
}

Deno.test({
  name: "the dense linear solver takes the steps that MUMPS takes, on random saddle systems",
  ignore: !choosable,
  async fn() {
    const sizes = fc.record({
      n: fc.integer({ min: 2, max: 40 }),
      equations: fc.integer({ min: 0, max: 4 }),
      limits: fc.integer({ min: 0, max: 12 }),
      bend: fc.constantFrom(0, 0.5, 4),
      seed: fc.integer({ min: 1, max: 1_000_000 }),
    });
    let solved = 0;
    await fc.assert(
      fc.asyncProperty(sizes, async (size) => {
        const equations = Math.min(size.equations, size.n - 1);
        const program = saddle({ ...size, equations });
        const { dense, sparse } = await both(program, new Float64Array(size.n).fill(0.1));
        assert.equal(dense.kind, sparse.kind);
        if (!converged(dense) || !converged(sparse)) return;
        solved++;
        assert.deepEqual([dense.linearSolver, sparse.linearSolver], ["dense LDLᵀ", "MUMPS"]);
        assert.ok(
          Math.abs(dense.iterations - sparse.iterations) <= 2,
          `${dense.iterations} and ${sparse.iterations} iterations`,
        );
        assert.ok(
          Math.abs(dense.objective - sparse.objective) <= 1e-7 * (1 + Math.abs(sparse.objective)),
        );
        dense.point.forEach((value, i) => assert.ok(Math.abs(value - sparse.point[i]!) < 1e-5));
      }),
      { numRuns: 60, seed: 11 },
    );
    assert.ok(solved > 45, `${solved} of 60 solved`);
  },
});

Deno.test({
  name: "the dense linear solver meets equations that say the same twice",
  ignore: !choosable,
  async fn() {
    const t = new HandTape();
    const x = t.input(0, 1, 2);
    const sum = (weights: readonly number[]) => t.affine(x, { weights: [weights], offset: [0] });
    // min |x − (1, 2, 3)|² on the plane x₀ + x₁ + x₂ = 3, given three times.
    const program = handProgram({
      tape: t.finish({ inputs: 3 }),
      objective: t.sum(t.map(t.plus(x, t.constant(-1, -2, -3)), "square")),
      rows: [
        [sum([1, 1, 1]), 3, 3],
        [sum([2, 2, 2]), 6, 6],
        [sum([-1, -1, -1]), -3, -3],
      ],
      bounds: [-10, 10],
    });
    for (const outcome of Object.values(await both(program, Float64Array.of(0, 0, 0)))) {
      assert.ok(outcome.kind === "solved", JSON.stringify(outcome));
      assert.ok(Math.abs(outcome.objective - 3) < 1e-7, `${outcome.objective}`);
    }
  },
});

Deno.test({
  name: "the dense linear solver meets an objective without curvature, and one that bends down",
  ignore: !choosable,
  async fn() {
    const t = new HandTape();
    const x = t.input(0, 1);
    const flat = handProgram({
      tape: t.finish({ inputs: 2 }),
      objective: t.affine(x, { weights: [[1, 1]], offset: [0] }),
      rows: [[t.times(t.gather(x, 0), t.gather(x, 1)), 1, Infinity]],
      bounds: [0, 4],
    });
    const level = await both(flat, Float64Array.of(3, 2));
    assert.ok(Math.abs(ended(level.dense).objective - 2) < 1e-6);
    assert.equal(ended(level.dense).iterations, ended(level.sparse).iterations);

    const s = new HandTape();
    const y = s.input(0, 1);
    // max x₀² + x₁² on the disc's edge and inside a box: wrong inertia at every interior point.
    const bent = handProgram({
      tape: s.finish({ inputs: 2 }),
      objective: s.scale(s.sum(s.map(y, "square")), [-1, 0]),
      rows: [[s.affine(y, { weights: [[1, 2]], offset: [0] }), -Infinity, 2]],
      bounds: [-1, 1],
    });
    const down = await both(bent, Float64Array.of(0.1, -0.2));
    assert.ok(Math.abs(ended(down.dense).objective + 2) < 1e-6, JSON.stringify(down.dense));
    assert.equal(ended(down.dense).iterations, ended(down.sparse).iterations);
  },
});

Deno.test("a program of as many equations as settings, or more that agree, is solved", async () => {
  const t = new HandTape();
  const x = t.input(0, 1);
  // x₀ = 1 and x₀ x₁ = 2 leave one point; the third equation follows from them.
  const first = t.gather(x, 0);
  const product = t.times(first, t.gather(x, 1));
  const program = handProgram({
    tape: t.finish({ inputs: 2 }),
    objective: t.sum(t.map(x, "square")),
    rows: [[first, 1, 1], [product, 2, 2], [t.plus(first, product), 3, 3]],
    bounds: [-10, 10],
  });
  const solver = new NativeSolver();
  try {
    for (const rows of [2, 3]) {
      const some = { ...program, rows: program.rows.slice(0, rows) };
      const outcome = await solver.solve(
        await solver.load(some),
        requestFor(some, { start: Float64Array.of(3, 3) }),
      );
      assert.ok(outcome.kind === "solved", JSON.stringify(outcome));
      assert.ok(Math.abs(outcome.objective - 5) < 1e-6, `${outcome.objective}`);
      assert.equal(outcome.point.length, 2);
    }
  } finally {
    await solver.close();
  }
});

Deno.test("a program that was solved before is solved as if it were the first", async () => {
  const program = saddle({ n: 12, equations: 2, limits: 4, bend: 4, seed: 5 });
  const starts = [0.1, -0.4, 0.7].map((value) => new Float64Array(12).fill(value));
  const solver = new NativeSolver();
  try {
    const used = await solver.load(program);
    for (const start of starts) {
      const request = requestFor(program, { start });
      const held = { ...request, lower: request.lower.slice(), upper: request.upper.slice() };
      held.lower[3] = held.upper[3] = 0.2;
      const first = ended(await solver.solve(used, request));
      // Options that change from one solve to the next.
      const warm = { ...request, start: first.point, warm: first.multipliers, maxIterations: 15 };
      const loose = { ...request, tolerance: 1e-4 };
      for (const wish of [request, held, warm, request, loose, warm, request]) {
        const again = ended(await solver.solve(used, wish));
        const fresh = await solver.load(program);
        const alone = ended(await solver.solve(fresh, wish));
        await solver.release(fresh);
        assert.deepEqual(again.point, alone.point);
        assert.deepEqual(again.multipliers, alone.multipliers);
        assert.equal(again.iterations, alone.iterations);
      }
    }
  } finally {
    await solver.close();
  }
});

Deno.test({
  name: "large sparse programs are left to MUMPS, small and dense ones are not",
  ignore: !choosable,
  async fn() {
    const chain = (n: number) => {
      const t = new HandTape();
      const x = Array.from({ length: n }, (_, i) => t.input(i));
      const all = t.concat(...x);
      return handProgram({
        tape: t.finish({ inputs: n }),
        objective: t.sum(t.map(all, "square")),
        rows: x.slice(1).map((id, i) => [t.times(x[i]!, id), 1, Infinity] as const),
        bounds: [0, 5],
      });
    };
    const solver = new NativeSolver();
    try {
      for (const [n, used] of [[10, "dense LDLᵀ"], [400, "MUMPS"]] as const) {
        const program = chain(n);
        const request = requestFor(program, { start: new Float64Array(n).fill(2) });
        const outcome = await solver.solve(await solver.load(program), request);
        assert.equal(ended(outcome).linearSolver, used);
      }
    } finally {
      await solver.close();
    }
  },
});
