/**
 * How large the numbers are that a result is the sum of. Where large terms cancel, float32 leaves
 * noise that is large beside the result, though not beside the terms.
 */

import type { Instruction, NodeId, Tape } from "./tape.ts";

/**
 * For each element of `node`: the sum of the absolute values that its last linear instructions add
 * up, given the results of all instructions at one point.
 */
export function termSizes(
  tape: Tape,
  results: readonly Float64Array[],
  node: NodeId,
): Float64Array {
  const of = (operand: NodeId) => termSizes(tape, results, operand);
  const instruction = tape.instructions[node] as Instruction;
  switch (instruction.op) {
    case "affine":
      return affineSizes(instruction, of(instruction.of));
    case "gather": {
      const terms = of(instruction.of);
      return Float64Array.from(instruction.indices, (index) => terms[index] as number);
    }
    case "concat":
      return Float64Array.from(instruction.operands.flatMap((operand) => [...of(operand)]));
    case "add": {
      const other = of(instruction.b);
      return of(instruction.a).map((size, i) => size + (other[i] as number));
    }
    case "scale":
      return of(instruction.of).map((size, i) =>
        Math.abs(instruction.factor[i] as number) * size +
        Math.abs(instruction.offset[i] as number)
      );
    case "sum": {
      const terms = of(instruction.of);
      return Float64Array.from({ length: instruction.size }, (_, i) => {
        let sum = 0;
        for (let k = 0; k < instruction.length; k++) {
          sum += terms[i * instruction.length + k] as number;
        }
        return sum;
      });
    }
    default:
      return (results[node] as Float64Array).map(Math.abs);
  }
}

function affineSizes(
  { repeat, rows, cols, weights, offset }: Extract<Instruction, { op: "affine" }>,
  terms: Float64Array,
): Float64Array {
  const sizes = new Float64Array(repeat * rows);
  for (let segment = 0; segment < repeat; segment++) {
    for (let row = 0; row < rows; row++) {
      let sum = Math.abs(offset[row] as number);
      for (let col = 0; col < cols; col++) {
        sum += Math.abs(weights[row * cols + col] as number) *
          (terms[segment * cols + col] as number);
      }
      sizes[segment * rows + row] = sum;
    }
  }
  return sizes;
}
