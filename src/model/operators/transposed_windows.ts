/** The windows of transposed convolutions: which input elements reach an element of the output. */

import { OperatorError } from "./operator.ts";
import { count } from "./shape.ts";
import { coordinate, MOST_TAPS, type WindowAttributes, type Windows } from "./windows.ts";

/** How the windows lie, as the attributes say it. */
export interface TransposedAttributes extends WindowAttributes {
  readonly output_padding: readonly number[] | undefined;
  readonly output_shape: readonly number[] | undefined;
}

interface Axis {
  readonly stride: number;
  readonly dilation: number;
  readonly before: number;
  readonly out: number;
}

/** As windowsOver, for a kernel that spreads each element of the spatial axes. */
export function windowsReaching(
  spatial: readonly number[],
  kernel: readonly number[],
  attributes: TransposedAttributes,
): Pick<Windows, "shape" | "taps"> {
  const axes = spatial.map((size, k) =>
    axisOf({ size, kernel: kernel[k] as number, k, rank: spatial.length }, attributes)
  );
  const shape = axes.map(({ out }) => out);
  if (count(shape) * count(kernel) > MOST_TAPS) {
    throw new OperatorError(`windows of [${kernel}] at [${shape}] places are too many`);
  }
  const steps = Array.from({ length: count(kernel) }, (_, i) => coordinate(i, kernel));
  const taps = Array.from({ length: count(shape) }, (_, i) => {
    const at = coordinate(i, shape);
    return Int32Array.from(
      steps,
      (step) =>
        axes.reduce((index, { stride, dilation, before }, k) => {
          const place = ((at[k] as number) + before - (step[k] as number) * dilation) / stride;
          const size = spatial[k] as number;
          const inside = Number.isInteger(place) && place >= 0 && place < size;
          return index < 0 || !inside ? -1 : index * size + place;
        }, 0),
    );
  });
  return { shape, taps };
}

/** Sizes and paddings by the formulas of the specification of ConvTranspose. */
function axisOf(
  { size, kernel, k, rank }: { size: number; kernel: number; k: number; rank: number },
  attributes: TransposedAttributes,
): Axis {
  const { strides, dilations, output_padding, output_shape, auto_pad, pads } = attributes;
  const [stride, dilation, added] = [
    strides?.[k] ?? 1,
    dilations?.[k] ?? 1,
    output_padding?.[k] ?? 0,
  ];
  const whole = stride * (size - 1) + added + (kernel - 1) * dilation + 1;
  const isSame = auto_pad === "SAME_UPPER" || auto_pad === "SAME_LOWER";
  const wanted = output_shape?.at(k - rank) ?? (isSame ? size * stride : undefined);
  let [before, after] = auto_pad === "NOTSET" ? [pads?.[k] ?? 0, pads?.[rank + k] ?? 0] : [0, 0];
  if (wanted !== undefined) {
    const total = Math.max(0, whole - wanted);
    const small = Math.floor(total / 2);
    before = auto_pad === "SAME_UPPER" ? small : total - small;
    after = total - before;
  }
  const out = wanted ?? whole - before - after;
  if (!(out >= 1 && stride >= 1 && dilation >= 1)) {
    throw new OperatorError(`a kernel of ${kernel} leaves ${out} of ${size} elements`);
  }
  return { stride, dilation, before, out };
}
