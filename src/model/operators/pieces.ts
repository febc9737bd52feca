/** Operators that join tensors, cut them, or pick from them: every one is a gather. */

import type { TapeBuilder } from "../tape_builder.ts";
import { int, optionalInt, optionalInts, requiredInt, requiredInts } from "./attributes.ts";
import { type Call, operator, OperatorError, type OperatorTable, type Value } from "./operator.ts";
import { axesOf, axisOf, count, stridesOf } from "./shape.ts";
import { anyInput, integersInput, optionalConstant, optionalIntegers, view } from "./values.ts";

function concat(call: Call<unknown>, wanted: number): Value {
  return concatenated(call.builder, call.inputs.map((_, index) => anyInput(call, index)), wanted);
}

/** The values side by side along an axis. */
export function concatenated(
  builder: TapeBuilder,
  values: readonly Value[],
  wanted: number,
): Value {
  const [first] = values as readonly [Value];
  const axis = axisOf(wanted, first.shape.length);
  const sizes = values.map(({ shape, type }) => {
    const same = shape.length === first.shape.length && type === first.type &&
      shape.every((size, other) => other === axis || size === first.shape[other]);
    if (!same) throw new OperatorError(`shapes [${first.shape}] and [${shape}] do not join`);
    return shape[axis] as number;
  });
  const length = sizes.reduce((sum, size) => sum + size, 0);
  const outer = count(first.shape.slice(0, axis));
  const inner = count(first.shape.slice(axis + 1));
  const starts = sizes.map((_, k) => sizes.slice(0, k).reduce((sum, size) => sum + size, 0));
  // Laid out one input after another, then gathered so that each outer row is whole.
  const order = new Int32Array(outer * length * inner);
  sizes.forEach((size, k) => {
    const run = size * inner;
    const start = starts[k] as number;
    for (let i = 0; i < outer * run; i++) {
      const [row, column] = [Math.floor(i / run), i % run];
      order[(row * length + start) * inner + column] = outer * start * inner + i;
    }
  });
  const node = builder.gather(builder.concat(values.map((value) => value.node)), order);
  return { ...first, node, shape: first.shape.map((size, k) => k === axis ? length : size) };
}

const concatFirst = operator({
  since: 1,
  inputs: [1, Infinity],
  attributes: { axis: int(1) },
  lower: (call) => [concat(call, call.attributes.axis)],
});

const concatAlong = operator({
  since: 4,
  inputs: [1, Infinity],
  attributes: { axis: requiredInt },
  lower: (call) => [concat(call, call.attributes.axis)],
});

/** Consecutive pieces of `sizes` along an axis. */
function splitInto(call: Call<unknown>, axis: number, sizes: readonly number[]): Value[] {
  const x = anyInput(call, 0);
  if (sizes.length !== call.outputs) {
    throw new OperatorError(
      `pieces of [${sizes}] for ${call.outputs} outputs do not fit shape [${x.shape}]`,
    );
  }
  return splitAlong(call.builder, x, { axis, sizes });
}

/** Consecutive pieces of a value. */
export function splitAlong(
  builder: TapeBuilder,
  x: Value,
  { axis, sizes }: { readonly axis: number; readonly sizes: readonly number[] },
): Value[] {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total !== x.shape[axis] || sizes.some((size) => size < 0)) {
    throw new OperatorError(`pieces of [${sizes}] do not fit shape [${x.shape}]`);
  }
  const strides = stridesOf(x.shape);
  let start = 0;
  return sizes.map((size) => {
    const piece = view(builder, x, {
      shape: x.shape.map((all, other) => other === axis ? size : all),
      strides,
      base: start * (strides[axis] as number),
    });
    start += size;
    return piece;
  });
}

function equalPieces(call: Call<unknown>, axis: number, pieces: number): number[] {
  if (pieces !== call.outputs) {
    throw new OperatorError(`its num_outputs is ${pieces}, and it has ${call.outputs} outputs`);
  }
  const size = anyInput(call, 0).shape[axis] as number;
  const each = Math.ceil(size / pieces);
  return Array.from(
    { length: pieces },
    (_, k) => k < pieces - 1 ? each : size - each * (pieces - 1),
  );
}

function evenPieces(call: Call<unknown>, axis: number): number[] {
  const size = anyInput(call, 0).shape[axis] as number;
  if (size % call.outputs !== 0) {
    throw new OperatorError(`${size} elements do not split evenly into ${call.outputs}`);
  }
  return equalPieces(call, axis, call.outputs);
}

const ANY_NUMBER = Infinity;

/** Opset 1 takes the sizes as an attribute or as an input. */
const splitByEither = operator({
  since: 1,
  inputs: [1, 2],
  outputs: ANY_NUMBER,
  attributes: { axis: int(0), split: optionalInts },
  lower: (call) => {
    const axis = axisOf(call.attributes.axis, anyInput(call, 0).shape.length);
    const given = optionalConstant(call, 1);
    const sizes = given === undefined ? call.attributes.split : [...given];
    return splitInto(call, axis, sizes ?? evenPieces(call, axis));
  },
});

const splitByAttribute = operator({
  since: 2,
  inputs: [1, 1],
  outputs: ANY_NUMBER,
  attributes: { axis: int(0), split: optionalInts },
  lower: (call) => {
    const axis = axisOf(call.attributes.axis, anyInput(call, 0).shape.length);
    return splitInto(call, axis, call.attributes.split ?? evenPieces(call, axis));
  },
});

