/**
 * Scaled dot-product attention (A. Vaswani et al., arXiv:1706.03762) as ONNX has it since opset 23:
 * softmax(α Q Kᵀ + mask) V for each head. Without a cache of earlier keys, which only text needs.
 */

import { flag, float, int, optionalFloat, optionalInt } from "./attributes.ts";
import { matrixProduct } from "./matrix_product.ts";
import { type Call, operator, OperatorError, type OperatorTable, type Value } from "./operator.ts";
import { softmaxOfRuns } from "./reductions.ts";
import { broadcastShape, count } from "./shape.ts";
import {
  binary,
  broadcastTo,
  constant,
  floatInput,
  optionalConstant,
  reshape,
  transpose,
  view,
} from "./values.ts";

interface Attributes {
  readonly is_causal: boolean;
  readonly kv_num_heads: number | undefined;
  readonly q_num_heads: number | undefined;
  readonly qk_matmul_output_mode: number;
  readonly scale: number | undefined;
  readonly softcap: number;
}

/** (batch, heads, length, width), out of that or of (batch, length, heads · width). */
function headsOf(call: Call<Attributes>, index: number, heads: number | undefined): Value {
  const x = floatInput(call, index);
  if (x.shape.length === 4) return x;
  const [batch = NaN, length = NaN, all = NaN] = x.shape;
  if (x.shape.length !== 3 || heads === undefined || all % heads !== 0) {
    throw new OperatorError(
      `its input ${index} of shape [${x.shape}] has no ${heads ?? "?"} heads`,
    );
  }
  const apart = reshape(x, [batch, length, heads, all / heads]);
  return transpose(call.builder, apart, [0, 2, 1, 3]);
}

/** Each head of the keys or values for as many heads of the queries as share it. */
function shared({ builder }: Call<unknown>, x: Value, heads: number): Value {
  const [batch = NaN, own = NaN, length = NaN, width = NaN] = x.shape;
  if (heads % own !== 0) throw new OperatorError(`${heads} heads do not share ${own}`);
  const each = length * width;
  const wide = view(builder, x, {
    shape: [batch, own, heads / own, each],
    strides: [own * each, each, 0, 1],
  });
  return reshape(wide, [batch, heads, length, width]);
}

/** What is added to the scores: 0 or −∞ by the causal order and by a mask of truths, or a mask itself. */
function maskOf(call: Call<Attributes>, scores: Value): Value | undefined {
  const { builder, attributes: { is_causal } } = call;
  const [rows, columns] = scores.shape.slice(-2) as [number, number];
  const given = call.inputs[3];
  const hide = (values: ArrayLike<number>, shape: readonly number[]) =>
    constant(
      builder,
      Float64Array.from(values, (visible) => visible !== 0 ? 0 : -Infinity),
      { shape, type: scores.type },
    );
  const causal = is_causal
    ? hide(
      Float64Array.from(
        { length: count([rows, columns]) },
        (_, i) => Number(i % columns <= Math.floor(i / columns)),
      ),
      [rows, columns],
    )
    : undefined;
  if (given === undefined) return causal;
  const own = given.type === "bool"
    ? hide(optionalConstant(call, 3) as Float64Array, given.shape)
    : given;
  return causal === undefined ? own : binary(builder, [own, causal], (a, b) => builder.add(a, b));
}

function attention(call: Call<Attributes>): Value {
  const { builder, attributes } = call;
  const { q_num_heads, kv_num_heads, softcap, scale } = attributes;
  if (call.inputs.slice(4).some((input) => input !== undefined) || softcap !== 0) {
    throw new OperatorError(
      "it keeps keys of earlier calls, or caps its scores",
      "export the model for inputs of one fixed shape, without a cache",
    );
  }
  if (call.outputs > 1) throw new OperatorError("its keys, values or scores are outputs");
  const q = headsOf(call, 0, q_num_heads);
  const [, heads = NaN, , width = NaN] = q.shape;
  const k = shared(call, headsOf(call, 1, kv_num_heads), heads);
  const v = shared(call, headsOf(call, 2, kv_num_heads), heads);
  const product = matrixProduct(builder, [q, transpose(builder, k, [0, 1, 3, 2])]);
  const factor = scale ?? 1 / Math.sqrt(width);
  const scores = { ...product, node: builder.scaleBy(product.node, factor) };
  const mask = maskOf(call, scores);
  const masked = mask === undefined ? scores : binary(
    builder,
    [scores, broadcastTo(builder, mask, broadcastShape(scores.shape, mask.shape))],
    (a, b) => builder.add(a, b),
  );
  const length = masked.shape.at(-1) as number;
  const weights = { ...masked, node: softmaxOfRuns(builder, { node: masked.node, length }) };
  const y = matrixProduct(builder, [weights, v]);
  if (floatInput(call, 0).shape.length === 4) return y;
  const [batch = NaN, , rows = NaN, depth = NaN] = y.shape;
  return reshape(transpose(builder, y, [0, 2, 1, 3]), [batch, rows, heads * depth]);
}

/** Rows of ai.onnx. */
export const ATTENTION: OperatorTable = {
  Attention: [
    operator({
      since: 23,
      inputs: [3, 7],
      outputs: 4,
      attributes: {
        is_causal: flag(0),
        kv_num_heads: optionalInt,
        q_num_heads: optionalInt,
        qk_matmul_output_mode: int(0),
        scale: optionalFloat,
        softcap: float(0),
        softmax_precision: optionalInt,
      },
      lower: (call) => [attention(call)],
    }),
  ],
};
