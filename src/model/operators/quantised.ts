/** Weights that are stored as small integers. */

import { int } from "./attributes.ts";
import { ELEMENT_TYPES } from "../graph.ts";
import { operator, OperatorError, type OperatorTable } from "./operator.ts";
import { axisOf, count, stridesOf, walk } from "./shape.ts";
import { anyInput, optionalConstant } from "./values.ts";

/** (x − zero point) · scale: with one scale, one per place along an axis, or one per block of it. */
const dequantise = operator({
  since: 10,
  inputs: [2, 3],
  attributes: { axis: int(1), block_size: int(0), output_dtype: int(0) },
  lower: (call) => {
    const { builder, attributes: { block_size, output_dtype } } = call;
    const [x, scales] = [anyInput(call, 0), anyInput(call, 1)];
    const scale = optionalConstant(call, 1) as Float64Array;
    const zero = optionalConstant(call, 2) ?? new Float64Array(scale.length);
    const type = ELEMENT_TYPES[output_dtype as keyof typeof ELEMENT_TYPES] ?? scales.type;
    const indices = count(scales.shape) === 1
      ? new Int32Array(count(x.shape))
      : scaleIndices(x.shape, scales.shape, { axis: call.attributes.axis, block: block_size });
    if (zero.length !== scale.length) {
      throw new OperatorError(`${zero.length} zero points do not fit ${scale.length} scales`);
    }
    const factor = Float64Array.from(indices, (k) => scale[k] as number);
    const offset = Float64Array.from(indices, (k) => -(zero[k] as number) * (scale[k] as number));
    return [{ ...x, type, node: builder.scale(x.node, factor, offset) }];
  },
});

/** For each element which scale is its own. */
function scaleIndices(
  shape: readonly number[],
  scales: readonly number[],
  { axis: wanted, block }: { readonly axis: number; readonly block: number },
): Int32Array {
  const axis = axisOf(wanted, shape.length);
  const size = shape[axis] as number;
  if (block > 0) {
    const strides = stridesOf(scales);
    const fits = scales.length === shape.length && scales[axis] === Math.ceil(size / block);
    if (!fits) throw new OperatorError(`scales [${scales}] do not fit [${shape}] in ${block}s`);
    const own = stridesOf(shape);
    return Int32Array.from(
      { length: count(shape) },
      (_, i) =>
        strides.reduce((index, stride, k) => {
          const at = Math.floor(i / (own[k] as number)) % (shape[k] as number);
          return index + stride * (k === axis ? Math.floor(at / block) : at);
        }, 0),
    );
  }
  if (count(scales) !== size) {
    throw new OperatorError(`scales [${scales}] do not fit axis ${axis} of [${shape}]`);
  }
  return walk(shape, shape.map((_, k) => k === axis ? 1 : 0));
}

/** Rows of ai.onnx. */
export const QUANTISED: OperatorTable = { DequantizeLinear: [dequantise] };
