/** Pools: what windows over the spatial axes, or whole channels, come down to. */

import type { TapeBuilder } from "../tape_builder.ts";
import type { NodeId } from "../tape.ts";
import { flag, float, int, optionalInts, requiredInts } from "./attributes.ts";
import {
  type AttributeSpec,
  type AttributeSpecs,
  type AttributeValues,
  type Call,
  type Operator,
  operator,
  OperatorError,
  type OperatorTable,
  type Value,
} from "./operator.ts";
import { foldRuns } from "./reduction.ts";
import { count } from "./shape.ts";
import { anyInput, floatInput } from "./values.ts";
import { spatialOf, WINDOW, type Windows, windowsOver } from "./windows.ts";

/** The taps of each window of each sample's channels, one after another; zeros in the padding. */
function windowTaps(builder: TapeBuilder, x: Value, { taps }: Windows): NodeId {
  const area = count(spatialOf(x));
  const planes = count(x.shape.slice(0, 2));
  const width = taps[0]?.length ?? 0;
  const zero = count(x.shape);
  const indices = new Int32Array(count([planes, taps.length, width]));
  let at = 0;
  for (let plane = 0; plane < planes; plane++) {
    for (const window of taps) {
      for (const tap of window) indices[at++] = tap < 0 ? zero : plane * area + tap;
    }
  }
  return builder.gather(builder.concat([x.node, builder.constant([0])]), indices);
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
      const planes = count(x.shape.slice(0, 2));
      const width = count(attributes.kernel_shape);
      const perWindow = windows.taps.map((window, k) =>
        1 /
        (attributes.count_include_pad === true
          ? windows.padded[k] as number
          : window.filter((tap) => tap >= 0).length)
      );
      const factor = Float64Array.from(
        { length: planes * perWindow.length },
        (_, i) => perWindow[i % perWindow.length] as number,
      );
      const sums = builder.sum(windowTaps(builder, x, windows), width);
      return [{
        ...x,
        shape: [...x.shape.slice(0, 2), ...windows.shape],
        node: builder.scale(sums, factor, new Float64Array(factor.length)),
      }];
    },
  });
}

/** (Σ |x|^p)^(1/p) of runs; no derivative where all of a run is 0. */
function lpNorm(builder: TapeBuilder, node: NodeId, { length, p }: { length: number; p: number }) {
  const size = builder.map("abs", node);
  return builder.map("power", builder.sum(builder.map("power", size, [p]), length), [1 / p]);
}

function lpPool(
  since: number,
  p: AttributeSpec<number>,
  extra: { readonly ceil_mode?: AttributeSpec<boolean>; readonly dilations?: typeof optionalInts },
): Operator {
  return operator({
    since,
    inputs: [1, 1],
    attributes: { ...WINDOW, kernel_shape: requiredInts, p, ...extra },
    lower: (call) => {
      const { builder, attributes } = call;
      const x = floatInput(call, 0);
      const windows = windowsOver(spatialOf(x), attributes.kernel_shape, attributes);
      const node = lpNorm(builder, windowTaps(builder, x, windows), {
        length: count(attributes.kernel_shape),
        p: attributes.p,
      });
      return [{ ...x, shape: [...x.shape.slice(0, 2), ...windows.shape], node }];
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
      const x = anyInput(call, 0);
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
function globalPool<S extends AttributeSpecs>(
  since: number,
  attributes: S,
  reduce: (call: Call<AttributeValues<S>>, x: Value, length: number) => NodeId,
): Operator {
  return operator<S>({
    since,
    inputs: [1, 1],
    attributes,
    lower: (call) => {
      const x = floatInput(call, 0);
      const spatial = spatialOf(x);
      const shape = [...x.shape.slice(0, 2), ...spatial.map(() => 1)];
      return [{ ...x, shape, node: reduce(call, x, count(spatial)) }];
    },
  });
}

function globalLpPool(since: number, p: AttributeSpec<number>): Operator {
  return globalPool(
    since,
    { p },
    ({ builder, attributes }, x, length) => lpNorm(builder, x.node, { length, p: attributes.p }),
  );
}

/** Rows of ai.onnx. */
export const POOLING: OperatorTable = {
  LpPool: [
    lpPool(1, float(2), {}),
    lpPool(2, int(2), {}),
    lpPool(18, int(2), { ceil_mode: flag(0), dilations: optionalInts }),
  ],
  GlobalLpPool: [globalLpPool(1, float(2)), globalLpPool(2, int(2))],
  AveragePool: [
    averagePool(1, "none"),
    averagePool(7, "pad"),
    averagePool(10, "ceil"),
    averagePool(19, "dilations"),
  ],
  MaxPool: [maxPool(1, "none"), maxPool(8, "order"), maxPool(10, "ceil")],
  GlobalAveragePool: [
    globalPool(
      1,
      {},
      ({ builder }, x, length) => builder.scaleBy(builder.sum(x.node, length), 1 / length),
    ),
  ],
  GlobalMaxPool: [
    globalPool(
      1,
      {},
      ({ builder }, x, length) =>
        foldRuns(builder, { node: x.node, length }, (a, b) => builder.maximum(a, b)),
    ),
  ],
};
