/** What an instruction reads, and the same instruction reading elsewhere. */

import type { Instruction, NodeId } from "./tape.ts";

/** The nodes that an instruction reads, in order. */
export function operandsOf(instruction: Instruction): readonly NodeId[] {
  switch (instruction.op) {
    case "input":
    case "parameter":
    case "constant":
      return [];
    case "concat":
      return instruction.operands;
    case "add":
    case "product":
      return [instruction.a, instruction.b];
    default:
      return [instruction.of];
  }
}

/** The instruction with each operand replaced by `place(operand)`. */
export function withOperands(
  instruction: Instruction,
  place: (operand: NodeId) => NodeId,
): Instruction {
  switch (instruction.op) {
    case "input":
    case "parameter":
    case "constant":
      return instruction;
    case "concat":
      return { ...instruction, operands: instruction.operands.map(place) };
    case "add":
    case "product":
      return { ...instruction, a: place(instruction.a), b: place(instruction.b) };
    default:
      return { ...instruction, of: place(instruction.of) };
  }
}
