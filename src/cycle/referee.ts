/** The referee: ONNX Runtime predicts the recommended state once more, by another path than the tape. */

import type { RefereeEvidence } from "./recommendation.ts";

/**
 * ONNX Runtime computes in float32, whose rounding grows to some 1e-5 of a prediction over a few
 * layers; a wrong lowering or a damaged model is off by far more.
 */
export const REFEREE_TOLERANCE = 1e-4;

/** Compares every variable that both paths computed; `scales` are typical sizes where known. */
export function compareWithReferee(
  expected: ReadonlyMap<string, number>,
  { predicted, scales }: {
    readonly predicted: ReadonlyMap<string, number>;
    readonly scales: ReadonlyMap<string, number>;
  },
): RefereeEvidence {
  let worst = 0;
  let variable: string | null = null;
  for (const [name, value] of expected) {
    const other = predicted.get(name);
    if (other === undefined) continue;
    // Neither has a value, such as the logarithm of a negative number: there they agree.
    if (Number.isNaN(value) && Number.isNaN(other)) continue;
    const size = Math.max(Math.abs(value), Math.abs(other), scales.get(name) ?? 0, 1e-12);
    const difference = Math.abs(value - other) / size;
    if (difference > worst || Number.isNaN(difference)) {
      worst = Number.isNaN(difference) ? Infinity : difference;
      variable = name;
    }
  }
  return { worst_difference: worst, variable, tolerance: REFEREE_TOLERANCE };
}
