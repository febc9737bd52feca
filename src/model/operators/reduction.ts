/** Folds runs of neighbouring elements, as trees of depth log₂ n. */

import type { TapeBuilder } from "../tape_builder.ts";
import type { NodeId } from "../tape.ts";
import type { Value } from "./operator.ts";
import { count, walk } from "./shape.ts";
import { transpose } from "./values.ts";

/** A value with the axes to reduce moved to the end: runs of `length` for each kept coordinate. */
export interface Runs {
  readonly node: NodeId;
  readonly length: number;
  /** Shape after the reduction, with and without the reduced axes. */
  readonly kept: readonly number[];
  readonly dropped: readonly number[];
}

/** Brings the elements that belong to one result next to each other. */
export function runsOver(builder: TapeBuilder, value: Value, axes: readonly number[]): Runs {
  const all = value.shape.map((_, axis) => axis);
  const others = all.filter((axis) => !axes.includes(axis));
  const inner = all.filter((axis) => axes.includes(axis));
  const sizeOf = (axis: number) => value.shape[axis] as number;
  return {
    node: transpose(builder, value, [...others, ...inner]).node,
    length: count(inner.map(sizeOf)),
    kept: all.map((axis) => axes.includes(axis) ? 1 : sizeOf(axis)),
    dropped: others.map(sizeOf),
  };
}

/** combine(…combine(run[0], run[1])…) of each run, in a balanced tree. */
export function foldRuns(
  builder: TapeBuilder,
  { node, length }: { readonly node: NodeId; readonly length: number },
  combine: (a: NodeId, b: NodeId) => NodeId,
): NodeId {
  const runs = builder.size(node) / length;
  let level = node;
  for (let width = length; width > 1;) {
    const half = Math.floor(width / 2);
    const columns = (first: number, many: number) =>
      builder.gather(level, walk([runs, many], [width, 1], first));
    const folded = combine(columns(0, half), columns(half, half));
    if (width % 2 === 0) {
      level = folded;
      width = half;
    } else {
      const both = builder.concat([folded, columns(2 * half, 1)]);
      const order = Array.from({ length: runs * (half + 1) }, (_, i) => {
        const [run, column] = [Math.floor(i / (half + 1)), i % (half + 1)];
        return column < half ? run * half + column : runs * half + run;
      });
      level = builder.gather(both, order);
      width = half + 1;
    }
  }
  return level;
}

/** log Σ exp of each run, as a tree of b + softplus(a − b): smooth, and no exp overflows. */
export function logSumExpRuns(
  builder: TapeBuilder,
  runs: { readonly node: NodeId; readonly length: number },
): NodeId {
  return foldRuns(
    builder,
    runs,
    (a, b) => builder.add(b, builder.map("softplus", builder.subtract(a, b))),
  );
}

/** Repeats the result of each run `length` times, back to the runs' layout. */
export function spread(builder: TapeBuilder, node: NodeId, length: number): NodeId {
  return builder.gather(node, walk([builder.size(node), length], [1, 0]));
}
