/** Where a model was trained, so that an optimizer can be kept there. */

import { readTrainedRange } from "./read_scaler.ts";
import type { Distribution, Scaler } from "./scaler.ts";
import type { Graph } from "./graph.ts";
import type { TapeBuilder } from "./tape_builder.ts";
import type { NodeId } from "./tape.ts";

/** A covariance that describes no distribution. */
export class DomainError extends Error {
  override readonly name = "DomainError";
}

/** The known region of a model's inputs, in engineering units and in the order of its inputs. */
export interface TrainedDomain {
  /** [lower, upper] per input. */
  readonly box: readonly (readonly [number, number])[] | undefined;
  /** Points within `radius` standard deviations: Mahalanobis distance² ≤ radius². */
  readonly ellipsoid: Distribution | undefined;
}

/** Name of the entry in an ONNX file's metadata that holds the range as JSON. */
const METADATA_KEY = "trained_range";

/**
 * What the scaler file, else the model file's metadata, else a min-max scaling says about the
 * training data.
 * @throws {ScalerError} where the metadata is not of the scaler file's form.
 */
export function trainedDomain(graph: Graph, scaler: Scaler | undefined): TrainedDomain {
  const metadata = graph.metadata.get(METADATA_KEY);
  const stated = scaler?.trainedRange ??
    (metadata === undefined ? undefined : readTrainedRange(metadata));
  return { box: stated ?? minMaxRange(scaler), ellipsoid: scaler?.distribution };
}

/** A min-max scaling maps the range of the training data to 0…1. */
function minMaxRange(scaler: Scaler | undefined): TrainedDomain["box"] {
  if (scaler?.inputs?.kind !== "min_max") return undefined;
  const { center, scale } = scaler.inputs;
  return Array.from(center, (low, i) => [low, low + (scale[i] as number)] as const);
}

/**
 * (x − mean)ᵀ covariance⁻¹ (x − mean) of the vector `x` as a scalar node, to be kept at or below
 * radius².
 * @throws {DomainError} where the covariance is not positive definite.
 */
export function mahalanobisSquare(
  builder: TapeBuilder,
  { mean, covariance }: Distribution,
  x: NodeId,
): NodeId {
  const n = mean.length;
  const whitening = invertLower(cholesky(covariance, n), n);
  const offset = Float64Array.from(mean, (_, row) => {
    let sum = 0;
    for (let col = 0; col < n; col++) {
      sum -= (whitening[row * n + col] as number) * (mean[col] as number);
    }
    return sum;
  });
  return builder.sum(builder.map("square", builder.affine(x, whitening, offset)), n);
}

/** L with L Lᵀ = the matrix (Golub, Van Loan, Matrix Computations, 4th ed., 4.2.5). */
function cholesky(matrix: Float64Array, n: number): Float64Array {
  const lower = new Float64Array(n * n);
  const l = (i: number, k: number) => lower[i * n + k] as number;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = ((matrix[i * n + j] as number) + (matrix[j * n + i] as number)) / 2;
      for (let k = 0; k < j; k++) rest -= l(i, k) * l(j, k);
      if (i === j && !(rest > 0)) {
        throw new DomainError(
          `the covariance is not positive definite (row ${i + 1}): two inputs move as one or one ` +
            "does not move; leave one of them out or add a little to the diagonal",
        );
      }
      lower[i * n + j] = i === j ? Math.sqrt(rest) : rest / l(j, j);
    }
  }
  return lower;
}

/** L⁻¹ of a lower triangular matrix, by forward substitution. */
function invertLower(lower: Float64Array, n: number): Float64Array {
  const inverse = new Float64Array(n * n);
  for (let col = 0; col < n; col++) {
    for (let row = col; row < n; row++) {
      let rest = row === col ? 1 : 0;
      for (let k = col; k < row; k++) {
        rest -= (lower[row * n + k] as number) * (inverse[k * n + col] as number);
      }
      inverse[row * n + col] = rest / (lower[row * n + row] as number);
    }
  }
  return inverse;
}
