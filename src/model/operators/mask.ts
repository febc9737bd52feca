/**
 * Masks. Attention hides elements by adding −∞ before a softmax. Where the −∞ stands in the model,
 * the hidden elements are known at lowering: they take no part, so no ∞ − ∞ can arise.
 */

import type { TapeBuilder } from "../tape_builder.ts";
import type { NodeId } from "../tape.ts";

/** For each element of a node: whether it is −∞ whatever the inputs are; undefined if none is. */
export function hiddenElements(builder: TapeBuilder, node: NodeId): boolean[] | undefined {
  const hidden = hiddenIn(builder, node);
  return hidden.includes(true) ? hidden : undefined;
}

function hiddenIn(builder: TapeBuilder, node: NodeId): boolean[] {
  const instruction = builder.instruction(node);
  switch (instruction.op) {
    case "constant":
      return Array.from(instruction.values, (value) => value === -Infinity);
    case "scale": {
      const before = hiddenIn(builder, instruction.of);
      return before.map((is, i) =>
        instruction.offset[i] === -Infinity || (is && (instruction.factor[i] as number) > 0)
      );
    }
    case "gather": {
      const before = hiddenIn(builder, instruction.of);
      return Array.from(instruction.indices, (index) => before[index] as boolean);
    }
    case "concat":
      return instruction.operands.flatMap((operand) => hiddenIn(builder, operand));
    case "add": {
      const other = hiddenIn(builder, instruction.b);
      return hiddenIn(builder, instruction.a).map((is, i) => is || (other[i] as boolean));
    }
    default:
      return new Array<boolean>(instruction.size).fill(false);
  }
}

/**
 * Applies `fold` to the visible elements of each run; it must give one result per element. Hidden
 * elements become `filler`; a run that is hidden as a whole becomes NaN, as it does in ONNX.
 */
export function foldVisible(
  builder: TapeBuilder,
  runs: {
    readonly node: NodeId;
    readonly length: number;
    readonly hidden: readonly boolean[];
  },
  { fold, filler }: {
    readonly fold: (visible: { readonly node: NodeId; readonly length: number }) => NodeId;
    readonly filler: number;
  },
): NodeId {
  const { node, length, hidden } = runs;
  const groups = new Map<string, number[]>();
  for (let start = 0; start < hidden.length; start += length) {
    const pattern = hidden.slice(start, start + length).map(Number).join("");
    groups.set(pattern, [...groups.get(pattern) ?? [], start]);
  }
  const parts: NodeId[] = [];
  const places = new Int32Array(hidden.length).fill(-1);
  let at = 0;
  for (const [pattern, starts] of groups) {
    const columns = [...pattern].flatMap((is, column) => is === "0" ? [column] : []);
    if (columns.length === 0) continue;
    const elements = starts.flatMap((start) => columns.map((column) => start + column));
    parts.push(fold({ node: builder.gather(node, elements), length: columns.length }));
    for (const element of elements) places[element] = at++;
  }
  const all = builder.concat([...parts, builder.constant([filler, NaN])]);
  const isAllHidden = (i: number) => {
    const start = i - i % length;
    return hidden.slice(start, start + length).every((is) => is);
  };
  return builder.gather(
    all,
    places.map((place, i) => place >= 0 ? place : at + Number(isAllHidden(i))),
  );
}
