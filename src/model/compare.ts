/** The referee at load: a lowered model against ONNX Runtime, at many points of its input ranges. */

import { RowEvaluator } from "./evaluate_rows.ts";
import { graphInputs, lowerGraph } from "./lower.ts";
import { inputWidths, type PredictionModel } from "./prediction_model.ts";
import { seededRandom } from "./random.ts";
import type { RuntimeModel } from "./runtime.ts";
import { scale } from "./scaler.ts";
import { TapeBuilder } from "./tape_builder.ts";
import { termSizes } from "./term_sizes.ts";

const NONE = new Float64Array(0);
const NO_PARAMETERS = NONE;

/** How many times what float32 loses on the tape ONNX Runtime may lose, which adds in another order. */
const FLOAT32_LOSSES = 8;
/** Share of points that may be ill-conditioned. */
const MOST_ILL_CONDITIONED = 0.1;

/** Terms count a tenth: 1e-6 of them is 16 units in the last place of a float32. */
const CANCELLATION = 0.1;

/** How a lowered model compares with ONNX Runtime. */
export interface Comparison {
  readonly points: number;
  /**
   * Largest difference of any output, relative to the largest size of that output, or to a tenth of
   * the terms that it is the sum of where these cancel.
   */
  readonly worst: number;
  readonly tolerance: number;
  /**
   * Points left out of `worst`: there the same tape, rounded to float32 at every step, is as far off
   * as ONNX Runtime is, so the difference says nothing about the lowering.
   */
  readonly illConditioned: number;
  /** True where `worst` is within the tolerance and few points are ill-conditioned. */
  readonly agrees: boolean;
  /** Of the worst point: the network's inputs, its output, and both values of that output. */
  readonly at:
    | {
      readonly inputs: Float64Array;
      readonly output: number;
      readonly lowered: number;
      readonly runtime: number;
    }
    | undefined;
}

/** Where and how strictly to compare. */
export interface ComparisonOptions {
  /** [lower, upper] per input of the skill; the trained range, else ±3 scales, where not given. */
  readonly ranges?: readonly (readonly [number, number])[];
  readonly points?: number;
  readonly seed?: number;
  /** Largest relative difference that still agrees: what float32 leaves of a sum. */
  readonly tolerance?: number;
}

/**
 * Compares the model's tape with ONNX Runtime at random points. Inputs are rounded to what ONNX
 * Runtime can be given, so that only the computation differs.
 * @throws {LoweringError} where the model has no tape.
 * @throws {RuntimeError} where ONNX Runtime fails.
 */
export async function compareWithRuntime(
  model: PredictionModel,
  runtime: RuntimeModel,
  options: ComparisonOptions = {},
): Promise<Comparison> {
  const { points = 200, seed = 1, tolerance = 1e-5 } = options;
  const random = seededRandom(seed);
  const ranges = options.ranges ?? comparisonRanges(model);
  const rows = Array.from({ length: points }, () => {
    const row = Float64Array.from(ranges, ([low, high]) => low + random() * (high - low));
    return networkInputs(model, row);
  });
  const lowered = lowerRows(model, rows);
  return judge(rows, { lowered, runtime: await runtime.predict(rows), tolerance });
}

/** Ranges of the skill's inputs to compare in, in engineering units. */
export function comparisonRanges(model: PredictionModel): readonly (readonly [number, number])[] {
  if (model.trainedRange !== undefined) return model.trainedRange;
  const scaling = model.scaler?.inputs;
  const columns = model.inputOrder.map((_, column): readonly [number, number] => {
    const [center, width] = [scaling?.center[column] ?? 0, scaling?.scale[column] ?? 1];
    return scaling?.kind === "min_max"
      ? [center, center + width]
      : [center - 3 * width, center + 3 * width];
  });
  return model.inputs.map((_, k) => columns[model.inputOrder.indexOf(k)] as [number, number]);
}

/** A row as the network gets it: its order, scaled, rounded to the type of its inputs. */
function networkInputs({ graph, scaler, inputOrder }: PredictionModel, row: Float64Array) {
  const columns = scale(scaler?.inputs, Float64Array.from(inputOrder, (k) => row[k] as number));
  let start = 0;
  const inputs = graphInputs(graph);
  inputWidths(graph, columns.length).forEach((width, k) => {
    const type = inputs[k]?.type;
    for (let i = start; i < start + width; i++) {
      const value = columns[i] as number;
      if (type === "float32") columns[i] = Math.fround(value);
      else if (type !== "float64") columns[i] = Math.round(value);
    }
    start += width;
  });
  return columns;
}

/** What the tape says at every row. */
interface Lowered {
  readonly values: readonly Float64Array[];
  /** The largest terms that each output is the sum of. */
  readonly terms: Float64Array;
  /** The outputs of one row as the tape gives them in float32. */
  readonly rounded: (row: number) => Float64Array;
}

