/**
 * Concatenations of equal instructions as one wide instruction: the steps of an unrolled loop, the
 * terms of a sum over training points. Only instructions that nobody else reads are joined, so
 * nothing is computed twice.
 */

import type { Instruction, NodeId } from "./tape.ts";

/** Where joined instructions are appended, and what is known about those already there. */
export interface JoinContext {
  readonly instruction: (node: NodeId) => Instruction;
  /** True where the concatenation is the only reader. */
  readonly isOwn: (node: NodeId) => boolean;
  readonly append: (instruction: Instruction) => NodeId;
}

/** A node with the elements of `operands` one after another. */
export function joinOperands(operands: readonly NodeId[], context: JoinContext): NodeId {
  const [first] = operands as [NodeId];
  if (operands.length === 1) return first;
  const instructions = operands.map(context.instruction);
  const size = instructions.reduce((sum, instruction) => sum + instruction.size, 0);
  if (operands.every((node) => node === first)) {
    const own = instructions[0]?.size ?? 0;
    const indices = Int32Array.from({ length: size }, (_, i) => i % own);
    return context.append({ op: "gather", size, of: first, indices });
  }
  const joined = operands.every(context.isOwn)
    ? joinInstructions(instructions, { size, context })
    : undefined;
  return joined ?? context.append({ op: "concat", size, operands });
}

type Join = (
  instructions: readonly Instruction[],
  at: { readonly size: number; readonly context: JoinContext },
) => NodeId | undefined;

/** How each kind joins; kinds that do not stand here stay apart. */
const JOINS: Partial<Record<Instruction["op"], Join>> = {
  map: (instructions, { size, context }) => {
    const all = only(instructions, "map");
    const [{ fn, constants }] = all as [(typeof all)[number]];
    const same = all.every((one) => one.fn === fn && `${one.constants}` === `${constants}`);
    if (!same) return undefined;
    const of = joinOperands(all.map((one) => one.of), context);
    return context.append({ op: "map", size, of, fn, constants });
  },
  sum: (instructions, { size, context }) => {
    const all = only(instructions, "sum");
    const [{ length }] = all as [(typeof all)[number]];
    if (!all.every((one) => one.length === length)) return undefined;
    const of = joinOperands(all.map((one) => one.of), context);
    return context.append({ op: "sum", size, of, length });
  },
  scale: (instructions, { size, context }) => {
    const all = only(instructions, "scale");
    const of = joinOperands(all.map((one) => one.of), context);
    return context.append({
      op: "scale",
      size,
      of,
      factor: joinVectors(all.map((one) => one.factor)),
      offset: joinVectors(all.map((one) => one.offset)),
    });
  },
  affine: (instructions, { size, context }) => {
    const all = only(instructions, "affine");
    const [{ of, cols }] = all as [(typeof all)[number]];
    if (!all.every((one) => one.of === of && one.repeat === 1)) return undefined;
    return context.append({
      op: "affine",
      size,
      of,
      repeat: 1,
      rows: size,
      cols,
      weights: joinVectors(all.map((one) => one.weights)),
      offset: joinVectors(all.map((one) => one.offset)),
    });
  },
};

function joinInstructions(
  instructions: readonly Instruction[],
  at: { readonly size: number; readonly context: JoinContext },
): NodeId | undefined {
  const op = instructions[0]?.op;
  if (op === undefined || instructions.some((one) => one.op !== op)) return undefined;
  return JOINS[op]?.(instructions, at);
}

function only<K extends Instruction["op"]>(
  instructions: readonly Instruction[],
  op: K,
): Extract<Instruction, { op: K }>[] {
  return instructions.filter((one): one is Extract<Instruction, { op: K }> => one.op === op);
}

function joinVectors(vectors: readonly Float64Array[]): Float64Array {
  const joined = new Float64Array(vectors.reduce((sum, vector) => sum + vector.length, 0));
  let at = 0;
  for (const vector of vectors) {
    joined.set(vector, at);
    at += vector.length;
  }
  return joined;
}
