/**
 * Operators of one input that act on each element by itself.
 *
 * Kinks take the left derivative, see functions.ts. From opset 6 on the definitions no longer change
 * but for the types they accept; before it most differ by one attribute that means nothing here.
 */

import type { FunctionName } from "../functions.ts";
import type { NodeId } from "../tape.ts";
import { choice, flag, float, optionalFloat } from "./attributes.ts";
import { perChannelOrAll, sinceFirst } from "./first_versions.ts";
import {
  type AttributeSpecs,
  type AttributeValues,
  type Call,
  type Operator,
  operator,
  OperatorError,
  type OperatorTable,
  type Value,
} from "./operator.ts";
import { broadcastStrides, count } from "./shape.ts";
import {
  anyInput,
  binary,
  broadcastTo,
  floatInput,
  isFloat,
  map,
  reshape,
  view,
} from "./values.ts";

/** An operator of one input; those of opset 6 are as old as opset 1. */
function unary<S extends AttributeSpecs>(
  since: number,
  attributes: S,
  lower: (call: Call<AttributeValues<S>>) => Value,
): Operator[] {
  const row = operator<S>({ since, inputs: [1, 1], attributes, lower: (call) => [lower(call)] });
  return since === 6 ? [sinceFirst(row), row] : [row];
}

/** An operator that is one σ. */
function sigma(since: number, fn: FunctionName): Operator[] {
  return unary(since, {}, (call) => map(call.builder, floatInput(call, 0), { fn }));
}

/** An operator that is one σ whose constant is the attribute alpha. */
function sigmaOfAlpha(since: number, fn: FunctionName, fallback: number): Operator[] {
  return unary(
    since,
    { alpha: float(fallback) },
    (call) => map(call.builder, floatInput(call, 0), { fn, constants: [call.attributes.alpha] }),
  );
}

/** factor · σ(x); also for integers where σ is the identity. */
function affineOf(call: Call<unknown>, factor: number, offset: number) {
  const x = floatInput(call, 0);
  return { ...x, node: call.builder.scaleBy(x.node, factor, offset) };
}

const neg = unary(6, {}, (call) => {
  const x = anyInput(call, 0);
  return { ...x, node: call.builder.negate(x.node) };
});

const abs = unary(6, {}, (call) => map(call.builder, anyInput(call, 0), { fn: "abs" }));

const SELU = { alpha: float(1.67326319217681884765625), gamma: float(1.05070102214813232421875) };
/** Opset 1 wrote its defaults with fewer digits. */
const FIRST_SELU = { alpha: float(1.6732), gamma: float(1.0507) };

/** γ · elu(x; α). */
function selu(call: Call<{ readonly alpha: number; readonly gamma: number }>): Value {
  const { alpha, gamma } = call.attributes;
  const x = map(call.builder, floatInput(call, 0), { fn: "elu", constants: [alpha] });
  return { ...x, node: call.builder.scaleBy(x.node, gamma) };
}

const seluRow = (since: number, attributes: typeof SELU) =>
  operator({ since, inputs: [1, 1], attributes, lower: (call) => [selu(call)] });

/** min(max(α x + β, 0), 1). */
const hardSigmoid = unary(6, { alpha: float(0.2), beta: float(0.5) }, (call) => {
  const line = affineOf(call, call.attributes.alpha, call.attributes.beta);
  return map(call.builder, line, { fn: "clip", constants: [0, 1] });
});

const gelu = operator({
  since: 20,
  inputs: [1, 1],
  attributes: { approximate: choice(["none", "tanh"], "none") },
  lower: (call) => {
    const fn = call.attributes.approximate === "tanh" ? "gelu_tanh" : "gelu";
    return [map(call.builder, floatInput(call, 0), { fn })];
  },
});

/** slope · x left of 0; the slope broadcasts to x, not the other way round. */
function prelu({ builder }: Call<unknown>, x: Value, slope: Value): Value {
  const wide = view(builder, slope, {
    shape: x.shape,
    strides: broadcastStrides(slope.shape, x.shape),
  });
  // relu(x) − slope · relu(−x) would take the right derivative at 0; min(x, 0) takes the left.
  const left = binary(builder, [wide, {
    ...x,
    node: builder.map("clip", x.node, [-Infinity, 0]),
  }], (a, b) => builder.product(a, b));
  return { ...x, node: builder.add(builder.map("relu", x.node), left.node) };
}

/** Before opset 7 the slope was one number, or one per channel. */
const preluOfChannels = operator({
  since: 6,
  inputs: [2, 2],
  lower: (call) => {
    const x = floatInput(call, 0);
    return [prelu(call, x, perChannelOrAll(floatInput(call, 1), x))];
  },
});

const preluBroadcast = operator({
  since: 7,
  inputs: [2, 2],
  lower: (call) => [prelu(call, floatInput(call, 0), floatInput(call, 1))],
});

const clipByAttributes = unary(6, { min: optionalFloat, max: optionalFloat }, (call) => {
  const { min = -Infinity, max = Infinity } = call.attributes;
  return map(call.builder, floatInput(call, 0), { fn: "clip", constants: [min, max] });
});

/** Nothing up to a distance λ from 0, beyond it x moved towards 0 by a bias. */
const shrink = unary(9, { bias: float(0), lambd: float(0.5) }, (call) => {
  const { builder, attributes: { bias, lambd } } = call;
  const x = floatInput(call, 0);
  const side = (node: NodeId) => {
    if (bias === lambd) return builder.map("relu", builder.scaleBy(node, 1, -bias));
    const kept = builder.map("thresholded_relu", node, [lambd]);
    const beyond = builder.map("step", builder.scaleBy(node, 1, -lambd));
    return builder.add(kept, builder.scaleBy(beyond, -bias));
  };
  return { ...x, node: builder.subtract(side(x.node), side(builder.negate(x.node))) };
});

