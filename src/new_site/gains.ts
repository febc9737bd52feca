/** How results answer to the other columns, by least squares over plant data. */

import { solveDense } from "../solve/dense_lu.ts";

/** What one unit of each input changes, all others held. */
export interface Gains {
  readonly perUnit: readonly number[];
  /** Share of the result's variance that the inputs explain, 0 to 1. */
  readonly explained: number;
}

/** Against inputs that move together: this share of each input's own variance. */
const RIDGE = 1e-4;

/**
 * Ordinary least squares with a small ridge on inputs scaled to unit variance, over the rows in which
 * every value is there. Undefined where fewer than three rows per input are left.
 */
export function gainsOf(
  result: Float64Array,
  inputs: readonly Float64Array[],
): Gains | undefined {
  const n = inputs.length;
  const rows = [...result.keys()].filter((row) =>
    [result, ...inputs].every((column) => !Number.isNaN(column[row]!))
  );
  if (n === 0 || rows.length < 3 * (n + 1)) return undefined;
  const scaled = inputs.map((column) => standardised(column, rows));
  const target = standardised(result, rows);
  const matrix = new Float64Array(n * n);
  const right = new Float64Array(n);
  for (const [i, one] of scaled.entries()) {
    for (const [j, other] of scaled.entries()) {
      matrix[i * n + j] = product(one.values, other.values) + (i === j ? RIDGE * rows.length : 0);
    }
    right[i] = product(one.values, target.values);
  }
  if (!solveDense(matrix, { n, columns: [right] })) return undefined;
  let left = 0;
  for (let row = 0; row < rows.length; row++) {
    const told = scaled.reduce((sum, { values }, i) => sum + values[row]! * right[i]!, 0);
    left += (target.values[row]! - told) ** 2;
  }
  return {
    perUnit: scaled.map(({ spread }, i) =>
      Number((right[i]! * target.spread / spread).toPrecision(4))
    ),
    explained: Math.max(0, 1 - left / Math.max(product(target.values, target.values), 1e-300)),
  };
}

function standardised(column: Float64Array, rows: readonly number[]) {
  const mean = rows.reduce((sum, row) => sum + column[row]!, 0) / rows.length;
  const variance = rows.reduce((sum, row) => sum + (column[row]! - mean) ** 2, 0) / rows.length;
  // A column that never changes explains nothing and divides by nothing.
  const spread = Math.sqrt(variance) || 1;
  return { spread, values: Float64Array.from(rows, (row) => (column[row]! - mean) / spread) };
}

function product(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}
