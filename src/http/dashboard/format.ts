/** Numbers, units and times as people read them: sensible digits, a real minus, spaced thousands. */

import type { Variable } from "../../strategy/strategy.ts";

/** Stands where there is no number. */
export const NO_NUMBER = "–";

const THIN_SPACE = "\u202f";
const MINUS = "\u2212";
const MOST_DECIMALS = 6;

/** With a fixed number of decimals, so that digits stand under one another. */
export function numberText(value: number | null | undefined, decimals: number): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return NO_NUMBER;
  const [whole = "", rest] = Math.abs(value).toFixed(decimals).split(".");
  const spaced = whole.length < 5 ? whole : whole.replace(/\B(?=(\d{3})+$)/g, THIN_SPACE);
  const text = rest === undefined ? spaced : `${spaced}.${rest}`;
  return value < 0 && /[1-9]/.test(text) ? `${MINUS}${text}` : text;
}

/** A change with its sign; 0 has none. */
export function changeText(value: number | null | undefined, decimals: number): string {
  const text = numberText(value, decimals);
  return value !== null && value !== undefined && value > 0 && /[1-9]/.test(text)
    ? `+${text}`
    : text;
}

/** Decimals that show steps of this size. */
export function decimalsOfStep(step: number): number {
  if (!(step > 0)) return 0;
  for (let decimals = 0; decimals < MOST_DECIMALS; decimals++) {
    const scaled = step * 10 ** decimals;
    if (Math.abs(scaled - Math.round(scaled)) < 1e-9 * Math.max(1, scaled)) return decimals;
  }
  return MOST_DECIMALS;
}

/** Decimals for numbers of this size: three significant digits, four from ten on. */
export function decimalsOfSize(size: number): number {
  if (!(size > 0) || !Number.isFinite(size)) return 2;
  const exponent = Math.floor(Math.log10(size));
  return Math.min(MOST_DECIMALS, Math.max(0, (exponent < 1 ? 2 : 3) - exponent));
}

/** Of a variable: by its resolution or deadband where it has one, else by the size of its numbers. */
export function decimalsOf(
  variable: Variable | undefined,
  numbers: readonly (number | null | undefined)[],
): number {
  if (variable?.type === "operative") {
    if (variable.resolution !== undefined) return decimalsOfStep(variable.resolution);
    if (variable.deadband > 0) return decimalsOfStep(variable.deadband);
  }
  const sizes = numbers.flatMap((value) =>
    value !== null && value !== undefined && Number.isFinite(value) ? [Math.abs(value)] : []
  );
  return decimalsOfSize(Math.max(0, ...sizes));
}

/** How unit codes of strategies are written; what is not here stays as it is. */
const UNIT_SIGNS: readonly (readonly [RegExp, string])[] = [
  [/\bdegC\b/g, "°C"],
  [/\bdegF\b/g, "°F"],
  [/\bm3\b/g, "m³"],
  [/\bm2\b/g, "m²"],
  [/\bRPM\b/g, "rpm"],
];

/** `degC` as `°C`, `m3/h` as `m³/h`. */
export function unitText(unit: string): string {
  return UNIT_SIGNS.reduce((text, [code, sign]) => text.replace(code, sign), unit);
}

/** `08:05:10` of an instant, in the box's own zone; with the day where it is another than today. */
export function clockText(time: string | Date, { now }: { readonly now: Date }): string {
  const at = new Date(time);
  if (Number.isNaN(at.getTime())) return NO_NUMBER;
  const clock = at.toLocaleTimeString("en-GB");
  return at.toDateString() === now.toDateString() ? clock : `${dayText(at)} ${clock}`;
}

/** `24 Nov`. */
export function dayText(time: Date): string {
  return time.toLocaleDateString("en-GB", { day: "numeric", month: "short" });
}

/** `4 min 05 s`, `2 h 10 min`, `3 d 4 h`: two parts at most. */
export function spanText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const two = (count: number) => String(count).padStart(2, "0");
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1440) return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
  return `${Math.floor(minutes / 1440)} d ${Math.floor(minutes / 60) % 24} h`;
}

/**
 * A step of a limit that people think in: a power of ten near a tenth of what the limit's numbers
 * span. A shadow price per unit tells little where a whole unit is more than the plant can move.
 */
export function handyStep(span: number): number {
  if (!(span > 0) || !Number.isFinite(span)) return 1;
  return 10 ** Math.round(Math.log10(span / 10));
}
