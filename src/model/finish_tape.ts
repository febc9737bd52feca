/** The last step of building a tape: fuses what only one reader sees and drops what nobody reads. */

import { scaleOfAffine } from "./linear_fusion.ts";
import { operandsOf, withOperands } from "./operands.ts";
import type { Instruction, NodeId, Tape } from "./tape.ts";

/** A tape and the places of the wanted outputs in it, in the order they were asked for. */
export interface FinishedTape {
  readonly tape: Tape;
  readonly outputs: readonly NodeId[];
}

/** The tape that computes `outputs` and nothing else. */
export function finishTape(
  built: readonly Instruction[],
  outputs: readonly NodeId[],
  atLeast: { readonly inputs?: number; readonly parameters?: number },
): FinishedTape {
  const fused = fuse(built, readersOf(built, outputs));
  const readers = readersOf(fused, outputs);
  const places = new Map<NodeId, NodeId>();
  const instructions: Instruction[] = [];
  const place = (node: NodeId) => places.get(node) as NodeId;
  fused.forEach((instruction, node) => {
    if (readers[node] === 0) return;
    places.set(node, instructions.push(withOperands(instruction, place)) - 1);
  });
  return {
    tape: {
      inputs: Math.max(atLeast.inputs ?? 0, highest(instructions, "input") + 1),
      parameters: Math.max(atLeast.parameters ?? 0, highest(instructions, "parameter") + 1),
      instructions,
    },
    outputs: outputs.map(place),
  };
}

/** How many needed instructions read each instruction; an output is one reader more. */
function readersOf(instructions: readonly Instruction[], outputs: readonly NodeId[]): Uint32Array {
  const readers = new Uint32Array(instructions.length);
  const count = (node: NodeId) => readers[node] = (readers[node] as number) + 1;
  outputs.forEach(count);
  for (let node = instructions.length - 1; node >= 0; node--) {
    if (readers[node] !== 0) operandsOf(instructions[node] as Instruction).forEach(count);
  }
  return readers;
}

/** A scale of an affine that nobody else reads becomes part of it: Gemm with BatchNormalization. */
function fuse(built: readonly Instruction[], readers: Uint32Array): Instruction[] {
  const fused = [...built];
  built.forEach((instruction, node) => {
    if (instruction.op !== "scale" || readers[instruction.of] !== 1) return;
    const before = fused[instruction.of];
    if (before?.op !== "affine") return;
    const map = scaleOfAffine(instruction, before);
    if (map !== undefined) fused[node] = { ...before, ...map };
  });
  return fused;
}

function highest(instructions: readonly Instruction[], op: "input" | "parameter"): number {
  let most = -1;
  for (const instruction of instructions) {
    if (instruction.op !== op) continue;
    for (const index of instruction.indices) most = Math.max(most, index);
  }
  return most;
}
