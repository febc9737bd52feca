/** Convolutions and pools over any number of spatial axes. */

import { flag, int, optionalInts, requiredInts } from "./attributes.ts";
import {
  type Call,
  type Operator,
  operator,
  OperatorError,
  type OperatorTable,
  type Value,
} from "./operator.ts";
import { foldRuns } from "./reduction.ts";
import { count, walk } from "./shape.ts";
import { constantInput, floatInput, optionalConstant } from "./values.ts";
import { WINDOW, type Windows, windowsOver } from "./windows.ts";

function spatialOf(x: Value): number[] {
  if (x.shape.length < 3) throw new OperatorError(`its shape [${x.shape}] has no spatial axis`);
  return x.shape.slice(2);
}

/**
 * Gathers, per sample and group, one segment per output position: the taps of all the group's
 * channels. One affine over the segments is then the whole convolution.
 */
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
    const [samples, channels] = x.shape as [number, number];
    const fits = kernel.length === spatial.length && group >= 1 && features % group === 0 &&
      channels === perGroup * group && `${kernel_shape ?? kernel}` === `${kernel}`;
    if (!fits) {
      throw new OperatorError(
        `weights of shape [${
          floatInput(call, 1).shape
        }] in ${group} groups do not fit [${x.shape}]`,
      );
    }
    const bias = optionalConstant(call, 2) ?? new Float64Array(features);
    if (bias.length !== features) {
      throw new OperatorError(`its bias has ${bias.length} values, not ${features}`);
    }
    const windows = windowsOver(spatial, kernel, call.attributes);
    const area = count(spatial);
    const zero = count(x.shape);
    const source = builder.concat([x.node, builder.constant([0])]);
    const rows = features / group;
    const parts: number[] = [];
    for (let sample = 0; sample < samples; sample++) {
      for (let g = 0; g < group; g++) {
        const first = (sample * channels + g * perGroup) * area;
        const segments = builder.gather(
          source,
          segmentIndices(windows, { first, perGroup, area, zero }),
        );
        const size = rows * perGroup * count(kernel);
        const positions = builder.affine(
          segments,
          weights.slice(g * size, (g + 1) * size),
          bias.slice(g * rows, (g + 1) * rows),
        );
        parts.push(builder.gather(positions, walk([rows, windows.taps.length], [1, rows])));
      }
    }
    return [{
      ...x,
      shape: [samples, features, ...windows.shape],
      node: builder.concat(parts),
    }];
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

function segmentIndices({ taps }: Windows, { first, perGroup, area, zero }: Segment): Int32Array {
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

/** Mean over each window; padding counts only where count_include_pad says so. */
function averagePool(since: number, extra: "none" | "pad" | "ceil" | "dilations"): Operator {
  const level = ["none", "pad", "ceil", "dilations"].indexOf(extra);
  return operator({
    since,
    inputs: [1, 1],
    attributes: {
      ...WINDOW,
      kernel_shape: requiredInts,
      ...(level >= 1 ? { count_include_pad: flag(0) } : {}),
      ...(level >= 2 ? { ceil_mode: flag(0) } : {}),
      ...(level >= 3 ? { dilations: optionalInts } : {}),
    },
    lower: (call) => {
      const { builder, attributes } = call;
      const x = floatInput(call, 0);
      const spatial = spatialOf(x);
      const windows = windowsOver(spatial, attributes.kernel_shape, attributes);
      const area = count(spatial);
      const planes = count(x.shape.slice(0, 2));
      const zero = count(x.shape);
      const width = count(attributes.kernel_shape);
      const source = builder.concat([x.node, builder.constant([0])]);
      const indices = new Int32Array(count([planes, windows.taps.length, width]));
      const factor = new Float64Array(planes * windows.taps.length);
      let at = 0;
      for (let plane = 0; plane < planes; plane++) {
        windows.taps.forEach((window, k) => {
          for (const tap of window) indices[at++] = tap < 0 ? zero : plane * area + tap;
          const divisor = attributes.count_include_pad === true
            ? windows.padded[k] as number
            : window.filter((tap) => tap >= 0).length;
          factor[plane * windows.taps.length + k] = 1 / divisor;
        });
      }
      const sums = builder.sum(builder.gather(source, indices), width);
      return [{
        ...x,
        shape: [...x.shape.slice(0, 2), ...windows.shape],
        node: builder.scale(sums, factor, new Float64Array(factor.length)),
      }];
    },
  });
}

/** Largest of each window, as a tree of maxima; at ties the left derivative. */
function maxPool(since: number, extra: "none" | "order" | "ceil"): Operator {
  const level = ["none", "order", "ceil"].indexOf(extra);
  return operator({
    since,
    inputs: [1, 1],
    outputs: level >= 1 ? 2 : 1,
    attributes: {
      ...WINDOW,
      kernel_shape: requiredInts,
      ...(level >= 1 ? { storage_order: flag(0) } : {}),
      ...(level >= 2 ? { ceil_mode: flag(0), dilations: optionalInts } : {}),
    },
    lower: (call) => {
      const { builder, attributes } = call;
      if (call.outputs > 1) throw new OperatorError("its indices are used as a second output");
      const x = floatInput(call, 0);
      const spatial = spatialOf(x);
      const windows = windowsOver(spatial, attributes.kernel_shape, attributes);
      const area = count(spatial);
      const planes = count(x.shape.slice(0, 2));
      const width = windows.taps[0]?.length ?? 0;
      const indices: number[] = [];
      for (let plane = 0; plane < planes; plane++) {
        for (const window of windows.taps) {
          const inside = window.filter((tap) => tap >= 0);
          const [first] = inside;
          if (first === undefined) throw new OperatorError("a window lies in the padding only");
          // Taps in the padding repeat one inside, which leaves the maximum as it is.
          for (let k = 0; k < width; k++) indices.push(plane * area + (inside[k] ?? first));
        }
      }
      const node = foldRuns(
        builder,
        { node: builder.gather(x.node, indices), length: width },
        (a, b) => builder.maximum(a, b),
      );
      return [{ ...x, shape: [...x.shape.slice(0, 2), ...windows.shape], node }];
    },
  });
}

/** One value per channel over all spatial axes. */
function globalPool(reduce: (call: Call<unknown>, x: Value, length: number) => number): Operator {
  return operator({
    since: 1,
    inputs: [1, 1],
    lower: (call) => {
      const x = floatInput(call, 0);
      const spatial = spatialOf(x);
      const shape = [...x.shape.slice(0, 2), ...spatial.map(() => 1)];
      return [{ ...x, shape, node: reduce(call, x, count(spatial)) }];
    },
  });
}

/** Rows of ai.onnx. */
export const CONVOLUTION: OperatorTable = {
  Conv: [conv],
  AveragePool: [
    averagePool(1, "none"),
    averagePool(7, "pad"),
    averagePool(10, "ceil"),
    averagePool(19, "dilations"),
  ],
  MaxPool: [maxPool(1, "none"), maxPool(8, "order"), maxPool(10, "ceil")],
  GlobalAveragePool: [
    globalPool(({ builder }, x, length) =>
      builder.scaleBy(builder.sum(x.node, length), 1 / length)
    ),
  ],
  GlobalMaxPool: [
    globalPool(({ builder }, x, length) =>
      foldRuns(builder, { node: x.node, length }, (a, b) => builder.maximum(a, b))
    ),
  ],
};
