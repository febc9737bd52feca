/** The simplest model for each model skill of a strategy: every output is the mean of the inputs. */

import type { Graph } from "../../src/model/graph.ts";
import { createPredictionModel, type PredictionModel } from "../../src/model/prediction_model.ts";
import type { Strategy } from "../../src/strategy/strategy.ts";

/** Models by skill name; each was trained on all numbers from −1e6 to 1e6. */
export function linearModels(strategy: Strategy): Map<string, PredictionModel> {
  const models = new Map<string, PredictionModel>();
  for (const skill of strategy.skills.values()) {
    if (skill.type !== "model") continue;
    const { inputs, outputs } = skill;
    models.set(
      skill.name,
      createPredictionModel({
        graph: meanGraph(inputs.length, outputs.length),
        scaler: {
          inputs: undefined,
          outputs: undefined,
          names: { inputs, outputs },
          trainedRange: inputs.map(() => [-1e6, 1e6]),
          distribution: undefined,
        },
        inputs,
        outputs,
      }),
    );
  }
  return models;
}

function meanGraph(inputs: number, outputs: number): Graph {
  return {
    name: "mean",
    nodes: [{
      op: "MatMul",
      domain: "ai.onnx",
      overload: "",
      name: "mean",
      inputs: ["x", "w"],
      outputs: ["y"],
      attributes: new Map(),
    }],
    initializers: new Map([["w", {
      type: "float64",
      shape: [inputs, outputs],
      values: new Float64Array(inputs * outputs).fill(1 / inputs),
    }]]),
    inputs: [{ name: "x", type: "float64", shape: [undefined, inputs] }],
    outputs: [{ name: "y", type: "float64", shape: [undefined, outputs] }],
    opsets: new Map([["ai.onnx", 17]]),
    functions: new Map(),
    metadata: new Map(),
  };
}
