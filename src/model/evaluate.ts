/**
 * The reference evaluator: slow and obvious. The native one must agree with it on random tapes.
 */

import { FUNCTIONS } from "./functions.ts";
import type { Instruction, Tape } from "./tape.ts";

/**
 * The result of every instruction at decision variables `x` and parameters `p`, in tape order.
 * @throws {RangeError} where `x` or `p` is shorter than the tape's inputs or parameters.
 */
export function evaluate(tape: Tape, x: Float64Array, p: Float64Array): Float64Array[] {
  if (x.length < tape.inputs || p.length < tape.parameters) {
    throw new RangeError(
      `the tape needs ${tape.inputs} inputs and ${tape.parameters} parameters, ` +
        `it was given ${x.length} and ${p.length}`,
    );
  }
  const results: Float64Array[] = [];
  for (const instruction of tape.instructions) {
    results.push(evaluateInstruction(instruction, results, { x, p }));
  }
  return results;
}

/** The values of the decision variables and of the parameters. */
export interface Point {
  readonly x: Float64Array;
  readonly p: Float64Array;
}

/** The result of one instruction from the results that stand before it. */
export function evaluateInstruction(
  instruction: Instruction,
  results: readonly Float64Array[],
  { x, p }: Point,
): Float64Array {
  const of = (node: number) => results[node] as Float64Array;
  switch (instruction.op) {
    case "input":
      return pick(x, instruction.indices);
    case "parameter":
      return pick(p, instruction.indices);
    case "constant":
      return instruction.values;
    case "affine":
      return affine(instruction, of(instruction.of));
    case "gather":
      return pick(of(instruction.of), instruction.indices);
    case "concat": {
      const result = new Float64Array(instruction.size);
      let at = 0;
      for (const operand of instruction.operands) {
        result.set(of(operand), at);
        at += of(operand).length;
      }
      return result;
    }
    case "add":
      return elementwise(
        instruction.size,
        (i) => at(of(instruction.a), i) + at(of(instruction.b), i),
      );
    case "scale":
      return elementwise(
        instruction.size,
        (i) => at(instruction.factor, i) * at(of(instruction.of), i) + at(instruction.offset, i),
      );
    case "sum":
      return elementwise(instruction.size, (i) => {
        let sum = 0;
        for (let k = 0; k < instruction.length; k++) {
          sum += at(of(instruction.of), i * instruction.length + k);
        }
        return sum;
      });
    case "map": {
      const { value } = FUNCTIONS[instruction.fn];
      return elementwise(
        instruction.size,
        (i) => value(at(of(instruction.of), i), instruction.constants),
      );
    }
    case "product":
      return elementwise(
        instruction.size,
        (i) => at(of(instruction.a), i) * at(of(instruction.b), i),
      );
  }
}

function affine(
  { repeat, rows, cols, weights, offset }: Extract<Instruction, { op: "affine" }>,
  operand: Float64Array,
): Float64Array {
  const result = new Float64Array(repeat * rows);
  for (let segment = 0; segment < repeat; segment++) {
    for (let row = 0; row < rows; row++) {
      let sum = at(offset, row);
      for (let col = 0; col < cols; col++) {
        sum += at(weights, row * cols + col) * at(operand, segment * cols + col);
      }
      result[segment * rows + row] = sum;
    }
  }
  return result;
}

function pick(values: Float64Array, indices: Int32Array): Float64Array {
  return Float64Array.from(indices, (index) => at(values, index));
}

function elementwise(size: number, element: (i: number) => number): Float64Array {
  const result = new Float64Array(size);
  for (let i = 0; i < size; i++) result[i] = element(i);
  return result;
}

/** Reading past the end would turn into NaN without a word, so it throws. */
function at(values: Float64Array, index: number): number {
  const value = values[index];
  if (value === undefined) {
    throw new RangeError(`element ${index} of a vector of ${values.length}`);
  }
  return value;
}
