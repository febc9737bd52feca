/** Dense linear systems by LU with partial pivoting: small, not symmetric positive, solved once. */

/** Pivots below this share of the largest element mean that the matrix is singular. */
const SINGULAR = 1e-12;

/**
 * Solves A X = B in place of B; `a` is n × n row-major and is overwritten, each column of B is one
 * array of n. False where A is singular: then B holds nothing of use.
 *
 * G. H. Golub, C. F. Van Loan, Matrix Computations, 4th ed., section 3.4.
 */
export function solveDense(
  a: Float64Array,
  { n, columns }: { readonly n: number; readonly columns: readonly Float64Array[] },
): boolean {
  const largest = a.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  for (let k = 0; k < n; k++) {
    const pivot = pivotRow(a, { n, k });
    if (!(Math.abs(a[pivot * n + k]!) > SINGULAR * largest)) return false;
    if (pivot !== k) swapRows(a, { n, columns, one: k, other: pivot });
    for (let i = k + 1; i < n; i++) {
      const factor = a[i * n + k]! / a[k * n + k]!;
      if (factor === 0) continue;
      for (let j = k; j < n; j++) a[i * n + j]! -= factor * a[k * n + j]!;
      for (const column of columns) column[i]! -= factor * column[k]!;
    }
  }
  for (const column of columns) {
    for (let i = n - 1; i >= 0; i--) {
      let rest = column[i]!;
      for (let j = i + 1; j < n; j++) rest -= a[i * n + j]! * column[j]!;
      column[i] = rest / a[i * n + i]!;
    }
  }
  return true;
}

function pivotRow(a: Float64Array, { n, k }: { readonly n: number; readonly k: number }): number {
  let best = k;
  for (let i = k + 1; i < n; i++) {
    if (Math.abs(a[i * n + k]!) > Math.abs(a[best * n + k]!)) best = i;
  }
  return best;
}

function swapRows(
  a: Float64Array,
  { n, columns, one, other }: {
    readonly n: number;
    readonly columns: readonly Float64Array[];
    readonly one: number;
    readonly other: number;
  },
): void {
  for (let j = 0; j < n; j++) {
    [a[one * n + j], a[other * n + j]] = [a[other * n + j]!, a[one * n + j]!];
  }
  for (const column of columns) [column[one], column[other]] = [column[other]!, column[one]!];
}
