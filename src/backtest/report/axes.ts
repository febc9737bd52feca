/** Ticks of the charts' axes: round numbers, and the beginnings of hours, days and months (UTC). */

import { roundStep, tidy } from "../statistics.ts";

export interface Tick {
  /** 0 to 1 along the axis. */
  readonly at: number;
  readonly text: string;
}

/** A stretch of numbers that begins and ends with a tick. */
export interface NumberAxis {
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly number[];
}

/** An axis that holds all values and 0, with about `wanted` ticks. */
export function numberAxis(values: readonly number[], wanted = 5): NumberAxis {
  const least = values.reduce((a, b) => Math.min(a, b), 0);
  const most = values.reduce((a, b) => Math.max(a, b), 0);
  const step = most > least ? roundStep((most - least) / wanted) : 1;
  const first = Math.floor(tidy(least / step));
  const last = Math.max(Math.ceil(tidy(most / step)), first + 1);
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => tidy((first + i) * step));
  return { low: ticks[0]!, high: ticks.at(-1)!, ticks };
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const LENGTHS = [HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 5 * DAY, 10 * DAY];
const MOST_TICKS = 7;

/** At most seven ticks. */
export function timeTicks(from: number, to: number): Tick[] {
  const length = LENGTHS.find((length) => (to - from) / length <= MOST_TICKS);
  const times = length === undefined ? monthStarts(from, to) : multiples(length, { from, to });
  const text = length === undefined ? monthText : length < DAY ? hourText : dayText;
  return times.map((time) => ({ at: (time - from) / (to - from || 1), text: text(time) }));
}

function multiples(
  length: number,
  { from, to }: { readonly from: number; readonly to: number },
): number[] {
  const first = Math.ceil(from / length) * length;
  return Array.from(
    { length: Math.max(0, Math.floor((to - first) / length) + 1) },
    (_, i) => first + i * length,
  );
}

/** Beginnings of months, as many months apart as it takes. */
function monthStarts(from: number, to: number): number[] {
  const begin = new Date(from);
  const months = Math.ceil((to - from) / (30 * DAY));
  const apart = [1, 2, 3, 6, 12, 24, 60].find((apart) => months / apart <= MOST_TICKS) ?? 120;
  const first = Math.ceil((12 * begin.getUTCFullYear() + begin.getUTCMonth()) / apart) * apart;
  return Array.from({ length: MOST_TICKS + 2 }, (_, i) => Date.UTC(0, first + i * apart, 1))
    .map((time, i) => new Date(time).setUTCFullYear(Math.floor((first + i * apart) / 12)))
    .filter((time) => time >= from && time <= to);
}

function monthText(time: number): string {
  const date = new Date(time);
  const month = MONTHS[date.getUTCMonth()]!;
  return date.getUTCMonth() === 0 ? String(date.getUTCFullYear()) : month;
}

function dayText(time: number): string {
  const date = new Date(time);
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]!}`;
}

function hourText(time: number): string {
  const text = new Date(time).toISOString().slice(11, 16);
  return text === "00:00" ? dayText(time) : text;
}
