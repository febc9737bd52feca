/** Normalisations: by statistics of the training data (linear), or of the tensor itself. */

import type { TapeBuilder } from "../tape_builder.ts";
import type { NodeId } from "../tape.ts";
import { sinceFirst } from "./first_versions.ts";
import { flag, float, int, optionalInts, requiredInt } from "./attributes.ts";
import {
  type Call,
  type Operator,
  operator,
  OperatorError,
  type OperatorTable,
  type Value,
} from "./operator.ts";
import { runsOver, spread } from "./reduction.ts";
import { axesOf, axisOf, count } from "./shape.ts";
import { binary, broadcastTo, constantInput, floatInput, reshape, transpose } from "./values.ts";

/** scale (x − mean) / √(variance + ε) + bias per channel, with the statistics of the training. */
function batchNormalization(call: Call<{ readonly epsilon: number }>): Value {
  const { builder, attributes: { epsilon } } = call;
  const x = floatInput(call, 0);
  const channels = x.shape[1] ?? NaN;
  const [scale, bias, mean, variance] = [1, 2, 3, 4].map((index) => {
    const values = constantInput(call, index);
    if (values.length !== channels) {
      throw new OperatorError(`its input ${index} has ${values.length} values, not ${channels}`);
    }
    return values;
  }) as [Float64Array, Float64Array, Float64Array, Float64Array];
  const factor = scale.map((s, c) => s / Math.sqrt((variance[c] as number) + epsilon));
  const offset = bias.map((b, c) => b - (mean[c] as number) * (factor[c] as number));
  const inner = count(x.shape.slice(2));
  const perElement = (values: Float64Array) =>
    Float64Array.from(
      { length: count(x.shape) },
      (_, i) => values[Math.floor(i / inner) % channels] as number,
    );
  return { ...x, node: builder.scale(x.node, perElement(factor), perElement(offset)) };
}

function onlyY(call: Call<unknown>, y: Value): Value[] {
  if (call.outputs > 1) {
    throw new OperatorError(
      "it is in training mode: its running statistics are outputs",
      "export the model in evaluation mode",
    );
  }
  return [y];
}

function inTraining(): OperatorError {
  return new OperatorError(
    "it is in training mode: it takes its statistics from the batch",
    "export the model in evaluation mode",
  );
}

/** Before opset 7 an operator was in training mode where nothing else was said. */
const IS_TEST = flag(0);
const BATCH = { epsilon: float(1e-5), momentum: float(0.9) };

function batchNormalizationSpatial(since: number, attributes: { is_test?: typeof IS_TEST }) {
  return operator({
    since,
    inputs: [5, 5],
    outputs: 5,
    attributes: { ...BATCH, spatial: flag(1), ...attributes },
    lower: (call) => {
      if (!call.attributes.spatial) throw new OperatorError("its spatial = 0 is not supported");
      if (call.attributes.is_test === false) throw inTraining();
      return onlyY(call, batchNormalization(call));
    },
  });
}

const batchNormalizationPlain = operator({
  since: 9,
  inputs: [5, 5],
  outputs: 5,
  attributes: BATCH,
  lower: (call) => onlyY(call, batchNormalization(call)),
});

const batchNormalizationMode = operator({
  since: 14,
  inputs: [5, 5],
  outputs: 3,
  attributes: { ...BATCH, training_mode: flag(0) },
  lower: (call) => {
    if (call.attributes.training_mode) {
      throw inTraining();
    }
    return onlyY(call, batchNormalization(call));
  },
});

interface Normalised {
  readonly centred: NodeId;
  /** Per run: mean and 1 / √(variance + ε). */
  readonly mean: NodeId;
  readonly inverse: NodeId;
  readonly result: NodeId;
}

/** (x − mean) / √(variance + ε) within runs of `length`. */
function standardise(
  builder: TapeBuilder,
  node: NodeId,
  { length, epsilon }: { readonly length: number; readonly epsilon: number },
): Normalised {
  const mean = builder.scaleBy(builder.sum(node, length), 1 / length);
  const centred = builder.subtract(node, spread(builder, mean, length));
  const inverse = inverseRoot(builder, centred, { length, epsilon });
  const result = builder.product(centred, spread(builder, inverse, length));
  return { centred, mean, inverse, result };
}

/** 1 / √(mean of squares + ε) of each run. */
function inverseRoot(
  builder: TapeBuilder,
  node: NodeId,
  { length, epsilon }: { readonly length: number; readonly epsilon: number },
): NodeId {
  const squares = builder.sum(builder.map("square", node), length);
  return builder.map("power", builder.scaleBy(squares, 1 / length, epsilon), [-0.5]);
}

function someLength(value: Value, length: number): number {
  if (length === 0) throw new OperatorError(`it normalises nothing: shape [${value.shape}]`);
  return length;
}

