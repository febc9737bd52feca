/** Operators that pick elements by constant indices, or put them there: gathers, and few sums. */

import type { TapeBuilder } from "../tape_builder.ts";
import type { NodeId } from "../tape.ts";
import { ELEMENT_TYPES } from "../graph.ts";
import { choice, flag, int, optionalInt } from "./attributes.ts";
import {
  type Call,
  type Operator,
  operator,
  OperatorError,
  type OperatorTable,
  type Value,
} from "./operator.ts";
import { position } from "./pieces.ts";
import { axisOf, count, stridesOf, walk } from "./shape.ts";
import { anyInput, constant, constantInput, integersInput, reshape } from "./values.ts";

/** Where each index of a tensor along `axis` points to: the indices' own place but for the axis. */
function elementsAlong(call: Call<unknown>, axis: number): Int32Array {
  const { shape } = anyInput(call, 0);
  const indices = anyInput(call, 1);
  const wanted = integersInput(call, 1);
  const fits = indices.shape.length === shape.length &&
    indices.shape.every((size, k) => k === axis || size <= (shape[k] as number));
  if (!fits) throw new OperatorError(`indices [${indices.shape}] do not fit shape [${shape}]`);
  const strides = stridesOf(shape);
  const [step, size] = [strides[axis] as number, shape[axis] as number];
  return walk(indices.shape, strides.with(axis, 0))
    .map((base, i) => base + step * position(wanted[i] as number, size));
}

const gatherElements = operator({
  since: 11,
  inputs: [2, 2],
  attributes: { axis: int(0) },
  lower: (call) => {
    const x = anyInput(call, 0);
    const axis = axisOf(call.attributes.axis, x.shape.length);
    const node = call.builder.gather(x.node, elementsAlong(call, axis));
    return [{ ...x, shape: anyInput(call, 1).shape, node }];
  },
});

/** Where each tuple of indices points to, and the shape of what stands there. */
function slicesAt(
  call: Call<unknown>,
  batchAxes: number,
): { readonly starts: Int32Array; readonly inner: readonly number[] } {
  const { shape } = anyInput(call, 0);
  const given = anyInput(call, 1).shape;
  const depth = given.at(-1) ?? 0;
  const tuples = integersInput(call, 1);
  const fits = batchAxes >= 0 && batchAxes < given.length && depth >= 1 &&
    batchAxes + depth <= shape.length &&
    given.slice(0, batchAxes).every((size, k) => size === shape[k]);
  if (!fits) throw new OperatorError(`indices [${given}] do not fit shape [${shape}]`);
  const strides = stridesOf(shape);
  const perBatch = count(given.slice(batchAxes, -1));
  const batchSize = count(shape.slice(batchAxes));
  const starts = Int32Array.from({ length: tuples.length / depth }, (_, i) => {
    let start = Math.floor(i / perBatch) * batchSize;
    for (let k = 0; k < depth; k++) {
      const size = shape[batchAxes + k] as number;
      start += position(tuples[i * depth + k] as number, size) *
        (strides[batchAxes + k] as number);
    }
    return start;
  });
  return { starts, inner: shape.slice(batchAxes + depth) };
}

/** `size` consecutive places from each start. */
function spans(starts: Int32Array, size: number): Int32Array {
  return Int32Array.from(
    { length: starts.length * size },
    (_, i) => (starts[Math.floor(i / size)] as number) + i % size,
  );
}

const gatherND = operator({
  since: 11,
  inputs: [2, 2],
  attributes: { batch_dims: int(0) },
  lower: (call) => {
    const x = anyInput(call, 0);
    const { starts, inner } = slicesAt(call, call.attributes.batch_dims);
    const shape = [...anyInput(call, 1).shape.slice(0, -1), ...inner];
    return [{ ...x, shape, node: call.builder.gather(x.node, spans(starts, count(inner))) }];
  },
});

type Combine = (builder: TapeBuilder, a: NodeId, b: NodeId) => NodeId;

/** What becomes of an element and its update; `none`: the update, and of several the last. */
const REDUCTIONS: Readonly<Record<"none" | "add" | "mul" | "max" | "min", Combine>> = {
  none: (_, _old, update) => update,
  add: (builder, a, b) => builder.add(a, b),
  mul: (builder, a, b) => builder.product(a, b),
  max: (builder, a, b) => builder.maximum(a, b),
  min: (builder, a, b) => builder.minimum(a, b),
};
type ReductionName = keyof typeof REDUCTIONS;

