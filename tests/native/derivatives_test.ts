import assert from "node:assert/strict";
import type { Evaluation } from "deno-ipopt-ffi";
import type { TapeElement } from "../../src/model/tape.ts";
import { NativeSolver } from "../../src/solve/native_solver.ts";
import type { Program } from "../../src/solve/program.ts";
import { processorTimeOf } from "../processor_time.ts";
import { handProgram, HandTape, rosenbrock } from "../solve/programs.ts";
import { randomTape } from "./random_tape.ts";
import { secondOrder } from "./second_order.ts";

Deno.test("evaluateNative has exact values, Jacobians and Hessians on random tapes", async () => {
  const solver = new NativeSolver();
  try {
    for (let seed = 1; seed <= 400; seed++) {
      const { tape, outputs, x, p } = randomTape(seed, 3 + seed % 25);
      const [objective, ...rows] = outputs;
      const program = handProgram({
        tape,
        objective: objective!,
        rows: rows.map((row) => [row, -1, 1]),
        bounds: [-1, 1],
      });
      await compare(solver, { program, x, p, name: `seed ${seed}` });
    }
  } finally {
    await solver.close();
  }
});

Deno.test("evaluateNative is exact at a second point and with second parameters", async () => {
  const solver = new NativeSolver();
  try {
    const { tape, outputs, x, p } = randomTape(12, 25);
    const program = handProgram({
      tape,
      objective: outputs[0]!,
      rows: [[outputs[1]!, 0, 1]],
      bounds: [-1, 1],
    });
    const loaded = await solver.load(program);
    const points = [[x, p], [x.map((v) => -v), p], [x, p.map((v) => v + 1)], [x, p]] as const;
    for (const [at, parameters] of points) {
      await compare(solver, { program, x: at, p: parameters, name: "one program", loaded });
    }
  } finally {
    await solver.close();
  }
});

Deno.test("evaluateNative keeps a product of a parameter and a variable linear", async () => {
  const solver = new NativeSolver();
  try {
    const t = new HandTape();
    const product = t.times(t.input(0), t.parameter(0));
    const program = handProgram({
      tape: t.finish({ inputs: 1, parameters: 1 }),
      objective: product,
      bounds: [0, 1],
    });
    const loaded = await solver.load(program);
    assert.equal(loaded.structure.hessianRows.length, 0);
    const { gradient } = await solver.evaluateNative(loaded, {
      x: Float64Array.of(3),
      p: Float64Array.of(7),
      sigma: 1,
      lambda: new Float64Array(0),
    });
    assert.deepEqual([...gradient], [7]);
  } finally {
    await solver.close();
  }
});

Deno.test("evaluateNative keeps an infinite slope to the row that has it", async () => {
  const solver = new NativeSolver();
  try {
    const n = 12;
    const t = new HandTape();
    // Many settings and few rows, so first derivatives go in reverse through all elements at once.
    const weights = (rows: number, cols: number) =>
      Array.from(
        { length: rows },
        (_, i) => Array.from({ length: cols }, (_, j) => Math.sin(1 + i * cols + j) / 4),
      );
    const x = t.input(...Array.from({ length: n }, (_, i) => i));
    const hidden = t.map(t.affine(x, { weights: weights(9, n), offset: Array(9).fill(0) }), "tanh");
    const roots = t.map(t.affine(hidden, { weights: weights(2, 9), offset: [1, 0] }), "sqrt");
    const program = handProgram({
      tape: t.finish({ inputs: n, parameters: 0 }),
      objective: t.constant(0),
      rows: [[t.gather(roots, 0), 0, 2], [t.gather(roots, 1), 0, 2]],
      bounds: [-1, 1],
    });
    const loaded = await solver.load(program);
    const { jacobian, hessian } = await solver.evaluateNative(loaded, {
      x: new Float64Array(n),
      p: new Float64Array(0),
      sigma: 1,
      lambda: Float64Array.of(1, 0),
    });
    for (let j = 0; j < n; j++) {
      const slope = weights(1, 9)[0]!.reduce((sum, w, i) => sum + w * weights(9, n)[i]![j]!, 0);
      assert(Math.abs(jacobian[j]! - slope / 2) < 1e-14, `column ${j}: ${jacobian[j]}`);
    }
    assert(jacobian.subarray(n).some((slope) => !Number.isFinite(slope)));
    assert(hessian.every(Number.isFinite), "a row without weight bends nothing");
  } finally {
    await solver.close();
  }
});

