/**
 * One-node models for every operator that is lowered, at every version that changes it: the table
 * that operators_test.ts runs against ONNX Runtime.
 */

import type { WrittenAttribute, WrittenTensor, WrittenType } from "./onnx_writer.ts";

/** An input of the model; values outside of (low, high) are not defined or make no sense. */
export interface VariableInput {
  readonly shape: readonly number[];
  readonly low?: number;
  readonly high?: number;
}

export interface OperatorCase {
  readonly op: string;
  readonly domain?: string;
  readonly opsets: readonly number[];
  /** In the operator's order; null leaves an optional input out. */
  readonly inputs: readonly (VariableInput | WrittenTensor | null)[];
  readonly attributes?: Readonly<Record<string, WrittenAttribute>>;
  readonly outputs?: number;
  /** Type of the outputs; float32 where not given. */
  readonly type?: WrittenType;
}

const x = (...shape: number[]): VariableInput => ({ shape });
const within = (low: number, high: number, ...shape: number[]): VariableInput => ({
  shape,
  low,
  high,
});
const ints = (...values: number[]): WrittenTensor => ({
  type: "int64",
  shape: [values.length],
  values,
});
const bools = (...values: number[]): WrittenTensor => ({
  type: "bool",
  shape: [values.length],
  values,
});
const scalar = (value: number): WrittenTensor => ({ type: "float32", shape: [], values: [value] });

/** Fixed weights that look random: a low-discrepancy sequence in −1…1. */
export function weights(...shape: number[]): WrittenTensor {
  const size = shape.reduce((all, one) => all * one, 1);
  const values = Array.from({ length: size }, (_, i) => ((i + 1) * 0.6180339887 % 1) * 2 - 1);
  return { type: "float32", shape, values };
}

function positive(...shape: number[]): WrittenTensor {
  const tensor = weights(...shape);
  return { ...tensor, values: tensor.values.map((value) => 1.2 + value) };
}

const unary = (op: string, opsets: number[], low = -4, high = 4): OperatorCase => ({
  op,
  opsets,
  inputs: [within(low, high, 2, 3)],
});
const binary = (op: string, opsets: number[], low = -2, high = 2): OperatorCase[] => [
  { op, opsets, inputs: [within(low, high, 2, 3), within(low, high, 2, 3)] },
  { op, opsets, inputs: [within(low, high, 2, 1, 3), within(low, high, 4, 1)] },
  { op, opsets, inputs: [within(low, high, 2, 3), positive(3)] },
];
const f = (float: number) => ({ float });

const ELEMENTWISE: OperatorCase[] = [
  ...["Relu", "Sigmoid", "Tanh", "Exp", "Abs", "Neg"].map((op) => unary(op, [7, 13, 26])),
  ...["Softplus", "Softsign", "Selu", "Elu", "LeakyRelu", "HardSigmoid"]
    .map((op) => unary(op, [7, 16, 22])),
  ...["Sin", "Cos", "Atan"].map((op) => unary(op, [7, 22])),
  ...["Sinh", "Cosh", "Asinh", "Erf"].map((op) => unary(op, [9, 22])),
  unary("Tan", [7, 22], -1.4, 1.4),
  unary("Asin", [7, 22], -0.9, 0.9),
  unary("Acos", [7, 22], -0.9, 0.9),
  unary("Acosh", [9, 22], 1.1, 4),
  unary("Atanh", [9, 22], -0.9, 0.9),
  unary("Log", [7, 13], 0.1, 4),
  unary("Sqrt", [7, 13], 0.1, 4),
  unary("Reciprocal", [7, 13], 0.5, 4),
  unary("Celu", [12]),
  unary("HardSwish", [14, 22]),
  unary("Mish", [18, 22]),
  unary("Swish", [24]),
  unary("Gelu", [20]),
  unary("ThresholdedRelu", [10, 22]),
  { ...unary("Gelu", [20]), attributes: { approximate: "tanh" } },
  { ...unary("Swish", [24]), attributes: { alpha: f(1.7) } },
  { ...unary("Elu", [7, 22]), attributes: { alpha: f(1.4) } },
  { ...unary("Celu", [12]), attributes: { alpha: f(0.6) } },
  { ...unary("LeakyRelu", [7, 16]), attributes: { alpha: f(0.3) } },
  { ...unary("Selu", [7, 22]), attributes: { alpha: f(1.2), gamma: f(1.5) } },
  { ...unary("HardSigmoid", [7, 22]), attributes: { alpha: f(0.3), beta: f(0.4) } },
  { ...unary("ThresholdedRelu", [10]), attributes: { alpha: f(0.5) } },
  unary("Sign", [9, 13]),
  { ...unary("Shrink", [9]), attributes: { lambd: f(1.5), bias: f(1.5) } },
  { ...unary("Shrink", [9]), attributes: { lambd: f(1.5), bias: f(0.25) } },
  { ...unary("IsNaN", [13, 20]), type: "bool" },
  { ...unary("IsInf", [10, 20]), type: "bool", attributes: { detect_negative: 0 } },
  { op: "PRelu", opsets: [7, 9, 16], inputs: [x(2, 3, 2), weights(3, 1)] },
  { op: "PRelu", opsets: [16], inputs: [x(2, 3), x(3)] },
  { ...unary("Clip", [7]), attributes: { min: f(-1), max: f(2) } },
  { ...unary("Clip", [7]), attributes: { max: f(0.5) } },
  { op: "Clip", opsets: [11, 12, 13], inputs: [x(2, 3), scalar(-1), scalar(0.5)] },
  { op: "Clip", opsets: [13], inputs: [x(2, 3), null, scalar(0.5)] },
  { op: "Clip", opsets: [13], inputs: [x(2, 3), x(), within(2, 3)] },
];

