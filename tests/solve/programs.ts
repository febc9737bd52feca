/** Small programs built by hand, instruction by instruction, for the tests of native and solve. */

import type { Instruction, Tape, TapeElement } from "../../src/model/tape.ts";
import type { SolveRequest } from "../../src/solve/outcome.ts";
import type { Program } from "../../src/solve/program.ts";

/** Collects instructions; each call gives the number of the one added. */
export class HandTape {
  readonly instructions: Instruction[] = [];

  add(instruction: Instruction): number {
    return this.instructions.push(instruction) - 1;
  }

  input(...indices: number[]): number {
    return this.add({ op: "input", size: indices.length, indices: Int32Array.from(indices) });
  }

  parameter(...indices: number[]): number {
    return this.add({ op: "parameter", size: indices.length, indices: Int32Array.from(indices) });
  }

  constant(...values: number[]): number {
    return this.add({ op: "constant", size: values.length, values: Float64Array.from(values) });
  }

  sizeOf(id: number): number {
    return this.instructions[id]!.size;
  }

  plus(a: number, b: number): number {
    return this.add({ op: "add", size: this.sizeOf(a), a, b });
  }

  times(a: number, b: number): number {
    return this.add({ op: "product", size: this.sizeOf(a), a, b });
  }

  map(
    of: number,
    fn: Extract<Instruction, { op: "map" }>["fn"],
    constants: readonly [number, number] = [0, 0],
  ): number {
    return this.add({ op: "map", size: this.sizeOf(of), of, fn, constants });
  }

  scale(of: number, [factor, offset]: readonly [number, number]): number {
    const size = this.sizeOf(of);
    return this.add({
      op: "scale",
      size,
      of,
      factor: new Float64Array(size).fill(factor),
      offset: new Float64Array(size).fill(offset),
    });
  }

  gather(of: number, ...indices: number[]): number {
    return this.add({ op: "gather", size: indices.length, of, indices: Int32Array.from(indices) });
  }

  concat(...operands: number[]): number {
    const size = operands.reduce((total, id) => total + this.sizeOf(id), 0);
    return this.add({ op: "concat", size, operands });
  }

  sum(of: number, length: number = this.sizeOf(of)): number {
    return this.add({ op: "sum", size: this.sizeOf(of) / length, of, length });
  }

  affine(of: number, { weights, offset, repeat = 1 }: {
    readonly weights: readonly (readonly number[])[];
    readonly offset: readonly number[];
    readonly repeat?: number;
  }): number {
    const rows = weights.length;
    return this.add({
      op: "affine",
      size: repeat * rows,
      of,
      repeat,
      rows,
      cols: weights[0]!.length,
      weights: Float64Array.from(weights.flat()),
      offset: Float64Array.from(offset),
    });
  }

  finish(sizes: { readonly inputs: number; readonly parameters?: number }): Tape {
    return { parameters: 0, ...sizes, instructions: this.instructions };
  }
}

/** A program from a tape, with x0, x1, … as variables and all scales 1. */
export function handProgram({ tape, objective, rows = [], bounds }: {
  readonly tape: Tape;
  readonly objective: number | TapeElement;
  readonly rows?: readonly (readonly [number | TapeElement, number, number])[];
  readonly bounds: readonly [number, number];
}): Program {
  const element = (at: number | TapeElement) =>
    typeof at === "number" ? { node: at, element: 0 } : at;
  return {
    name: "by hand",
    tape,
    variables: Array.from(
      { length: tape.inputs },
      (_, i) => ({ name: `x${i}`, unit: "", bounds, scale: 1 }),
    ),
    parameters: Array.from(
      { length: tape.parameters },
      (_, i) => ({ kind: "value" as const, variable: `p${i}` }),
    ),
    objective: element(objective),
    sense: 1,
    objectiveScale: 1,
    rows: rows.map(([output, lower, upper], i) => ({
      name: `row ${i}`,
      unit: "",
      output: element(output),
      lower,
      upper,
      rank: undefined,
      scale: 1,
    })),
    watched: new Map(),
  };
}

/** A cold request within the program's own bounds and limits. */
export function requestFor(
  program: Program,
  change: Partial<SolveRequest> & { readonly start: Float64Array },
): SolveRequest {
  return {
    parameters: new Float64Array(program.parameters.length),
    lower: Float64Array.from(program.variables, (variable) => variable.bounds[0]),
    upper: Float64Array.from(program.variables, (variable) => variable.bounds[1]),
    rowLower: Float64Array.from(program.rows, (row) => row.lower),
    rowUpper: Float64Array.from(program.rows, (row) => row.upper),
    tolerance: 1e-8,
    maxIterations: 200,
    // So long that no clock decides an answer; a test of a limit sets its own.
    timeLimitMs: 120_000,
    warm: undefined,
    ...change,
  };
}

/**
 * Problem 71 of W. Hock, K. Schittkowski, Test Examples for Nonlinear Programming Codes, Springer
 * 1981: min x0 x3 (x0 + x1 + x2) + x2, x0 x1 x2 x3 ≥ 25, Σ x² = 40, 1 ≤ x ≤ 5, from (1, 5, 5, 1).
 */
export function hs071(): { readonly program: Program; readonly request: SolveRequest } {
  const t = new HandTape();
  const [x0, x1, x2, x3] = [0, 1, 2, 3].map((i) => t.input(i)) as [number, number, number, number];
  const partial = t.plus(t.plus(x0, x1), x2);
  const objective = t.plus(t.times(t.times(x0, x3), partial), x2);
  const product = t.times(t.times(x0, x1), t.times(x2, x3));
  const squares = t.sum(t.map(t.input(0, 1, 2, 3), "square"));
  const program = handProgram({
    tape: t.finish({ inputs: 4 }),
    objective,
    rows: [[product, 25, Infinity], [squares, 40, 40]],
    bounds: [1, 5],
  });
  return { program, request: requestFor(program, { start: Float64Array.of(1, 5, 5, 1) }) };
}
/** Where HS071 ends, as the book prints it. */
export const HS071_OPTIMUM = {
  objective: 17.0140173,
  point: [1, 4.7429994, 3.8211503, 1.3794082],
} as const;

/** min Σ (x_{i+1} − x_i²)² + (1 − x_i)² on [−2, 2]: many iterations from (−1.2, 1, −1.2, …). */
export function rosenbrock(
  n: number,
): { readonly program: Program; readonly request: SolveRequest } {
  const t = new HandTape();
  const x = t.input(...Array.from({ length: n }, (_, i) => i));
  const head = t.gather(x, ...Array.from({ length: n - 1 }, (_, i) => i));
  const tail = t.gather(x, ...Array.from({ length: n - 1 }, (_, i) => i + 1));
  const valley = t.plus(tail, t.scale(t.map(head, "square"), [-1, 0]));
  const terms = t.plus(
    t.scale(t.map(valley, "square"), [100, 0]),
    t.map(t.scale(head, [-1, 1]), "square"),
  );
  const program = handProgram({
    tape: t.finish({ inputs: n }),
    objective: t.sum(terms),
    bounds: [-2, 2],
  });
  const start = Float64Array.from({ length: n }, (_, i) => i % 2 === 0 ? -1.2 : 1);
  return { program, request: requestFor(program, { start }) };
}
