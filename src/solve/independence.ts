/** Which vectors of a set are independent of all others, and which take part in a dependence. */

/** Share of a vector's length that must stick out of the span of the others. */
const INDEPENDENT = 1e-6;

/**
 * For each vector whether it lies outside the span of all others. The dependent ones are those with
 * a part in some vanishing combination: found by elimination with full pivoting.
 */
export function independence(vectors: readonly Float64Array[]): boolean[] {
  const count = vectors.length;
  // Columns are the vectors, each of length 1; null vectors of that matrix tell who depends.
  const left = vectors.map((vector) => {
    const length = Math.hypot(...vector);
    return length === 0 ? vector.slice() : vector.map((value) => value / length);
  });
  const free = new Set(vectors.keys());
  const base: { readonly k: number; readonly coefficients: Map<number, number> }[] = [];
  for (;;) {
    let pivot: number | undefined;
    let longest = INDEPENDENT;
    for (const k of free) {
      const length = Math.hypot(...left[k]!);
      if (length > longest) [pivot, longest] = [k, length];
    }
    if (pivot === undefined) break;
    free.delete(pivot);
    const direction = left[pivot]!.map((value) => value / longest);
    const coefficients = new Map<number, number>([[pivot, longest]]);
    for (const k of free) {
      const along = left[k]!.reduce((sum, value, i) => sum + value * direction[i]!, 0);
      coefficients.set(k, along);
      left[k] = left[k]!.map((value, i) => value - along * direction[i]!);
    }
    base.push({ k: pivot, coefficients });
  }
  // What is left over depends on the base; backward through the triangle, on which members of it.
  const independent = Array.from({ length: count }, (_, k) => !free.has(k));
  for (const dependent of free) {
    const weights = new Map<number, number>();
    for (let b = base.length - 1; b >= 0; b--) {
      const { k, coefficients } = base[b]!;
      let rest = coefficients.get(dependent)!;
      for (const [other, weight] of weights) rest -= weight * (coefficients.get(other) ?? 0);
      const weight = rest / coefficients.get(k)!;
      weights.set(k, weight);
      if (Math.abs(weight) > INDEPENDENT) independent[k] = false;
    }
  }
  return independent;
}
