/** Shapes and the index arithmetic of row-major tensors. */

import { OperatorError } from "./operator.ts";

/** Beyond this a tensor has no place in an optimizer: 16 million elements, 128 MB. */
const MOST_ELEMENTS = 2 ** 24;

/** Number of elements; 1 for a scalar. */
export function count(shape: readonly number[]): number {
  const elements = shape.reduce((product, size) => product * size, 1);
  if (!(elements >= 0 && elements <= MOST_ELEMENTS)) {
    throw new OperatorError(`a tensor of shape [${shape}] is too large for an optimizer`);
  }
  return elements;
}

/** How far apart neighbours along each axis stand. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--) {
    strides[axis] = (strides[axis + 1] as number) * (shape[axis + 1] as number);
  }
  return strides;
}

/**
 * For every coordinate of `shape` in row-major order: base + Σ coordinate · stride. Transposes,
 * slices, broadcasts (stride 0), reversals (negative stride) and diagonals are all of this form.
 */
export function walk(
  shape: readonly number[],
  strides: readonly number[],
  base = 0,
): Int32Array {
  const indices = new Int32Array(count(shape));
  if (indices.length === 0) return indices;
  const coordinate = new Array<number>(shape.length).fill(0);
  let index = base;
  for (let i = 0; i < indices.length; i++) {
    indices[i] = index;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const next = (coordinate[axis] as number) + 1;
      index += strides[axis] as number;
      if (next < (shape[axis] as number)) {
        coordinate[axis] = next;
        break;
      }
      index -= next * (strides[axis] as number);
      coordinate[axis] = 0;
    }
  }
  return indices;
}

/** The shape that two shapes broadcast to (ONNX "Multidirectional Broadcasting", numpy's rule). */
export function broadcastShape(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const left = a[axis - rank + a.length] ?? 1;
    const right = b[axis - rank + b.length] ?? 1;
    if (left !== right && left !== 1 && right !== 1) {
      throw new OperatorError(`shapes [${a}] and [${b}] do not broadcast`);
    }
    return left === 1 ? right : left;
  });
}

/** Strides that read a tensor of shape `from` as if it had the shape `to`. */
export function broadcastStrides(from: readonly number[], to: readonly number[]): number[] {
  const missing = to.length - from.length;
  const own = stridesOf(from);
  return to.map((size, axis) => {
    const given = axis < missing ? 1 : from[axis - missing] as number;
    if (missing < 0 || (given !== size && given !== 1)) {
      throw new OperatorError(`shape [${from}] does not broadcast to [${to}]`);
    }
    return given === 1 ? 0 : own[axis - missing] as number;
  });
}

/** An axis counted from the front; negative ones count from the back. */
export function axisOf(axis: number, rank: number): number {
  const positive = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(axis) || positive < 0 || positive >= rank) {
    throw new OperatorError(`axis ${axis} does not exist in ${rank} dimensions`);
  }
  return positive;
}

/** Axes counted from the front, each at most once. */
export function axesOf(axes: readonly number[], rank: number): number[] {
  const positive = axes.map((axis) => axisOf(axis, rank));
  if (new Set(positive).size !== positive.length) {
    throw new OperatorError(`axes [${axes}] name one axis twice`);
  }
  return positive;
}
