import assert from "node:assert/strict";
import { IpoptLibrary } from "deno-ipopt-ffi";
import type { NativeProgram } from "deno-ipopt-ffi";
import type { SolveRequest } from "../../src/solve/outcome.ts";
import { packProgram, packRequest } from "../../src/solve/pack.ts";
import type { Program } from "../../src/solve/program.ts";
import { hs071, rosenbrock } from "../solve/programs.ts";

/** What optimizer_solve writes before the point, without the times. */
const HEAD = 6;
/** Where the point begins. */
const POINT = 11;

Deno.test("solveBriefly waits until a solve was seen to be brief, and gives what solve gives to the bit", async () => {
  await withPrograms([hs071()], async ([native], [request]) => {
    assert.equal(native!.solveBriefly(request!), undefined);
    const alone = await native!.solve(request!);
    for (let i = 0; i < 20; i++) {
      const brief = native!.solveBriefly(request!);
      // A machine that is held up may take a brief solve for a long one.
      if (brief === undefined) await native!.solve(request!);
      else assert.deepEqual(withoutTimes(brief), withoutTimes(alone));
    }
  });
});

Deno.test("solveBriefly gives up a solve that takes longer, and solve then takes the same steps", async () => {
  const { program, request } = rosenbrock(400);
  const short = { program, request: { ...request, maxIterations: 0 } };
  await withPrograms([short], async ([native], [quick]) => {
    const long = packRequest(program, { ...request, maxIterations: 100 });
    const alone = await native!.solve(long);
    await native!.solve(quick!);
    const begin = performance.now();
    assert.equal(native!.solveBriefly(long), undefined);
    assert(performance.now() - begin < 5_000);
    assert.deepEqual(withoutTimes(await native!.solve(long)), withoutTimes(alone));
    // It has learnt that: it does not try again.
    assert.equal(native!.solveBriefly(quick!), undefined);
  });
});

Deno.test("solveBriefly does not wait for another solve", async () => {
  await withPrograms([hs071(), rosenbrock(3000)], async ([quick, slow], [request, long]) => {
    await quick!.solve(request!);
    const cancel = new Int32Array(1);
    let ended = false;
    const running = slow!.solve(long!, cancel).then(() => ended = true);
    // The other thread takes the lock some time after it was asked to solve.
    let refused = false;
    while (!ended && !refused) {
      refused = quick!.solveBriefly(request!) === undefined;
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    Atomics.store(cancel, 0, 1);
    await running;
    assert(refused);
  });
});

function withoutTimes(result: Float64Array): number[] {
  return [...result.subarray(0, HEAD), ...result.subarray(POINT)];
}

async function withPrograms(
  problems: readonly { readonly program: Program; readonly request: SolveRequest }[],
  use: (programs: readonly NativeProgram[], requests: readonly Float64Array[]) => Promise<void>,
): Promise<void> {
  const library = IpoptLibrary.open();
  const programs = problems.map(({ program }) => {
    const { ints, reals } = packProgram(program);
    return library.load(ints, reals);
  });
  try {
    await use(programs, problems.map(({ program, request }) => packRequest(program, request)));
  } finally {
    await Promise.all(programs.map((program) => program.close()));
    library.close();
  }
}