function lowerRows({ graph }: PredictionModel, rows: readonly Float64Array[]): Lowered {
  const builder = new TapeBuilder();
  let start = 0;
  const inputs = inputWidths(graph, rows[0]?.length ?? 0).map((width) => {
    const node = builder.input(Array.from({ length: width }, (_, i) => start + i));
    start += width;
    return node;
  });
  const whole = builder.concat(lowerGraph(graph, builder, inputs));
  const { tape, outputs: [output = 0] } = builder.finish([whole]);
  const evaluator = new RowEvaluator(tape);
  const terms = new Float64Array(builder.size(whole));
  const values = rows.map((row) => {
    const results = evaluator.evaluate(row, NO_PARAMETERS);
    termSizes(tape, results, output).forEach((size, i) => {
      if (Number.isFinite(size) && size > (terms[i] as number)) terms[i] = size;
    });
    return Float64Array.from(results[output] as Float64Array);
  });
  const isDouble = graphInputs(graph).every(({ type }) => type === "float64");
  const narrow = new RowEvaluator(tape, isDouble ? "float64" : "float32");
  const rounded = (row: number) =>
    narrow.evaluate(rows[row] as Float64Array, NO_PARAMETERS)[output] as Float64Array;
  return { values, terms, rounded };
}

function judge(
  rows: readonly Float64Array[],
  { lowered, runtime, tolerance }: {
    readonly lowered: Lowered;
    readonly runtime: readonly Float64Array[];
    readonly tolerance: number;
  },
): Comparison {
  const scales = largestOf(runtime).map((size, i) =>
    Math.max(size, CANCELLATION * (lowered.terms[i] ?? NaN))
  );
  let worst = 0;
  let illConditioned = 0;
  let at: Comparison["at"];
  rows.forEach((inputs, row) => {
    const pairs = pairsOf(lowered.values[row], runtime[row]);
    const differences = pairs.map((pair, k) => relative(pair, scales[k] ?? NaN));
    const largest = Math.max(...differences);
    const output = differences.indexOf(largest);
    const pair = pairs[output];
    if (pair === undefined || largest <= worst) return;
    if (largest > tolerance && isLoss(pairs, lowered.rounded(row), { differences, tolerance })) {
      illConditioned += 1;
      return;
    }
    worst = largest;
    at = { inputs, output, ...pair };
  });
  const agrees = worst <= tolerance && illConditioned <= MOST_ILL_CONDITIONED * rows.length;
  return { points: rows.length, worst, tolerance, illConditioned, agrees, at };
}

/** One output by the tape and by ONNX Runtime. */
interface Pair {
  readonly lowered: number;
  readonly runtime: number;
}

/** An output that only one of the two has is NaN beside infinity: no agreement. */
function pairsOf(ours: Float64Array = NONE, theirs: Float64Array = NONE): Pair[] {
  return Array.from({ length: Math.max(ours.length, theirs.length) }, (_, k) => ({
    lowered: ours[k] ?? NaN,
    runtime: theirs[k] ?? Infinity,
  }));
}

/** Whether every difference beyond the tolerance is what float32 loses on the same steps. */
function isLoss(
  pairs: readonly Pair[],
  rounded: Float64Array,
  { differences, tolerance }: {
    readonly differences: readonly number[];
    readonly tolerance: number;
  },
): boolean {
  return pairs.every(({ lowered, runtime }, k) => {
    const loss = Math.abs(lowered - (rounded[k] as number));
    return (differences[k] as number) <= tolerance ||
      (loss > 0 && Math.abs(lowered - runtime) <= FLOAT32_LOSSES * loss);
  });
}

/**
 * Two values that are both NaN, or the same infinity, agree; any other of them does not. An output
 * that is never finite (size NaN) compares nothing, which is no agreement.
 */
function relative({ lowered, runtime }: Pair, size: number): number {
  if (Number.isNaN(size)) return Infinity;
  if (Object.is(lowered, runtime) || lowered === runtime) return 0;
  const difference = Math.abs(lowered - runtime) / Math.max(size, Number.MIN_VALUE);
  return Number.isNaN(difference) ? Infinity : difference;
}

/** The largest finite size of each output over all rows; NaN where it is never finite. */
function largestOf(rows: readonly Float64Array[]): Float64Array {
  const largest = new Float64Array(rows[0]?.length ?? 0).fill(NaN);
  for (const row of rows) {
    row.forEach((value, i) => {
      const size = Math.abs(value);
      if (Number.isFinite(size) && !(size <= (largest[i] as number))) largest[i] = size;
    });
  }
  return largest;
}
