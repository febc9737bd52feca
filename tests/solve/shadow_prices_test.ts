import assert from "node:assert/strict";
import { independence } from "../../src/solve/independence.ts";
import { NativeSolver } from "../../src/solve/native_solver.ts";
import { converged } from "../../src/solve/outcome.ts";
import type { SolveRequest } from "../../src/solve/outcome.ts";
import { checkPrice, confirmedPrices } from "../../src/solve/price_check.ts";
import type { Program } from "../../src/solve/program.ts";
import { type Optimum, shadowPrices } from "../../src/solve/shadow_prices.ts";
import type { LoadedProgram } from "../../src/solve/solver.ts";
import { priceCampaign } from "../campaigns/price_campaign.ts";
import { handProgram, HandTape, hs071, requestFor } from "./programs.ts";

/** min −2 x0 − x1 over [0, 10]² and the rows given as (a, b, upper): a x0 + b x1 ≤ upper. */
function linear(rows: readonly (readonly [number, number, number])[]): Program {
  const t = new HandTape();
  const x = t.input(0, 1);
  return handProgram({
    objective: t.affine(x, { weights: [[-2, -1]], offset: [0] }),
    rows: rows.map(([a, b, upper]) =>
      [t.affine(x, { weights: [[a, b]], offset: [0] }), -Infinity, upper] as const
    ),
    tape: t.finish({ inputs: 2 }),
    bounds: [0, 10],
  });
}

async function atOptimum(
  program: Program,
  use: (solver: NativeSolver, at: { loaded: LoadedProgram; optimum: Optimum }) => Promise<void>,
  change: Partial<SolveRequest> = {},
): Promise<void> {
  const solver = new NativeSolver();
  try {
    const loaded = await solver.load(program);
    const start = new Float64Array(program.variables.length).fill(1);
    const request = requestFor(program, { start, ...change });
    const end = await solver.solve(loaded, request);
    assert.ok(converged(end), end.kind);
    await use(solver, { loaded, optimum: { request, end } });
  } finally {
    await solver.close();
  }
}

Deno.test("shadowPrices tells what a limit is worth in unscaled units, whatever the scales", async () => {
  // x0 + x1 ≤ 6 and x0 ≤ 4: at (4, 2) the first is worth 1, the second 1.
  const plain = linear([[1, 1, 6], [1, 0, 4]]);
  const scaled = {
    ...plain,
    objectiveScale: 50,
    variables: plain.variables.map((variable, i) => ({ ...variable, scale: 10 ** i })),
    rows: plain.rows.map((row, i) => ({ ...row, scale: 0.1 + 7 * i })),
  };
  for (const program of [plain, scaled]) {
    await atOptimum(program, async (solver, at) => {
      const prices = await shadowPrices(solver, at);
      assert.deepEqual(prices.map(({ kind, index, side }) => [kind, index, side]), [
        ["row", 0, "upper"],
        ["row", 1, "upper"],
      ]);
      for (const { price } of prices) assert.ok(Math.abs(price! - 1) < 1e-5, `${price}`);
    });
  }
});

Deno.test("shadowPrices prices a bound and an equation on the side that they pull", async () => {
  const { program, request } = hs071();
  await atOptimum(program, async (solver, at) => {
    const prices = await shadowPrices(solver, at);
    const told = prices.map(({ kind, index, side }) => `${kind} ${index} ${side}`);
    assert.deepEqual(told, ["row 0 lower", "row 1 upper", "bound 0 lower"]);
    assert.deepEqual(await confirmedPrices(solver, { ...at, prices }), prices);
  }, { start: request.start });
});

Deno.test("shadowPrices flags limits that say the same, and only those", async () => {
  // The second limit is the first one doubled: which of the two pulls is anybody's guess.
  const program = linear([[1, 1, 6], [2, 2, 12], [1, 0, 4]]);
  await atOptimum(program, async (solver, at) => {
    const prices = await shadowPrices(solver, at);
    assert.deepEqual(prices.map(({ price }) => price === undefined), [true, true, false]);
    assert.ok(Math.abs(prices[2]!.price! - 1) < 1e-5);
  });
});

Deno.test("shadowPrices flags three limits through one corner of two settings", async () => {
  const program = linear([[1, 1, 6], [1, 0, 4], [1, 3, 10]]);
  await atOptimum(program, async (solver, at) => {
    const prices = await shadowPrices(solver, at);
    assert.deepEqual(prices.map(({ price }) => price), [undefined, undefined, undefined]);
  });
});

Deno.test("confirmedPrices flags a price that a kink makes one-sided", async () => {
  // The objective falls by 2 per unit before 3 and by 0.5 beyond, and x0 ≤ 3.
  const t = new HandTape();
  const x0 = t.input(0);
  const program = handProgram({
    objective: t.plus(
      t.scale(x0, [-2, 0]),
      t.scale(t.map(t.scale(x0, [1, -3]), "relu"), [1.5, 0]),
    ),
    rows: [[x0, -Infinity, 3]],
    tape: t.finish({ inputs: 1 }),
    bounds: [0, 10],
  });
  await atOptimum(program, async (solver, at) => {
    const prices = await shadowPrices(solver, at);
    assert.equal(prices.length, 1);
    const [confirmed] = await confirmedPrices(solver, { ...at, prices });
    assert.equal(confirmed!.price, undefined);
    const check = await checkPrice(solver, { ...at, binding: prices[0]!, step: 1e-2 });
    assert.ok(check.kind === "measured");
    assert.ok(Math.abs(check.drawing - 2) < 0.05 && Math.abs(check.giving - 0.5) < 0.05);
  });
});

Deno.test("independence tells dependent vectors from those beside them", () => {
  const vectors = [[1, 0, 0], [0, 1, 0], [1, 1, 0], [0, 0, 1e-3]].map((v) => Float64Array.from(v));
  assert.deepEqual(independence(vectors), [false, false, false, true]);
  assert.deepEqual(independence([Float64Array.of(0, 0), Float64Array.of(0, 2)]), [false, true]);
  assert.deepEqual(independence([]), []);
});

Deno.test("shadowPrices of random network programs agree with re-solves", async () => {
  const { prices, agree, flagged, negligible, misses } = await priceCampaign({
    prices: 40,
    seed: 3,
  });
  assert.deepEqual(misses, []);
  assert.equal(agree + flagged + negligible, prices);
  assert.ok(agree >= 30);
});
