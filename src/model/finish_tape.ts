/** The last step of building a tape: joins what only one reader sees and drops what nobody reads. */

import { joinOperands } from "./concat_fusion.ts";
import { affineOfScale, scaleOfAffine } from "./linear_fusion.ts";
import { operandsOf, withOperands } from "./operands.ts";
import type { Instruction, NodeId, Tape } from "./tape.ts";

/** A tape and the places of the wanted outputs in it, in the order they were asked for. */
export interface FinishedTape {
  readonly tape: Tape;
  readonly outputs: readonly NodeId[];
}

/** A list of instructions and where the wanted outputs stand in it. */
interface Draft {
  readonly instructions: readonly Instruction[];
  readonly outputs: readonly NodeId[];
}

/** The tape that computes `outputs` and nothing else. */
export function finishTape(
  built: readonly Instruction[],
  outputs: readonly NodeId[],
  atLeast: { readonly inputs?: number; readonly parameters?: number },
): FinishedTape {
  const joined = rewrite({ instructions: built, outputs }, joinConcat);
  const linear = rewrite(joined, fuseLinear);
  const final = rewrite(linear, (instruction, { append }) => append(instruction));
  return {
    tape: {
      inputs: Math.max(atLeast.inputs ?? 0, highest(final.instructions, "input") + 1),
      parameters: Math.max(atLeast.parameters ?? 0, highest(final.instructions, "parameter") + 1),
      instructions: final.instructions,
    },
    outputs: final.outputs,
  };
}

interface Rewriting {
  readonly append: (instruction: Instruction) => NodeId;
  /** An instruction of the new list. */
  readonly instruction: (node: NodeId) => Instruction;
  /** Whether one place only reads an instruction of the new list that comes from the old. */
  readonly isOwn: (node: NodeId) => boolean;
}

/** Places one needed instruction, whose operands are in the new list already. */
type Rule = (instruction: Instruction, rewriting: Rewriting) => NodeId;

/** Walks the needed instructions in order and lets a rule place each of them anew. */
function rewrite({ instructions, outputs }: Draft, rule: Rule): Draft {
  const readers = readersOf(instructions, outputs);
  const places = new Map<NodeId, NodeId>();
  const own = new Set<NodeId>();
  const list: Instruction[] = [];
  const place = (node: NodeId) => places.get(node) as NodeId;
  const rewriting: Rewriting = {
    append: (instruction) => list.push(instruction) - 1,
    instruction: (node) => list[node] as Instruction,
    isOwn: (node) => own.has(node),
  };
  instructions.forEach((instruction, node) => {
    if (readers[node] === 0) return;
    const at = rule(withOperands(instruction, place), rewriting);
    places.set(node, at);
    if (readers[node] === 1) own.add(at);
  });
  return { instructions: list, outputs: outputs.map(place) };
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

function joinConcat(instruction: Instruction, rewriting: Rewriting): NodeId {
  if (instruction.op !== "concat") return rewriting.append(instruction);
  return joinOperands(instruction.operands, rewriting);
}

/** Gemm with BatchNormalization behind it, and a scale before an affine, become one affine. */
function fuseLinear(instruction: Instruction, rewriting: Rewriting): NodeId {
  if (instruction.op === "scale" && rewriting.isOwn(instruction.of)) {
    const before = rewriting.instruction(instruction.of);
    const map = before.op === "affine" ? scaleOfAffine(instruction, before) : undefined;
    if (before.op === "affine" && map !== undefined) return rewriting.append({ ...before, ...map });
  }
  if (instruction.op === "affine") {
    const before = rewriting.instruction(instruction.of);
    const map = before.op === "scale" ? affineOfScale(before, instruction) : undefined;
    if (before.op === "scale" && map !== undefined) {
      return rewriting.append({ ...instruction, ...map, of: before.of });
    }
  }
  return rewriting.append(instruction);
}

function highest(instructions: readonly Instruction[], op: "input" | "parameter"): number {
  let most = -1;
  for (const instruction of instructions) {
    if (instruction.op !== op) continue;
    for (const index of instruction.indices) most = Math.max(most, index);
  }
  return most;
}
