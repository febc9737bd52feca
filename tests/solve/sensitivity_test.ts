import assert from "node:assert/strict";
import { solveDense } from "../../src/solve/dense_lu.ts";
import { NativeSolver } from "../../src/solve/native_solver.ts";
import { converged } from "../../src/solve/outcome.ts";
import type { EndPoint, SolveRequest } from "../../src/solve/outcome.ts";
import { loadSensitivity, sensitivity } from "../../src/solve/sensitivity.ts";
import type { LoadedProgram } from "../../src/solve/solver.ts";
import { networkProgram } from "../campaigns/network_programs.ts";
import { Random } from "../campaigns/random.ts";
import { handProgram, HandTape, requestFor } from "./programs.ts";

Deno.test("sensitivity of a bowl around a value follows the value, and a limit holds it", async () => {
  await using solver = opened();
  const t = new HandTape();
  // min (x0 − p0)² + (x1 − 2 p1)² with x1 ≤ p0 · 1.
  const x = t.input(0, 1);
  const wish = t.concat(t.parameter(0), t.scale(t.parameter(1), [2, 0]));
  const away = t.plus(x, t.scale(wish, [-1, 0]));
  const row = t.plus(t.input(1), t.scale(t.parameter(0), [-1, 0]));
  const program = handProgram({
    objective: t.sum(t.map(away, "square")),
    rows: [[row, -Infinity, 0]],
    tape: t.finish({ inputs: 2, parameters: 2 }),
    bounds: [-10, 10],
  });
  const loaded = await solver.load(program);
  const free = await solved(solver, { loaded, parameters: Float64Array.of(3, 1) });
  const inside = await told(solver, { loaded, optimum: free });
  assert.ok(inside !== undefined);
  assertNear(inside.byVariable.get("p0")!.settings, [1, 0]);
  assertNear(inside.byVariable.get("p1")!.settings, [0, 2]);
  assert.deepEqual(inside.edges, []);
  // 2 p1 = 4 is beyond p0 = 3: x1 stands at p0, and (3 − 4)² falls by 2 per unit of p0.
  const stopped = await solved(solver, { loaded, parameters: Float64Array.of(3, 2) });
  const held = await told(solver, { loaded, optimum: stopped });
  assert.ok(held !== undefined);
  assertNear(held.byVariable.get("p0")!.settings, [1, 1]);
  assertNear(held.byVariable.get("p1")!.settings, [0, 0]);
  assert.ok(Math.abs(held.byVariable.get("p0")!.objective + 2) < 1e-5);
  assert.ok(Math.abs(held.byVariable.get("p1")!.objective - 4) < 1e-5);
});

Deno.test("sensitivity leaves settings at their bounds and switched-off ones where they are", async () => {
  await using solver = opened();
  const t = new HandTape();
  const away = t.plus(t.input(0, 1, 2), t.scale(t.parameter(0, 0, 0), [-1, 0]));
  const program = handProgram({
    objective: t.sum(t.map(away, "square")),
    tape: t.finish({ inputs: 3, parameters: 1 }),
    bounds: [-10, 10],
  });
  const loaded = await solver.load(program);
  const optimum = await solved(solver, {
    loaded,
    parameters: Float64Array.of(4),
    change: { upper: Float64Array.of(2, 10, 1), lower: Float64Array.of(-10, -10, 1) },
  });
  const moved = await told(solver, { loaded, optimum });
  assertNear(moved!.byVariable.get("p0")!.settings, [0, 1, 0]);
});

Deno.test("sensitivity names limits that bind without pulling", async () => {
  await using solver = opened();
  const t = new HandTape();
  const x = t.input(0);
  const program = handProgram({
    objective: t.map(t.plus(x, t.scale(t.parameter(0), [-1, 0])), "square"),
    rows: [[x, -Infinity, 2]],
    tape: t.finish({ inputs: 1, parameters: 1 }),
    bounds: [-10, 10],
  });
  const loaded = await solver.load(program);
  const optimum = await solved(solver, { loaded, parameters: Float64Array.of(2) });
  const onEdge = {
    ...optimum,
    end: {
      ...optimum.end,
      point: Float64Array.of(2),
      rows: Float64Array.of(2),
      multipliers: { ...optimum.end.multipliers, rows: Float64Array.of(1e-9) },
    },
  };
  const moved = await told(solver, { loaded, optimum: onEdge });
  assert.deepEqual(moved!.edges, [{ kind: "row", index: 0, side: "upper" }]);
});

