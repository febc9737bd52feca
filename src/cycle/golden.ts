/**
 * Golden vectors: a few inputs of a network with the outputs that its publisher saw. A digest says
 * that the file is the publisher's; a golden vector, that this box computes with it what the
 * publisher's computer did.
 */

import { comparisonRanges } from "../model/compare.ts";
import { graphInputs } from "../model/lower.ts";
import { inputWidths } from "../model/prediction_model.ts";
import type { PredictionModel } from "../model/prediction_model.ts";
import { seededRandom } from "../model/random.ts";
import type { RuntimeModel } from "../model/runtime.ts";
import { scale } from "../model/scaler.ts";
import type { GoldenVector } from "../storage/manifest.ts";

const VECTORS = 4;
/** Two processors round float32 sums differently; a damaged model is off by far more. */
const GOLDEN_TOLERANCE = 1e-4;

/** Vectors inside the model's input ranges, the same ones at every call. */
export async function makeGolden(
  model: PredictionModel,
  runtime: RuntimeModel,
): Promise<GoldenVector[]> {
  const random = seededRandom(1);
  const ranges = comparisonRanges(model);
  const rows = Array.from({ length: VECTORS }, () => {
    const row = ranges.map(([low, high]) => low + random() * (high - low));
    return networkRow(model, row);
  });
  const outputs = await runtime.predict(rows);
  return rows.map((row, i) => ({ inputs: [...row], outputs: [...outputs[i] ?? []] }));
}

/** What ONNX Runtime answers differently than the publisher saw, in words; undefined where nothing. */
export async function goldenProblem(
  runtime: RuntimeModel,
  vectors: readonly GoldenVector[],
): Promise<string | undefined> {
  const answers = await runtime.predict(vectors.map(({ inputs }) => Float64Array.from(inputs)));
  const width = vectors[0]?.outputs.length ?? 0;
  const sizes = Array.from(
    { length: width },
    (_, k) => Math.max(...vectors.map(({ outputs }) => Math.abs(outputs[k] ?? NaN)), 1e-12),
  );
  for (const [i, { outputs }] of vectors.entries()) {
    const answer = answers[i] ?? new Float64Array();
    const agrees = answer.length === outputs.length && outputs.length === width &&
      outputs.every((expected, k) =>
        Math.abs(expected - answer[k]!) <= GOLDEN_TOLERANCE * sizes[k]!
      );
    if (agrees) continue;
    return `golden vector ${i + 1} gives ${[...answer].join(", ")}, ` +
      `its publisher saw ${outputs.join(", ")}`;
  }
  return undefined;
}

/** Engineering units to what the network gets: its order, scaled, rounded to its inputs' types. */
function networkRow({ graph, scaler, inputOrder }: PredictionModel, row: readonly number[]) {
  const columns = scale(scaler?.inputs, Float64Array.from(inputOrder, (k) => row[k]!));
  const types = graphInputs(graph).map(({ type }) => type);
  let start = 0;
  for (const [input, width] of inputWidths(graph, columns.length).entries()) {
    const isReal = types[input] === "float32" || types[input] === "float64";
    for (let i = start; i < start + width; i++) {
      columns[i] = isReal ? Math.fround(columns[i]!) : Math.round(columns[i]!);
    }
    start += width;
  }
  return columns;
}
