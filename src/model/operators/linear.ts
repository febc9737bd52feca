/** Gemm, MatMul and Einsum. */

import { flag, float, requiredString } from "./attributes.ts";
import { einsum } from "./einsum.ts";
import { matrixProduct } from "./matrix_product.ts";
import { type Call, operator, OperatorError, type OperatorTable, type Value } from "./operator.ts";
import { anyInput, binary, broadcastTo, floatInput, transpose } from "./values.ts";

interface GemmAttributes {
  readonly alpha: number;
  readonly beta: number;
  readonly transA: boolean;
  readonly transB: boolean;
}

/** α A′ B′ + β C, where C broadcasts to the product. */
function gemm(call: Call<GemmAttributes>): Value {
  const { builder, attributes: { alpha, beta, transA, transB } } = call;
  const [a, b] = [anyInput(call, 0), anyInput(call, 1)];
  if (a.shape.length !== 2 || b.shape.length !== 2) {
    throw new OperatorError(`its shapes [${a.shape}] and [${b.shape}] are no matrices`);
  }
  const left = transA ? transpose(builder, a, [1, 0]) : a;
  const right = transB ? transpose(builder, b, [1, 0]) : b;
  const product = matrixProduct(builder, [left, right]);
  const scaled = { ...product, node: builder.scaleBy(product.node, alpha) };
  const c = call.inputs[2];
  if (c === undefined) return scaled;
  const wide = broadcastTo(builder, c, product.shape);
  const shift = { ...wide, node: builder.scaleBy(wide.node, beta) };
  return binary(builder, [scaled, shift], (x, y) => builder.add(x, y));
}

const GEMM = { alpha: float(1), beta: float(1), transA: flag(0), transB: flag(0) };

/** Before opset 7 C broadcast only where `broadcast` said so. */
const gemmWithBroadcast = operator({
  since: 1,
  inputs: [3, 3],
  attributes: { ...GEMM, broadcast: flag(0) },
  lower: (call) => {
    const product = gemm(call);
    if (!call.attributes.broadcast && `${anyInput(call, 2).shape}` !== `${product.shape}`) {
      throw new OperatorError(`its C of shape [${anyInput(call, 2).shape}] may not broadcast`);
    }
    return [product];
  },
});

const gemmRow = (since: number, fewest: number) =>
  operator({ since, inputs: [fewest, 3], attributes: GEMM, lower: (call) => [gemm(call)] });

/** Rows of ai.onnx. */
export const LINEAR: OperatorTable = {
  Gemm: [gemmWithBroadcast, gemmRow(7, 3), gemmRow(11, 2)],
  MatMul: [
    operator({
      since: 1,
      inputs: [2, 2],
      lower: (call) => [matrixProduct(call.builder, [anyInput(call, 0), anyInput(call, 1)])],
    }),
  ],
  Einsum: [
    operator({
      since: 12,
      inputs: [1, Infinity],
      attributes: { equation: requiredString },
      lower: (call) => {
        const operands = call.inputs.map((_, index) => floatInput(call, index));
        return [einsum(call.builder, call.attributes.equation, operands)];
      },
    }),
  ],
};
