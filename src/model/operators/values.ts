/** Operations on shaped values that many operators are made of. */

import type { ElementType } from "../graph.ts";
import type { FunctionName } from "../functions.ts";
import type { TapeBuilder } from "../tape_builder.ts";
import type { NodeId } from "../tape.ts";
import { type Call, OperatorError, type Value } from "./operator.ts";
import { broadcastShape, broadcastStrides, count, stridesOf, walk } from "./shape.ts";

const FLOATS: ReadonlySet<ElementType> = new Set(["float32", "float64", "float16", "bfloat16"]);

/** Whether a type can carry a derivative. */
export function isFloat(type: ElementType): boolean {
  return FLOATS.has(type);
}

/** The input at `index`, which the row declares as required and of a floating type. */
export function floatInput(call: Call<unknown>, index: number): Value {
  const value = anyInput(call, index);
  if (!isFloat(value.type)) {
    throw new OperatorError(`its input ${index} is of type ${value.type}, not a float`);
  }
  return value;
}

/** The input at `index`, which the row declares as required. */
export function anyInput(call: Call<unknown>, index: number): Value {
  const value = call.inputs[index];
  if (value === undefined) throw new OperatorError(`its input ${index} is left out`);
  return value;
}

/** The values of an input that must not depend on the model's inputs; undefined if left out. */
export function optionalConstant(call: Call<unknown>, index: number): Float64Array | undefined {
  const value = call.inputs[index];
  if (value === undefined) return undefined;
  const constant = call.builder.constantOf(value.node);
  if (constant === undefined) {
    throw new OperatorError(
      `its input ${index} depends on the model's inputs`,
      "fix it to a constant when exporting",
    );
  }
  return constant;
}

/** As optionalConstant, of an input that must be there. */
export function constantInput(call: Call<unknown>, index: number): Float64Array {
  anyInput(call, index);
  return optionalConstant(call, index) as Float64Array;
}

/** Integers of a constant input: axes, shapes, counts. */
export function integersInput(call: Call<unknown>, index: number): number[] {
  const { type } = anyInput(call, index);
  if (type !== "int64" && type !== "int32") {
    throw new OperatorError(`its input ${index} is of type ${type}, not an integer`);
  }
  return [...constantInput(call, index)];
}

/** As integersInput, of an input that may be left out. */
export function optionalIntegers(call: Call<unknown>, index: number): number[] | undefined {
  return call.inputs[index] === undefined ? undefined : integersInput(call, index);
}

/** The same elements in another shape. */
export function reshape(value: Value, shape: readonly number[]): Value {
  if (count(shape) !== count(value.shape)) {
    throw new OperatorError(`shape [${value.shape}] cannot be read as [${shape}]`);
  }
  return { ...value, shape };
}

/** Reads `value` through base + Σ coordinate · stride. */
export function view(
  builder: TapeBuilder,
  value: Value,
  to: {
    readonly shape: readonly number[];
    readonly strides: readonly number[];
    readonly base?: number;
  },
): Value {
  const indices = walk(to.shape, to.strides, to.base);
  return { ...value, shape: to.shape, node: builder.gather(value.node, indices) };
}

/** Repeats a value along its axes of length 1 and along new axes in front. */
export function broadcastTo(builder: TapeBuilder, value: Value, shape: readonly number[]): Value {
  return view(builder, value, { shape, strides: broadcastStrides(value.shape, shape) });
}

/** Axis k of the result is axis order[k] of the value. */
export function transpose(builder: TapeBuilder, value: Value, order: readonly number[]): Value {
  const strides = stridesOf(value.shape);
  return view(builder, value, {
    shape: order.map((axis) => value.shape[axis] as number),
    strides: order.map((axis) => strides[axis] as number),
  });
}

/** Elementwise σ. */
export function map(
  builder: TapeBuilder,
  value: Value,
  sigma: { readonly fn: FunctionName; readonly constants?: readonly number[] },
): Value {
  return { ...value, node: builder.map(sigma.fn, value.node, sigma.constants) };
}

/** Elementwise operation of two values after broadcasting both. */
export function binary(
  builder: TapeBuilder,
  [a, b]: readonly [Value, Value],
  combine: (a: NodeId, b: NodeId) => NodeId,
): Value {
  if (a.type !== b.type) {
    throw new OperatorError(`its inputs are of types ${a.type} and ${b.type}`);
  }
  const shape = broadcastShape(a.shape, b.shape);
  const left = broadcastTo(builder, a, shape);
  const right = broadcastTo(builder, b, shape);
  return { shape, type: a.type, node: combine(left.node, right.node) };
}

/** A constant value. */
export function constant(
  builder: TapeBuilder,
  values: ArrayLike<number>,
  as: { readonly shape: readonly number[]; readonly type: ElementType },
): Value {
  if (values.length !== count(as.shape)) {
    throw new OperatorError(`${values.length} values do not fill the shape [${as.shape}]`);
  }
  return { ...as, node: builder.constant(values) };
}
