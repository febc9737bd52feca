/**
 * What a mask of 0 and 1 hides must not count, not even where it is no number: log x behind x > 0, or
 * the halves of scikit-learn's power transform. 0 · NaN is NaN, and so is its derivative. So functions
 * that are not defined everywhere get, where the mask is 0, an argument at which they are: the mask
 * moves inside, and what it lets through stays as it was, value and derivatives.
 */

import type { FunctionName } from "../functions.ts";
import type { TapeBuilder } from "../tape_builder.ts";
import type { NodeId } from "../tape.ts";

/** For functions that are not finite everywhere: an argument at which they and their slopes are. */
const HARMLESS: Partial<Record<FunctionName, number>> = {
  log: 1,
  sqrt: 1,
  power: 1,
  reciprocal: 1,
  asin: 0,
  acos: 0,
  acosh: 2,
  atanh: 0,
  log1p: 0,
  exp: 0,
  expm1: 0,
};

/** Beyond this a gather mixes its operands too much to be taken apart. */
const MOST_RUNS = 256;

/** Whether every element of a node is 0 or 1 whatever the inputs are, by how it is made. */
export function isMask(builder: TapeBuilder, node: NodeId): boolean {
  const instruction = builder.instruction(node);
  switch (instruction.op) {
    case "constant":
      return instruction.values.every((value) => value === 0 || value === 1);
    case "map":
      return instruction.fn === "step" ||
        (instruction.fn === "abs" && isSign(builder, instruction.of));
    case "scale":
      return isMask(builder, instruction.of) &&
        instruction.factor.every((factor, i) => factor === -1 && instruction.offset[i] === 1);
    case "product":
      return isMask(builder, instruction.a) && isMask(builder, instruction.b);
    case "gather":
      return isMask(builder, instruction.of);
    case "concat":
      return instruction.operands.every((operand) => isMask(builder, operand));
    default:
      return false;
  }
}

function isSign(builder: TapeBuilder, node: NodeId): boolean {
  const instruction = builder.instruction(node);
  return instruction.op === "map" && instruction.fn === "sign";
}

/** mask · node, where what the mask hides never counts. */
export function masked(builder: TapeBuilder, mask: NodeId, node: NodeId): NodeId {
  return builder.product(mask, guarded({ builder, done: new Map() }, mask, node));
}

interface Guarding {
  readonly builder: TapeBuilder;
  /** Results by mask and node, as a tape shares what it uses twice. */
  readonly done: Map<string, NodeId>;
}

/** The node with harmless arguments where the mask is 0; the node itself where none is needed. */
function guarded(at: Guarding, mask: NodeId, node: NodeId): NodeId {
  const key = `${mask} ${node}`;
  const known = at.done.get(key);
  if (known !== undefined) return known;
  const result = rebuilt(at, mask, node);
  at.done.set(key, result);
  return result;
}

function rebuilt(at: Guarding, mask: NodeId, node: NodeId): NodeId {
  const { builder } = at;
  const instruction = builder.instruction(node);
  switch (instruction.op) {
    case "map": {
      const { fn, of, constants } = instruction;
      const inner = guarded(at, mask, of);
      const harmless = HARMLESS[fn];
      if (harmless === undefined) return inner === of ? node : builder.map(fn, inner, constants);
      const other = builder.scaleBy(mask, -harmless, harmless);
      return builder.map(fn, builder.add(builder.product(mask, inner), other), constants);
    }
    case "scale": {
      const inner = guarded(at, mask, instruction.of);
      return inner === instruction.of
        ? node
        : builder.scale(inner, instruction.factor, instruction.offset);
    }
    case "add":
    case "product": {
      const { a, b } = instruction;
      const [left, right] = [guarded(at, mask, a), guarded(at, mask, b)];
      return left === a && right === b ? node : builder[instruction.op](left, right);
    }
    case "concat": {
      let start = 0;
      const parts = instruction.operands.map((operand) => {
        const size = builder.size(operand);
        const own = builder.gather(mask, Array.from({ length: size }, (_, i) => start + i));
        start += size;
        return guarded(at, own, operand);
      });
      return parts.every((part, k) => part === instruction.operands[k])
        ? node
        : builder.concat(parts);
    }
    case "gather": {
      const moved = gatheredFirst(builder, instruction.of, instruction.indices);
      if (moved === undefined) return node;
      const inner = guarded(at, mask, moved);
      return inner === moved ? node : inner;
    }
    default:
      return node;
  }
}

/** An elementwise instruction over gathered operands, in place of a gather from its result. */
function gatheredFirst(
  builder: TapeBuilder,
  of: NodeId,
  indices: Int32Array,
): NodeId | undefined {
  const instruction = builder.instruction(of);
  const pick = (values: Float64Array) => Float64Array.from(indices, (i) => values[i] as number);
  switch (instruction.op) {
    case "map":
      return builder.map(
        instruction.fn,
        builder.gather(instruction.of, indices),
        instruction.constants,
      );
    case "scale": {
      const { factor, offset } = instruction;
      return builder.scale(builder.gather(instruction.of, indices), pick(factor), pick(offset));
    }
    case "add":
    case "product":
      return builder[instruction.op](
        builder.gather(instruction.a, indices),
        builder.gather(instruction.b, indices),
      );
    case "concat":
      return gatheredParts(builder, instruction.operands, indices);
    default:
      return undefined;
  }
}

/** Elements of a concatenation, in order, each run of neighbours from the operand that it is of. */
function gatheredParts(
  builder: TapeBuilder,
  operands: readonly NodeId[],
  indices: Int32Array,
): NodeId | undefined {
  const owner = new Int32Array(operands.reduce((sum, operand) => sum + builder.size(operand), 0));
  const starts: number[] = [];
  let start = 0;
  operands.forEach((operand, k) => {
    starts.push(start);
    start += builder.size(operand);
    owner.fill(k, starts[k], start);
  });
  const runs: { readonly operand: number; readonly elements: number[] }[] = [];
  for (const index of indices) {
    const operand = owner[index] as number;
    if (runs.at(-1)?.operand !== operand) runs.push({ operand, elements: [] });
    runs.at(-1)?.elements.push(index - (starts[operand] as number));
  }
  if (runs.length > MOST_RUNS) return undefined;
  return builder.concat(
    runs.map(({ operand, elements }) => builder.gather(operands[operand] as NodeId, elements)),
  );
}
