/**
 * Resize and Upsample: each axis by itself is a fixed matrix over its elements, of neighbours weighted
 * by nearness. Formulas of the ONNX operator specification.
 */

import { choice, flag, float, optionalFloats, optionalInts, requiredFloat } from "./attributes.ts";
import {
  type Call,
  type Operator,
  operator,
  OperatorError,
  type OperatorTable,
  type Value,
} from "./operator.ts";
import { axesOf, count } from "./shape.ts";
import { anyInput, constantInput, floatInput, optionalConstant, transpose } from "./values.ts";

/** One axis before and after, and by how much it grows. */
interface Axis {
  readonly size: number;
  readonly out: number;
  readonly scale: number;
}

/** Where in the input an element of the output stands. */
const POSITIONS = {
  half_pixel: (i: number, { scale }: Axis) => (i + 0.5) / scale - 0.5,
  half_pixel_symmetric: (i: number, { size, out, scale }: Axis) => {
    const centre = size / 2;
    return centre * (1 - out / (scale * size)) + (i + 0.5) / scale - 0.5;
  },
  pytorch_half_pixel: (i: number, { out, scale }: Axis) => out > 1 ? (i + 0.5) / scale - 0.5 : 0,
  align_corners: (i: number, { size, out }: Axis) => out > 1 ? i * (size - 1) / (out - 1) : 0,
  asymmetric: (i: number, { scale }: Axis) => i / scale,
} as const;
type Position = keyof typeof POSITIONS;

/** Which neighbour is the nearest. */
const ROUNDINGS = {
  round_prefer_floor: (x: number) => Math.ceil(x - 0.5),
  round_prefer_ceil: (x: number) => Math.floor(x + 0.5),
  floor: Math.floor,
  ceil: Math.ceil,
} as const;
type Rounding = keyof typeof ROUNDINGS;

interface Kernel {
  /** Neighbours further away have no weight. */
  readonly reach: number;
  readonly weight: (distance: number, a: number) => number;
}

const KERNELS: Readonly<Record<"linear" | "cubic", Kernel>> = {
  linear: { reach: 1, weight: (d) => Math.max(0, 1 - d) },
  /** R. Keys, IEEE Transactions on Acoustics, Speech, and Signal Processing 29 (1981), 1153. */
  cubic: {
    reach: 2,
    weight: (d, a) =>
      d <= 1
        ? (a + 2) * d ** 3 - (a + 3) * d ** 2 + 1
        : d < 2
        ? a * (d ** 3 - 5 * d ** 2 + 8 * d - 4)
        : 0,
  },
};

interface Resizing {
  readonly mode: "nearest" | "linear" | "cubic";
  readonly position: Position;
  readonly rounding: Rounding;
  readonly a: number;
  readonly excludeOutside: boolean;
  /** A kernel as wide as the elements that become one, where there are fewer. */
  readonly antialias: boolean;
}

/** One row of the matrix of an axis: the weights of the input's elements. */
function weightsAt(i: number, axis: Axis, resizing: Resizing): Float64Array {
  const { size } = axis;
  const row = new Float64Array(size);
  const inside = (k: number) => Math.min(Math.max(k, 0), size - 1);
  const x = POSITIONS[resizing.position](i, axis);
  if (resizing.mode === "nearest") {
    row[inside(ROUNDINGS[resizing.rounding](x))] = 1;
    return row;
  }
  const { reach, weight } = KERNELS[resizing.mode];
  const stretch = resizing.antialias ? Math.max(1, 1 / axis.scale) : 1;
  let total = 0;
  for (let k = Math.ceil(x - reach * stretch); k <= x + reach * stretch; k++) {
    if (resizing.excludeOutside && k !== inside(k)) continue;
    const share = weight(Math.abs(k - x) / stretch, resizing.a);
    row[inside(k)] = (row[inside(k)] as number) + share;
    total += share;
  }
  return row.map((share) => share / total);
}

/** The value with one axis resized. */
function resizeAxis(
  call: Call<unknown>,
  x: Value,
  along: Axis & { readonly k: number },
  resizing: Resizing,
): Value {
  const { k, size, out } = along;
  const rows = Array.from({ length: out }, (_, i) => weightsAt(i, along, resizing));
  const isSame = size === out && rows.every((row, i) => row[i] === 1);
  if (isSame) return x;
  const all = x.shape.map((_, axis) => axis);
  const last = [...all.filter((axis) => axis !== k), k];
  const moved = transpose(call.builder, x, last);
  const weights = new Float64Array(count([out, size]));
  rows.forEach((row, i) => weights.set(row, i * size));
  const node = call.builder.affine(moved.node, weights, new Float64Array(out));
  const resized = { ...moved, shape: [...moved.shape.slice(0, -1), out], node };
  return transpose(call.builder, resized, all.map((axis) => last.indexOf(axis)));
}

function resize(call: Call<unknown>, axes: readonly Axis[], resizing: Resizing): Value {
  const x = anyInput(call, 0);
  if (axes.length !== x.shape.length || axes.some(({ size, out }) => size < 1 || out < 1)) {
    throw new OperatorError(`it resizes [${x.shape}] to [${axes.map(({ out }) => out)}]`);
  }
  return axes.reduce((value, axis, k) => resizeAxis(call, value, { ...axis, k }, resizing), x);
}

