/** Derivatives of a model by the native evaluator against second-order dual numbers. */

import { readGraph } from "../../src/model/onnx.ts";
import type { NativeSolver } from "../../src/solve/native_solver.ts";
import { secondOrder } from "../native/second_order.ts";
import { handProgram } from "../solve/programs.ts";
import { lowerWhole } from "./lowered.ts";

/** Largest error of a Jacobian or Hessian element, relative to the largest element beside it. */
export async function derivativeError(
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