/** scale · x + bias, both broadcast to x. */
function scaleAndShift(
  builder: TapeBuilder,
  x: Value,
  [scale, bias]: readonly (Value | undefined)[],
): Value {
  const times = scale === undefined
    ? x
    : binary(builder, [x, broadcastTo(builder, scale, x.shape)], (a, b) => builder.product(a, b));
  return bias === undefined
    ? times
    : binary(builder, [times, broadcastTo(builder, bias, x.shape)], (a, b) => builder.add(a, b));
}

/** Over all axes from `axis` on (J. Ba et al., arXiv:1607.06450), with scale and optional bias. */
export function layerNormalised(
  builder: TapeBuilder,
  x: Value,
  { axis, epsilon, scales }: {
    readonly axis: number;
    readonly epsilon: number;
    readonly scales: readonly [Value, Value | undefined];
  },
): { readonly y: Value; readonly mean: Value; readonly inverse: Value } {
  const length = someLength(x, count(x.shape.slice(axis)));
  const { result, mean, inverse } = standardise(builder, x.node, { length, epsilon });
  const shape = x.shape.map((size, k) => k < axis ? size : 1);
  return {
    y: scaleAndShift(builder, { ...x, node: result }, scales),
    mean: { ...x, shape, node: mean },
    inverse: { ...x, shape, node: inverse },
  };
}

/** ONNX brought it with opset 17; ONNX Runtime writes it into older models that it optimises. */
const layerNormalization = operator({
  since: 1,
  inputs: [2, 3],
  outputs: 3,
  attributes: { axis: int(-1), epsilon: float(1e-5), stash_type: int(1) },
  lower: (call) => {
    const { builder, attributes: { epsilon } } = call;
    const x = floatInput(call, 0);
    const axis = axisOf(call.attributes.axis, x.shape.length);
    const scales = [floatInput(call, 1), call.inputs[2]] as const;
    const { y, mean, inverse } = layerNormalised(builder, x, { axis, epsilon, scales });
    return [y, mean, inverse];
  },
});

/** x / √(mean x² + ε) over all axes from `axis` on (B. Zhang, R. Sennrich, arXiv:1910.07467). */
const rmsNormalization = operator({
  since: 23,
  inputs: [2, 2],
  attributes: { axis: int(-1), epsilon: float(1e-5), stash_type: int(1) },
  lower: (call) => {
    const { builder, attributes: { epsilon } } = call;
    const x = floatInput(call, 0);
    const axis = axisOf(call.attributes.axis, x.shape.length);
    const length = someLength(x, count(x.shape.slice(axis)));
    const inverse = inverseRoot(builder, x.node, { length, epsilon });
    const node = builder.product(x.node, spread(builder, inverse, length));
    return [scaleAndShift(builder, { ...x, node }, [floatInput(call, 1)])];
  },
});

/** One value per channel, broadcast along the axes after the channels'. */
function perChannel(value: Value, x: Value): Value {
  return reshape(value, [x.shape[1] as number, ...x.shape.slice(2).map(() => 1)]);
}

/** Over each channel's own elements, one sample at a time. */
const instanceNormalization = operator({
  since: 6,
  inputs: [3, 3],
  attributes: { epsilon: float(1e-5) },
  lower: (call) => {
    const { builder, attributes: { epsilon } } = call;
    const x = floatInput(call, 0);
    if (x.shape.length < 3) throw new OperatorError(`its shape [${x.shape}] has no channels`);
    const length = someLength(x, count(x.shape.slice(2)));
    const { result } = standardise(builder, x.node, { length, epsilon });
    const [scale, bias] = [1, 2].map((index) => perChannel(floatInput(call, index), x));
    return [scaleAndShift(builder, { ...x, node: result }, [scale, bias])];
  },
});

/** Over groups of channels (Y. Wu, K. He, arXiv:1803.08494); opset 18 scales per group. */
function groupNormalization(since: number, scales: "group" | "channel"): Operator {
  const stash = scales === "channel" ? { stash_type: int(1) } : {};
  return operator({
    since,
    inputs: [3, 3],
    attributes: { epsilon: float(1e-5), num_groups: requiredInt, ...stash },
    lower: (call) => {
      const { builder, attributes: { epsilon, num_groups: groups } } = call;
      const x = floatInput(call, 0);
      const channels = x.shape[1] ?? NaN;
      if (x.shape.length < 3 || groups < 1 || channels % groups !== 0) {
        throw new OperatorError(`shape [${x.shape}] does not fall into ${groups} groups`);
      }
      const length = someLength(x, count(x.shape.slice(1)) / groups);
      const { result } = standardise(builder, x.node, { length, epsilon });
      const wide = (value: Value) => {
        if (scales === "channel") return perChannel(value, x);
        const grouped = broadcastTo(builder, reshape(value, [groups, 1]), [
          groups,
          channels / groups,
        ]);
        return perChannel(grouped, x);
      };
      const [scale, bias] = [1, 2].map((index) => wide(floatInput(call, index)));
      return [scaleAndShift(builder, { ...x, node: result }, [scale, bias])];
    },
  });
}