Deno.test("sensitivity is undefined where nothing determines a setting", async () => {
  await using solver = opened();
  const t = new HandTape();
  // x1 is in nothing that curves: the KKT system is singular.
  const program = handProgram({
    objective: t.map(t.plus(t.input(0), t.parameter(0)), "square"),
    tape: t.finish({ inputs: 2, parameters: 1 }),
    bounds: [-10, 10],
  });
  const loaded = await solver.load(program);
  const optimum = await solved(solver, { loaded, parameters: Float64Array.of(1) });
  assert.equal(await told(solver, { loaded, optimum }), undefined);
});

Deno.test("sensitivity of random network programs agrees with re-solves at moved values", async () => {
  await using solver = opened();
  const random = new Random(11);
  let compared = 0;
  while (compared < 12) {
    const { program, start, parameters } = networkProgram(random, { steepness: 1 });
    const loaded = await solver.load(program);
    const change = { start };
    const optimum = await solved(solver, { loaded, parameters, change });
    const moved = await told(solver, { loaded, optimum });
    if (moved === undefined || moved.edges.length > 0) continue;
    const step = 1e-5;
    const ends: EndPoint[] = [];
    for (const direction of [1, -1]) {
      const at = parameters.slice();
      at[0]! += direction * step;
      const warm = { start: optimum.end.point, warm: optimum.end.multipliers };
      ends.push((await solved(solver, { loaded, parameters: at, change: warm })).end);
    }
    const [ahead, back] = [ends[0]!, ends[1]!];
    const { settings, objective } = moved.byVariable.get("p0")!;
    for (const [i, told] of settings.entries()) {
      const measured = (ahead.point[i]! - back.point[i]!) / (2 * step);
      assert.ok(
        Math.abs(told - measured) < 0.02 * Math.max(1, Math.abs(measured)),
        `x${i}: ${told} told, ${measured} measured`,
      );
    }
    const measured = (ahead.objective - back.objective) / (2 * step);
    assert.ok(Math.abs(objective - measured) < 1e-3 * Math.max(1, Math.abs(measured)));
    compared++;
  }
});

Deno.test("solveDense solves a system that needs its rows swapped, and sees a singular one", () => {
  const column = Float64Array.of(3, 5, 7);
  assert.ok(solveDense(Float64Array.of(0, 2, 1, 1, 0, 0, 4, 1, 3), { n: 3, columns: [column] }));
  // x = (5, …): 2y + z = 3, x = 5, 4x + y + 3z = 7.
  const [x, y, z] = [...column] as [number, number, number];
  assert.ok(Math.abs(2 * y + z - 3) + Math.abs(x - 5) + Math.abs(4 * x + y + 3 * z - 7) < 1e-12);
  assert.equal(solveDense(Float64Array.of(1, 2, 2, 4), { n: 2, columns: [] }), false);
});

/** As the cycle does it; the program over (x, p) is loaded for this one. */
async function told(
  solver: NativeSolver,
  { loaded, optimum }: {
    readonly loaded: LoadedProgram;
    readonly optimum: Awaited<ReturnType<typeof solved>>;
  },
) {
  const wide = await loadSensitivity(solver, loaded.program);
  assert.ok(wide !== undefined);
  return await sensitivity(solver, { loaded, wide, optimum });
}

async function solved(
  solver: NativeSolver,
  { loaded, parameters, change = {} }: {
    readonly loaded: LoadedProgram;
    readonly parameters: Float64Array;
    readonly change?: Partial<SolveRequest>;
  },
) {
  const start = new Float64Array(loaded.program.variables.length).fill(0.5);
  const request = {
    ...requestFor(loaded.program, { start, parameters, ...change }),
    tolerance: 1e-11,
  };
  const end = await solver.solve(loaded, request);
  assert.ok(converged(end), end.kind);
  return { request, end };
}

function assertNear(actual: Float64Array, expected: readonly number[]): void {
  for (const [i, value] of expected.entries()) {
    assert.ok(Math.abs(actual[i]! - value) < 1e-5, `${[...actual]} against ${expected}`);
  }
}

function opened(): NativeSolver & AsyncDisposable {
  const solver = new NativeSolver();
  return Object.assign(solver, { [Symbol.asyncDispose]: () => solver.close() });
}