/** The data with update i combined into the element at places[i]. */
function scattered(call: Call<unknown>, places: Int32Array, reduction: ReductionName): Value {
  const { builder } = call;
  const [x, updates] = [anyInput(call, 0), anyInput(call, 2)];
  if (count(updates.shape) !== places.length || updates.type !== x.type) {
    throw new OperatorError(
      `updates of ${updates.type} [${updates.shape}] do not fit ${places.length} places of ${x.type}`,
    );
  }
  // Several updates of one element go in one after another: in rounds of one update each.
  const rounds: Map<number, number>[] = [];
  const seen = new Map<number, number>();
  places.forEach((place, update) => {
    const round = seen.get(place) ?? 0;
    seen.set(place, round + 1);
    (rounds[round] ??= new Map()).set(place, update);
  });
  let node = x.node;
  const size = count(x.shape);
  for (const round of rounds) {
    const old = builder.gather(node, [...round.keys()]);
    const update = builder.gather(updates.node, [...round.values()]);
    const changed = REDUCTIONS[reduction](builder, old, update);
    const order = Int32Array.from({ length: size }, (_, i) => i);
    [...round.keys()].forEach((place, k) => order[place] = size + k);
    node = builder.gather(builder.concat([node, changed]), order);
  }
  return { ...x, node };
}

function scatterElements(since: number, reductions: readonly ReductionName[]): Operator {
  return operator({
    since,
    inputs: [3, 3],
    attributes: {
      axis: int(0),
      ...(reductions.length > 1 ? { reduction: choice(reductions, "none") } : {}),
    },
    lower: (call) => {
      const axis = axisOf(call.attributes.axis, anyInput(call, 0).shape.length);
      return [scattered(call, elementsAlong(call, axis), call.attributes.reduction ?? "none")];
    },
  });
}

function scatterND(since: number, reductions: readonly ReductionName[]): Operator {
  return operator({
    since,
    inputs: [3, 3],
    attributes: reductions.length > 1 ? { reduction: choice(reductions, "none") } : {},
    lower: (call) => {
      const { starts, inner } = slicesAt(call, 0);
      return [scattered(call, spans(starts, count(inner)), call.attributes.reduction ?? "none")];
    },
  });
}

/** Constant classes to rows that are `on` at the class and `off` elsewhere. */
const oneHot = operator({
  since: 9,
  inputs: [3, 3],
  attributes: { axis: int(-1) },
  lower: (call) => {
    const { builder } = call;
    const [classes, values] = [anyInput(call, 0), anyInput(call, 2)];
    const indices = constantInput(call, 0);
    const [depth = NaN] = constantInput(call, 1);
    if (count(values.shape) !== 2 || !(depth >= 1)) {
      throw new OperatorError(`it has ${count(values.shape)} values and a depth of ${depth}`);
    }
    const axis = axisOf(call.attributes.axis, classes.shape.length + 1);
    const shape = classes.shape.toSpliced(axis, 0, depth);
    const inner = count(shape.slice(axis + 1));
    const picks = Int32Array.from({ length: count(shape) }, (_, i) => {
      const at = Math.floor(i / inner) % depth;
      const index = indices[Math.floor(i / (inner * depth)) * inner + i % inner] as number;
      return Number((index < 0 ? index + depth : index) === at);
    });
    return [{ ...values, shape, node: builder.gather(values.node, picks) }];
  },
});

/** The slices along an axis (or the elements) that a constant condition lets through. */
const compress = operator({
  since: 9,
  inputs: [2, 2],
  attributes: { axis: optionalInt },
  lower: (call) => {
    const given = anyInput(call, 0);
    const x = call.attributes.axis === undefined ? reshape(given, [count(given.shape)]) : given;
    const axis = axisOf(call.attributes.axis ?? 0, x.shape.length);
    const kept = [...constantInput(call, 1)].flatMap((yes, k) => yes !== 0 ? [k] : []);
    const size = x.shape[axis] as number;
    const inner = count(x.shape.slice(axis + 1));
    const shape = x.shape.with(axis, kept.length);
    const indices = Int32Array.from({ length: count(shape) }, (_, i) => {
      const row = Math.floor(i / (inner * kept.length));
      const k = position(kept[Math.floor(i / inner) % kept.length] as number, size);
      return (row * size + k) * inner + i % inner;
    });
    return [{ ...x, shape, node: call.builder.gather(x.node, indices) }];
  },
});

