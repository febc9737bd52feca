/**
 * A trained model as a skill uses it: the skill's inputs in the skill's order and in engineering
 * units go in, its outputs come out. Scaling and order are settled here, for the tape and for ONNX
 * Runtime alike.
 */

import { type TrainedDomain, trainedDomain } from "./domain.ts";
import type { Graph, ValueShape } from "./graph.ts";
import { findScalingNodes } from "./graph_scaling.ts";
import { graphInputs, lowerGraph } from "./lower.ts";
import type { RuntimeModel } from "./runtime.ts";
import { scale, scaleNode, type Scaler, unscale, unscaleNode } from "./scaler.ts";
import type { TapeBuilder } from "./tape_builder.ts";
import type { NodeId } from "./tape.ts";

/** A model file that does not fit its scaler file or its skill, with every reason. */
export class ModelError extends Error {
  override readonly name = "ModelError";
  readonly problems: readonly string[];

  constructor(graph: string, problems: readonly string[]) {
    super(`model "${graph}" is not usable:\n${problems.map((p) => `  ${p}`).join("\n")}`);
    this.problems = problems;
  }
}

/** A graph with its scalers and a skill's names; made by createPredictionModel. */
export interface PredictionModel {
  readonly graph: Graph;
  readonly scaler: Scaler | undefined;
  /** The skill's names, in its order. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** [lower, upper] per input in the skill's order, in its units; changes for a delta model. */
  readonly trainedRange: TrainedDomain["box"];
  /** Mean and covariance of the inputs in the skill's order, where the scaler file has them. */
  readonly ellipsoid: TrainedDomain["ellipsoid"];
  /** The network's column k is the skill's input inputOrder[k]. */
  readonly inputOrder: readonly number[];
  /** The skill's output k is the network's column outputOrder[k]. */
  readonly outputOrder: readonly number[];
}

/**
 * Brings a graph, its scaler file and a skill's names together.
 * @throws {ModelError} with everything that does not fit.
 */
export function createPredictionModel(given: {
  readonly graph: Graph;
  readonly scaler: Scaler | undefined;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}): PredictionModel {
  const { graph, scaler, inputs, outputs } = given;
  const problems: string[] = [];
  const inputOrder = orderOf("input", {
    skill: inputs,
    network: scaler?.names.inputs ?? namedInputs(graph, inputs),
    problems,
  });
  const networkOrder = orderOf("output", {
    skill: outputs,
    network: scaler?.names.outputs,
    problems,
  });
  checkWidths({ ...given, problems });
  if (scaler?.inputs !== undefined) {
    for (const place of findScalingNodes(graph)) {
      problems.push(
        `its inputs are scaled twice: by ${place} and by the scaler file; keep one, ` +
          'or write "inputs": {"kind": "none"} into the scaler file',
      );
    }
  }
  if (problems.length > 0) throw new ModelError(graph.name, problems);
  const { box, ellipsoid } = trainedDomain(graph, scaler);
  if (box !== undefined && box.length !== inputs.length) {
    throw new ModelError(graph.name, [
      `its trained range has ${box.length} inputs, the skill ${inputs.length}`,
    ]);
  }
  const toSkill = inputs.map((_, k) => inputOrder.indexOf(k));
  return Object.freeze({
    ...given,
    trainedRange: box && toSkill.map((column) => box[column] as readonly [number, number]),
    ellipsoid: ellipsoid && {
      radius: ellipsoid.radius,
      mean: Float64Array.from(toSkill, (column) => ellipsoid.mean[column] as number),
      covariance: Float64Array.from(
        toSkill.flatMap((row) =>
          toSkill.map((column) => ellipsoid.covariance[row * inputs.length + column] as number)
        ),
      ),
    },
    inputOrder,
    outputOrder: outputs.map((_, k) => networkOrder.indexOf(k)),
  });
}

/**
 * Appends the model to `builder`: one vector of the skill's inputs to one of its outputs.
 * @throws {ModelError} where the model gives another number of outputs than the skill names.
 * @throws {LoweringError} naming every node that has no place in an optimizer.
 */
