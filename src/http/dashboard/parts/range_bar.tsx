/** Where a value stands between its limits, and where it is to go: read at a glance, without colour. */

const WIDTH = 120;
const HEIGHT = 18;
const MIDDLE = 9;

export interface RangeBarProps {
  readonly label: string;
  readonly lower: number | null;
  readonly upper: number | null;
  readonly now: number | null;
  readonly next: number | null;
  /** Further limits inside the first. */
  readonly inner?: { readonly min: number | null; readonly max: number | null } | undefined;
  /** What is wrong with the next value, if anything. */
  readonly state?: "outside" | "at limit" | undefined;
}

export function RangeBar({ label, lower, upper, now, next, inner, state }: RangeBarProps) {
  const [low, high] = scaleOf({ lower, upper, now, next });
  const x = (value: number) =>
    Math.min(WIDTH - 3, Math.max(3, (value - low) / (high - low) * (WIDTH - 6) + 3));
  const from = lower === null ? 0 : x(lower);
  const to = upper === null ? WIDTH : x(upper);
  const moves = now !== null && next !== null && Math.abs(x(next) - x(now)) > 1;
  return (
    <svg
      class={`range ${state === "outside" ? "range-outside" : ""}`}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={label}
    >
      <line class="range-rest" x1="0" x2={WIDTH} y1={MIDDLE} y2={MIDDLE} />
      <line class="range-inside" x1={from} x2={to} y1={MIDDLE} y2={MIDDLE} />
      {lower !== null && <line class="range-end" x1={from} x2={from} y1="3" y2="15" />}
      {upper !== null && <line class="range-end" x1={to} x2={to} y1="3" y2="15" />}
      {[inner?.min, inner?.max].map((limit) =>
        limit === null || limit === undefined
          ? null
          : <line class="range-inner" x1={x(limit)} x2={x(limit)} y1="5" y2="13" />
      )}
      {moves && <line class="range-move" x1={x(now)} x2={x(next)} y1={MIDDLE} y2={MIDDLE} />}
      {now !== null && <circle class="range-now" cx={x(now)} cy={MIDDLE} r="3.2" />}
      {next !== null && (
        <path class="range-next" d={`M${x(next).toFixed(1)} ${MIDDLE - 6}l4 6l-4 6l-4 -6z`} />
      )}
    </svg>
  );
}

/** Both limits with a margin; with one limit alone, enough beside it for the values to be seen. */
function scaleOf(
  { lower, upper, now, next }: Pick<RangeBarProps, "lower" | "upper" | "now" | "next">,
): [number, number] {
  const values = [now, next].filter((value) =>
    value !== null && Number.isFinite(value)
  ) as number[];
  if (lower !== null && upper !== null && upper > lower) {
    const margin = (upper - lower) * 0.12;
    return [Math.min(lower - margin, ...values), Math.max(upper + margin, ...values)];
  }
  const limit = upper ?? lower ?? values[0] ?? 0;
  const away = Math.max(0, ...values.map((value) => Math.abs(value - limit)));
  const span = Math.max(away * 1.25, Math.abs(limit) * 0.1, 1e-9);
  const beyond = Math.max(
    span * 0.2,
    ...values.map((value) => (upper === null ? limit - value : value - limit) * 1.1),
  );
  return upper === null ? [limit - beyond, limit + span] : [limit - span, limit + beyond];
}
