/** What a piece of work costs: its share of the processor, which is the same on a busy machine. */

import process from "node:process";

/** What the work gives, and the milliseconds that this process had a processor meanwhile. */
export function processorTimeOf<Value>(
  work: () => Value,
): { readonly value: Value; readonly ms: number } {
  const before = process.cpuUsage();
  const value = work();
  const { user, system } = process.cpuUsage(before);
  return { value, ms: (user + system) / 1000 };
}

/** Of an ordinary core, for one of `ordinaryWork`. */
const ORDINARY_MICROSECONDS = 0.4;

function ordinaryWork(i: number): number {
  const line = {
    time: i,
    level: "info",
    area: "cache",
    message: `for: m${i % 50}`,
    parts: [i, "a"],
  };
  return JSON.stringify(line).length;
}

/** How many times longer than on an ordinary core work takes here and now; 1 where it takes no longer. */
export function slowness(): number {
  const { ms } = processorTimeOf(() => {
    let length = 0;
    for (let i = 0; i < 1_000; i++) length += ordinaryWork(i);
    return length;
  });
  return Math.max(1, ms / ORDINARY_MICROSECONDS);
}
