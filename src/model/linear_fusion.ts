/** Neighbouring linear instructions as one, with the same value up to rounding. */

import type { Instruction } from "./tape.ts";

type Affine = Extract<Instruction, { op: "affine" }>;
type Scale = Extract<Instruction, { op: "scale" }>;
type Map = Pick<Affine, "weights" | "offset">;

/** W (f ∘ a + o) + b as (W diag f) a + (W o + b); undefined where f or o differ by segment. */
export function affineOfScale(scale: Scale, { weights, offset }: Map): Map | undefined {
  const cols = offset.length === 0 ? 0 : weights.length / offset.length;
  if (!isPeriodic(scale.factor, cols) || !isPeriodic(scale.offset, cols)) return undefined;
  const shifted = offset.map((start, row) => {
    let sum = start;
    for (let col = 0; col < cols; col++) {
      sum += (weights[row * cols + col] as number) * (scale.offset[col] as number);
    }
    return sum;
  });
  return {
    weights: weights.map((weight, i) => weight * (scale.factor[i % cols] as number)),
    offset: shifted,
  };
}

/** f ∘ (W a + b) + o as (diag f W) a + (f ∘ b + o); undefined where f or o differ by segment. */
export function scaleOfAffine(scale: Scale, { weights, offset }: Map): Map | undefined {
  const rows = offset.length;
  if (!isPeriodic(scale.factor, rows) || !isPeriodic(scale.offset, rows)) return undefined;
  const cols = weights.length / rows;
  return {
    weights: weights.map((w, i) => w * (scale.factor[Math.floor(i / cols)] as number)),
    offset: offset.map((b, row) =>
      b * (scale.factor[row] as number) + (scale.offset[row] as number)
    ),
  };
}

function isPeriodic(values: Float64Array, period: number): boolean {
  for (let i = period; i < values.length; i++) {
    if (!Object.is(values[i], values[i - period])) return false;
  }
  return true;
}
