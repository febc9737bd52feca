/** When the cycles of a backtest take place. */

import type { Recording } from "./recording.ts";

/** In milliseconds since 1970. */
export interface MomentRange {
  /** Included. */
  readonly from: number;
  /** Not included. */
  readonly to: number;
  /** Time between two cycles. */
  readonly every: number;
}

/**
 * The points of the grid from + k · every that have something recorded since the point before them:
 * at the others a cycle would work from what it has seen already. In milliseconds since 1970.
 */
export function momentsOf(recording: Recording, { from, to, every }: MomentRange): number[] {
  const points = new Set<number>();
  for (const times of recording.times()) {
    for (const time of times) {
      const point = from + Math.ceil((time - from) / every) * every;
      if (point >= from && point < to) points.add(point);
    }
  }
  return [...points].toSorted((a, b) => a - b);
}
