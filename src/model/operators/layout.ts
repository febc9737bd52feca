/** Operators that give the same elements another shape or order: every one is a gather. */

import { flag, int, optionalInts, requiredInts } from "./attributes.ts";
import { CONSUMED } from "./first_versions.ts";
import { type Call, operator, OperatorError, type OperatorTable, type Value } from "./operator.ts";
import { axesOf, axisOf, broadcastShape, count, stridesOf } from "./shape.ts";
import {
  anyInput,
  broadcastTo,
  constantInput,
  integersInput,
  optionalIntegers,
  reshape,
  transpose,
  view,
} from "./values.ts";

/** A dimension of 0 copies the input's, unless zeros are meant; one −1 is what is left over. */
function reshapeTo(
  call: Call<unknown>,
  wanted: readonly number[],
  zeroMeansZero = false,
): Value {
  const x = anyInput(call, 0);
  if (zeroMeansZero && wanted.includes(0) && wanted.includes(-1)) {
    throw new OperatorError(`its shape [${wanted}] holds both 0 and -1`);
  }
  const sizes = wanted.map((size, axis) =>
    size === 0 && !zeroMeansZero ? x.shape[axis] ?? -2 : size
  );
  const known = sizes.filter((size) => size !== -1);
  const rest = count(x.shape) / count(known.map((size) => Math.max(size, 0)));
  if (known.some((size) => size < 0) || sizes.length - known.length > 1) {
    throw new OperatorError(`its shape [${wanted}] does not fit [${x.shape}]`);
  }
  return reshape(x, sizes.map((size) => size === -1 ? rest : size));
}

const reshapeByAttribute = operator({
  since: 1,
  inputs: [1, 1],
  attributes: { ...CONSUMED, shape: requiredInts },
  lower: (call) => [reshapeTo(call, call.attributes.shape)],
});

const reshapeByInput = operator({
  since: 5,
  inputs: [2, 2],
  lower: (call) => [reshapeTo(call, integersInput(call, 1))],
});

const reshapeAllowZero = operator({
  since: 14,
  inputs: [2, 2],
  attributes: { allowzero: flag(0) },
  lower: (call) => [reshapeTo(call, integersInput(call, 1), call.attributes.allowzero)],
});

/** To a matrix: the axes before `axis` are its rows, the others its columns. */
const flatten = operator({
  since: 1,
  inputs: [1, 1],
  attributes: { axis: int(1) },
  lower: (call) => {
    const x = anyInput(call, 0);
    const rank = x.shape.length;
    const axis = call.attributes.axis === rank ? rank : axisOf(call.attributes.axis, rank);
    return [reshape(x, [count(x.shape.slice(0, axis)), count(x.shape.slice(axis))])];
  },
});

function squeezeAxes(x: Value, axes: readonly number[] | undefined): Value {
  const dropped = axes === undefined
    ? x.shape.flatMap((size, axis) => size === 1 ? [axis] : [])
    : axesOf(axes, x.shape.length);
  if (dropped.some((axis) => x.shape[axis] !== 1)) {
    throw new OperatorError(`its axes [${axes}] are not all 1 in shape [${x.shape}]`);
  }
  return reshape(x, x.shape.filter((_, axis) => !dropped.includes(axis)));
}

function unsqueezeAxes(x: Value, axes: readonly number[]): Value {
  const rank = x.shape.length + axes.length;
  const added = axesOf(axes, rank);
  const sizes = [...x.shape];
  return reshape(
    x,
    Array.from({ length: rank }, (_, axis) => added.includes(axis) ? 1 : sizes.shift() as number),
  );
}

const squeezeByAttribute = operator({
  since: 1,
  inputs: [1, 1],
  attributes: { axes: optionalInts },
  lower: (call) => [squeezeAxes(anyInput(call, 0), call.attributes.axes)],
});

const squeezeByInput = operator({
  since: 13,
  inputs: [1, 2],
  lower: (call) => [squeezeAxes(anyInput(call, 0), optionalIntegers(call, 1))],
});

const unsqueezeByAttribute = operator({
  since: 1,
  inputs: [1, 1],
  attributes: { axes: requiredInts },
  lower: (call) => [unsqueezeAxes(anyInput(call, 0), call.attributes.axes)],
});

const unsqueezeByInput = operator({
  since: 13,
  inputs: [2, 2],
  lower: (call) => [unsqueezeAxes(anyInput(call, 0), integersInput(call, 1))],
});

const transposeAxes = operator({
  since: 1,
  inputs: [1, 1],
  attributes: { perm: optionalInts },
  lower: (call) => {
    const x = anyInput(call, 0);
    const { perm = x.shape.map((_, axis) => x.shape.length - 1 - axis) } = call.attributes;
    if (perm.length !== x.shape.length || perm.some((axis) => axis < 0)) {
      throw new OperatorError(`its perm [${perm}] does not fit shape [${x.shape}]`);
    }
    return [transpose(call.builder, x, axesOf(perm, x.shape.length))];
  },
});

const expand = operator({
  since: 8,
  inputs: [2, 2],
  lower: (call) => {
    const x = anyInput(call, 0);
    const shape = integersInput(call, 1);
    if (shape.some((size) => size < 0)) throw new OperatorError(`its shape is [${shape}]`);
    return [broadcastTo(call.builder, x, broadcastShape(x.shape, shape))];
  },
});

function tile(call: Call<unknown>, repeats: readonly number[]): Value {
  const x = anyInput(call, 0);
  if (repeats.length !== x.shape.length || repeats.some((many) => many < 0)) {
    throw new OperatorError(`its repeats [${repeats}] do not fit shape [${x.shape}]`);
  }
  const strides = stridesOf(x.shape);
  const wide = view(call.builder, x, {
    shape: x.shape.flatMap((size, axis) => [repeats[axis] as number, size]),
    strides: strides.flatMap((stride) => [0, stride]),
  });
  return reshape(wide, x.shape.map((size, axis) => size * (repeats[axis] as number)));
}

/** Opset 1 repeated along one axis only. */
const tileAlongAxis = operator({
  since: 1,
  inputs: [3, 3],
  lower: (call) => {
    const [tiles, wanted] = [1, 2].map((index) => constantInput(call, index)[0] ?? NaN);
    const { shape } = anyInput(call, 0);
    const axis = axisOf(wanted as number, shape.length);
    return [tile(call, shape.map((_, k) => k === axis ? tiles as number : 1))];
  },
});

const tileByInput = operator({
  since: 6,
  inputs: [2, 2],
  lower: (call) => [tile(call, integersInput(call, 1))],
});

/** Rows of ai.onnx. */
export const LAYOUT: OperatorTable = {
  Reshape: [reshapeByAttribute, reshapeByInput, reshapeAllowZero],
  Flatten: [flatten],
  Squeeze: [squeezeByAttribute, squeezeByInput],
  Unsqueeze: [unsqueezeByAttribute, unsqueezeByInput],
  Transpose: [transposeAxes],
  Expand: [expand],
  Tile: [tileAlongAxis, tileByInput],
};
