/**
 * Random models as a data scientist might build them: dense layers, activations, skips, products,
 * softmax gates and normalisations, 2 to 8 layers deep. One seed gives one model.
 */

import { seededRandom } from "../../src/model/random.ts";
import type { WrittenModel, WrittenNode, WrittenTensor } from "./onnx_writer.ts";

/** Opset of the random models: the one that brought the newest operator among them. */
const OPSET = 24;

/** A random model with one input [N, features] and one output [N, outputs]. */
export interface RandomModel {
  readonly model: WrittenModel;
  readonly features: number;
}

interface Draft {
  readonly random: () => number;
  readonly nodes: WrittenNode[];
  readonly initializers: Record<string, WrittenTensor>;
}

/** A value in the graph and how many columns it has. */
interface Column {
  readonly name: string;
  readonly width: number;
}

/** Smooth everywhere: derivatives of kinks are held by tests of their own. */
const ACTIVATIONS = [
  ...["Tanh", "Sigmoid", "Softplus", "Gelu", "Swish", "Mish", "Elu", "Selu", "Celu", "Softsign"],
  ...["Erf", "Sin", "Cos", "Atan", "Relu", "LeakyRelu", "HardSwish", "Abs", "Clip"],
];

type Layer = (draft: Draft, x: Column, earlier: readonly Column[]) => Column;

const LAYERS: readonly Layer[] = [
  (draft, x) => activate(draft, dense(draft, x, 2 + pick(draft, 7))),
  (draft, x) => activate(draft, dense(draft, x, 2 + pick(draft, 7))),
  (draft, x) => activate(draft, x),
  skip,
  joined,
  product,
  quotient,
  (draft, x) => node(draft, "Softmax", [x.name], x.width, { axis: -1 }),
  (draft, x) => {
    if (x.width < 2) return activate(draft, x);
    const scale = weights(draft, [x.width]);
    return node(draft, "LayerNormalization", [x.name, scale], x.width, {
      epsilon: { float: 0.1 },
    });
  },
  power,
  reduced,
  gathered,
  batchNormalised,
];

/** The model of a seed. */
export function randomModel(seed: number): RandomModel {
  const draft: Draft = { random: seededRandom(seed * 7919 + 1), nodes: [], initializers: {} };
  const features = 1 + pick(draft, 6);
  const depth = 2 + pick(draft, 7);
  let x: Column = { name: "x", width: features };
  const earlier: Column[] = [x];
  for (let layer = 0; layer < depth; layer++) {
    const make = LAYERS[pick(draft, LAYERS.length)] as Layer;
    x = make(draft, x, earlier);
    earlier.push(x);
  }
  const outputs = 1 + pick(draft, 3);
  const last = dense(draft, x, outputs);
  return {
    features,
    model: {
      opsets: { "ai.onnx": OPSET },
      nodes: draft.nodes,
      initializers: draft.initializers,
      inputs: [{ name: "x", shape: ["N", features] }],
      outputs: [{ name: last.name, shape: ["N", outputs] }],
    },
  };
}

function pick(draft: Draft, many: number): number {
  return Math.floor(draft.random() * many);
}

function node(
  draft: Draft,
  op: string,
  inputs: readonly string[],
  width: number,
  attributes: WrittenNode["attributes"] = {},
): Column {
  const name = `v${draft.nodes.length}`;
  draft.nodes.push({ op, name: `n${draft.nodes.length}`, inputs, outputs: [name], attributes });
  return { name, width };
}

function weights(draft: Draft, shape: readonly number[], scale = 1, offset = 0): string {
  const name = `w${Object.keys(draft.initializers).length}`;
  const size = shape.reduce((all, one) => all * one, 1);
  const values = Array.from(
    { length: size },
    () => offset + scale * (draft.random() + draft.random() + draft.random() - 1.5),
  );
  draft.initializers[name] = { type: "float32", shape, values };
  return name;
}

function integers(draft: Draft, values: readonly number[]): string {
  const name = `w${Object.keys(draft.initializers).length}`;
  draft.initializers[name] = { type: "int64", shape: [values.length], values };
  return name;
}

