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
