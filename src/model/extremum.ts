/** Maxima and minima made of the functions that the tape has. */

import type { TapeBuilder } from "./tape_builder.ts";
import type { NodeId } from "./tape.ts";

type Kind = "maximum" | "minimum";

const EXACT: Readonly<Record<Kind, (a: number, b: number) => number>> = {
  maximum: Math.max,
  minimum: Math.min,
};

/** The constants of clip(a) that bound a by one number. */
const CLIP: Readonly<Record<Kind, (bound: number) => readonly [number, number]>> = {
  maximum: (bound) => [bound, Infinity],
  minimum: (bound) => [-Infinity, bound],
};

/**
 * Elementwise larger or smaller of two nodes: a clip where one is constant, else b + relu(a − b) and
 * a − relu(a − b). A clip is also right where a bound is infinite.
 */
export function extremum(
  builder: TapeBuilder,
  [a, b]: readonly [NodeId, NodeId],
  kind: Kind,
): NodeId {
  const [left, right] = [builder.constantOf(a), builder.constantOf(b)];
  if (left !== undefined && right !== undefined && left.length === right.length) {
    return builder.constant(left.map((value, i) => EXACT[kind](value, right[i] as number)));
  }
  if (left !== undefined) return extremum(builder, [b, a], kind);
  const excess = (from: NodeId) => builder.map("relu", builder.subtract(a, from));
  if (right === undefined) {
    return kind === "maximum" ? builder.add(b, excess(b)) : builder.subtract(a, excess(b));
  }
  return clipEach(builder, a, Array.from(right, CLIP[kind]));
}

/** One clip per distinct pair of bounds, each over the elements that have it. */
function clipEach(
  builder: TapeBuilder,
  node: NodeId,
  bounds: readonly (readonly [number, number])[],
): NodeId {
  const groups = new Map<string, number[]>();
  bounds.forEach((pair, i) => {
    const group = groups.get(`${pair}`);
    if (group === undefined) groups.set(`${pair}`, [i]);
    else group.push(i);
  });
  const order = [...groups.values()].flat();
  const parts = [...groups.values()].map((elements) => {
    const [first = 0] = elements;
    return builder.map("clip", builder.gather(node, elements), bounds[first] ?? []);
  });
  const places = new Int32Array(order.length);
  order.forEach((element, place) => places[element] = place);
  return builder.gather(builder.concat(parts), places);
}