/** Bounds are inputs, and may be computed; constant ones become one σ. */
const clipByInputs = operator({
  since: 11,
  inputs: [1, 3],
  lower: (call) => {
    const { builder } = call;
    const x = anyInput(call, 0);
    const [low, high] = [1, 2].map((index) => {
      const bound = call.inputs[index];
      if (bound !== undefined && (bound.type !== x.type || count(bound.shape) !== 1)) {
        throw new OperatorError(`its bound ${index} is no scalar of its input's type`);
      }
      return bound === undefined ? undefined : broadcastTo(builder, reshape(bound, []), x.shape);
    });
    const [lowest, highest] = [low, high].map((bound) => bound && builder.constantOf(bound.node));
    const fixed = (low === undefined || lowest !== undefined) &&
      (high === undefined || highest !== undefined);
    if (fixed && x.shape.every((size) => size > 0)) {
      const constants = [lowest?.[0] ?? -Infinity, highest?.[0] ?? Infinity];
      return [map(builder, x, { fn: "clip", constants })];
    }
    const above = low === undefined ? x.node : builder.maximum(x.node, low.node);
    return [{ ...x, node: high === undefined ? above : builder.minimum(above, high.node) }];
  },
});

/** Functions with steps and no slope: fine on constants, useless to an optimizer otherwise. */
function stepwise(since: number, f: (x: number) => number): Operator[] {
  return unary(since, {}, (call) => {
    const x = anyInput(call, 0);
    const values = call.builder.constantOf(x.node);
    if (values === undefined) {
      throw new OperatorError(
        "it is piecewise constant, so it has no derivative",
        "train the model without it, or use it in a prediction skill",
      );
    }
    if (!isFloat(x.type)) throw new OperatorError(`its input is of type ${x.type}, not a float`);
    return { ...x, node: call.builder.constant(values.map(f)) };
  });
}

/**
 * A question that only NaN or infinities answer with yes. An optimizer's values are neither, and where
 * they come to be, the tape lets them through: of variables the answer is no.
 */
function ofNonFinite<S extends AttributeSpecs>(
  since: number,
  attributes: S,
  question: (attributes: AttributeValues<S>) => (x: number) => boolean,
): Operator[] {
  return unary(since, attributes, (call) => {
    const x = floatInput(call, 0);
    const is = question(call.attributes);
    const values = call.builder.constantOf(x.node) ?? new Float64Array(call.builder.size(x.node));
    return { ...x, type: "bool", node: call.builder.constant(values.map((v) => Number(is(v)))) };
  });
}

/** Halves go to the even neighbour. */
function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  if (rest !== 0.5) return Math.round(x);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** Rows of ai.onnx. */
export const ELEMENTWISE: OperatorTable = {
  Neg: neg,
  Abs: abs,
  Relu: sigma(6, "relu"),
  LeakyRelu: sigmaOfAlpha(6, "leaky_relu", 0.01),
  PRelu: [sinceFirst(preluOfChannels), preluOfChannels, preluBroadcast],
  ThresholdedRelu: sigmaOfAlpha(10, "thresholded_relu", 1),
  Elu: sigmaOfAlpha(6, "elu", 1),
  Selu: [sinceFirst(seluRow(6, FIRST_SELU)), seluRow(6, SELU)],
  Celu: sigmaOfAlpha(12, "celu", 1),
  Sigmoid: sigma(6, "sigmoid"),
  HardSigmoid: hardSigmoid,
  HardSwish: sigma(14, "hard_swish"),
  Mish: sigma(18, "mish"),
  Swish: sigmaOfAlpha(24, "swish", 1),
  Tanh: sigma(6, "tanh"),
  Softplus: sigma(1, "softplus"),
  Shrink: shrink,
  Softsign: sigma(1, "softsign"),
  Gelu: [gelu],
  Erf: sigma(9, "erf"),
  Exp: sigma(6, "exp"),
  Log: sigma(6, "log"),
  Sqrt: sigma(6, "sqrt"),
  Reciprocal: sigma(6, "reciprocal"),
  Sin: sigma(7, "sin"),
  Cos: sigma(7, "cos"),
  Tan: sigma(7, "tan"),
  Asin: sigma(7, "asin"),
  Acos: sigma(7, "acos"),
  Atan: sigma(7, "atan"),
  Sinh: sigma(9, "sinh"),
  Cosh: sigma(9, "cosh"),
  Asinh: sigma(9, "asinh"),
  Acosh: sigma(9, "acosh"),
  Atanh: sigma(9, "atanh"),
  Clip: [...clipByAttributes, clipByInputs],
  IsNaN: ofNonFinite(9, {}, () => Number.isNaN),
  IsInf: ofNonFinite(
    10,
    { detect_negative: flag(1), detect_positive: flag(1) },
    ({ detect_negative, detect_positive }) => (x) =>
      (detect_positive && x === Infinity) || (detect_negative && x === -Infinity),
  ),
  Floor: stepwise(6, Math.floor),
  Ceil: stepwise(6, Math.ceil),
  Round: stepwise(11, roundHalfEven),
  // A step as comparisons are: what exporters make of soft thresholds, |x| and the like.
  Sign: unary(9, {}, (call) => map(call.builder, anyInput(call, 0), { fn: "sign" })),
};
