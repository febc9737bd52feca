import assert from "node:assert/strict";
import { readGraph } from "../../src/model/onnx.ts";
import { seededRandom } from "../../src/model/random.ts";
import { openRuntime } from "../../src/model/runtime.ts";
import { NativeSolver } from "../../src/solve/native_solver.ts";
import { secondOrder } from "../native/second_order.ts";
import { handProgram } from "../solve/programs.ts";
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

/** Largest error of a Jacobian or Hessian element, relative to the largest element beside it. */
async function derivativeError(
  solver: NativeSolver,
  { bytes, x }: { readonly bytes: Uint8Array; readonly x: Float64Array },
): Promise<number> {
  const { tape, outputs } = lowerWhole(readGraph(bytes));
  const [output = 0] = outputs;
  const size = tape.instructions[output]?.size ?? 0;
  const elements = Array.from({ length: size }, (_, element) => ({ node: output, element }));
  const program = handProgram({
    tape,
    objective: { node: output, element: 0 },
    rows: elements.map((element) => [element, -1, 1] as const),
    bounds: [-5, 5],
  });
  const loaded = await solver.load(program);
  const p = new Float64Array(0);
  const lambda = Float64Array.from(elements, (_, k) => 0.7 - 0.4 * k);
  const actual = await solver.evaluateNative(loaded, { x, p, sigma: 1.3, lambda });
  const expected = secondOrder(tape, { x, p })[output] ?? [];
  const { structure } = loaded;
  await solver.release(loaded);
  const n = x.length;
  const jacobian = dense({ rows: size, cols: n }, {
    rows: structure.jacobianRows,
    cols: structure.jacobianColumns,
    values: actual.jacobian,
  });
  const hessian = dense({ rows: n, cols: n }, {
    rows: structure.hessianRows,
    cols: structure.hessianColumns,
    values: actual.hessian,
  });
  const wanted = new Float64Array(n * n);
  expected.forEach((one, k) => {
    const weight = (lambda[k] as number) + (k === 0 ? 1.3 : 0);
    one.hessian.forEach((value, i) => {
      const isLower = i % n <= Math.floor(i / n);
      if (isLower) wanted[i] = (wanted[i] as number) + weight * value;
    });
  });
  return Math.max(
    relativeError(jacobian, Float64Array.from(expected.flatMap((one) => [...one.gradient]))),
    relativeError(hessian, wanted),
  );
}

function dense(
  { rows, cols }: { readonly rows: number; readonly cols: number },
  sparse: {
    readonly rows: Int32Array;
    readonly cols: Int32Array;
    readonly values: Float64Array;
  },
): Float64Array {
  const all = new Float64Array(rows * cols);
  sparse.values.forEach((value, k) => {
    const at = (sparse.rows[k] as number) * cols + (sparse.cols[k] as number);
    all[at] = (all[at] as number) + value;
  });
  return all;
}

function relativeError(actual: Float64Array, expected: Float64Array): number {
  const size = Math.max(...expected.map(Math.abs), 1e-6);
  const errors = expected.map((value, i) => Math.abs(value - (actual[i] ?? NaN)) / size);
  return errors.includes(NaN) ? Infinity : Math.max(0, ...errors);
}