function dense(draft: Draft, x: Column, width: number): Column {
  const scale = 2 / Math.sqrt(x.width);
  if (draft.random() < 0.5) {
    const turned = draft.random() < 0.5;
    const w = weights(draft, turned ? [width, x.width] : [x.width, width], scale);
    return node(draft, "Gemm", [x.name, w, weights(draft, [width])], width, {
      transB: turned ? 1 : 0,
    });
  }
  const product = node(draft, "MatMul", [x.name, weights(draft, [x.width, width], scale)], width);
  return node(draft, "Add", [product.name, weights(draft, [width])], width);
}

function activate(draft: Draft, x: Column): Column {
  const op = ACTIVATIONS[pick(draft, ACTIVATIONS.length)] as string;
  if (op !== "Clip") return node(draft, op, [x.name], x.width);
  const bounds = [-0.8, 1.1].map((value) => {
    const name = `w${Object.keys(draft.initializers).length}`;
    draft.initializers[name] = { type: "float32", shape: [], values: [value] };
    return name;
  });
  return node(draft, "Clip", [x.name, ...bounds], x.width);
}

/** x + A earlier. */
function skip(draft: Draft, x: Column, earlier: readonly Column[]): Column {
  const from = earlier[pick(draft, earlier.length)] as Column;
  const same = from.width === x.width ? from : dense(draft, from, x.width);
  return node(draft, "Add", [x.name, same.name], x.width);
}

function joined(draft: Draft, x: Column, earlier: readonly Column[]): Column {
  const from = earlier[pick(draft, earlier.length)] as Column;
  if (x.width + from.width > 12) return dense(draft, x, 4);
  return node(draft, "Concat", [x.name, from.name], x.width + from.width, { axis: -1 });
}

/** A gate: x · sigmoid(A earlier). */
function product(draft: Draft, x: Column, earlier: readonly Column[]): Column {
  const from = earlier[pick(draft, earlier.length)] as Column;
  const gate = node(draft, "Sigmoid", [dense(draft, from, x.width).name], x.width);
  return node(draft, "Mul", [x.name, gate.name], x.width);
}

/** x / (1 + softplus(A earlier)). */
function quotient(draft: Draft, x: Column, earlier: readonly Column[]): Column {
  const from = earlier[pick(draft, earlier.length)] as Column;
  const soft = node(draft, "Softplus", [dense(draft, from, x.width).name], x.width);
  const below = node(draft, "Add", [soft.name, weights(draft, [1], 0, 1)], x.width);
  return node(draft, "Div", [x.name, below.name], x.width);
}

/** tanh(x)³, so that values stay small. */
function power(draft: Draft, x: Column): Column {
  const small = node(draft, "Tanh", [x.name], x.width);
  const exponent = weights(draft, [1], 0, 2 + pick(draft, 2));
  return node(draft, "Pow", [small.name, exponent], x.width);
}

/** Adds the mean, the norm or the log-sum-exp of all columns to each. */
function reduced(draft: Draft, x: Column): Column {
  const ops = ["ReduceMean", "ReduceSum", "ReduceLogSumExp", "ReduceSumSquare"];
  const small = node(draft, "Tanh", [x.name], x.width);
  const op = ops[pick(draft, ops.length)] as string;
  const one = node(draft, op, [small.name, integers(draft, [-1])], 1, { keepdims: 1 });
  return node(draft, "Sub", [x.name, one.name], x.width);
}

/** Some columns, in another order. */
function gathered(draft: Draft, x: Column): Column {
  const width = 1 + pick(draft, x.width);
  const columns = Array.from({ length: width }, () => pick(draft, x.width));
  return node(draft, "Gather", [x.name, integers(draft, columns)], width, { axis: 1 });
}

function batchNormalised(draft: Draft, x: Column): Column {
  const vector = (scale: number, offset: number) => weights(draft, [x.width], scale, offset);
  const inputs = [x.name, vector(1, 1), vector(1, 0), vector(1, 0), vector(0.3, 1)];
  return node(draft, "BatchNormalization", inputs, x.width);
}
