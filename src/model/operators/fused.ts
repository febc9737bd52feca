/**
 * Operators that ONNX Runtime writes into a model that it saves optimised (com.microsoft): several of
 * ai.onnx as one. Definitions: onnxruntime, docs/ContribOperators.md.
 */

import type { Attribute } from "../graph.ts";
import type { TapeBuilder } from "../tape_builder.ts";
import type { NodeId } from "../tape.ts";
import { flag, float } from "./attributes.ts";
import { CONVOLUTION } from "./convolution.ts";
import { LINEAR } from "./linear.ts";
import { matrixProduct } from "./matrix_product.ts";
import { layerNormalised } from "./normalisation.ts";
import {
  type Call,
  type Operator,
  operator,
  OperatorError,
  type OperatorTable,
  type Value,
} from "./operator.ts";
import { anyInput, binary, floatInput, map, transpose } from "./values.ts";

type Activate = (builder: TapeBuilder, node: NodeId, parameters: readonly number[]) => NodeId;

/** By the attribute `activation`; parameters are alpha and beta, or the bounds of Clip. */
const ACTIVATIONS: Readonly<Record<string, Activate>> = {
  Relu: (builder, x) => builder.map("relu", x),
  Tanh: (builder, x) => builder.map("tanh", x),
  Sigmoid: (builder, x) => builder.map("sigmoid", x),
  LeakyRelu: (builder, x, [alpha = 0.01]) => builder.map("leaky_relu", x, [alpha]),
  Clip: (builder, x, [low = -Infinity, high = Infinity]) => builder.map("clip", x, [low, high]),
  HardSigmoid: (builder, x, [alpha = 0.2, beta = 0.5]) =>
    builder.map("clip", builder.scaleBy(x, alpha, beta), [0, 1]),
};

const ACTIVATION_ATTRIBUTES = [
  ...["activation", "activation_params"],
  ...["activation_alpha", "activation_beta", "activation_gamma"],
];

function parametersOf(attributes: ReadonlyMap<string, Attribute>): readonly number[] {
  const list = attributes.get("activation_params");
  if (list?.kind === "floats") return list.value;
  return ["activation_alpha", "activation_beta"].flatMap((name) => {
    const one = attributes.get(name);
    return one?.kind === "float" ? [one.value] : [];
  });
}

/** The operator of ai.onnx, then a residual where there is a fourth input, then an activation. */
function withActivation(rows: readonly Operator[] | undefined): Operator {
  return {
    since: 1,
    lower: (call) => {
      const { builder, attributes, inputs } = call;
      const plain = new Map(attributes);
      for (const name of ACTIVATION_ATTRIBUTES) plain.delete(name);
      const [result] = rows?.at(-1)?.lower({
        ...call,
        inputs: inputs.slice(0, 3),
        attributes: plain,
      }) ?? [];
      const name = attributes.get("activation")?.value ?? "";
      const activate = typeof name === "string" ? ACTIVATIONS[name] : undefined;
      if (result === undefined || (name !== "" && activate === undefined)) {
        throw new OperatorError(`its activation "${name}" is unknown`);
      }
      const residual = inputs[3];
      const sum = residual === undefined
        ? result
        : binary(builder, [result, residual], (a, b) => builder.add(a, b));
      const node = activate?.(builder, sum.node, parametersOf(attributes)) ?? sum.node;
      return [{ ...sum, node }];
    },
  };
}

interface Transposes {
  readonly alpha: number;
  readonly transA: boolean;
  readonly transB: boolean;
  readonly transBatchA: boolean;
  readonly transBatchB: boolean;
}

/** The last two axes exchanged, or the first brought before the last where batches are turned. */
function turned(
  builder: TapeBuilder,
  value: Value,
  { last, batch }: { readonly last: boolean; readonly batch: boolean },
): Value {
  const rank = value.shape.length;
  if (rank < 2) return value;
  const all = Array.from({ length: rank }, (_, axis) => axis);
  const order = batch ? [...all.slice(1, -1), 0, rank - 1] : all;
  return transpose(
    builder,
    value,
    last ? [...order.slice(0, -2), order[rank - 1] as number, order[rank - 2] as number] : order,
  );
}

/** α A′ B′ over batches. */
function fusedMatMul(call: Call<Transposes>): Value {
  const { builder, attributes: { alpha, transA, transB, transBatchA, transBatchB } } = call;
  const product = matrixProduct(builder, [
    turned(builder, anyInput(call, 0), { last: transA, batch: transBatchA }),
    turned(builder, anyInput(call, 1), { last: transB, batch: transBatchB }),
  ]);
  return { ...product, node: builder.scaleBy(product.node, alpha) };
}

/** x and an optional bias along its last axis. */
function biased(call: Call<unknown>): Value {
  const x = floatInput(call, 0);
  const bias = call.inputs[1];
  const { builder } = call;
  return bias === undefined ? x : binary(builder, [x, bias], (a, b) => builder.add(a, b));
}

function gelu(fn: "gelu" | "gelu_tanh", inputs: readonly [number, number]): Operator {
  return operator({
    since: 1,
    inputs,
    lower: (call) => [map(call.builder, biased(call), { fn })],
  });
}

/** Rows of com.microsoft. */
export const FUSED: OperatorTable = {
  Gelu: [gelu("gelu", [1, 1])],
  BiasGelu: [gelu("gelu", [2, 2])],
  FastGelu: [gelu("gelu_tanh", [1, 2])],
  QuickGelu: [
    operator({
      since: 1,
      inputs: [1, 1],
      attributes: { alpha: float(1.702) },
      lower: (call) => [
        map(call.builder, floatInput(call, 0), {
          fn: "swish",
          constants: [call.attributes.alpha],
        }),
      ],
    }),
  ],
  FusedConv: [withActivation(CONVOLUTION.Conv)],
  FusedGemm: [withActivation(LINEAR.Gemm)],
  FusedMatMul: [
    operator({
      since: 1,
      inputs: [2, 2],
      attributes: {
        alpha: float(1),
        transA: flag(0),
        transB: flag(0),
        transBatchA: flag(0),
        transBatchB: flag(0),
      },
      lower: (call) => [fusedMatMul(call)],
    }),
  ],
  /** Layer normalisation of input + skip + bias; the sum itself is the fourth output. */
  SkipLayerNormalization: [
    operator({
      since: 1,
      inputs: [3, 5],
      outputs: 4,
      attributes: { epsilon: float(1e-12) },
      lower: (call) => {
        const { builder, attributes: { epsilon } } = call;
        const [input, skip] = [floatInput(call, 0), floatInput(call, 1)];
        const bias = call.inputs[4];
        const sum = [skip, ...(bias === undefined ? [] : [bias])].reduce(
          (all, value) => binary(builder, [all, value], (a, b) => builder.add(a, b)),
          input,
        );
        const axis = sum.shape.length - 1;
        const scales = [floatInput(call, 2), call.inputs[3]] as const;
        const { y, mean, inverse } = layerNormalised(builder, sum, { axis, epsilon, scales });
        return [y, mean, inverse, sum];
      },
    }),
  ],
};