function byScales(x: Value, scales: ArrayLike<number>): Axis[] {
  if (scales.length !== x.shape.length) {
    throw new OperatorError(`${scales.length} scales do not fit shape [${x.shape}]`);
  }
  return x.shape.map((size, k) => {
    const scale = scales[k] as number;
    return { size, scale, out: Math.floor(size * scale) };
  });
}

const PLAIN: Omit<Resizing, "mode"> = {
  position: "asymmetric",
  rounding: "floor",
  a: -0.75,
  excludeOutside: false,
  antialias: false,
};

const UPSAMPLE_MODES = { mode: choice(["nearest", "linear", "bilinear"], "nearest") };

function plainly(call: Call<{ readonly mode: string }>, scales: ArrayLike<number>): Value {
  const mode = call.attributes.mode === "nearest" ? "nearest" : "linear";
  return resize(call, byScales(floatInput(call, 0), scales), { ...PLAIN, mode });
}

const upsampleByFactors = operator({
  since: 1,
  inputs: [1, 1],
  attributes: { ...UPSAMPLE_MODES, height_scale: requiredFloat, width_scale: requiredFloat },
  lower: (call) => {
    const { height_scale, width_scale } = call.attributes;
    return [plainly(call, [1, 1, height_scale, width_scale])];
  },
});

const upsampleByAttribute = operator({
  since: 7,
  inputs: [1, 1],
  attributes: { ...UPSAMPLE_MODES, scales: optionalFloats },
  lower: (call) => [plainly(call, call.attributes.scales ?? [])],
});

const byScalesInput = (since: number) =>
  operator({
    since,
    inputs: [2, 2],
    attributes: UPSAMPLE_MODES,
    lower: (call) => [plainly(call, constantInput(call, 1))],
  });

const COORDINATES = {
  coordinate_transformation_mode: choice(
    [...Object.keys(POSITIONS) as Position[], "tf_half_pixel_for_nn", "tf_crop_and_resize"],
    "half_pixel",
  ),
  cubic_coeff_a: float(-0.75),
  exclude_outside: flag(0),
  extrapolation_value: float(0),
  mode: choice(["nearest", "linear", "cubic"], "nearest"),
  nearest_mode: choice(Object.keys(ROUNDINGS) as Rounding[], "round_prefer_floor"),
};

/** Axes and their sizes by the scales, or by the sizes with or without the aspect ratio kept. */
function wantedAxes(
  call: Call<{
    readonly axes?: readonly number[] | undefined;
    readonly keep_aspect_ratio_policy?: "stretch" | "not_larger" | "not_smaller";
  }>,
): Axis[] {
  const x = floatInput(call, 0);
  const all = x.shape.map((_, k) => k);
  const axes = axesOf(call.attributes.axes ?? all, x.shape.length);
  const [scales, sizes] = [optionalConstant(call, 2), optionalConstant(call, 3)];
  const given = sizes ?? scales ?? new Float64Array(0);
  if (given.length !== axes.length) {
    throw new OperatorError(`${given.length} scales or sizes do not fit ${axes.length} axes`);
  }
  const wholes = x.shape.map((size): Axis => ({ size, out: size, scale: 1 }));
  if (sizes === undefined) {
    const full = all.map((k) => axes.includes(k) ? given[axes.indexOf(k)] as number : 1);
    return byScales(x, full);
  }
  const { keep_aspect_ratio_policy: policy = "stretch" } = call.attributes;
  const factors = axes.map((k, i) => (sizes[i] as number) / (x.shape[k] as number));
  const one = policy === "not_larger" ? Math.min(...factors) : Math.max(...factors);
  axes.forEach((k, i) => {
    const size = x.shape[k] as number;
    wholes[k] = policy === "stretch"
      ? { size, out: sizes[i] as number, scale: factors[i] as number }
      : { size, out: Math.floor(one * size + 0.5), scale: one };
  });
  return wholes;
}

function resizeBy(since: number, more: "none" | "axes"): Operator {
  return operator({
    since,
    inputs: [1, 4],
    attributes: {
      ...COORDINATES,
      ...(more === "axes"
        ? {
          antialias: flag(0),
          axes: optionalInts,
          keep_aspect_ratio_policy: choice(["stretch", "not_larger", "not_smaller"], "stretch"),
        }
        : {}),
    },
    lower: (call) => {
      const { attributes } = call;
      const position = attributes.coordinate_transformation_mode;
      if (position === "tf_crop_and_resize" || position === "tf_half_pixel_for_nn") {
        throw new OperatorError(`it works on pictures, boxes or sound: ${position}`);
      }
      return [resize(call, wantedAxes(call), {
        mode: attributes.mode,
        position,
        rounding: attributes.nearest_mode,
        a: attributes.cubic_coeff_a,
        excludeOutside: attributes.exclude_outside,
        antialias: attributes.antialias === true,
      })];
    },
  });
}

/** Rows of ai.onnx. */
export const RESIZE: OperatorTable = {
  Upsample: [upsampleByFactors, upsampleByAttribute, byScalesInput(9)],
  Resize: [byScalesInput(10), resizeBy(11, "none"), resizeBy(18, "axes")],
};