export function lowerModel(model: PredictionModel, builder: TapeBuilder, inputs: NodeId): NodeId {
  const { graph, scaler } = model;
  const columns = builder.gather(inputs, model.inputOrder);
  const scaled = scaler?.inputs === undefined
    ? columns
    : scaleNode(builder, scaler.inputs, columns);
  let start = 0;
  const parts = inputWidths(graph, builder.size(scaled)).map((width) => {
    const part = builder.gather(scaled, Array.from({ length: width }, (_, i) => start + i));
    start += width;
    return part;
  });
  const result = builder.concat(lowerGraph(graph, builder, parts));
  checkOutputs(model, builder.size(result));
  const unscaled = scaler?.outputs === undefined
    ? result
    : unscaleNode(builder, scaler.outputs, result);
  return builder.gather(unscaled, model.outputOrder);
}

/**
 * Predicts rows of the skill's inputs with ONNX Runtime, in its order and units, several rows in one
 * call where the model allows.
 */
export async function predictModel(
  model: PredictionModel,
  runtime: RuntimeModel,
  rows: readonly Float64Array[],
): Promise<Float64Array[]> {
  const { scaler, inputOrder, outputOrder } = model;
  const columns = rows.map((row) =>
    scale(scaler?.inputs, Float64Array.from(inputOrder, (k) => row[k] as number))
  );
  const results = await runtime.predict(columns);
  return results.map((result) => {
    checkOutputs(model, result.length);
    const unscaled = unscale(scaler?.outputs, result);
    return Float64Array.from(outputOrder, (k) => unscaled[k] as number);
  });
}

/** How many numbers each ONNX input takes of a row; a free first dimension counts as 1. */
export function inputWidths(graph: Graph, total: number): number[] {
  const wanted = graphInputs(graph);
  if (wanted.length === 1) return [total];
  return wanted.map((input) => widthOf(input) ?? 1);
}

function widthOf({ shape }: ValueShape): number | undefined {
  const sizes = shape?.map((size, axis) => axis === 0 ? size ?? 1 : size);
  if (sizes === undefined || sizes.includes(undefined)) return undefined;
  return sizes.reduce<number>((product, size) => product * (size as number), 1);
}

/** A model with one ONNX input per variable, named like the skill's inputs, says its own order. */
function namedInputs(graph: Graph, inputs: readonly string[]): readonly string[] | undefined {
  const wanted = graphInputs(graph);
  const matches = wanted.length === inputs.length &&
    wanted.every((input) => inputs.includes(input.name) && widthOf(input) === 1);
  return matches ? wanted.map((input) => input.name) : undefined;
}

function orderOf(
  side: "input" | "output",
  { skill, network, problems }: {
    readonly skill: readonly string[];
    readonly network: readonly string[] | undefined;
    readonly problems: string[];
  },
): number[] {
  if (network === undefined) return skill.map((_, k) => k);
  const unknown = network.filter((name) => !skill.includes(name));
  const missing = skill.filter((name) => !network.includes(name));
  if (unknown.length > 0 || missing.length > 0) {
    problems.push(
      `its ${side}s by the scaler file are ${network.join(", ")}, ` +
        `the skill's are ${skill.join(", ")}`,
    );
  }
  return network.map((name) => skill.indexOf(name));
}

/** Outputs are not counted here, as files are known to declare wrong shapes of them. */
function checkWidths({ graph, scaler, inputs, outputs, problems }: {
  readonly graph: Graph;
  readonly scaler: Scaler | undefined;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly problems: string[];
}): void {
  const known = graphInputs(graph).map(widthOf);
  const total = known.reduce(
    (sum, width) => sum === undefined || width === undefined ? undefined : sum + width,
    0,
  );
  if (total !== undefined && total !== inputs.length) {
    problems.push(`it has ${total} inputs, the skill ${inputs.length}`);
  }
  for (
    const [side, scaling, names] of [
      ["inputs", scaler?.inputs, inputs],
      ["outputs", scaler?.outputs, outputs],
    ] as const
  ) {
    if (scaling !== undefined && scaling.center.length !== names.length) {
      problems.push(
        `its scaler file has ${scaling.center.length} ${side}, the skill ${names.length}`,
      );
    }
  }
}

function checkOutputs({ graph, outputs }: PredictionModel, width: number): void {
  if (width === outputs.length) return;
  throw new ModelError(graph.name, [
    `it gives ${width} numbers, the skill names ${outputs.length} outputs`,
  ]);
}
