/** Matrix products: one affine where one side is constant, products and sums where neither is. */

import type { TapeBuilder } from "../tape_builder.ts";
import { OperatorError, type Value } from "./operator.ts";
import { broadcastShape, broadcastStrides, count, stridesOf } from "./shape.ts";
import { reshape, transpose, view } from "./values.ts";

/** a (…, m, k) times b (…, k, n), batch axes broadcast, as numpy's matmul does. */
export function matrixProduct(builder: TapeBuilder, [a, b]: readonly [Value, Value]): Value {
  if (a.shape.length === 0 || b.shape.length === 0) {
    throw new OperatorError("it multiplies a scalar as a matrix");
  }
  if (a.type !== b.type) {
    throw new OperatorError(`its inputs are of types ${a.type} and ${b.type}`);
  }
  const left = a.shape.length === 1 ? reshape(a, [1, ...a.shape]) : a;
  const right = b.shape.length === 1 ? reshape(b, [...b.shape, 1]) : b;
  const [m, k] = left.shape.slice(-2) as [number, number];
  const [rows, n] = right.shape.slice(-2) as [number, number];
  if (k !== rows || k === 0) {
    throw new OperatorError(`shapes [${a.shape}] and [${b.shape}] do not multiply`);
  }
  const batch = broadcastShape(left.shape.slice(0, -2), right.shape.slice(0, -2));
  const product = multiply(builder, [left, right], { batch, m, k, n });
  return reshape(product, [
    ...batch,
    ...(a.shape.length === 1 ? [] : [m]),
    ...(b.shape.length === 1 ? [] : [n]),
  ]);
}

interface Sizes {
  readonly batch: readonly number[];
  readonly m: number;
  readonly k: number;
  readonly n: number;
}

function multiply(builder: TapeBuilder, [a, b]: readonly [Value, Value], sizes: Sizes): Value {
  const { batch, m, k, n } = sizes;
  const weights = builder.constantOf(b.node);
  if (weights !== undefined && count(b.shape) === k * n) {
    const wide = broadcastRows(builder, a, [...batch, m, k]);
    const columns = transposed(weights, { rows: k, cols: n });
    return {
      ...a,
      shape: [...batch, m, n],
      node: builder.affine(wide.node, columns, new Float64Array(n)),
    };
  }
  const fixed = builder.constantOf(a.node);
  if (fixed !== undefined && count(a.shape) === m * k) {
    // (a b)ᵀ = bᵀ aᵀ, so that the constant stands where an affine wants it.
    const turned = transpose(builder, b, swapped(b.shape.length));
    const wide = broadcastRows(builder, turned, [...batch, n, k]);
    const node = builder.affine(wide.node, fixed, new Float64Array(m));
    return transpose(builder, { ...a, shape: [...batch, n, m], node }, swapped(batch.length + 2));
  }
  return multiplyBoth(builder, [a, b], sizes);
}

/** Σₖ aᵢₖ bₖⱼ element by element. */
function multiplyBoth(builder: TapeBuilder, [a, b]: readonly [Value, Value], sizes: Sizes): Value {
  const { batch, m, k, n } = sizes;
  const shape = [...batch, m, n, k];
  const [aBatch, bBatch] = [a, b].map((value) =>
    broadcastStrides([...value.shape.slice(0, -2), 1], [...batch, 1]).slice(0, -1)
      .map((stride) => stride * count(value.shape.slice(-2)))
  ) as [number[], number[]];
  const left = view(builder, a, { shape, strides: [...aBatch, k, 0, 1] });
  const right = view(builder, b, { shape, strides: [...bBatch, 0, 1, n] });
  const products = builder.product(left.node, right.node);
  return { ...a, shape: [...batch, m, n], node: builder.sum(products, k) };
}

function broadcastRows(builder: TapeBuilder, value: Value, shape: readonly number[]): Value {
  return view(builder, value, { shape, strides: broadcastStrides(value.shape, shape) });
}

function swapped(rank: number): number[] {
  const order = Array.from({ length: rank }, (_, axis) => axis);
  return [...order.slice(0, -2), rank - 1, rank - 2];
}

/** A row-major matrix with rows and columns exchanged. */
export function transposed(
  matrix: Float64Array,
  { rows, cols }: { readonly rows: number; readonly cols: number },
): Float64Array {
  const [across] = [stridesOf([rows, cols])[0] as number];
  return Float64Array.from(
    { length: rows * cols },
    (_, i) => matrix[(i % rows) * across + Math.floor(i / rows)] as number,
  );
}
