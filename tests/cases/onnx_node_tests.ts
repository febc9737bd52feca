/**
 * The ONNX project's own backend node tests: a one-node model, inputs, and the outputs that it must
 * give. The tape must give them to float32's precision, or the test stands on the list below.
 */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import type { Graph, Tensor } from "../../src/model/graph.ts";
import { RowEvaluator } from "../../src/model/evaluate_rows.ts";
import { graphInputs, lowerGraph, LoweringError } from "../../src/model/lower.ts";
import { readGraph } from "../../src/model/onnx.ts";
import { TapeBuilder } from "../../src/model/tape_builder.ts";
import type { CaseResult } from "./case_result.ts";
import { readTensorFile } from "./onnx_files.ts";

/** Relative and absolute tolerance: a few units in float32's last place. */
const TOLERANCE = { relative: 1e-5, absolute: 1e-6 };

const STEPS = "steps have no slope that an optimizer could follow";
const TEXT = "text is no input of a regression";
const TREES = "trees have no derivative; they run in prediction skills";
const TRAINING = "statistics of a training batch; a trained model is exported for inference";

/** Tests that no smooth regression model needs, with the reason. */
export const NODE_TESTS_REFUSED: Readonly<Record<string, string>> = {
  "node/test_argmax_default_axis_example": STEPS,
  "node/test_ceil": STEPS,
  "node/test_ceil_example": STEPS,
  "node/test_floor": STEPS,
  "node/test_floor_example": STEPS,
  "node/test_sign": STEPS,
  "node/test_ai_onnx_ml_binarizer": STEPS,
  "node/test_ai_onnx_ml_label_encoder_string_int": TEXT,
  "node/test_ai_onnx_ml_label_encoder_string_int_no_default": TEXT,
  "node/test_ai_onnx_ml_label_encoder_tensor_value_only_mapping": TEXT,
  "node/test_ai_onnx_ml_tree_ensemble_single_tree": TREES,
  "node/test_ai_onnx_ml_tree_ensemble_set_membership": TREES,
  "node/test_batchnorm_epsilon_training_mode": TRAINING,
  "node/test_batchnorm_example_training_mode": TRAINING,
};

/** Runs all tests that the folder's index.json lists. */
export function runNodeTests(folder: string): CaseResult[] {
  const index = JSON.parse(readFileSync(`${folder}/index.json`, "utf8")) as { test: string }[];
  return index.flatMap(({ test }) => {
    const graph = readGraph(readFileSync(`${folder}/${test}/model.onnx`));
    const sets = readdirSync(`${folder}/${test}`).filter((name) =>
      name.startsWith("test_data_set")
    );
    return sets.map((set) => runNodeTest(test, graph, `${folder}/${test}/${set}`));
  });
}

function runNodeTest(name: string, graph: Graph, folder: string): CaseResult {
  const purpose = NODE_TESTS_REFUSED[name];
  try {
    const worst = worstError(graph, folder);
    if (purpose !== undefined) {
      return { name, verdict: "failed", detail: "it is lowered, yet it is listed as refused" };
    }
    return {
      name,
      verdict: worst <= 1 ? "matched" : "failed",
      detail: `${worst.toFixed(3)} of the tolerance`,
    };
  } catch (error) {
    if (!(error instanceof LoweringError)) throw error;
    return purpose === undefined
      ? { name, verdict: "failed", detail: error.message }
      : { name, verdict: "refused", detail: purpose };
  }
}

/** The largest error in units of the tolerance. */
function worstError(graph: Graph, folder: string): number {
  const inputs = graphInputs(graph).map((_, k) => readTensorFile(`${folder}/input_${k}.pb`));
  const outputs = lowerAndEvaluate(graph, inputs);
  let worst = 0;
  outputs.forEach((actual, k) => {
    const path = `${folder}/output_${k}.pb`;
    if (!existsSync(path)) return;
    const expected = readTensorFile(path).values ?? new Float64Array(0);
    if (expected.length !== actual.length) worst = Infinity;
    expected.forEach((value, i) => {
      if (Object.is(value, actual[i])) return;
      const allowed = TOLERANCE.absolute + TOLERANCE.relative * Math.abs(value);
      const error = Math.abs(value - (actual[i] ?? NaN)) / allowed;
      worst = Number.isNaN(error) ? Infinity : Math.max(worst, error);
    });
  });
  return worst;
}

/**
 * Floats are variables and integers constants, as shapes and indices are in a model file. A model
 * file also holds the weights of BatchNormalization or LSTM as constants, where these tests hand
 * them in: such a test runs again with only its first input a variable.
 */
function lowerAndEvaluate(graph: Graph, inputs: readonly Tensor[]): Float64Array[] {
  try {
    return evaluateWith(graph, inputs, (tensor) => isFloat(tensor));
  } catch (error) {
    if (!(error instanceof LoweringError) || !isAboutConstants(error)) throw error;
    return evaluateWith(graph, inputs, (tensor, k) => k === 0 && isFloat(tensor));
  }
}

function isAboutConstants(error: LoweringError): boolean {
  return error.problems.every(({ reason }) => reason.includes("depends on the model's inputs"));
}

function isFloat({ type }: Tensor): boolean {
  return type === "float32" || type === "float64";
}

function evaluateWith(
  graph: Graph,
  inputs: readonly Tensor[],
  isVariable: (tensor: Tensor, k: number) => boolean,
): Float64Array[] {
  const builder = new TapeBuilder();
  const x: number[] = [];
  const nodes = inputs.map((tensor, k) => {
    const values = tensor.values ?? new Float64Array(0);
    if (!isVariable(tensor, k)) return builder.constant(values);
    const node = builder.input(Array.from(values, (_, i) => x.length + i));
    x.push(...values);
    return node;
  });
  const { tape, outputs } = builder.finish(lowerGraph(graph, builder, nodes), { inputs: x.length });
  const results = new RowEvaluator(tape).evaluate(Float64Array.from(x), new Float64Array(0));
  return outputs.map((node) => results[node] as Float64Array);
}
