/** How far each variable of a program may go in this cycle; a group goes as far as its members. */

import type { ProgramVariable } from "../solve/program.ts";
import { reachOfGroup, shareOut } from "../strategy/share_out.ts";
import type { Member } from "../strategy/share_out.ts";
import type { OperativeVariable } from "../strategy/strategy.ts";
import type { LoadedOptimizer } from "./plan.ts";
import { reachOf } from "./set_points.ts";
import type { Reach } from "./set_points.ts";

/** A variable of the program with what it may become; `members` where it is a group's total. */
export interface ProgramReach extends Reach {
  readonly members: readonly Reach[] | undefined;
}

export interface ReachSources {
  /** Values at the cycle's start. */
  readonly measured: ReadonlyMap<string, number>;
  /** Settings that stay where they are in this cycle. */
  readonly switchedOff: ReadonlySet<string>;
}

/** The reach of each variable of the program, in its order; where one has none, why. */
export function reachesOf(
  optimizer: LoadedOptimizer,
  sources: ReachSources,
): ProgramReach[] | { readonly reason: string } {
  const reaches: ProgramReach[] = [];
  const reasons: string[] = [];
  for (const variable of optimizer.ladder.program.variables) {
    const reach = variable.group === undefined
      ? reachOfSetting(optimizer.operative.get(variable.name)!, {
        bounds: variable.bounds,
        sources,
      })
      : reachOfTotal(variable, { optimizer, sources });
    if (typeof reach === "string") reasons.push(reach);
    else reaches.push(reach);
  }
  return reasons.length > 0 ? { reason: reasons.join("; ") } : reaches;
}

/** The settings that a program's variable stands for at a value, with their reaches. */
export function membersAt(
  { variable: { name }, members, ...reach }: ProgramReach,
  { value, program }: { readonly value: number; readonly program: readonly ProgramVariable[] },
): { readonly reach: Reach; readonly value: number }[] {
  const group = program.find((variable) => variable.name === name)?.group;
  if (members === undefined || group === undefined) return [];
  if (value === reach.measured) {
    return members.map((member) => ({ reach: member, value: member.measured }));
  }
  const shares = shareOut(group.share, { total: value, members: members.map(asMember) });
  return members.map((member) => ({ reach: member, value: shares.get(member.variable.name)! }));
}

function reachOfSetting(
  variable: OperativeVariable,
  { bounds, sources }: {
    readonly bounds: readonly [number, number];
    readonly sources: ReachSources;
  },
): ProgramReach | string {
  const measured = sources.measured.get(variable.name)!;
  if (sources.switchedOff.has(variable.name)) {
    return { variable, measured, lower: measured, upper: measured, bounds, members: undefined };
  }
  const reach = reachOf(variable, { measured, bounds });
  return typeof reach === "string" ? reach : { ...reach, members: undefined };
}

/** The total's reach; it stays where it is when a member is switched off for this cycle. */
function reachOfTotal(
  { name, unit, bounds, group }: ProgramVariable,
  { optimizer, sources }: { readonly optimizer: LoadedOptimizer; readonly sources: ReachSources },
): ProgramReach | string {
  const { share, members: names } = group!;
  const members: Reach[] = [];
  const reasons: string[] = [];
  for (const member of names) {
    const variable = optimizer.operative.get(member)!;
    const reach = reachOfSetting(variable, { bounds: variable.bounds, sources });
    if (typeof reach === "string") reasons.push(reach);
    else members.push(reach);
  }
  if (reasons.length > 0) return reasons.join("; ");
  const measured = members.reduce((sum, member) => sum + member.measured, 0);
  // The total moves by less than its deadband where every member moves by less than its own.
  const deadband = Math.min(
    ...members.map((member) =>
      share === "equal"
        ? members.length * member.variable.deadband
        : member.variable.deadband * measured / member.measured
    ),
  );
  const variable = { name, unit, bounds, deadband, resolution: undefined };
  if (names.some((member) => sources.switchedOff.has(member))) {
    return { variable, measured, lower: measured, upper: measured, bounds, members };
  }
  const reach = reachOfGroup(share, members.map(asMember));
  if (typeof reach === "string") return reach;
  const within = (value: number) => Math.min(Math.max(value, reach[0]), reach[1]);
  return {
    variable,
    measured,
    lower: within(bounds[0]),
    upper: within(bounds[1]),
    bounds,
    members,
  };
}

function asMember({ variable: { name }, measured, lower, upper }: Reach): Member {
  return { name, measured, lower, upper };
}
