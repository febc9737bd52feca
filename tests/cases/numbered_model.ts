/** Models that no skill names: their columns are numbered. */

import type { Graph } from "../../src/model/graph.ts";
import { graphInputs } from "../../src/model/lower.ts";
import { createPredictionModel, type PredictionModel } from "../../src/model/prediction_model.ts";

/** The model with inputs x0, x1, … and outputs y0, y1, …; free dimensions count as 1. */
export function numberedModel(graph: Graph): PredictionModel {
  return createPredictionModel({
    graph,
    scaler: undefined,
    inputs: numbered(graphInputs(graph), "x"),
    outputs: numbered(graph.outputs, "y"),
  });
}

function numbered(values: Graph["inputs"], letter: string): string[] {
  const length = values.reduce(
    (sum, { shape = [] }) => sum + shape.reduce<number>((all, size) => all * (size ?? 1), 1),
    0,
  );
  return Array.from({ length }, (_, i) => `${letter}${i}`);
}
