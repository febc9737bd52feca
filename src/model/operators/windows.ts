/** The sliding windows of convolutions and pools: how a kernel moves over the spatial axes. */

import { choice, optionalInts } from "./attributes.ts";
import { OperatorError, type Value } from "./operator.ts";
import { count } from "./shape.ts";

/** Who decides on the padding: the attribute pads, or the size of the result. */
export type AutoPad = "NOTSET" | "SAME_UPPER" | "SAME_LOWER" | "VALID";

/** The attributes that Conv and all pools share. */
export const WINDOW = {
  auto_pad: choice(["NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"], "NOTSET"),
  pads: optionalInts,
  strides: optionalInts,
};

/** How windows move, as the attributes say it. */
export interface WindowAttributes {
  readonly auto_pad: AutoPad;
  readonly pads: readonly number[] | undefined;
  readonly strides: readonly number[] | undefined;
  readonly dilations?: readonly number[] | undefined;
  readonly ceil_mode?: boolean | undefined;
}

/** All windows of one kernel. */
export interface Windows {
  /** Spatial shape of the result. */
  readonly shape: readonly number[];
  /** For each output position in order: the input position of each kernel tap, −1 in the padding. */
  readonly taps: readonly Int32Array[];
  /** For each output position: how many taps lie in the input or in its declared padding. */
  readonly padded: readonly number[];
}

/** The sizes of the axes after samples and channels. */
export function spatialOf(x: Value): number[] {
  if (x.shape.length < 3) throw new OperatorError(`its shape [${x.shape}] has no spatial axis`);
  return x.shape.slice(2);
}

/** Beyond this a model is for pictures, not for a plant: 4 million numbers to gather. */
export const MOST_TAPS = 2 ** 22;

interface Axis {
  readonly size: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly before: number;
  readonly after: number;
  readonly out: number;
}

/** All windows of a kernel over spatial axes of the given sizes, row-major. */
export function windowsOver(
  spatial: readonly number[],
  kernel: readonly number[],
  attributes: WindowAttributes,
): Windows {
  const rank = spatial.length;
  const perAxis = (values: readonly number[] | undefined, length: number, lowest: number) => {
    const all = values ?? new Array<number>(length).fill(lowest);
    if (all.length !== length || all.some((value) => value < lowest)) {
      throw new OperatorError(`[${all}] does not describe windows over ${rank} axes`);
    }
    return all;
  };
  perAxis(kernel, rank, 1);
  const strides = perAxis(attributes.strides, rank, 1);
  const dilations = perAxis(attributes.dilations, rank, 1);
  const pads = perAxis(attributes.pads, 2 * rank, 0);
  const axes = spatial.map((size, k) =>
    axisOf({
      size,
      kernel: kernel[k] as number,
      stride: strides[k] as number,
      dilation: dilations[k] as number,
      before: pads[k] as number,
      after: pads[rank + k] as number,
    }, attributes)
  );
  const shape = axes.map(({ out }) => out);
  if (count(shape) * count(kernel) > MOST_TAPS) {
    throw new OperatorError(`windows of [${kernel}] at [${shape}] places are too many`);
  }
  const positions = Array.from({ length: count(shape) }, (_, i) => coordinate(i, shape));
  const steps = Array.from({ length: count(kernel) }, (_, i) => coordinate(i, kernel));
  const places = (at: readonly number[], step: readonly number[]) =>
    axes.map(({ stride, dilation, before }, k) =>
      (at[k] as number) * stride - before + (step[k] as number) * dilation
    );
  return {
    shape,
    taps: positions.map((at) =>
      Int32Array.from(steps, (step) => {
        const place = places(at, step);
        const inside = place.every((p, k) => p >= 0 && p < (spatial[k] as number));
        return inside ? place.reduce((index, p, k) => index * (spatial[k] as number) + p, 0) : -1;
      })
    ),
    padded: positions.map((at) =>
      steps.filter((step) =>
        places(at, step).every((p, k) => {
          const { size, before, after } = axes[k] as Axis;
          return p >= -before && p < size + after;
        })
      ).length
    ),
  };
}

function axisOf(axis: Omit<Axis, "out">, { auto_pad, ceil_mode }: WindowAttributes): Axis {
  const { size, stride } = axis;
  const extent = (axis.kernel - 1) * axis.dilation + 1;
  if (auto_pad === "SAME_UPPER" || auto_pad === "SAME_LOWER") {
    const out = Math.ceil(size / stride);
    const total = Math.max(0, (out - 1) * stride + extent - size);
    const small = Math.floor(total / 2);
    const before = auto_pad === "SAME_UPPER" ? small : total - small;
    return { ...axis, before, after: total - before, out };
  }
  const { before, after } = auto_pad === "VALID" ? { before: 0, after: 0 } : axis;
  const span = (size + before + after - extent) / stride;
  let out = (ceil_mode === true ? Math.ceil(span) : Math.floor(span)) + 1;
  // A window that would start in the padding after the end is left out.
  if (ceil_mode === true && (out - 1) * stride >= size + before) out -= 1;
  if (!(out >= 1)) {
    throw new OperatorError(`a window of ${extent} does not fit ${size} elements`);
  }
  return { ...axis, before, after, out };
}

/** The coordinates of a row-major index. */
export function coordinate(index: number, shape: readonly number[]): number[] {
  const result = new Array<number>(shape.length).fill(0);
  let rest = index;
  for (let k = shape.length - 1; k >= 0; k--) {
    result[k] = rest % (shape[k] as number);
    rest = Math.floor(rest / (shape[k] as number));
  }
  return result;
}