const ARITHMETIC: OperatorCase[] = [
  ...binary("Add", [7, 13, 14]),
  ...binary("Sub", [7, 13, 14]),
  ...binary("Mul", [7, 13, 14]),
  ...binary("Div", [7, 13, 14], 0.5, 3),
  ...binary("Pow", [7, 12, 13, 15], 0.5, 2),
  ...binary("Max", [8, 12, 13]),
  ...binary("Min", [8, 12, 13]),
  { op: "Pow", opsets: [13], inputs: [x(2, 3), { ...ints(3), shape: [] }] },
  { op: "Pow", opsets: [13], inputs: [within(0.2, 2, 3), weights(3)] },
  { op: "Sum", opsets: [8, 13], inputs: [x(2, 3), x(3), x(2, 1)] },
  { op: "Mean", opsets: [8, 13], inputs: [x(2, 3), x(3), x(1)] },
  { op: "Max", opsets: [8, 13], inputs: [x(2, 3), scalar(0.2), x(3), weights(3)] },
  { op: "Min", opsets: [7], inputs: [x(2, 3), x(2, 3), x(2, 3)] },
];

const LINEAR: OperatorCase[] = [
  { op: "Gemm", opsets: [7, 9, 11, 13], inputs: [x(2, 3), weights(3, 4), weights(4)] },
  {
    op: "Gemm",
    opsets: [7, 13],
    inputs: [x(3, 2), weights(4, 3), weights(2, 4)],
    attributes: { alpha: f(0.5), beta: f(-2), transA: 1, transB: 1 },
  },
  { op: "Gemm", opsets: [11, 13], inputs: [x(2, 3), x(3, 2)] },
  { op: "Gemm", opsets: [13], inputs: [weights(2, 3), x(3, 2), scalar(1)] },
  { op: "MatMul", opsets: [7, 9, 13], inputs: [x(2, 3), weights(3, 4)] },
  { op: "MatMul", opsets: [13], inputs: [x(2, 1, 2, 3), weights(4, 3, 2)] },
  { op: "MatMul", opsets: [13], inputs: [weights(2, 3), x(2, 3, 2)] },
  { op: "MatMul", opsets: [13], inputs: [x(2, 2, 3), x(3, 2)] },
  { op: "MatMul", opsets: [13], inputs: [x(3), x(3)] },
  { op: "MatMul", opsets: [13], inputs: [x(3), weights(2, 3, 2)] },
  { op: "MatMul", opsets: [13], inputs: [weights(2, 3), x(3)] },
  ...[
    ["ij,jk->ik", [x(2, 3), weights(3, 4)]],
    ["ij,jk->ik", [x(2, 3), x(3, 2)]],
    ["bij,bjk->bik", [x(2, 2, 3), x(2, 3, 2)]],
    ["i,i->", [x(4), x(4)]],
    ["i,j->ij", [x(2), x(3)]],
    ["ij->ji", [x(2, 3)]],
    ["ij->i", [x(2, 3)]],
    ["ii->i", [x(3, 3)]],
    ["ii", [x(3, 3)]],
    ["...ij,...jk->...ik", [x(2, 2, 3), weights(2, 3, 2)]],
    ["ij,jk,kl->il", [x(2, 3), weights(3, 2), x(2, 2)]],
    ["bqhd,bkhd->bhqk", [x(1, 2, 2, 3), x(1, 2, 2, 3)]],
    ["ij,j", [x(2, 3), weights(3)]],
  ].map(([equation, inputs]) => ({
    op: "Einsum",
    opsets: [12],
    inputs: inputs as VariableInput[],
    attributes: { equation: equation as string },
  })),
];

