import assert from "node:assert/strict";
import { SolverProcess } from "../../src/solve/solver_process.ts";
import { handProgram, HandTape, requestFor } from "../solve/programs.ts";

Deno.test("a first solve that gets no memory ends by itself, long before its deadline", async () => {
  const n = 2400;
  const t = new HandTape();
  const x = t.input(...Array(n).keys());
  // One square of a sum couples all variables: a full Hessian of 23 MB, and factors beside it.
  const program = handProgram({
    tape: t.finish({ inputs: n }),
    objective: t.map(t.sum(t.map(x, "square")), "square"),
    rows: [],
    bounds: [-5, 5],
  });
  const solver = await SolverProcess.start({ memoryBytes: 256 * 2 ** 20 });
  try {
    const loaded = await solver.load(program);
    const start = Float64Array.from({ length: n }, (_, i) => i % 3);
    const request = requestFor(program, { start, timeLimitMs: 120_000 });
    const outcome = await solver.solve(loaded, request);
    // OpenBLAS would wait for ever for the memory of its first product.
    assert.ok(["failed", "crashed"].includes(outcome.kind), JSON.stringify(outcome).slice(0, 200));
  } finally {
    await solver.close();
  }
});
