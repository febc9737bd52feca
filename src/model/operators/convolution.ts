/** Convolutions over any number of spatial axes, and their transposes. */

import type { TapeBuilder } from "../tape_builder.ts";
import { int, optionalInts } from "./attributes.ts";
import { type Call, operator, OperatorError, type OperatorTable, type Value } from "./operator.ts";
import { count, walk } from "./shape.ts";
import { windowsReaching } from "./transposed_windows.ts";
import { anyInput, constantInput, floatInput, optionalConstant } from "./values.ts";
import { spatialOf, WINDOW, type Windows, windowsOver } from "./windows.ts";

/** What a convolution does with each group's segments. */
interface Kernels {
  readonly group: number;
  readonly features: number;
  /** Of group g: one row per feature, over the taps of all the group's channels. */
  readonly weights: (g: number) => Float64Array;
  readonly bias: Float64Array;
}

/**
 * Gathers, per sample and group, one segment per output position: the taps of all the group's
 * channels. One affine over the segments is then the whole convolution.
 */
function convolve(
  builder: TapeBuilder,
  { x, windows }: { readonly x: Value; readonly windows: Pick<Windows, "shape" | "taps"> },
  { group, features, weights, bias }: Kernels,
): Value {
  const [samples, channels] = x.shape as [number, number];
  const perGroup = channels / group;
  const area = count(spatialOf(x));
  const zero = count(x.shape);
  const source = builder.concat([x.node, builder.constant([0])]);
  const rows = features / group;
  const parts: number[] = [];
  for (let sample = 0; sample < samples; sample++) {
    for (let g = 0; g < group; g++) {
      const first = (sample * channels + g * perGroup) * area;
      const segments = builder.gather(
        source,
        segmentIndices(windows.taps, { first, perGroup, area, zero }),
      );
      const offset = bias.slice(g * rows, (g + 1) * rows);
      const positions = builder.affine(segments, weights(g), offset);
      parts.push(builder.gather(positions, walk([rows, windows.taps.length], [1, rows])));
    }
  }
  return { ...x, shape: [samples, features, ...windows.shape], node: builder.concat(parts) };
}

function biasOf(call: Call<unknown>, features: number): Float64Array {
  const bias = optionalConstant(call, 2) ?? new Float64Array(features);
  if (bias.length !== features) {
    throw new OperatorError(`its bias has ${bias.length} values, not ${features}`);
  }
  return bias;
}

function weightsDoNotFit(call: Call<{ readonly group: number }>): OperatorError {
  const [x, weights] = [anyInput(call, 0), anyInput(call, 1)];
  const { group } = call.attributes;
  return new OperatorError(
    `weights of shape [${weights.shape}] in ${group} groups do not fit [${x.shape}]`,
  );
}

const conv = operator({
  since: 1,
  inputs: [2, 3],
  attributes: { ...WINDOW, dilations: optionalInts, kernel_shape: optionalInts, group: int(1) },
  lower: (call) => {
    const { builder, attributes: { group, kernel_shape } } = call;
    const x = floatInput(call, 0);
    const weights = constantInput(call, 1);
    const [features = NaN, perGroup = NaN, ...kernel] = floatInput(call, 1).shape;
    const spatial = spatialOf(x);
    const fits = kernel.length === spatial.length && group >= 1 && features % group === 0 &&
      x.shape[1] === perGroup * group && `${kernel_shape ?? kernel}` === `${kernel}`;
    if (!fits) throw weightsDoNotFit(call);
    const size = features / group * perGroup * count(kernel);
    const windows = windowsOver(spatial, kernel, call.attributes);
    return [convolve(builder, { x, windows }, {
      group,
      features,
      weights: (g) => weights.slice(g * size, (g + 1) * size),
      bias: biasOf(call, features),
    })];
  },
});

/**
 * The transpose of a convolution: each input element spreads over a window of the output. Read from
 * the output, each of its elements is a sum over the few taps that reach it.
 */
const convTranspose = operator({
  since: 1,
  inputs: [2, 3],
  attributes: {
    ...WINDOW,
    dilations: optionalInts,
    group: int(1),
    kernel_shape: optionalInts,
    output_padding: optionalInts,
    output_shape: optionalInts,
  },
  lower: (call) => {
    const { builder, attributes: { group, kernel_shape } } = call;
    const x = floatInput(call, 0);
    const weights = constantInput(call, 1);
    const [channels = NaN, rows = NaN, ...kernel] = floatInput(call, 1).shape;
    const spatial = spatialOf(x);
    const fits = kernel.length === spatial.length && group >= 1 && channels % group === 0 &&
      x.shape[1] === channels && `${kernel_shape ?? kernel}` === `${kernel}`;
    if (!fits) throw weightsDoNotFit(call);
    const perGroup = channels / group;
    const taps = count(kernel);
    const windows = windowsReaching(spatial, kernel, call.attributes);
    return [convolve(builder, { x, windows }, {
      group,
      features: rows * group,
      // Stored as (channel, row, tap), wanted as (row, channel, tap).
      weights: (g) =>
        Float64Array.from(
          walk([rows, perGroup, taps], [taps, rows * taps, 1], g * perGroup * rows * taps),
          (at) => weights[at] as number,
        ),
      bias: biasOf(call, rows * group),
    })];
  },
});

interface Segment {
  /** Where the group's first channel starts. */
  readonly first: number;
  readonly perGroup: number;
  readonly area: number;
  /** Where a zero stands. */
  readonly zero: number;
}

function segmentIndices(
  taps: readonly Int32Array[],
  { first, perGroup, area, zero }: Segment,
): Int32Array {
  const width = taps[0]?.length ?? 0;
  const indices = new Int32Array(taps.length * perGroup * width);
  let at = 0;
  for (const window of taps) {
    for (let channel = 0; channel < perGroup; channel++) {
      for (const tap of window) indices[at++] = tap < 0 ? zero : first + channel * area + tap;
    }
  }
  return indices;
}

/** Rows of ai.onnx. */
export const CONVOLUTION: OperatorTable = { Conv: [conv], ConvTranspose: [convTranspose] };