const DETERMINANTS = [[2, 3, 3], [4, 4], [2, 1, 2, 2], [1, 1]]
  .map((shape): OperatorCase => ({ op: "Det", opsets: [11, 22], inputs: [x(...shape)] }));

const reduction = (op: string, low = -2, high = 2, inputSince = 18): OperatorCase[] => [
  { op, opsets: [7, 11, inputSince === 13 ? 12 : 13], inputs: [within(low, high, 2, 3, 2)] },
  {
    op,
    opsets: [7, inputSince - 1],
    inputs: [within(low, high, 2, 3, 2)],
    attributes: { axes: [0, 2], keepdims: 0 },
  },
  {
    op,
    opsets: [inputSince, 20],
    inputs: [within(low, high, 2, 3, 2), ints(-2)],
    attributes: { keepdims: 0 },
  },
  { op, opsets: [inputSince], inputs: [within(low, high, 2, 5)] },
  {
    op,
    opsets: [inputSince],
    inputs: [within(low, high, 2, 2)],
    attributes: { noop_with_empty_axes: 1 },
  },
];

const REDUCTIONS: OperatorCase[] = [
  ...reduction("ReduceSum", -2, 2, 13),
  ...["ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2"]
    .flatMap((op) => reduction(op)),
  ...["ReduceSumSquare", "ReduceLogSumExp"].flatMap((op) => reduction(op)),
  ...reduction("ReduceLogSum", 0.2, 3),
  ...["Softmax", "LogSoftmax"].flatMap((op): OperatorCase[] => [
    { op, opsets: [7, 11, 13], inputs: [x(2, 5)] },
    { op, opsets: [7, 11, 13], inputs: [x(2, 3, 2)], attributes: { axis: 1 } },
    { op, opsets: [11, 13], inputs: [x(2, 3, 2)], attributes: { axis: -1 } },
    { op, opsets: [13], inputs: [within(-200, 200, 4)], attributes: { axis: 0 } },
  ]),
];

const statistics = [weights(3), weights(3), weights(3), positive(3)];

const NORMALISATION: OperatorCase[] = [
  { op: "BatchNormalization", opsets: [7, 9, 14, 15], inputs: [x(2, 3), ...statistics] },
  {
    op: "BatchNormalization",
    opsets: [9, 15],
    inputs: [x(1, 3, 2, 2), ...statistics],
    attributes: { epsilon: f(0.01) },
  },
  { op: "LayerNormalization", opsets: [17], inputs: [x(2, 5), weights(5), weights(5)] },
  {
    op: "LayerNormalization",
    opsets: [17],
    inputs: [x(2, 3, 4), weights(3, 4)],
    attributes: { axis: 1, epsilon: f(0.1) },
    outputs: 3,
  },
  { op: "RMSNormalization", opsets: [23], inputs: [x(2, 5), weights(5)] },
  {
    op: "InstanceNormalization",
    opsets: [7, 22],
    inputs: [x(2, 3, 4), weights(3), weights(3)],
    attributes: { epsilon: f(0.01) },
  },
  {
    op: "GroupNormalization",
    opsets: [18],
    inputs: [x(2, 4, 3), weights(2), weights(2)],
    attributes: { num_groups: 2 },
  },
  {
    op: "GroupNormalization",
    opsets: [21],
    inputs: [x(2, 4, 3), weights(4), weights(4)],
    attributes: { num_groups: 2 },
  },
  { op: "LpNormalization", opsets: [7, 22], inputs: [within(0.1, 2, 2, 3)], attributes: { p: 1 } },
  { op: "LpNormalization", opsets: [7], inputs: [x(2, 3)], attributes: { axis: 0 } },
  { op: "LRN", opsets: [7, 13], inputs: [x(1, 5, 2, 1)], attributes: { size: 3 } },
  {
    op: "LRN",
    opsets: [13],
    inputs: [x(2, 4, 1, 2)],
    attributes: { size: 3, alpha: f(0.2), beta: f(0.6), bias: f(2) },
  },
  { op: "MeanVarianceNormalization", opsets: [9, 13], inputs: [x(2, 2, 2, 3)] },
];

const truths = (rows: number, ...values: number[]): WrittenTensor => ({
  type: "bool",
  shape: [rows, values.length / rows],
  values,
});
const ATTENTION: OperatorCase[] = [
  { op: "Attention", opsets: [23, 24], inputs: [x(1, 2, 3, 4), x(1, 2, 5, 4), x(1, 2, 5, 3)] },
  {
    op: "Attention",
    opsets: [23, 24],
    inputs: [x(2, 3, 8), x(2, 3, 8), x(2, 3, 8)],
    attributes: { q_num_heads: 4, kv_num_heads: 4, is_causal: 1 },
  },
  {
    op: "Attention",
    opsets: [23],
    inputs: [x(1, 2, 8), x(1, 3, 4), x(1, 3, 4), weights(2, 3)],
    attributes: { q_num_heads: 4, kv_num_heads: 2, scale: f(0.3) },
  },
  {
    op: "Attention",
    opsets: [23],
    inputs: [x(1, 1, 2, 4), x(1, 1, 3, 4), x(1, 1, 3, 4), truths(2, 1, 0, 1, 1, 1, 0)],
  },
];

