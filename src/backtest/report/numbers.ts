/** Numbers as people read them: three digits that count, thousands apart, a true minus sign. */

const MINUS = "\u2212";
/** Between a number and what belongs to it: they stay on one line. */
export const THIN = "\u00a0";

/** Decimals with which numbers of this size show three digits. */
export function decimalsOf(size: number): number {
  if (!Number.isFinite(size) || size === 0) return 0;
  return Math.min(Math.max(2 - Math.floor(Math.log10(Math.abs(size))), 0), 8);
}

/** `decimals` as for a number of its own size unless told. */
export function numberText(value: number, decimals = decimalsOf(value)): string {
  const text = Math.abs(value).toLocaleString("en-US", {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  });
  return value < 0 && /[1-9]/.test(text) ? MINUS + text : text;
}

/** For one moment's numbers: five digits, four decimals at most. */
export function exactText(value: number): string {
  return numberText(value, Math.min(decimalsOf(value / 100), 4));
}

/** With a plus sign where it is above zero. */
export function signedText(value: number, decimals?: number): string {
  const text = numberText(value, decimals);
  return value > 0 && /[1-9]/.test(text) ? `+${text}` : text;
}

/** With its unit, where it has one. */
export function withUnit(text: string, unit: string): string {
  return unit === "" ? text : `${text}${THIN}${unit}`;
}

/** A number of something out of all of it. */
export function shareText(count: number, of: number): string {
  if (of === 0) return "none";
  const percent = 100 * count / of;
  if (count > 0 && percent < 0.1) return `< 0.1${THIN}%`;
  if (count < of && percent > 99.9) return `> 99.9${THIN}%`;
  return `${numberText(percent, percent === 0 || percent === 100 ? 0 : 1)}${THIN}%`;
}

export function countText(count: number): string {
  return numberText(count, 0);
}

/** `2014-03-01 05:00`, UTC. */
export function timeText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16).replace("T", " ");
}

/** A length of time in its natural unit: `5 min`, `1 h`, `30 d`. */
export function lengthText(ms: number): string {
  const units = [["d", 86_400_000], ["h", 3_600_000], ["min", 60_000], ["s", 1000]] as const;
  const [unit, size] = units.find(([, size]) => ms >= size) ?? ["s", 1000];
  return `${numberText(ms / size, ms % size === 0 ? 0 : 1)}${THIN}${unit}`;
}