Deno.test("load keeps a large sparse program sparse", async () => {
  const solver = new NativeSolver();
  try {
    const n = 2000;
    const { program } = rosenbrock(n);
    const { structure } = await solver.load(program);
    // Tridiagonal: each term couples neighbours only.
    assert.equal(structure.hessianRows.length, 2 * n - 1);

    const t = new HandTape();
    const x = Array.from({ length: n }, (_, i) => t.input(i));
    const rows = x.map((_, i) => t.times(x[i]!, t.map(x[(i + 1) % n]!, "sin")));
    // A long formula: a chain of additions, as a parser writes it.
    const objective = rows.reduce((sum, row) => t.plus(sum, row));
    const chain = handProgram({
      tape: t.finish({ inputs: n }),
      objective,
      rows: rows.map((row) => [row, -1, 1]),
      bounds: [-1, 1],
    });
    const { value: loading, ms } = processorTimeOf(() => solver.load(chain));
    const loaded = await loading;
    assert(ms < 2000, `load takes time in proportion to the nonzeros: ${ms} ms`);
    assert.equal(loaded.structure.jacobianRows.length, 2 * n);
    // sin gives the diagonal, the product the pair.
    assert.equal(loaded.structure.hessianRows.length, 2 * n);
  } finally {
    await solver.close();
  }
});

/** Holds native results and structure against the reference, to rounding. */
async function compare(
  solver: NativeSolver,
  { program, x, p, name, loaded: given }: {
    readonly program: Program;
    readonly x: Float64Array;
    readonly p: Float64Array;
    readonly name: string;
    readonly loaded?: Awaited<ReturnType<NativeSolver["load"]>>;
  },
): Promise<void> {
  const n = program.variables.length;
  const loaded = given ?? await solver.load(program);
  const sigma = 0.7;
  const lambda = Float64Array.from(program.rows, (_, i) => 1.3 - i);
  const native = await solver.evaluateNative(loaded, { x, p, sigma, lambda });
  const scalars = secondOrder(program.tape, { x, p });
  const at = ({ node, element }: TapeElement) => scalars[node]![element]!;
  const objective = at(program.objective);
  const rows = program.rows.map((row) => at(row.output));
  close(native.objective, objective.value, `${name}: objective`);
  for (let j = 0; j < n; j++) {
    close(native.gradient[j]!, objective.gradient[j]!, `${name}: gradient ${j}`);
  }
  const { jacobian, hessian } = dense(native, { structure: loaded.structure, n });
  for (const [i, row] of rows.entries()) {
    close(native.rows[i]!, row.value, `${name}: row ${i}`);
    for (let j = 0; j < n; j++) {
      close(jacobian[i * n + j]!, row.gradient[j]!, `${name}: Jacobian ${i} ${j}`);
    }
  }
  for (let k = 0; k < n * n; k++) {
    const expected = rows.reduce(
      (sum, row, i) => sum + lambda[i]! * row.hessian[k]!,
      sigma * objective.hessian[k]!,
    );
    close(hessian[k]!, expected, `${name}: Hessian ${Math.floor(k / n)} ${k % n}`);
  }
  if (given === undefined) await solver.release(loaded);
}

function dense(
  { rows, jacobian, hessian }: Evaluation,
  { structure, n }: {
    readonly structure: Awaited<ReturnType<NativeSolver["load"]>>["structure"];
    readonly n: number;
  },
): { readonly jacobian: Float64Array; readonly hessian: Float64Array } {
  const result = {
    jacobian: new Float64Array(rows.length * n),
    hessian: new Float64Array(n * n),
  };
  for (const [k, value] of jacobian.entries()) {
    result.jacobian[structure.jacobianRows[k]! * n + structure.jacobianColumns[k]!]! += value;
  }
  for (const [k, value] of hessian.entries()) {
    const [i, j] = [structure.hessianRows[k]!, structure.hessianColumns[k]!];
    assert(i >= j, "the Hessian's lower triangle");
    result.hessian[i * n + j]! += value;
    if (i !== j) result.hessian[j * n + i]! += value;
  }
  return result;
}

function close(native: number, reference: number, name: string): void {
  const allowed = 1e-11 * (1 + Math.abs(reference));
  assert(Math.abs(native - reference) <= allowed, `${name}: ${native}, reference ${reference}`);
}
