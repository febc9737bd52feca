/** How far the models were from what was measured, alone and with bias. */

import type { PredictedVariable } from "../strategy/strategy.ts";
import type { Layout } from "./layout.ts";
import type { MomentResult } from "./moment_result.ts";
import { meanOf, spreadOf } from "./statistics.ts";
import type { Point } from "./statistics.ts";

/** In the variable's unit. */
export interface ErrorFigures {
  /** Mean of predicted minus measured. */
  readonly mean: number;
  readonly meanSize: number;
  /** 1 − mean square of the error over the variance of the measurements; undefined for none. */
  readonly explained: number | undefined;
}

export interface ModelFigures {
  readonly variable: PredictedVariable;
  /** New measurements. */
  readonly count: number;
  readonly plain: ErrorFigures;
  /** With the bias learned before each measurement. */
  readonly corrected: ErrorFigures;
  /** Standard deviation of the measurements. */
  readonly spread: number;
  /** Predicted minus measured, in time order. */
  readonly plainErrors: readonly Point[];
  readonly correctedErrors: readonly Point[];
}

export function modelFigures(
  { judged }: Layout,
  results: readonly MomentResult[],
): ModelFigures[] {
  return judged.map((variable, i) => {
    const found = results.flatMap(({ time, errors }) => {
      const error = errors[i];
      return error === null || error === undefined ? [] : [{ time, ...error }];
    });
    const spread = spreadOf(found.map(({ measured }) => measured));
    const pointsOf = (which: "plain" | "corrected") =>
      found.map((one) => ({ time: one.time, value: one[which] - one.measured }));
    const figures = (points: readonly Point[]): ErrorFigures => ({
      mean: meanOf(points.map(({ value }) => value)),
      meanSize: meanOf(points.map(({ value }) => Math.abs(value))),
      explained: spread === 0
        ? undefined
        : 1 - meanOf(points.map(({ value }) => value ** 2)) / spread ** 2,
    });
    const plainErrors = pointsOf("plain");
    const correctedErrors = pointsOf("corrected");
    return {
      ...{ variable, count: found.length, spread, plainErrors, correctedErrors },
      plain: figures(plainErrors),
      corrected: figures(correctedErrors),
    };
  });
}