const WINDOWS: OperatorCase[] = [
  { op: "Conv", opsets: [7, 11, 22], inputs: [x(1, 2, 5), weights(3, 2, 3), weights(3)] },
  {
    op: "Conv",
    opsets: [11, 22],
    inputs: [x(2, 2, 5, 4), weights(4, 1, 3, 2), weights(4)],
    attributes: { group: 2, pads: [1, 0, 2, 1], strides: [2, 1], dilations: [1, 2] },
  },
  ...["SAME_UPPER", "SAME_LOWER", "VALID"].map((auto_pad): OperatorCase => ({
    op: "Conv",
    opsets: [11],
    inputs: [x(1, 1, 6, 5), weights(1, 1, 3, 2)],
    attributes: { auto_pad, strides: [2, 2] },
  })),
  { op: "ConvTranspose", opsets: [7, 11, 22], inputs: [x(1, 2, 4), weights(2, 3, 3), weights(3)] },
  {
    op: "ConvTranspose",
    opsets: [11, 22],
    inputs: [x(2, 4, 3, 3), weights(4, 2, 3, 2)],
    attributes: { group: 2, pads: [1, 0, 2, 1], strides: [2, 3], dilations: [1, 2] },
  },
  {
    op: "ConvTranspose",
    opsets: [11],
    inputs: [x(1, 1, 3), weights(1, 2, 2)],
    attributes: { strides: [3], output_padding: [1] },
  },
  {
    op: "ConvTranspose",
    opsets: [11],
    inputs: [x(1, 1, 3), weights(1, 2, 3)],
    attributes: { strides: [3], output_shape: [8] },
  },
  ...["SAME_UPPER", "SAME_LOWER", "VALID"].map((auto_pad): OperatorCase => ({
    op: "ConvTranspose",
    opsets: [11],
    inputs: [x(1, 1, 3), weights(1, 1, 3)],
    attributes: { auto_pad, strides: [2] },
  })),
  {
    op: "LpPool",
    opsets: [7, 11, 18, 22],
    inputs: [within(0.1, 2, 1, 2, 6)],
    attributes: { kernel_shape: [3], strides: [2], p: 3 },
  },
  {
    op: "LpPool",
    opsets: [11],
    inputs: [x(1, 1, 4, 4)],
    attributes: { kernel_shape: [2, 2], pads: [1, 0, 0, 1] },
  },
  { op: "GlobalLpPool", opsets: [7, 13], inputs: [x(1, 2, 3, 2)], attributes: { p: 2 } },
  ...["AveragePool", "MaxPool"].flatMap((op): OperatorCase[] => [
    { op, opsets: [7, 11, 22], inputs: [x(1, 2, 6)], attributes: { kernel_shape: [3] } },
    {
      op,
      opsets: [8, 22],
      inputs: [x(1, 2, 5, 5)],
      attributes: { kernel_shape: [2, 3], pads: [1, 1, 0, 1], strides: [2, 1] },
    },
    {
      op,
      opsets: [10, 22],
      inputs: [x(1, 1, 6, 6)],
      attributes: { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 },
    },
    {
      op,
      opsets: [19, 22],
      inputs: [x(1, 1, 7)],
      attributes: { kernel_shape: [3], dilations: [2], pads: [1, 1] },
    },
    {
      op,
      opsets: [11],
      inputs: [x(1, 1, 5, 5)],
      attributes: { kernel_shape: [3, 2], auto_pad: "SAME_LOWER", strides: [2, 2] },
    },
  ]),
  {
    op: "AveragePool",
    opsets: [7, 11, 19, 22],
    inputs: [x(1, 1, 5)],
    attributes: { kernel_shape: [3], pads: [1, 1], count_include_pad: 1 },
  },
  { op: "GlobalAveragePool", opsets: [7, 22], inputs: [x(1, 2, 3, 2)] },
  { op: "GlobalMaxPool", opsets: [7, 22], inputs: [x(1, 2, 3, 2)] },
];

