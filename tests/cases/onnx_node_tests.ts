/**
 * The ONNX project's own backend node tests: a one-node model, inputs, and the outputs that it must
 * give. The tape must give them to float32's precision, or the test stands on the list below.
 */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import type { ElementType, Graph, Tensor } from "../../src/model/graph.ts";
import { RowEvaluator } from "../../src/model/evaluate_rows.ts";
import { graphInputs, lowerGraph, LoweringError } from "../../src/model/lower.ts";
import { readGraph } from "../../src/model/onnx.ts";
import { TapeBuilder } from "../../src/model/tape_builder.ts";
import type { CaseResult } from "./case_result.ts";
import { readTensorFile } from "./onnx_files.ts";
import { purposeOf, STEPS, TEXT, TRAINING, TREES } from "./purposes.ts";

/** The tolerances that ONNX itself runs its tests with; expected values are of these types. */
const TOLERANCES: Partial<Record<ElementType, { relative: number; absolute: number }>> = {
  float16: { relative: 1e-3, absolute: 1e-3 },
  bfloat16: { relative: 1e-2, absolute: 1e-2 },
};
const FLOAT32_TOLERANCE = { relative: 1e-3, absolute: 1e-7 };

/** Tests that no smooth regression model needs, with the reason. */
export const NODE_TESTS_REFUSED: Readonly<Record<string, string>> = {
  "node/test_argmax_default_axis_example": STEPS,
  "node/test_ceil": STEPS,
  "node/test_ceil_example": STEPS,
  "node/test_floor": STEPS,
  "node/test_floor_example": STEPS,
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
    const sets = readdirSync(`${folder}/${test}`).filter((name) =>
      name.startsWith("test_data_set")
    );
    return sets.map((set): CaseResult => {
      try {
        const graph = readGraph(readFileSync(`${folder}/${test}/model.onnx`));
        return runNodeTest(test, graph, `${folder}/${test}/${set}`);
      } catch (error) {
        return { name: test, verdict: "failed", detail: String(error) };
      }
    });
  });
}

function runNodeTest(name: string, graph: Graph, folder: string): CaseResult {
  try {
    const worst = worstError(graph, folder);
    if (name in NODE_TESTS_REFUSED) {
      return { name, verdict: "failed", detail: "it is lowered, yet it is listed as refused" };
    }
    const detail = `${worst.toFixed(3)} of the tolerance`;
    return { name, verdict: worst <= 1 ? "matched" : "failed", detail };
  } catch (error) {
    if (!(error instanceof LoweringError)) throw error;
    const purpose = NODE_TESTS_REFUSED[name] ?? purposeOf(error);
    return purpose === undefined
      ? { name, verdict: "failed", detail: error.message }
      : { name, verdict: "refused", detail: purpose };
  }
}

/** The largest error in units of the tolerance. */
function worstError(graph: Graph, folder: string): number {
  const inputs = graphInputs(graph).map(({ name, type }, k) => {
    if (type === "other") {
      const where = `input "${name}"`;
      const reason = "it is of type other: no tensor of numbers";
      throw new LoweringError(graph.name, [{ where, reason, cure: undefined }]);
    }
    return readTensorFile(`${folder}/input_${k}.pb`, type);
  });
  const outputs = lowerAndEvaluate(graph, inputs);
  let worst = 0;
  outputs.forEach((actual, k) => {
    const path = `${folder}/output_${k}.pb`;
    if (!existsSync(path)) return;
    const declared = graph.outputs[k]?.type ?? "other";
    const { type, values } = readTensorFile(path, declared);
    const expected = values ?? new Float64Array(0);
    const { relative, absolute } = TOLERANCES[type] ?? FLOAT32_TOLERANCE;
    if (expected.length !== actual.length) worst = Infinity;
    expected.forEach((value, i) => {
      if (Object.is(value, actual[i])) return;
      const allowed = absolute + relative * Math.abs(value);
      const error = Math.abs(value - (actual[i] ?? NaN)) / allowed;
      worst = Number.isNaN(error) ? Infinity : Math.max(worst, error);
    });
  });
  return worst;
}

/**
 * Finite floats are variables, and integers constants, as shapes and indices are in a model file. A model
 * file also holds the weights of BatchNormalization or LSTM as constants, where these tests hand
 * them in: such a test runs again with only its first input a variable, and one of shapes or
 * integers with none.
 */
function lowerAndEvaluate(graph: Graph, inputs: readonly Tensor[]): Float64Array[] {
  const choices = [
    isVariable,
    (tensor: Tensor, k: number) => k === 0 && isVariable(tensor),
    () => false,
  ];
  let refusal: LoweringError | undefined;
  for (const isChosen of choices) {
    try {
      return evaluateWith(graph, inputs, isChosen);
    } catch (error) {
      if (!(error instanceof LoweringError)) throw error;
      refusal = error;
      if (!error.problems.every(({ reason }) => isAboutConstants(reason))) throw error;
    }
  }
  throw refusal;
}

function isAboutConstants(reason: string): boolean {
  return reason.includes("depends on the model's inputs") || reason.includes("not constant");
}

/** NaN and infinities are no point that an optimizer could stand at. */
function isVariable({ type, values }: Tensor): boolean {
  return (type === "float32" || type === "float64") && values?.every(Number.isFinite) === true;
}

function evaluateWith(
  graph: Graph,
  inputs: readonly Tensor[],
  isChosen: (tensor: Tensor, k: number) => boolean,
): Float64Array[] {
  const builder = new TapeBuilder();
  const x: number[] = [];
  const nodes = inputs.map((tensor, k) => {
    const values = tensor.values ?? new Float64Array(0);
    if (!isChosen(tensor, k)) return builder.constant(values);
    const node = builder.input(Array.from(values, (_, i) => x.length + i));
    for (const value of values) x.push(value);
    return node;
  });
  const { tape, outputs } = builder.finish(lowerGraph(graph, builder, nodes), { inputs: x.length });
  const results = new RowEvaluator(tape).evaluate(Float64Array.from(x), new Float64Array(0));
  return outputs.map((node) => results[node] as Float64Array);
}
