/** Lengths of time as the engineer writes them: `30s`, `10m`, `8h`, `2d`. */

import type { DurationMs } from "./strategy.ts";

/** What a length of time looks like; also the pattern of the JSON Schema. */
export const durationPattern = /^\d+(\.\d+)?(ms|s|m|h|d)$/;

const millisecondsIn: ReadonlyMap<string, number> = new Map([
  ["ms", 1],
  ["s", 1000],
  ["m", 60_000],
  ["h", 3_600_000],
  ["d", 86_400_000],
]);

/** Milliseconds of a text that matches `durationPattern`; throws a SyntaxError for any other text. */
export function parseDuration(text: string): DurationMs {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text);
  const factor = millisecondsIn.get(match?.[2] ?? "");
  if (match === null || factor === undefined) {
    throw new SyntaxError(
      `Cannot read the length of time "${text}": write a number and a unit, such as 30s, 10m, 8h or 2d`,
    );
  }
  return Number(match[1]) * factor;
}

/** A length of time in the largest unit that it is a whole number of: 600000 is 10m. */
export function durationText(ms: DurationMs): string {
  for (const [unit, size] of [...millisecondsIn].reverse()) {
    if (ms >= size && ms % size === 0) return `${ms / size}${unit}`;
  }
  return `${ms}ms`;
}