const [hidden, width, steps, batch] = [3, 2, 4, 2];
const gates = { RNN: 1, GRU: 3, LSTM: 4 } as const;
const recurrent = (
  op: keyof typeof gates,
  directions: number,
  more: Partial<OperatorCase> & { readonly rest?: OperatorCase["inputs"] } = {},
): OperatorCase => ({
  op,
  opsets: more.opsets ?? [7, 14, 22],
  inputs: [
    x(steps, batch, width),
    weights(directions, gates[op] * hidden, width),
    weights(directions, gates[op] * hidden, hidden),
    weights(directions, 2 * gates[op] * hidden),
    ...(more.rest ?? []),
  ],
  attributes: {
    hidden_size: hidden,
    ...(directions === 2 ? { direction: "bidirectional" } : {}),
    ...more.attributes,
  },
  outputs: op === "LSTM" ? 3 : 2,
});

const RECURRENT: OperatorCase[] = [
  ...(["RNN", "GRU", "LSTM"] as const).flatMap((op): OperatorCase[] => [
    recurrent(op, 1),
    recurrent(op, 1, { attributes: { direction: "reverse" } }),
    recurrent(op, 2),
    recurrent(op, 1, { attributes: { clip: f(0.4) } }),
    recurrent(op, 1, {
      rest: [
        { type: "int32", shape: [batch], values: [steps, steps] },
        x(1, batch, hidden),
        ...(op === "LSTM" ? [x(1, batch, hidden), weights(1, 3 * hidden)] : []),
      ],
    }),
  ]),
  recurrent("RNN", 1, { attributes: { activations: ["Relu"] } }),
  recurrent("RNN", 2, {
    attributes: {
      activations: ["LeakyRelu", "HardSigmoid"],
      activation_alpha: { floats: [0.3, 0.25] },
      activation_beta: { floats: [0.4] },
    },
  }),
  recurrent("GRU", 1, { attributes: { linear_before_reset: 1 } }),
  recurrent("GRU", 1, { attributes: { activations: ["HardSigmoid", "Softsign"] } }),
  recurrent("LSTM", 1, { attributes: { input_forget: 1 } }),
  recurrent("LSTM", 1, { attributes: { activations: ["Sigmoid", "Softplus", "Elu"] } }),
];

