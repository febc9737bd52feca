/** The steps of a skill: a composition unrolled to the models and functions that it runs. */

import type { FunctionSkill, ModelSkill, Strategy } from "./strategy.ts";

export type Step = ModelSkill | FunctionSkill;

/**
 * The models and functions of a skill in the order they run; none for constraints and optimizers.
 * Names that do not resolve and compositions that contain themselves add nothing, so it can be asked
 * of a strategy that is not yet checked.
 */
export function stepsOf(strategy: Strategy, skillName: string): Step[] {
  return unroll(strategy, skillName, new Set());
}

function unroll(strategy: Strategy, skillName: string, open: ReadonlySet<string>): Step[] {
  const skill = strategy.skills.get(skillName);
  if (skill === undefined || open.has(skillName)) return [];
  if (skill.type === "model" || skill.type === "function") return [skill];
  if (skill.type !== "composition") return [];
  const inside = new Set([...open, skillName]);
  return skill.skills.flatMap((name) => unroll(strategy, name, inside));
}

/** The variables that a step produces. */
export function outputsOf(step: Step): readonly string[] {
  return step.type === "model" ? step.outputs : step.outputs.map(({ variable }) => variable);
}
