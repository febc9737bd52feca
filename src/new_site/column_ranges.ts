/** What a column of plant data says about the variable's limits. */

/** Of the values themselves; what is narrower never changed. */
const LEAST_WIDTH = 1e-9;

/** What a skeleton's variable starts from, all in the variable's unit. */
export interface ColumnRange {
  /** Lowest and highest value, rounded outwards. */
  readonly bounds: readonly [number, number];
  /** Outside: surely a bad value. */
  readonly valid: readonly [number, number];
  /** How far it usually goes from row to row: nine of ten changes are not larger. */
  readonly maxMove: number;
  readonly deadband: number;
  readonly resolution: number;
  readonly middle: number;
}

/** Of the values that are numbers; a column that never changes gets a width of one percent. */
export function rangeOf(values: Float64Array): ColumnRange {
  const sorted = values.filter((value) => !Number.isNaN(value)).toSorted();
  const low = sorted[0] ?? 0;
  const high = sorted.at(-1) ?? 1;
  const changes = values.slice(1)
    .map((value, i) => Math.abs(value - (values[i] ?? Number.NaN)))
    .filter((change) => change > 0)
    .toSorted();
  return aroundRange([low, high], changes[Math.floor(0.9 * changes.length)]);
}

/** Of the lowest and highest value that a person named; a move takes a tenth of the width unless told. */
export function aroundRange(
  [low, high]: readonly [number, number],
  usualMove?: number,
): ColumnRange {
  const size = Math.max(Math.abs(low), Math.abs(high));
  const isWide = high - low > Math.max(LEAST_WIDTH * size, LEAST_WIDTH);
  const width = isWide ? high - low : Math.max(size, 1) / 100;
  const step = nice(width / 50);
  const bounds = [
    inSteps(low, { step, round: Math.floor }),
    inSteps(Math.max(high, low + width), { step, round: Math.ceil }),
  ] as const;
  const room = inSteps(width / 2, { step, round: Math.ceil });
  const maxMove = nice(Math.min(Math.max(usualMove ?? width / 10, width / 100), width / 4));
  return {
    bounds,
    // What never was below zero is taken for something that cannot be.
    valid: [
      low >= 0 ? Math.max(0, exact(bounds[0] - room)) : exact(bounds[0] - room),
      exact(bounds[1] + room),
    ],
    maxMove,
    deadband: nice(maxMove / 20),
    resolution: nice(maxMove / 50),
    middle: exact((bounds[0] + bounds[1]) / 2),
  };
}

/** The nearest of 1, 2 and 5 times a power of ten below `value`. */
export function nice(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const first = [5, 2, 1].find((digit) => digit * power <= value * (1 + 1e-9)) ?? 1;
  return exact(first * power);
}

function inSteps(
  value: number,
  { step, round }: { readonly step: number; readonly round: (value: number) => number },
): number {
  return exact(round(exact(value / step)) * step);
}

/** Without the last digits, in which 0.1 + 0.2 is no 0.3. */
function exact(value: number): number {
  return Number(value.toPrecision(12));
}
