/** A model file run both ways, for tests: as a tape and by ONNX Runtime. */

import type { Graph } from "../../src/model/graph.ts";
import { RowEvaluator } from "../../src/model/evaluate_rows.ts";
import { graphInputs, lowerGraph } from "../../src/model/lower.ts";
import { TapeBuilder } from "../../src/model/tape_builder.ts";
import type { FinishedTape } from "../../src/model/finish_tape.ts";

/** The graph as a tape over all its inputs, one after another. */
export function lowerWhole(graph: Graph): FinishedTape {
  const builder = new TapeBuilder();
  let start = 0;
  const inputs = graphInputs(graph).map(({ shape }) => {
    const size = (shape ?? []).reduce<number>((all, one) => all * (one ?? 1), 1);
    const node = builder.input(Array.from({ length: size }, (_, i) => start + i));
    start += size;
    return node;
  });
  return builder.finish(lowerGraph(graph, builder, inputs), { inputs: start });
}

/** The tape's outputs one after another, per row. */
export function evaluateWhole(
  { tape, outputs }: FinishedTape,
  rows: readonly Float64Array[],
): Float64Array[] {
  return new RowEvaluator(tape).evaluateRows(rows, new Float64Array(0), outputs);
}

/** Largest difference of any element, relative to the largest element of its output column. */
export function worstDifference(
  ours: readonly Float64Array[],
  theirs: readonly Float64Array[],
): number {
  let worst = 0;
  const width = theirs[0]?.length ?? 0;
  for (let column = 0; column < width; column++) {
    const size = Math.max(...theirs.map((row) => Math.abs(row[column] as number)), 1e-3);
    theirs.forEach((row, k) => {
      const difference = Math.abs((row[column] as number) - (ours[k]?.[column] ?? NaN)) / size;
      worst = Number.isNaN(difference) ? Infinity : Math.max(worst, difference);
    });
  }
  return ours.every((row) => row.length === width) ? worst : Infinity;
}
