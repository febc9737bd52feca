/**
 * Scaler files: how a model's inputs and outputs were scaled in training, in which order they
 * stand, and which range the training data covered.
 *
 * standard: z = (x − mean) / scale. robust: z = (x − center) / scale. min_max: z = (x − min) /
 * (max − min). Outputs are turned back the other way.
 */

import type { TapeBuilder } from "./tape_builder.ts";
import type { NodeId } from "./tape.ts";

/** A scaler file with everything that is wrong in it. */
export class ScalerError extends Error {
  override readonly name = "ScalerError";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`the scaler file is not usable:\n${problems.map((p) => `  ${p}`).join("\n")}`);
    this.problems = problems;
  }
}

/** z = (x − center) / scale, element by element. */
export interface Scaling {
  readonly kind: "standard" | "min_max" | "robust";
  readonly center: Float64Array;
  readonly scale: Float64Array;
}

/** Mean and covariance of the training inputs, and how many standard deviations count as known. */
export interface Distribution {
  readonly mean: Float64Array;
  /** n × n, row-major. */
  readonly covariance: Float64Array;
  readonly radius: number;
}

/** `undefined` scalings leave values as they are (kind: none). */
export interface Scaler {
  readonly inputs: Scaling | undefined;
  readonly outputs: Scaling | undefined;
  readonly names: {
    readonly inputs: readonly string[] | undefined;
    readonly outputs: readonly string[] | undefined;
  };
  /** [lower, upper] per input in engineering units; for a delta model ranges of the changes. */
  readonly trainedRange: readonly (readonly [number, number])[] | undefined;
  readonly distribution: Distribution | undefined;
}

/** The scaled vector, as a node. */
export function scaleNode(builder: TapeBuilder, scaling: Scaling, node: NodeId): NodeId {
  const { factor, offset } = toScaled(scaling);
  return builder.scale(node, factor, offset);
}

/** The vector in engineering units again, as a node. */
export function unscaleNode(builder: TapeBuilder, scaling: Scaling, node: NodeId): NodeId {
  return builder.scale(node, scaling.scale, scaling.center);
}

/** The scaled vector; values as they are where there is no scaling. */
export function scale(scaling: Scaling | undefined, values: Float64Array): Float64Array {
  if (scaling === undefined) return values;
  const { factor, offset } = toScaled(scaling);
  return values.map((value, i) => value * (factor[i] as number) + (offset[i] as number));
}

/** The vector in engineering units again; values as they are where there is no scaling. */
export function unscale(scaling: Scaling | undefined, values: Float64Array): Float64Array {
  if (scaling === undefined) return values;
  return values.map((value, i) =>
    value * (scaling.scale[i] as number) + (scaling.center[i] as number)
  );
}

function toScaled({ center, scale }: Scaling) {
  return {
    factor: scale.map((size) => 1 / size),
    offset: center.map((value, i) => -value / (scale[i] as number)),
  };
}
