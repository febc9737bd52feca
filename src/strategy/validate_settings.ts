/** Rules of what moves: groups of settings, and the settings that an optimizer names. */

import type { Finding, Path } from "./finding.ts";
import type { KnownFaults } from "./known_faults.ts";
import { nearName } from "../near_name.ts";
import type { Group, OptimizerSkill, Strategy } from "./strategy.ts";
import { unitsDiffer } from "./unit_algebra.ts";

/** What is wrong with groups and with what optimizers may move. */
export function checkSettings(strategy: Strategy, known: KnownFaults): Finding[] {
  const owners = new Map<string, string>();
  const findings: Finding[] = [];
  for (const group of strategy.groups.values()) {
    findings.push(...groupRules(group, { strategy, known, owners }));
  }
  for (const skill of strategy.skills.values()) {
    if (skill.type !== "optimizer") continue;
    findings.push(...moveRules(skill, { strategy, known, owners }));
  }
  return findings;
}

interface Facts {
  readonly strategy: Strategy;
  readonly known: KnownFaults;
  /** The group of each member seen so far. */
  readonly owners: Map<string, string>;
}

function groupRules(group: Group, facts: Facts): Finding[] {
  const { strategy } = facts;
  const path = ["groups", group.name];
  const findings: Finding[] = [];
  if (strategy.variables.has(group.name)) {
    findings.push({
      path,
      onKey: true,
      message: `A group and a variable are both named "${group.name}"`,
      expected: "a name of its own for each group",
    });
  }
  group.members.forEach((name, i) => {
    findings.push(...memberRules(group, { ...facts, name, at: [...path, "members", i] }));
    if (!facts.owners.has(name)) facts.owners.set(name, group.name);
  });
  return findings;
}

function memberRules(
  group: Group,
  { strategy, known, owners, name, at }: Facts & { readonly name: string; readonly at: Path },
): Finding[] {
  const variable = strategy.variables.get(name);
  if (variable === undefined) {
    if (known.broken.has(name)) return [];
    const operative = [...strategy.variables.values()].filter(({ type }) => type === "operative");
    return [{
      path: at,
      message: `Unknown variable "${name}"`,
      expected: "an operative variable of this strategy",
      suggestion: didYouMean(name, operative.map(({ name }) => name)),
    }];
  }
  if (variable.type !== "operative") {
    return [{
      path: at,
      message: `"${name}" is of type ${variable.type}: only settings can move as one`,
      expected: "an operative variable",
    }];
  }
  const owner = owners.get(name);
  if (owner !== undefined) {
    return [{
      path: at,
      message: owner === group.name
        ? `"${name}" stands here a second time`
        : `"${name}" is already in the group "${owner}"`,
      expected: "each setting in one group at most",
    }];
  }
  const first = strategy.variables.get(group.members[0] ?? "");
  if (first?.type === "operative" && unitsDiffer(first.unit, variable.unit)) {
    return [{
      path: at,
      message:
        `"${name}" is in ${variable.unit}, but "${first.name}" of the same group in ${first.unit}`,
      expected: "members of one unit: the group moves by their total",
    }];
  }
  const [lower] = variable.bounds;
  if (group.share === "proportional" && lower < 0) {
    return [{
      path: at,
      message: `"${name}" can be below 0, so it has no share of a total`,
      expected: "members with bounds of 0 or more where shares are proportional",
      suggestion: "Write share: equal",
    }];
  }
  return [];
}

function moveRules(skill: OptimizerSkill, { strategy, known, owners }: Facts): Finding[] {
  const findings: Finding[] = [];
  (skill.moves ?? []).forEach((name, i, all) => {
    const path = ["skills", skill.name, "moves", i];
    const variable = strategy.variables.get(name);
    const group = owners.get(name);
    if (all.indexOf(name) !== i) {
      findings.push({ path, message: `"${name}" stands here a second time` });
    } else if (strategy.groups.has(name) || known.broken.has(name)) {
      return;
    } else if (variable === undefined && known.unreadGroups) {
      return;
    } else if (variable === undefined) {
      findings.push({
        path,
        message: `Unknown setting "${name}"`,
        expected: "an operative variable or a group of this strategy",
        suggestion: didYouMean(name, [...strategy.variables.keys(), ...strategy.groups.keys()]),
      });
    } else if (variable.type !== "operative") {
      findings.push({
        path,
        message: `"${name}" is of type ${variable.type}: the optimizer cannot move it`,
        expected: "an operative variable or a group",
      });
    } else if (group !== undefined) {
      findings.push({
        path,
        message: `"${name}" moves with its group "${group}"`,
        expected: "the group's name",
        suggestion: `Write ${group}`,
      });
    } else if (!variable.enabled) {
      findings.push({
        path,
        message: `"${name}" is switched off`,
        expected: "a setting that is switched on",
        suggestion: `Leave enabled: false out at variables.${name}`,
      });
    }
  });
  return findings;
}

function didYouMean(name: string, known: readonly string[]): string | undefined {
  const near = nearName(name, known);
  return near === undefined ? undefined : `Did you mean "${near}"?`;
}
