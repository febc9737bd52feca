/**
 * Values of a tape at many points, for predictions, what-if curves and comparisons: buffers are
 * allocated once, and every instruction is a tight loop. evaluate.ts says the same in plain words.
 */

import { FUNCTIONS } from "./functions.ts";
import type { Instruction, NodeId, Tape } from "./tape.ts";

/** Writes the result of one instruction into its buffer. */
type Step = (x: Float64Array, p: Float64Array) => void;

/** Instructions to run, each with the buffer that it fills. */
interface PreparedStep {
  readonly run: Step;
  readonly result: Float64Array;
}

/** A tape made ready to be evaluated many times. */
export class RowEvaluator {
  readonly #steps: PreparedStep[] = [];
  readonly #results: Float64Array[];
  readonly #round: boolean;

  /** With `float32` every result is rounded, which shows what that precision loses. */
  constructor(tape: Tape, precision: "float64" | "float32" = "float64") {
    this.#round = precision === "float32";
    this.#results = tape.instructions.map(({ size }) => new Float64Array(size));
    tape.instructions.forEach((instruction, node) => {
      const result = this.#results[node] as Float64Array;
      const run = stepOf(instruction, result, this.#results);
      if (run !== undefined) this.#steps.push({ run, result });
    });
  }

  /** Evaluates one point; the results are overwritten by the next. */
  evaluate(x: Float64Array, p: Float64Array): readonly Float64Array[] {
    for (const { run, result } of this.#steps) {
      run(x, p);
      if (this.#round) {
        for (let i = 0; i < result.length; i++) result[i] = Math.fround(result[i] as number);
      }
    }
    return this.#results;
  }

  /** The results of `outputs` one after another, for every row of decision variables. */
  evaluateRows(
    rows: readonly Float64Array[],
    p: Float64Array,
    outputs: readonly NodeId[],
  ): Float64Array[] {
    const width = outputs.reduce((sum, node) => sum + (this.#results[node]?.length ?? 0), 0);
    return rows.map((x) => {
      const results = this.evaluate(x, p);
      const row = new Float64Array(width);
      let at = 0;
      for (const node of outputs) {
        const result = results[node] as Float64Array;
        row.set(result, at);
        at += result.length;
      }
      return row;
    });
  }
}

function stepOf(
  instruction: Instruction,
  result: Float64Array,
  results: readonly Float64Array[],
): Step | undefined {
  const of = (node: NodeId) => results[node] as Float64Array;
  switch (instruction.op) {
    case "constant":
      result.set(instruction.values);
      return undefined;
    case "input":
      return (x) => pick(result, x, instruction.indices);
    case "parameter":
      return (_, p) => pick(result, p, instruction.indices);
    case "gather": {
      const a = of(instruction.of);
      return () => pick(result, a, instruction.indices);
    }
    case "affine": {
      const a = of(instruction.of);
      return () => affine(result, a, instruction);
    }
    case "concat": {
      const parts = instruction.operands.map(of);
      return () => {
        let at = 0;
        for (const part of parts) {
          result.set(part, at);
          at += part.length;
        }
      };
    }
    case "add": {
      const [a, b] = [of(instruction.a), of(instruction.b)];
      return () => {
        for (let i = 0; i < result.length; i++) result[i] = (a[i] as number) + (b[i] as number);
      };
    }
    case "product": {
      const [a, b] = [of(instruction.a), of(instruction.b)];
      return () => {
        for (let i = 0; i < result.length; i++) result[i] = (a[i] as number) * (b[i] as number);
      };
    }
    case "scale": {
      const a = of(instruction.of);
      const { factor, offset } = instruction;
      return () => {
        for (let i = 0; i < result.length; i++) {
          result[i] = (factor[i] as number) * (a[i] as number) + (offset[i] as number);
        }
      };
    }
    case "sum": {
      const a = of(instruction.of);
      const { length } = instruction;
      return () => {
        for (let i = 0; i < result.length; i++) {
          let sum = 0;
          for (let k = i * length; k < (i + 1) * length; k++) sum += a[k] as number;
          result[i] = sum;
        }
      };
    }
    case "map": {
      const a = of(instruction.of);
      const { constants } = instruction;
      const { value } = FUNCTIONS[instruction.fn];
      return () => {
        for (let i = 0; i < result.length; i++) result[i] = value(a[i] as number, constants);
      };
    }
  }
}

function pick(result: Float64Array, values: Float64Array, indices: Int32Array): void {
  for (let i = 0; i < indices.length; i++) {
    result[i] = values[indices[i] as number] as number;
  }
}

/**
 * Four rows at a time: a sum of its own waits for its last addition, four do not wait for each other.
 * Each row still adds up in its order, so the values are those of evaluate.ts to the bit.
 */
function affine(
  result: Float64Array,
  a: Float64Array,
  { repeat, rows, cols, weights, offset }: Extract<Instruction, { op: "affine" }>,
): void {
  for (let segment = 0; segment < repeat; segment++) {
    const from = segment * cols;
    const to = segment * rows;
    let row = 0;
    for (; row + 4 <= rows; row += 4) {
      const [w0, w1, w2, w3] = [row * cols, (row + 1) * cols, (row + 2) * cols, (row + 3) * cols];
      let s0 = offset[row] as number;
      let s1 = offset[row + 1] as number;
      let s2 = offset[row + 2] as number;
      let s3 = offset[row + 3] as number;
      for (let col = 0; col < cols; col++) {
        const value = a[from + col] as number;
        s0 += (weights[w0 + col] as number) * value;
        s1 += (weights[w1 + col] as number) * value;
        s2 += (weights[w2 + col] as number) * value;
        s3 += (weights[w3 + col] as number) * value;
      }
      result[to + row] = s0;
      result[to + row + 1] = s1;
      result[to + row + 2] = s2;
      result[to + row + 3] = s3;
    }
    for (; row < rows; row++) {
      let sum = offset[row] as number;
      for (let col = 0; col < cols; col++) {
        sum += (weights[row * cols + col] as number) * (a[from + col] as number);
      }
      result[to + row] = sum;
    }
  }
}