const LAYOUT: OperatorCase[] = [
  { op: "Reshape", opsets: [7, 13, 14, 21, 25], inputs: [x(2, 3, 2), ints(0, -1)] },
  { op: "Reshape", opsets: [7, 14], inputs: [x(2, 3, 2), ints(3, 1, 4)] },
  { op: "Flatten", opsets: [7, 9, 13, 25], inputs: [x(2, 3, 2)] },
  { op: "Flatten", opsets: [11, 21], inputs: [x(2, 3, 2)], attributes: { axis: -1 } },
  { op: "Squeeze", opsets: [7, 11], inputs: [x(1, 3, 1)], attributes: { axes: [0] } },
  { op: "Squeeze", opsets: [13, 25], inputs: [x(1, 3, 1), ints(-1)] },
  { op: "Squeeze", opsets: [7, 13], inputs: [x(1, 3, 1)] },
  { op: "Unsqueeze", opsets: [7, 11], inputs: [x(3, 2)], attributes: { axes: [0, 2] } },
  { op: "Unsqueeze", opsets: [13, 25], inputs: [x(3, 2), ints(-1, 0)] },
  { op: "Transpose", opsets: [7, 13, 25], inputs: [x(2, 3, 2)] },
  { op: "Transpose", opsets: [7, 25], inputs: [x(2, 3, 2)], attributes: { perm: [1, 2, 0] } },
  { op: "Expand", opsets: [8, 13], inputs: [x(3, 1), ints(2, 1, 4)] },
  { op: "Tile", opsets: [7, 13], inputs: [x(2, 3), ints(2, 3)] },
  {
    op: "Concat",
    opsets: [7, 11, 13],
    inputs: [x(2, 3), weights(2, 1), x(2, 2)],
    attributes: { axis: 1 },
  },
  { op: "Concat", opsets: [11, 13], inputs: [x(2, 3, 2), x(2, 1, 2)], attributes: { axis: -2 } },
  { op: "Split", opsets: [7, 11], inputs: [x(4, 3)], outputs: 2 },
  {
    op: "Split",
    opsets: [7, 11],
    inputs: [x(2, 5)],
    outputs: 2,
    attributes: { axis: 1, split: [2, 3] },
  },
  {
    op: "Split",
    opsets: [13, 18],
    inputs: [x(2, 5), ints(1, 4)],
    outputs: 2,
    attributes: { axis: -1 },
  },
  { op: "Split", opsets: [13], inputs: [x(4, 2)], outputs: 4 },
  { op: "Split", opsets: [18], inputs: [x(7)], outputs: 3, attributes: { num_outputs: 3 } },
  { op: "Slice", opsets: [7], inputs: [x(4, 5)], attributes: { starts: [1, -3], ends: [9, -1] } },
  {
    op: "Slice",
    opsets: [7],
    inputs: [x(4, 5)],
    attributes: { starts: [1], ends: [4], axes: [1] },
  },
  {
    op: "Slice",
    opsets: [10, 11, 13],
    inputs: [x(4, 5), ints(3, 1), ints(0, 5), ints(0, 1), ints(-1, 2)],
  },
  {
    op: "Slice",
    opsets: [13],
    inputs: [x(5), ints(-1), ints(-9223372036854775000), ints(-1), ints(-2)],
  },
  {
    op: "Gather",
    opsets: [7, 11, 13],
    inputs: [x(3, 4), { ...ints(2, 0, 1, 1), shape: [2, 2] }],
    attributes: { axis: 1 },
  },
  { op: "Gather", opsets: [11, 13], inputs: [x(3, 4), { ...ints(-1), shape: [] }] },
  { op: "Pad", opsets: [7], inputs: [x(2, 3)], attributes: { pads: [1, 0, 0, 2], value: f(0.5) } },
  { op: "Pad", opsets: [7], inputs: [x(2, 3)], attributes: { pads: [0, 1, 0, 1], mode: "edge" } },
  { op: "Pad", opsets: [11, 13, 18, 25], inputs: [x(2, 3), ints(1, 0, 0, 2), scalar(0.25)] },
  { op: "Pad", opsets: [11, 18], inputs: [x(4), ints(2, 3)], attributes: { mode: "reflect" } },
  { op: "Pad", opsets: [18, 21], inputs: [x(2, 3), ints(1, 1), null, ints(1)] },
  { op: "Pad", opsets: [19], inputs: [x(4), ints(2, 1)], attributes: { mode: "wrap" } },
  { op: "Pad", opsets: [13], inputs: [x(5), ints(-1, 2)] },
  ...[{}, { mode: "CRD" }].map((mode): OperatorCase => ({
    op: "DepthToSpace",
    opsets: [11, 13],
    inputs: [x(1, 8, 1, 2)],
    attributes: { blocksize: 2, ...mode },
  })),
  { op: "DepthToSpace", opsets: [7], inputs: [x(1, 8, 2, 1)], attributes: { blocksize: 2 } },
  { op: "SpaceToDepth", opsets: [7, 13], inputs: [x(1, 2, 4, 2)], attributes: { blocksize: 2 } },
  { op: "CumSum", opsets: [11, 14], inputs: [x(2, 4), { ...ints(1), shape: [] }] },
  {
    op: "CumSum",
    opsets: [14],
    inputs: [x(3, 2), ints(-2)],
    attributes: { exclusive: 1, reverse: 1 },
  },
];

const floats = (...values: number[]): WrittenTensor => ({
  type: "float32",
  shape: [values.length],
  values,
});
const resized = (
  attributes: OperatorCase["attributes"],
  { to, opsets = [13, 19] }: { readonly to: WrittenTensor; readonly opsets?: number[] },
): OperatorCase => ({
  op: "Resize",
  opsets,
  inputs: to.type === "int64" ? [x(1, 1, 4, 5), null, null, to] : [x(1, 1, 4, 5), null, to],
  attributes: attributes ?? {},
});

const RESIZE: OperatorCase[] = [
  {
    op: "Upsample",
    opsets: [7],
    inputs: [x(1, 1, 2, 3)],
    attributes: { scales: { floats: [1, 1, 2, 3] } },
  },
  { op: "Upsample", opsets: [9], inputs: [x(1, 1, 2, 3), floats(1, 1, 2, 2)] },
  {
    op: "Upsample",
    opsets: [9],
    inputs: [x(1, 1, 2, 3), floats(1, 1, 2, 2)],
    attributes: { mode: "linear" },
  },
  {
    op: "Resize",
    opsets: [11],
    inputs: [x(1, 1, 2, 4), floats(), floats(1, 1, 2, 2)],
    attributes: { mode: "linear" },
  },
  { op: "Resize", opsets: [10], inputs: [x(1, 1, 2, 4), floats(1, 1, 2, 0.5)] },
  ...["half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric"].flatMap((position) =>
    ["nearest", "linear", "cubic"].map((mode) =>
      resized({ mode, coordinate_transformation_mode: position }, { to: ints(1, 1, 6, 3) })
    )
  ),
  ...["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"].map((nearest_mode) =>
    resized({ nearest_mode }, { to: floats(1, 1, 1.5, 2) })
  ),
  resized({ mode: "linear" }, { to: floats(1, 1, 0.5, 0.8) }),
  resized({ mode: "cubic", cubic_coeff_a: f(-0.5), exclude_outside: 1 }, {
    to: floats(1, 1, 2, 2),
  }),
  resized({ mode: "linear", antialias: 1 }, { to: floats(1, 1, 0.5, 0.6), opsets: [18] }),
  resized({ mode: "cubic", antialias: 1 }, { to: ints(1, 1, 3, 2), opsets: [18] }),
  resized({ mode: "linear", axes: [2, 3], keep_aspect_ratio_policy: "not_larger" }, {
    to: ints(7, 7),
    opsets: [18],
  }),
  resized({ mode: "nearest", axes: [2, 3], keep_aspect_ratio_policy: "not_smaller" }, {
    to: ints(7, 7),
    opsets: [18],
  }),
];

