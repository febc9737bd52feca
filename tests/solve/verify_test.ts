import assert from "node:assert/strict";
import { NativeSolver } from "../../src/solve/native_solver.ts";
import type { EndPoint } from "../../src/solve/outcome.ts";
import { verify } from "../../src/solve/verify.ts";
import type { Claim } from "../../src/solve/verify.ts";
import { hs071 } from "./programs.ts";

/** HS071's true end with its derivatives, as a claim that holds. */
async function trueClaim(): Promise<Claim> {
  const solver = new NativeSolver();
  try {
    const { program, request } = hs071();
    const loaded = await solver.load(program);
    const outcome = await solver.solve(loaded, request);
    assert(outcome.kind === "solved");
    const { kind: claim, ...end } = outcome;
    return await withDerivatives({ program, request, end, claim }, { solver, loaded });
  } finally {
    await solver.close();
  }
}

async function withDerivatives(
  claim: Omit<Claim, "derivatives">,
  { solver, loaded }: {
    readonly solver: NativeSolver;
    readonly loaded: Awaited<ReturnType<NativeSolver["load"]>>;
  },
): Promise<Claim> {
  const { gradient, jacobian } = await solver.evaluateNative(loaded, {
    x: claim.end.point,
    p: claim.request.parameters,
    sigma: 1,
    lambda: claim.end.multipliers.rows,
  });
  return { ...claim, derivatives: { structure: loaded.structure, gradient, jacobian } };
}

function changed(claim: Claim, end: Partial<EndPoint>): Claim {
  return { ...claim, end: { ...claim.end, ...end } };
}

Deno.test("verify finds nothing wrong with the true optimum", async () => {
  assert.deepEqual(verify(await trueClaim()), []);
});

Deno.test("verify sees a point outside its bounds, even by one rounding", async () => {
  const claim = await trueClaim();
  const point = claim.end.point.slice();
  point[0] = 1 - 2 ** -52;
  assert.match(verify(changed(claim, { point })).join(), /x0 = .* is outside \[1, 5\]/);
});

Deno.test("verify sees values that the reference evaluator does not share", async () => {
  const claim = await trueClaim();
  const wrong = verify(changed(claim, { objective: claim.end.objective + 1e-6 }));
  assert.match(wrong.join(), /the objective is 17\.01.*, native code says/);
});

Deno.test("verify sees a broken row", async () => {
  const claim = await trueClaim();
  const request = { ...claim.request, rowLower: Float64Array.of(25.001, 40) };
  assert.match(
    verify({ ...claim, request }).join(),
    /"row 0" = (24\.999|25).* breaks its limit 25\.001/,
  );
});

Deno.test("verify sees a feasible point that is not an optimum", async () => {
  const solver = new NativeSolver();
  try {
    const { program, request } = hs071();
    const loaded = await solver.load(program);
    // x = (2, 2, 4, 4): the product is 64, the squares sum to 40, the objective is 68.
    const end: EndPoint = {
      point: Float64Array.of(2, 2, 4, 4),
      objective: 68,
      rows: Float64Array.of(64, 40),
      multipliers: {
        rows: new Float64Array(2),
        lower: new Float64Array(4),
        upper: new Float64Array(4),
      },
      iterations: 1,
      linearSolver: "MUMPS",
      times: { totalMs: 1, evaluationMs: 1, evaluationsMs: [1, 0, 0], linearMs: 0 },
    };
    const claim = await withDerivatives({ program, request, end, claim: "solved" }, {
      solver,
      loaded,
    });
    assert.match(verify(claim).join(), /the Lagrangian's slope along x0 is 40/);
  } finally {
    await solver.close();
  }
});

Deno.test("verify sees a multiplier of a limit that is not reached", async () => {
  const claim = await trueClaim();
  const { multipliers } = claim.end;
  const upper = multipliers.upper.slice();
  const lower = multipliers.lower.slice();
  // Both pull at x1 = 4.74 with the same force: the slope stays 0, but no bound is near.
  upper[1]! += 5;
  lower[1]! += 5;
  const wrong = verify(changed(claim, { multipliers: { ...multipliers, lower, upper } }));
  assert.match(wrong.join(), /x1 is pulled by 5.* at a distance of 3\.74/);
});

Deno.test("verify sees a multiplier with the wrong sign for a row without that limit", async () => {
  const claim = await trueClaim();
  const { multipliers } = claim.end;
  const rows = multipliers.rows.map((value, i) => i === 0 ? -value : value);
  assert.notDeepEqual(verify(changed(claim, { multipliers: { ...multipliers, rows } })), []);
});