/** The first elements of each sequence the other way round, as many as its constant length says. */
const reverseSequence = operator({
  since: 10,
  inputs: [2, 2],
  attributes: { batch_axis: int(1), time_axis: int(0) },
  lower: (call) => {
    const x = anyInput(call, 0);
    const lengths = integersInput(call, 1);
    const batch = axisOf(call.attributes.batch_axis, x.shape.length);
    const time = axisOf(call.attributes.time_axis, x.shape.length);
    const steps = x.shape[time] as number;
    if (
      batch === time || lengths.length !== x.shape[batch] ||
      lengths.some((length) => length < 0 || length > steps)
    ) {
      throw new OperatorError(`lengths [${lengths}] do not fit shape [${x.shape}]`);
    }
    const strides = stridesOf(x.shape);
    const at = (i: number, axis: number) =>
      Math.floor(i / (strides[axis] as number)) % (x.shape[axis] as number);
    const indices = Int32Array.from({ length: count(x.shape) }, (_, i) => {
      const [step, length] = [at(i, time), lengths[at(i, batch)] as number];
      const from = step < length ? length - 1 - step : step;
      return i + (from - step) * (strides[time] as number);
    });
    return [{ ...x, node: call.builder.gather(x.node, indices) }];
  },
});

/** The upper or lower triangle of the last two axes, zeros elsewhere. */
const trilu = operator({
  since: 14,
  inputs: [1, 2],
  attributes: { upper: flag(1) },
  lower: (call) => {
    const { builder, attributes: { upper } } = call;
    const x = anyInput(call, 0);
    const [rows, columns] = x.shape.slice(-2);
    if (rows === undefined || columns === undefined) {
      throw new OperatorError(`its shape [${x.shape}] is no matrix`);
    }
    const [diagonal = 0] = call.inputs[1] === undefined ? [] : integersInput(call, 1);
    const size = count(x.shape);
    const indices = Int32Array.from({ length: size }, (_, i) => {
      const above = i % columns - Math.floor(i / columns) % rows;
      return (upper ? above >= diagonal : above <= diagonal) ? i : size;
    });
    const source = builder.concat([x.node, builder.constant([0])]);
    return [{ ...x, node: builder.gather(source, indices) }];
  },
});

/** Ones on a diagonal, in the shape of a matrix whose numbers do not matter. */
const eyeLike = operator({
  since: 9,
  inputs: [1, 1],
  attributes: { dtype: optionalInt, k: int(0) },
  lower: (call) => {
    const { dtype, k } = call.attributes;
    const { shape, type: own } = anyInput(call, 0);
    const type = dtype === undefined ? own : ELEMENT_TYPES[dtype as keyof typeof ELEMENT_TYPES];
    const columns = shape[1];
    if (shape.length !== 2 || columns === undefined || type === undefined) {
      throw new OperatorError(`its shape [${shape}] is no matrix, or its type ${dtype} unknown`);
    }
    const values = Float64Array.from(
      { length: count(shape) },
      (_, i) => Number(i % columns === Math.floor(i / columns) + k),
    );
    return [constant(call.builder, values, { shape, type })];
  },
});

/** Places of what is not zero in a constant; of variables their number would depend on the input. */
const nonZero = operator({
  since: 9,
  inputs: [1, 1],
  lower: (call) => {
    const { shape } = anyInput(call, 0);
    const found = [...constantInput(call, 0)].flatMap((value, i) => value !== 0 ? [i] : []);
    const strides = stridesOf(shape);
    const places = shape.flatMap((size, axis) =>
      found.map((i) => Math.floor(i / (strides[axis] as number)) % size)
    );
    const as = { shape: [shape.length, found.length], type: "int64" as const };
    return [constant(call.builder, places, as)];
  },
});

/** Rows of ai.onnx. */
export const INDEXING: OperatorTable = {
  GatherElements: [gatherElements],
  GatherND: [gatherND],
  Scatter: [scatterElements(9, ["none"])],
  ScatterElements: [
    scatterElements(11, ["none"]),
    scatterElements(16, ["none", "add", "mul"]),
    scatterElements(18, ["none", "add", "mul", "max", "min"]),
  ],
  ScatterND: [
    scatterND(11, ["none"]),
    scatterND(16, ["none", "add", "mul"]),
    scatterND(18, ["none", "add", "mul", "max", "min"]),
  ],
  OneHot: [oneHot],
  Compress: [compress],
  ReverseSequence: [reverseSequence],
  Trilu: [trilu],
  EyeLike: [eyeLike],
  NonZero: [nonZero],
};