const table = (rows: number, ...values: number[]): WrittenTensor => ({
  ...ints(...values),
  shape: [rows, values.length / rows],
});

const INDEXING: OperatorCase[] = [
  { op: "GatherElements", opsets: [11, 13], inputs: [x(3, 2), table(2, 2, -1, 0, 1)] },
  {
    op: "GatherElements",
    opsets: [13],
    inputs: [x(2, 3), table(2, 2, 0, 1, -3)],
    attributes: { axis: 1 },
  },
  { op: "GatherND", opsets: [11, 13], inputs: [x(3, 2, 2), table(2, 0, 1, -1, 0)] },
  {
    op: "GatherND",
    opsets: [12, 13],
    inputs: [x(2, 3, 2), table(2, 2, 0)],
    attributes: { batch_dims: 1 },
  },
  { op: "Scatter", opsets: [9], inputs: [x(3, 2), table(1, 2, 0), x(1, 2)] },
  ...["add", "mul", "max", "min"].map((reduction): OperatorCase => ({
    op: "ScatterElements",
    opsets: reduction.startsWith("m") && reduction !== "mul" ? [18] : [16, 18],
    inputs: [x(2, 3), table(2, 0, 0, 2, 1), x(2, 2)],
    attributes: { axis: 1, reduction },
  })),
  { op: "ScatterElements", opsets: [11, 18], inputs: [x(3, 2), table(1, 2, -3), x(1, 2)] },
  { op: "ScatterND", opsets: [11, 16, 18], inputs: [x(3, 2), table(2, 2, 0), x(2, 2)] },
  {
    op: "ScatterND",
    opsets: [16, 18],
    inputs: [x(3, 2), table(3, 1, 1, 0, 0, 1, -1), x(3)],
    attributes: { reduction: "add" },
  },
  { op: "OneHot", opsets: [9, 11], inputs: [ints(2, 0, -1), ints(3), x(2)] },
  {
    op: "OneHot",
    opsets: [11],
    inputs: [ints(1, 5), { ...ints(3), shape: [] }, weights(2)],
    attributes: { axis: 0 },
  },
  { op: "Compress", opsets: [9, 11], inputs: [x(2, 3), bools(1, 0, 1)], attributes: { axis: 1 } },
  { op: "Compress", opsets: [11], inputs: [x(2, 3), bools(0, 1, 0, 0, 1)] },
  { op: "ReverseSequence", opsets: [10], inputs: [x(4, 2, 2), ints(3, 1)] },
  {
    op: "ReverseSequence",
    opsets: [10],
    inputs: [x(2, 4), ints(4, 2)],
    attributes: { batch_axis: 0, time_axis: 1 },
  },
  { op: "Trilu", opsets: [14], inputs: [x(2, 3, 4)] },
  {
    op: "Trilu",
    opsets: [14],
    inputs: [x(3, 3), { ...ints(-1), shape: [] }],
    attributes: { upper: 0 },
  },
  { op: "EyeLike", opsets: [9, 22], inputs: [x(2, 4)], attributes: { k: 1 } },
  { op: "NonZero", opsets: [9, 13], inputs: [table(2, 0, 3, 1, 0)], type: "int64" },
];

const CONSTANTS: OperatorCase[] = [
  { op: "Identity", opsets: [7, 13, 16, 25], inputs: [x(2, 3)] },
  { op: "Cast", opsets: [7, 9, 13, 19, 25], inputs: [x(2, 3)], attributes: { to: 1 } },
  { op: "Cast", opsets: [9, 13], inputs: [x(2, 3)], attributes: { to: 9 }, type: "bool" },
  {
    op: "DequantizeLinear",
    opsets: [10, 13, 21],
    inputs: [{ type: "int32", shape: [2, 3], values: [1, -7, 3, 0, 5, 2] }, scalar(0.25)],
  },
  { op: "Dropout", opsets: [7, 10], inputs: [x(2, 3)], attributes: { ratio: f(0.3) } },
  { op: "Dropout", opsets: [12, 13, 22], inputs: [x(2, 3), scalar(0.3)] },
];

