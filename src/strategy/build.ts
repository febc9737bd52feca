/** A file of the right shape to a `Strategy`: defaults set, durations and formulas read. */

import { parseDuration } from "./duration.ts";
import type { Finding } from "./finding.ts";
import { SkillBuilder } from "./build_skill.ts";
import { readFormula } from "./read_formula.ts";
import type { StrategyFile } from "./schema.ts";
import type { Group, LiveValueRule, OnBad, Strategy, Task, Variable } from "./strategy.ts";

type FileVariable = StrategyFile["variables"][string];

/** What each key means where the engineer leaves it out. */
const defaults = {
  deadband: 0,
  onBad: { kind: "hold" },
  averageBy: "mean",
  share: "proportional",
  on: "recommended",
  onFailure: "hold",
  steadyState: { threshold: 2, filters: [0.2, 0.1, 0.1], readings: 3 },
} as const;

export interface Built {
  /** Not yet checked: names may not resolve, and a formula that cannot be read stands as 0. */
  readonly strategy: Strategy;
  readonly findings: readonly Finding[];
}

/** Builds the strategy; findings are faults of formulas and of keys that exclude each other. */
export function buildStrategy(file: StrategyFile): Built {
  const findings: Finding[] = [];
  const variables = Object.entries(file.variables).map(([name, variable]) =>
    buildVariable(name, variable)
  );
  const skills = Object.entries(file.skills).map(([name, skill]) =>
    new SkillBuilder(["skills", name], findings).build(name, skill, file)
  );
  const groups = Object.entries(file.groups ?? {}).map(([name, group]): Group => ({
    name,
    description: group.description,
    members: group.members,
    share: group.share ?? defaults.share,
  }));
  const tasks = file.tasks.map((task, i): Task => ({
    name: task.name,
    skill: task.skill,
    when: task.when === undefined
      ? undefined
      : readFormula(task.when, { path: ["tasks", i, "when"], findings }),
    on: task.on ?? defaults.on,
    onFailure: task.on_failure ?? defaults.onFailure,
  }));
  return {
    strategy: {
      name: file.name,
      description: file.description,
      variables: new Map(variables.map((variable) => [variable.name, variable])),
      groups: new Map(groups.map((group) => [group.name, group])),
      skills: new Map(skills.map((skill) => [skill.name, skill])),
      tasks,
      steadyState: steadyStateOf(file.steady_state),
    },
    findings,
  };
}

function steadyStateOf(rule: StrategyFile["steady_state"]): Strategy["steadyState"] {
  if (rule === undefined) return undefined;
  const { variables, threshold, filters, readings, max_wait } = rule;
  return {
    variables,
    threshold: threshold ?? defaults.steadyState.threshold,
    filters: filters ?? defaults.steadyState.filters,
    readings: readings ?? defaults.steadyState.readings,
    maxWaitMs: durationOf(max_wait),
  };
}

function buildVariable(name: string, variable: FileVariable): Variable {
  const { unit, description } = variable;
  switch (variable.type) {
    case "operative": {
      const move = variable.max_move;
      return {
        type: "operative",
        name,
        unit,
        description,
        bounds: variable.bounds,
        maxMove: typeof move === "number" ? { up: move, down: move } : move,
        deadband: variable.deadband ?? defaults.deadband,
        resolution: variable.resolution,
        operatingBand: variable.operating_band,
        enabled: variable.enabled ?? true,
        ...liveValueRule(variable),
      };
    }
    case "informative":
      return { type: "informative", name, unit, description, ...liveValueRule(variable) };
    case "calculated":
      return { type: "calculated", name, unit, description };
    case "predicted":
      return {
        type: "predicted",
        name,
        unit,
        description,
        measuredBy: variable.measured_by,
        bias: variable.bias === undefined ? undefined : {
          filter: variable.bias.filter,
          limit: variable.bias.limit,
          maxAgeMs: durationOf(variable.bias.max_age),
        },
      };
  }
}

function liveValueRule(
  variable: Extract<FileVariable, { type: "operative" | "informative" }>,
): LiveValueRule {
  const { average } = variable;
  return {
    valid: variable.valid,
    maxAgeMs: durationOf(variable.max_age),
    frozenMs: durationOf(variable.frozen),
    maxChange: variable.max_change,
    averageMs: durationOf(typeof average === "object" ? average.window : average),
    averageBy: typeof average === "object" ? average.by : defaults.averageBy,
    onBad: onBadOf(variable.on_bad),
    critical: variable.critical ?? false,
  };
}

function onBadOf(onBad: Extract<FileVariable, { type: "informative" }>["on_bad"]): OnBad {
  if (onBad === undefined) return defaults.onBad;
  if (onBad === "hold") return { kind: "hold" };
  if (onBad === "last_good") return { kind: "last_good", maxAgeMs: undefined };
  if ("default" in onBad) return { kind: "default", value: onBad.default };
  return { kind: "last_good", maxAgeMs: parseDuration(onBad.last_good) };
}

function durationOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseDuration(text);
}
