/** What an optimizer moves: single settings, and groups of them that go as one. */

import type { Group, OperativeVariable, OptimizerSkill, Strategy } from "./strategy.ts";

/** One thing that the optimizer moves. */
export interface MovedSetting {
  /** Of the variable, or of the group. */
  readonly name: string;
  readonly unit: string;
  /** One for a setting of its own; a group's members that are switched on. */
  readonly members: readonly OperativeVariable[];
  /** Undefined for a setting of its own. */
  readonly share: Group["share"] | undefined;
}

/**
 * The settings of an optimizer in the order of the strategy's variables, a group at its first
 * member. What is switched off is left out, and a group without any member left with it.
 */
export function movedSettings(
  strategy: Strategy,
  { moves }: Pick<OptimizerSkill, "moves">,
): MovedSetting[] {
  const groupOf = new Map<string, Group>();
  for (const group of strategy.groups.values()) {
    for (const member of group.members) groupOf.set(member, group);
  }
  const settings = new Map<string, MovedSetting>();
  for (const variable of strategy.variables.values()) {
    if (variable.type !== "operative" || !variable.enabled) continue;
    const group = groupOf.get(variable.name);
    const name = group?.name ?? variable.name;
    if (moves !== undefined && !moves.includes(name)) continue;
    const members = [...settings.get(name)?.members ?? [], variable];
    settings.set(name, { name, unit: variable.unit, members, share: group?.share });
  }
  return [...settings.values()];
}