const ml = (
  op: string,
  inputs: OperatorCase["inputs"],
  attributes: OperatorCase["attributes"] = {},
) => ({
  op,
  domain: "ai.onnx.ml",
  opsets: [1, 3],
  inputs,
  attributes,
});
const microsoft = (
  op: string,
  inputs: OperatorCase["inputs"],
  attributes: OperatorCase["attributes"] = {},
): OperatorCase => ({ op, domain: "com.microsoft", opsets: [1], inputs, attributes });
const supports = 4;
const svm = (kernel_type: string, kernel_params: number[]) =>
  ml("SVMRegressor", [x(2, 3)], {
    kernel_type,
    kernel_params: { floats: kernel_params },
    n_supports: supports,
    support_vectors: { floats: weights(supports, 3).values },
    coefficients: { floats: weights(supports).values },
    rho: { floats: [0.3] },
  });

const MACHINE_LEARNING: OperatorCase[] = [
  ...["sqeuclidean", "euclidean"].map((metric): OperatorCase => ({
    op: "CDist",
    domain: "com.microsoft",
    opsets: [1],
    inputs: [x(2, 3), weights(4, 3)],
    attributes: { metric },
  })),
  microsoft("Gelu", [x(2, 3)]),
  microsoft("BiasGelu", [x(2, 3), weights(3)]),
  microsoft("FastGelu", [x(2, 3), weights(3)]),
  microsoft("FastGelu", [x(2, 3)]),
  microsoft("QuickGelu", [x(2, 3)], { alpha: f(1.3) }),
  microsoft("FusedMatMul", [x(2, 3, 2), x(2, 4, 3)], { transA: 1, transB: 1, alpha: f(0.5) }),
  microsoft("FusedMatMul", [x(3, 2, 4), weights(2, 4, 5)], { transBatchA: 1 }),
  microsoft("FusedGemm", [x(2, 3), weights(3, 4), weights(4)], {
    activation: "LeakyRelu",
    activation_alpha: f(0.2),
  }),
  microsoft("FusedConv", [x(1, 2, 4, 4), weights(3, 2, 3, 3), weights(3)], {
    activation: "Relu",
  }),
  microsoft("FusedConv", [x(1, 2, 4, 4), weights(3, 2, 3, 3), weights(3), x(1, 3, 2, 2)], {
    activation: "HardSigmoid",
    activation_params: { floats: [0.3, 0.4] },
  }),
  microsoft(
    "SkipLayerNormalization",
    [x(1, 2, 4), x(1, 2, 4), weights(4), weights(4), weights(4)],
    {
      epsilon: f(0.01),
    },
  ),
  ml("Scaler", [x(2, 3)], { offset: { floats: [1, 2, 3] }, scale: { floats: [0.5, 2, -1] } }),
  ml("Scaler", [x(2, 3)], { offset: { floats: [1] }, scale: { floats: [0.5] } }),
  ...["MAX", "L1", "L2"].map((norm) => ml("Normalizer", [within(0.1, 3, 2, 3)], { norm })),
  ...["L1", "L2"].map((norm) => ml("Normalizer", [x(2, 3)], { norm })),
  ml("LinearRegressor", [x(2, 3)], {
    coefficients: { floats: weights(2, 3).values },
    intercepts: { floats: [0.5, -1] },
    targets: 2,
  }),
  ml("Imputer", [x(2, 3)], {
    imputed_value_floats: { floats: [1, 2, 3] },
    replaced_value_float: f(NaN),
  }),
  ml("Imputer", [x(2, 3)], {
    imputed_value_floats: { floats: [0] },
    replaced_value_float: f(Infinity),
  }),
  ml("FeatureVectorizer", [x(2, 3), x(2, 1)], { inputdimensions: [3, 1] }),
  ml("ArrayFeatureExtractor", [x(2, 4), ints(3, 0)]),
  svm("LINEAR", [0, 0, 0]),
  svm("POLY", [0.5, 1, 3]),
  svm("POLY", [0.5, -1, 2]),
  svm("RBF", [0.7, 0, 0]),
  svm("SIGMOID", [0.4, 0.2, 0]),
];

/** All cases. */
export const OPERATOR_CASES: readonly OperatorCase[] = [
  ...ELEMENTWISE,
  ...ARITHMETIC,
  ...LINEAR,
  ...DETERMINANTS,
  ...REDUCTIONS,
  ...NORMALISATION,
  ...ATTENTION,
  ...WINDOWS,
  ...RECURRENT,
  ...LAYOUT,
  ...RESIZE,
  ...INDEXING,
  ...CONSTANTS,
  ...MACHINE_LEARNING,
];