/** x / ‖x‖ along one axis, p = 1 or 2. */
const lpNormalization = operator({
  since: 1,
  inputs: [1, 1],
  attributes: { axis: int(-1), p: int(2) },
  lower: (call) => {
    const { builder, attributes: { p } } = call;
    if (p !== 1 && p !== 2) throw new OperatorError(`its p is ${p}, not 1 or 2`);
    const x = floatInput(call, 0);
    return [divideByNorm(builder, x, {
      axis: axisOf(call.attributes.axis, x.shape.length),
      norm: p === 1 ? "L1" : "L2",
    })];
  },
});

/** Far below any square that counts, yet enough to make 0 / 0 come out as 0. */
const NEARLY_ZERO = 1e-300;

/** Divides each run along an axis by its norm; a run of zeros stays zero, and has no derivative. */
export function divideByNorm(
  builder: TapeBuilder,
  x: Value,
  { axis, norm }: { readonly axis: number; readonly norm: "L1" | "L2" },
): Value {
  const runs = runsOver(builder, x, [axis]);
  const length = someLength(x, runs.length);
  const sizes = builder.map(norm === "L1" ? "abs" : "square", runs.node);
  const sum = builder.scaleBy(builder.sum(sizes, length), 1, NEARLY_ZERO);
  const inverse = builder.map("power", sum, [norm === "L1" ? -1 : -0.5]);
  const node = builder.product(runs.node, spread(builder, inverse, length));
  const all = x.shape.map((_, k) => k);
  const last = [...all.filter((k) => k !== axis), axis];
  const moved = { ...x, shape: last.map((k) => x.shape[k] as number), node };
  return transpose(builder, moved, all.map((k) => last.indexOf(k)));
}

/** (x − mean) / deviation over the given axes; ONNX Runtime adds 1e-9 to the deviation. */
const meanVarianceNormalization = operator({
  since: 9,
  inputs: [1, 1],
  attributes: { axes: optionalInts },
  lower: (call) => {
    const { builder } = call;
    const x = floatInput(call, 0);
    const axes = axesOf(call.attributes.axes ?? [0, 2, 3], x.shape.length);
    const runs = runsOver(builder, x, axes);
    const length = someLength(x, runs.length);
    const { centred } = standardise(builder, runs.node, { length, epsilon: 0 });
    const variance = builder.scaleBy(
      builder.sum(builder.map("square", centred), length),
      1 / length,
    );
    const deviation = builder.scaleBy(builder.map("sqrt", variance), 1, 1e-9);
    const node = builder.product(
      centred,
      spread(builder, builder.map("reciprocal", deviation), length),
    );
    const all = x.shape.map((_, k) => k);
    const last = [...all.filter((k) => !axes.includes(k)), ...all.filter((k) => axes.includes(k))];
    const moved = { ...x, shape: last.map((k) => x.shape[k] as number), node };
    return [transpose(builder, moved, all.map((k) => last.indexOf(k)))];
  },
});

/** x / (bias + α / size · Σ x² over neighbouring channels)^β. */
const localResponse = operator({
  since: 1,
  inputs: [1, 1],
  attributes: { alpha: float(1e-4), beta: float(0.75), bias: float(1), size: requiredInt },
  lower: (call) => {
    const { builder, attributes: { alpha, beta, bias, size } } = call;
    const x = floatInput(call, 0);
    const channels = x.shape[1];
    if (channels === undefined || size < 1) {
      throw new OperatorError(`${size} channels of shape [${x.shape}] are no neighbours`);
    }
    const inner = count(x.shape.slice(2));
    const zero = count(x.shape);
    const indices = Array.from({ length: zero * size }, (_, i) => {
      const element = Math.floor(i / size);
      const away = i % size - Math.floor((size - 1) / 2);
      const channel = Math.floor(element / inner) % channels + away;
      return channel >= 0 && channel < channels ? element + away * inner : zero;
    });
    const squares = builder.concat([builder.map("square", x.node), builder.constant([0])]);
    const sums = builder.sum(builder.gather(squares, indices), size);
    const divisor = builder.map("power", builder.scaleBy(sums, alpha / size, bias), [-beta]);
    return [{ ...x, node: builder.product(x.node, divisor) }];
  },
});

/** Rows of ai.onnx. */
export const NORMALISATION: OperatorTable = {
  BatchNormalization: [
    sinceFirst(batchNormalizationSpatial(6, { is_test: IS_TEST })),
    batchNormalizationSpatial(6, { is_test: IS_TEST }),
    batchNormalizationSpatial(7, {}),
    batchNormalizationPlain,
    batchNormalizationMode,
  ],
  LayerNormalization: [layerNormalization],
  RMSNormalization: [rmsNormalization],
  InstanceNormalization: [sinceFirst(instanceNormalization), instanceNormalization],
  GroupNormalization: [groupNormalization(18, "group"), groupNormalization(21, "channel")],
  LRN: [localResponse],
  LpNormalization: [lpNormalization],
  MeanVarianceNormalization: [meanVarianceNormalization],
};
