/** The version of this runtime, which a bundle's manifest may ask for. */

/** Semantic version: a bundle of another major version is refused. */
export const RUNTIME_VERSION = "1.0.0";

/** Negative, zero or positive as `a` is before, equal to or after `b`; both are `major.minor.patch`. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((text) => text.split(".").map(Number));
  for (let i = 0; i < 3; i++) {
    const difference = (left?.[i] ?? 0) - (right?.[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
