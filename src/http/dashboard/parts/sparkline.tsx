/** A small trend without axes: what it was, and where the bounds are. */

import type { Series } from "../../cycle_history.ts";

const WIDTH = 160;
const HEIGHT = 32;
const EDGE = 3;
/** A trend that hardly moves is not blown up to look as if it did: of the bounds, or of its size. */
const LEAST_SHARE = 0.04;

export interface SparklineProps {
  readonly label: string;
  /** UTC milliseconds. */
  readonly span: readonly [number, number];
  readonly line: Series;
  /** Drawn as steps over the line: what was recommended. */
  readonly steps?: Series;
  readonly bounds?: readonly (number | null)[];
}

export function Sparkline({ label, span, line, steps, bounds = [] }: SparklineProps) {
  const numbers = [...line.values, ...(steps?.values ?? [])];
  if (numbers.length < 2) return <span class="spark spark-empty" aria-hidden="true" />;
  const [low, high] = domainOf(numbers, bounds);
  const [from, to] = span;
  const x = (time: number) =>
    ((time - from) / Math.max(1, to - from) * (WIDTH - 2 * EDGE) + EDGE).toFixed(1);
  const y = (value: number) =>
    (HEIGHT - EDGE - (value - low) / (high - low) * (HEIGHT - 2 * EDGE)).toFixed(1);
  const seen = bounds.filter((bound) => bound !== null && bound >= low && bound <= high);
  return (
    <svg class="spark" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label}>
      {seen.map((bound) => (
        <line class="spark-bound" x1="0" x2={WIDTH} y1={y(bound!)} y2={y(bound!)} />
      ))}
      {steps !== undefined && <path class="spark-steps" d={stepsOf(steps, x, y)} />}
      <path class="spark-line" d={lineOf(line, x, y)} />
      <circle
        class="spark-end"
        cx={x(line.times.at(-1) ?? to)}
        cy={y(line.values.at(-1) ?? low)}
        r="2.5"
      />
    </svg>
  );
}

type Place = (value: number) => string;

function lineOf(series: Series, x: Place, y: Place): string {
  const isAfterHole = holesIn(series);
  return series.times.map((time, i) =>
    `${isAfterHole(i) ? "M" : "L"}${x(time)} ${y(series.values[i]!)}`
  ).join("");
}

function stepsOf(series: Series, x: Place, y: Place): string {
  const isAfterHole = holesIn(series);
  return series.times.map((time, i) => {
    const height = y(series.values[i]!);
    return isAfterHole(i) ? `M${x(time)} ${height}` : `H${x(time)}V${height}`;
  }).join("");
}

/** Points this many usual steps apart are not joined: nothing was known in between. */
const HOLE_STEPS = 6;

function holesIn({ times }: Series): (i: number) => boolean {
  const steps = times.slice(1).map((time, i) => time - times[i]!).toSorted((a, b) => a - b);
  const usual = steps[steps.length >> 1] ?? Infinity;
  return (i) => i === 0 || times[i]! - times[i - 1]! > HOLE_STEPS * usual;
}

function domainOf(
  numbers: readonly number[],
  bounds: readonly (number | null)[],
): [number, number] {
  const least = Math.min(...numbers);
  const most = Math.max(...numbers);
  const [lower = null, upper = null] = bounds;
  const size = lower !== null && upper !== null
    ? upper - lower
    : Math.max(Math.abs(least), Math.abs(most));
  const wanted = Math.max(most - least, size * LEAST_SHARE, Number.MIN_VALUE);
  const middle = (least + most) / 2;
  return [middle - wanted * 0.6, middle + wanted * 0.6];
}
