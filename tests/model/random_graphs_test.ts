import assert from "node:assert/strict";
import { readGraph } from "../../src/model/onnx.ts";
import { seededRandom } from "../../src/model/random.ts";
import { openRuntime } from "../../src/model/runtime.ts";
import { NativeSolver } from "../../src/solve/native_solver.ts";
import { derivativeError } from "./derivative_error.ts";
import { evaluateWhole, lowerWhole, worstDifference } from "./lowered.ts";
import { writeModel } from "./onnx_writer.ts";
import { randomModel } from "./random_graph.ts";

const MODELS = 1000;
/** Loading a model in ONNX Runtime takes longer than anything else here. */
const REFEREED = 400;

function pointOf(seed: number, features: number): Float64Array {
  const random = seededRandom(seed);
  return Float64Array.from({ length: features }, () => Math.fround(4 * random() - 2));
}

Deno.test("lowerGraph agrees with ONNX Runtime on 400 random graphs", async () => {
  const wrong: string[] = [];
  for (let seed = 1; seed <= REFEREED; seed++) {
    const { model, features } = randomModel(seed);
    const bytes = writeModel(model);
    const rows = [1, 2, 3].map((k) => pointOf(seed + k * 10_000, features));
    const runtime = await openRuntime(bytes);
    const theirs = await runtime.predict(rows);
    await runtime.release();
    const ours = evaluateWhole(lowerWhole(readGraph(bytes)), rows);
    const worst = worstDifference(ours, theirs);
    // Float32 through up to 9 layers, each of which may stretch an error.
    if (!(worst <= 1e-4)) wrong.push(`seed ${seed}: ${worst}`);
  }
  assert.deepEqual(wrong, []);
});

Deno.test("evaluateNative has exact derivatives on 1,000 random graphs", async () => {
  const solver = new NativeSolver();
  let worst = 0;
  try {
    for (let seed = 1; seed <= MODELS; seed++) {
      const { model, features } = randomModel(seed);
      const x = pointOf(seed, features);
      worst = Math.max(worst, await derivativeError(solver, { bytes: writeModel(model), x }));
    }
  } finally {
    await solver.close();
  }
  console.log(`Jacobians and Hessians of ${MODELS} graphs: relative error at most ${worst}`);
  assert.ok(worst <= 1e-8, `${worst}`);
});
