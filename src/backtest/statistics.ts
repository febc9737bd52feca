/** Figures of many numbers: quantiles, histograms, and series cut into stretches of time. */

export interface Distribution {
  readonly count: number;
  readonly sum: number;
  readonly mean: number;
  readonly least: number;
  readonly most: number;
  /** By share: 0.05, 0.25, 0.5, 0.75 and 0.95, interpolated between neighbours. */
  readonly quantiles: ReadonlyMap<number, number>;
}

export const QUANTILES = [0.05, 0.25, 0.5, 0.75, 0.95] as const;

/** Undefined where there are no numbers. */
export function distributionOf(values: readonly number[]): Distribution | undefined {
  if (values.length === 0) return undefined;
  const sorted = Float64Array.from(values).sort();
  const sum = sumOf(values);
  return {
    count: values.length,
    sum,
    mean: sum / values.length,
    least: sorted[0]!,
    most: sorted[sorted.length - 1]!,
    quantiles: new Map(QUANTILES.map((share) => [share, quantileOf(sorted, share)])),
  };
}

/** Of ascending numbers, at least one. */
export function quantileOf(sorted: Float64Array, share: number): number {
  const at = share * (sorted.length - 1);
  const below = sorted[Math.floor(at)]!;
  const above = sorted[Math.ceil(at)]!;
  return below + (at - Math.floor(at)) * (above - below);
}

export function sumOf(values: Iterable<number>): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}

/** 0 for no numbers. */
export function meanOf(values: readonly number[]): number {
  return values.length === 0 ? 0 : sumOf(values) / values.length;
}

/** Standard deviation about the mean; 0 for fewer than two numbers. */
export function spreadOf(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const mean = meanOf(values);
  return Math.sqrt(sumOf(values.map((value) => (value - mean) ** 2)) / (values.length - 1));
}

export interface HistogramBar {
  /** Included, but for the first bar, which holds all below too. */
  readonly from: number;
  /** Not included, but for the last bar, which holds all above too. */
  readonly to: number;
  readonly count: number;
}

/** Bars of one round width, with an edge at 0; the outer percent of each side is in the end bars. */
export function histogramOf(values: readonly number[], wanted = 30): HistogramBar[] {
  if (values.length === 0) return [];
  const sorted = Float64Array.from(values).sort();
  const low = quantileOf(sorted, 0.01);
  const high = quantileOf(sorted, 0.99);
  const size = Math.max(Math.abs(low), Math.abs(high));
  const isOne = high - low <= 1e-9 * size || high - low < 1e-300;
  const width = isOne ? roundStep(Math.max(size, 1) / 10) : roundStep((high - low) / wanted);
  const first = Math.floor(low / width);
  const last = Math.max(first, Math.ceil(high / width) - 1);
  const counts = new Array<number>(last - first + 1).fill(0);
  for (const value of values) {
    const at = Math.min(Math.max(Math.floor(value / width), first), last);
    counts[at - first]!++;
  }
  return counts.map((count, i) => ({
    from: tidy((first + i) * width),
    to: tidy((first + i + 1) * width),
    count,
  }));
}

/** The least of 1, 2, 5 · 10ⁿ that is not below `step`. */
export function roundStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  const factor = [1, 2, 5, 10].find((factor) => factor * power >= step * (1 - 1e-9)) ?? 10;
  return tidy(factor * power);
}

/** Without the binary tail: 3 · 0.1 is 0.3. */
export function tidy(value: number): number {
  return Number(value.toPrecision(12));
}

/** One number of a series in time. */
export interface Point {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly value: number;
}

/** What a stretch of time holds of a series. */
export interface Stretch {
  /** Its middle, in milliseconds since 1970. */
  readonly time: number;
  readonly mean: number;
  /** A tenth of the numbers lies below, a tenth above. */
  readonly low: number;
  readonly high: number;
}

/** Cuts points in time order into at most `wanted` stretches of equal length; empty ones are left out. */
export function stretchesOf(
  points: readonly Point[],
  { from, to, wanted = 180 }: {
    readonly from: number;
    readonly to: number;
    readonly wanted?: number;
  },
): Stretch[] {
  const length = Math.max(1, (to - from) / wanted);
  const groups = Map.groupBy(points, ({ time }) => Math.floor((time - from) / length));
  return [...groups].toSorted(([a], [b]) => a - b).map(([at, group]) => {
    const sorted = Float64Array.from(group, ({ value }) => value).sort();
    return {
      time: from + (at + 0.5) * length,
      mean: sumOf(sorted) / sorted.length,
      low: quantileOf(sorted, 0.1),
      high: quantileOf(sorted, 0.9),
    };
  });
}