const splitByInput = operator({
  since: 13,
  inputs: [1, 2],
  outputs: ANY_NUMBER,
  attributes: { axis: int(0) },
  lower: (call) => {
    const axis = axisOf(call.attributes.axis, anyInput(call, 0).shape.length);
    return splitInto(call, axis, optionalIntegers(call, 1) ?? evenPieces(call, axis));
  },
});

/** With num_outputs the last piece may be smaller. */
const splitByNumber = operator({
  since: 18,
  inputs: [1, 2],
  outputs: ANY_NUMBER,
  attributes: { axis: int(0), num_outputs: optionalInt },
  lower: (call) => {
    const axis = axisOf(call.attributes.axis, anyInput(call, 0).shape.length);
    const sizes = optionalIntegers(call, 1);
    const { num_outputs: pieces } = call.attributes;
    if ((sizes === undefined) === (pieces === undefined)) {
      throw new OperatorError("it needs either the input split or the attribute num_outputs");
    }
    return splitInto(call, axis, sizes ?? equalPieces(call, axis, pieces as number));
  },
});

interface Cut {
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  readonly axes: readonly number[] | undefined;
  readonly steps: readonly number[] | undefined;
}

/** Python's slicing: negative positions count from the end, positions outside are cut off. */
function slice(call: Call<unknown>, { starts, ends, axes, steps }: Cut): Value {
  const x = anyInput(call, 0);
  const along = axesOf(axes ?? starts.map((_, axis) => axis), x.shape.length);
  if (ends.length !== starts.length || along.length !== starts.length) {
    throw new OperatorError("its starts, ends and axes differ in length");
  }
  if (steps !== undefined && (steps.length !== starts.length || steps.includes(0))) {
    throw new OperatorError(`its steps are [${steps}]`);
  }
  const shape = [...x.shape];
  const strides = stridesOf(x.shape);
  let base = 0;
  along.forEach((axis, k) => {
    const size = shape[axis] as number;
    const step = steps?.[k] ?? 1;
    const within = (position: number, lowest: number, highest: number) =>
      Math.min(Math.max(position < 0 ? position + size : position, lowest), highest);
    const start = within(starts[k] as number, 0, step > 0 ? size : size - 1);
    const end = within(ends[k] as number, step > 0 ? 0 : -1, size);
    const length = Math.max(0, Math.ceil((end - start) / step));
    shape[axis] = length;
    base += start * (strides[axis] as number);
    strides[axis] = step * (strides[axis] as number);
  });
  return view(call.builder, x, { shape, strides, base });
}

const sliceByAttributes = operator({
  since: 1,
  inputs: [1, 1],
  attributes: { starts: requiredInts, ends: requiredInts, axes: optionalInts },
  lower: (call) => [slice(call, { ...call.attributes, steps: undefined })],
});

const sliceByInputs = operator({
  since: 10,
  inputs: [3, 5],
  lower: (call) => [
    slice(call, {
      starts: integersInput(call, 1),
      ends: integersInput(call, 2),
      axes: optionalIntegers(call, 3),
      steps: optionalIntegers(call, 4),
    }),
  ],
});

/** An index along an axis of `size`; negative ones count from the end. */
export function position(index: number, size: number): number {
  const positive = index < 0 ? index + size : index;
  if (positive < 0 || positive >= size) {
    throw new OperatorError(`its index ${index} is outside of ${size} elements`);
  }
  return positive;
}

const gather = operator({
  since: 1,
  inputs: [2, 2],
  attributes: { axis: int(0) },
  lower: (call) => {
    const x = anyInput(call, 0);
    const axis = axisOf(call.attributes.axis, x.shape.length);
    const size = x.shape[axis] as number;
    const wanted = integersInput(call, 1).map((index) => position(index, size));
    const inner = count(x.shape.slice(axis + 1));
    const shape = [
      ...x.shape.slice(0, axis),
      ...anyInput(call, 1).shape,
      ...x.shape.slice(axis + 1),
    ];
    const indices = new Int32Array(count(shape));
    for (let i = 0; i < indices.length; i++) {
      const column = i % inner;
      const k = Math.floor(i / inner) % wanted.length;
      const row = Math.floor(i / (inner * wanted.length));
      indices[i] = (row * size + (wanted[k] as number)) * inner + column;
    }
    return [{ ...x, shape, node: call.builder.gather(x.node, indices) }];
  },
});

/** Columns of the last axis, by constant indices (ai.onnx.ml). */
const arrayFeatureExtractor = operator({
  since: 1,
  inputs: [2, 2],
  lower: (call) => {
    const x = anyInput(call, 0);
    const size = x.shape.at(-1);
    if (size === undefined) throw new OperatorError("its input is a scalar");
    const columns = integersInput(call, 1).map((index) => position(index, size));
    const rows = count(x.shape.slice(0, -1));
    const indices = Array.from(
      { length: rows * columns.length },
      (_, i) => Math.floor(i / columns.length) * size + (columns[i % columns.length] as number),
    );
    const shape = x.shape.length === 1
      ? [1, columns.length]
      : [...x.shape.slice(0, -1), columns.length];
    return [{ ...x, shape, node: call.builder.gather(x.node, indices) }];
  },
});

/** Rows of ai.onnx. */
export const PIECES: OperatorTable = {
  Concat: [concatFirst, concatAlong],
  Split: [splitByEither, splitByAttribute, splitByInput, splitByNumber],
  Slice: [sliceByAttributes, sliceByInputs],
  Gather: [gather],
};

/** Rows of ai.onnx.ml. */
export const ML_PIECES: OperatorTable = { ArrayFeatureExtractor: [arrayFeatureExtractor] };
