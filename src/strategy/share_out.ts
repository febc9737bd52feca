/**
 * Groups of settings that move as one: what a total means for each member, and how far the total
 * can go before the first member reaches its own limit.
 *
 * With Σm the measured total and T the one wanted, a member of the measured value m becomes
 * m · T / Σm where shares are proportional, and m + (T − Σm) / n where they are equal.
 */

import type { Group } from "./strategy.ts";

/** A member as a cycle finds it. */
export interface Member {
  readonly name: string;
  readonly measured: number;
  /** What it may become: bounds, trained range and move limit together. */
  readonly lower: number;
  readonly upper: number;
}

/**
 * The members' values, by name, for a total. Where the total lies inside `reachOfGroup`, each member
 * is inside its limits but for rounding of the last digit, and is clipped to them.
 */
export function shareOut(
  share: Group["share"],
  { total, members }: { readonly total: number; readonly members: readonly Member[] },
): Map<string, number> {
  const before = totalOf(members);
  return new Map(members.map(({ name, measured, lower, upper }) => {
    const value = share === "proportional"
      ? measured * (total / before)
      : measured + (total - before) / members.length;
    return [name, Math.min(Math.max(value, lower), upper)];
  }));
}

/**
 * The totals at which every member keeps its limits, [lowest, highest]; a text says why there is
 * none. Proportional shares need measured values that are all above 0.
 */
export function reachOfGroup(
  share: Group["share"],
  members: readonly Member[],
): readonly [number, number] | string {
  const before = totalOf(members);
  const idle = members.find(({ measured }) => !(measured > 0));
  if (share === "proportional" && idle !== undefined) {
    return `${idle.name}: measured ${idle.measured}, so it has no share of its group's total`;
  }
  const totalAt = ({ measured }: Member, limit: number) =>
    share === "proportional"
      ? before * (limit / measured)
      : before + members.length * (limit - measured);
  const lowest = Math.max(...members.map((member) => totalAt(member, member.lower)));
  const highest = Math.min(...members.map((member) => totalAt(member, member.upper)));
  if (lowest <= highest) return [lowest, highest];
  const names = members.map(({ name }) => name).join(", ");
  return `${names}: no common move keeps each of them inside its limits`;
}

function totalOf(members: readonly Member[]): number {
  return members.reduce((sum, { measured }) => sum + measured, 0);
}
