/** What a strategy will do, in words that a process engineer can check against what was meant. */

import { stepsOf } from "./chain.ts";
import { durationText } from "./duration.ts";
import { type MovedSetting, movedSettings } from "./moved_settings.ts";
import { printFormula } from "./print_formula.ts";
import { productionsOf, readsOf } from "./production.ts";
import type {
  Constraint,
  InformativeVariable,
  LiveValueRule,
  ModelSkill,
  OperativeVariable,
  OptimizerSkill,
  PredictedVariable,
  Skill,
  Strategy,
  Task,
} from "./strategy.ts";

/** The explanation of a checked strategy as Markdown, without the graph of explain_graph.ts. */
export function explainStrategy(strategy: Strategy): string {
  const optimizers = [...strategy.skills.values()].filter((skill) => skill.type === "optimizer");
  return [
    [`# ${strategy.name}`, ...(strategy.description === undefined ? [] : [strategy.description])],
    [
      "## Every cycle",
      ...steadyText(strategy),
      ...strategy.tasks.map((task, i) => `${i + 1}. ${taskText(strategy, task)}`),
    ],
    ...optimizers.flatMap((optimizer) => optimizerText(strategy, optimizer)),
    ["## What is computed", ...computedText(strategy)],
    ["## What is read", ...readText(strategy)],
  ].map((part) => part.join("\n")).join("\n\n");
}

function steadyText({ steadyState }: Strategy): string[] {
  if (steadyState === undefined) return [];
  return [`Waits until ${steadyState.variables.join(", ")} settled after the last move.`, ""];
}

function taskText(strategy: Strategy, task: Task): string {
  const skill = strategy.skills.get(task.skill);
  const what = skill === undefined ? "" : skillText(strategy, skill);
  return [
    `**${task.name}** ${what}`,
    task.when === undefined ? "" : `, only where \`${printFormula(task.when)}\``,
    task.when !== undefined && skill?.type === "optimizer" ? ", else they stay" : "",
    task.on === "present" ? ", at the present settings" : "",
    task.onFailure === "continue" ? "; where it fails, the rest still runs" : "",
    ".",
  ].join("");
}

function skillText(strategy: Strategy, skill: Skill): string {
  switch (skill.type) {
    case "model":
    case "function":
    case "composition": {
      const steps = stepsOf(strategy, skill.name).map(({ name }) => name);
      return `computes ${
        steps.length === 1 ? steps[0] : `${skill.name}: ${steps.join(", then ")}`
      }`;
    }
    case "constraints":
      return `checks the ${counted(skill.constraints.length, "limit")} of "${skill.name}"`;
    case "optimizer": {
      return `moves ${movedText(movedSettings(strategy, skill))} to ${skill.sense} ` +
        `\`${printFormula(skill.objective)}\`${inUnit(skill.objectiveUnit)}`;
    }
  }
}

/** "16 settings (6 of them as one)". */
function movedText(moved: readonly MovedSetting[]): string {
  const groups = moved.filter(({ share }) => share !== undefined);
  const all = moved.flatMap(({ members }) => members);
  if (groups.length === 0) return counted(all.length, "setting");
  if (moved.length === 1) return `${counted(all.length, "setting")} as one`;
  const sizes = groups.map(({ members }) => `${members.length} of them as one`).join(", ");
  return `${counted(all.length, "setting")} (${sizes})`;
}

function optimizerText(strategy: Strategy, optimizer: OptimizerSkill): string[][] {
  const settings = movedSettings(strategy, optimizer);
  const limits = optimizer.subjectTo.flatMap((name) => {
    const skill = strategy.skills.get(name);
    return skill?.type === "constraints" ? skill.constraints : [];
  });
  const kept = stepsOf(strategy, optimizer.model)
    .filter((step) => step.type === "model" && step.domain === "keep");
  const moved = movedBy(strategy, { optimizer, settings });
  const paid = inUnit(optimizer.objectiveUnit);
  return [
    [
      `## What ${optimizer.name} moves`,
      ...settings.map((setting) => `- ${settingText(setting, paid)}`),
    ],
    [
      `## What limits ${optimizer.name}`,
      ...limits.map((limit) => {
        const margin = marginText(limit, limits);
        return `- ${limitText(limit, paid)}${margin}${moved(limit)}`;
      }),
      ...kept.map(({ name }) => `- Stays inside the range that **${name}** was trained on`),
      ...optimizer.penalties.map(({ name, cost }) =>
        `- **${name}** costs \`${printFormula(cost)}\`${paid}`
      ),
      ...orderText(limits),
    ],
  ];
}

/** Which limits give first where they cannot all hold. */
function orderText(limits: readonly Constraint[]): string[] {
  const ranked = limits.filter(({ rank }) => rank !== undefined)
    .toSorted((a, b) => b.rank! - a.rank!);
  const [only, second] = ranked;
  if (only === undefined) return [];
  const order = second === undefined
    ? `only ${only.name} gives`
    : `limits give in this order: ${ranked.map(({ name }) => name).join(", then ")}`;
  return ["", `Where they cannot all hold, ${order}.`];
}

/** How far a limit stands inside another one on the same expression. */
function marginText(limit: Constraint, limits: readonly Constraint[]): string {
  const expression = printFormula(limit.expression);
  const texts = limits.flatMap((outer) => {
    if (outer === limit || printFormula(outer.expression) !== expression) return [];
    // A side that the inner limit leaves to the outer one has no room to tell.
    const rooms = [
      ...(limit.max === undefined ? [] : [(outer.max ?? Infinity) - limit.max]),
      ...(limit.min === undefined ? [] : [limit.min - (outer.min ?? -Infinity)]),
    ];
    if (!rooms.every((room) => Number.isFinite(room) && room > 0)) return [];
    const told = [...new Set(rooms.map((room) => Number(room.toPrecision(6))))].join(" and ");
    return [`; ${told}${inUnit(limit.unit)} inside **${outer.name}**`];
  });
  return texts.join("");
}

/** `paid` is the objective's unit, as it follows a number. */
function settingText({ name, members, share }: MovedSetting, paid: string): string {
  const [only] = members;
  if (share === undefined && only !== undefined) return operativeText(only, paid);
  const how = share === "equal" ? "each alike" : "by their present shares";
  return [
    `**${name}** moves as one, shared out ${how}, as far as the first of these lets it:`,
    ...members.map((member) => operativeText(member, paid)),
  ].join("\n  - ");
}

function operativeText(variable: OperativeVariable, paid: string): string {
  const { name, unit, bounds: [low, high], maxMove, deadband, resolution } = variable;
  const band = variable.operatingBand;
  return [
    `**${name}** between ${low} and ${high}${inUnit(unit)}`,
    maxMove === undefined
      ? "by any step"
      : maxMove.up === maxMove.down
      ? `by at most ${maxMove.up} a cycle`
      : `by at most ${maxMove.up} up or ${maxMove.down} down a cycle`,
    ...(resolution === undefined ? [] : [`in multiples of ${resolution}`]),
    ...(deadband === 0 ? [] : [`not for a change below ${deadband}`]),
    ...(band === undefined ? [] : [
      `outside ${band.range[0]} to ${
        band.range[1]
      } at a cost that grows to ${band.penalty}${paid} ` +
      "at the bound",
    ]),
  ].join(", ");
}

function limitText(
  { name, expression, unit, min, max, rank, price }: Constraint,
  paid: string,
): string {
  const range = min === max
    ? `equal to ${min}`
    : min === undefined
    ? `at most ${max}`
    : max === undefined
    ? `at least ${min}`
    : `between ${min} and ${max}`;
  const gives = price !== undefined
    ? `; soft: each ${
      unit === "" ? "unit" : unit
    } beyond costs ${price}${paid}, and it goes there ` +
      "where that pays"
    : rank !== undefined
    ? `; rank ${rank}`
    : "; never gives";
  return `**${name}**: \`${printFormula(expression)}\` ${range}${inUnit(unit)}${gives}`;
}

/** Which settings a limit follows, through formulas and models. */
function movedBy(
  strategy: Strategy,
  { optimizer, settings }: {
    readonly optimizer: OptimizerSkill;
    readonly settings: readonly MovedSetting[];
  },
): (limit: Constraint) => string {
  const movers = new Map<string, ReadonlySet<string>>();
  for (const { name, members } of settings) {
    for (const member of members) movers.set(member.name, new Set([name]));
  }
  const behind = (reads: readonly { readonly name: string; readonly kind: string }[]) =>
    new Set(
      reads.flatMap(({ name, kind }) => kind === "variable" ? [...movers.get(name) ?? []] : []),
    );
  for (const { reads, outputs } of stepsOf(strategy, optimizer.model).flatMap(productionsOf)) {
    for (const { name } of outputs) movers.set(name, behind(reads));
  }
  const what = settings.some(({ share }) => share !== undefined)
    ? "settings and groups"
    : "settings";
  return (limit) => {
    const names = [...behind(readsOf(limit.expression, []))];
    if (names.length === 0) return "; no setting moves it, so it is only checked";
    return names.length > 4
      ? `; follows ${names.length} of ${settings.length} ${what}`
      : `; follows ${names.join(", ")}`;
  };
}

function computedText(strategy: Strategy): string[] {
  return [...strategy.skills.values()].flatMap((skill) => {
    if (skill.type === "function") {
      return skill.outputs.map(({ variable, formula }) =>
        `- **${variable}**${unitOf(strategy, variable)} = \`${printFormula(formula)}\``
      );
    }
    if (skill.type !== "model") return [];
    const changes = skill.kind === "delta" ? "the changes of " : "";
    return [
      `- The model ${skill.name} (${skill.file}) predicts, from ${changes}` +
      `${skill.inputs.join(", ")}:`,
      ...skill.outputs.map((name) => {
        const variable = strategy.variables.get(name);
        const correction = variable?.type === "predicted"
          ? correctionText(variable, skill.kind)
          : "";
        return `  - **${name}**${unitOf(strategy, name)}${correction}`;
      }),
    ];
  });
}

function correctionText(
  { measuredBy, bias }: PredictedVariable,
  kind: ModelSkill["kind"],
): string {
  if (measuredBy === undefined) return "";
  if (bias === undefined && kind === "delta") return `; starts from what ${measuredBy} measures`;
  if (bias === undefined) return `; ${measuredBy} measures it`;
  const age = bias.maxAgeMs === undefined ? "" : ` not older than ${durationText(bias.maxAgeMs)}`;
  return `; corrected by ${measuredBy}${age}, ${bias.filter} of the difference with each ` +
    `new value, by at most ${bias.limit}`;
}

function readText(strategy: Strategy): string[] {
  const used = usedNames(strategy);
  return [...strategy.variables.values()].flatMap((variable) =>
    variable.type === "operative" || variable.type === "informative"
      ? [
        `- **${variable.name}**${unitOf(strategy, variable.name)}: ${ruleText(variable)}` +
        (used.has(variable.name) ? "" : "; nothing uses it, it is only shown"),
      ]
      : []
  );
}

/** What formulas, models and predictions use. */
function usedNames(strategy: Strategy): ReadonlySet<string> {
  const reads = [...strategy.skills.values()].flatMap((skill) => {
    switch (skill.type) {
      case "model":
      case "function":
        return productionsOf(skill).flatMap(({ reads }) => reads);
      case "constraints":
        return skill.constraints.flatMap(({ expression }) => readsOf(expression, []));
      case "optimizer":
        return [skill.objective, ...skill.penalties.map(({ cost }) => cost)]
          .flatMap((formula) => readsOf(formula, []));
      case "composition":
        return [];
    }
  });
  const conditions = strategy.tasks.flatMap(({ when }) =>
    when === undefined ? [] : readsOf(when, [])
  );
  const measurements = [...strategy.variables.values()].flatMap((variable) =>
    variable.type === "predicted" && variable.measuredBy !== undefined ? [variable.measuredBy] : []
  );
  return new Set([...[...reads, ...conditions].map(({ name }) => name), ...measurements]);
}

function ruleText(rule: OperativeVariable | InformativeVariable): string {
  const bad = [
    ...(rule.valid === undefined ? [] : [`outside ${rule.valid[0]} to ${rule.valid[1]}`]),
    ...(rule.maxAgeMs === undefined ? [] : [`older than ${durationText(rule.maxAgeMs)}`]),
    ...(rule.frozenMs === undefined ? [] : [`unchanged for ${durationText(rule.frozenMs)}`]),
    ...(rule.maxChange === undefined ? [] : [`more than ${rule.maxChange} from the last good one`]),
  ];
  const value = rule.averageMs === undefined
    ? "the last value"
    : `the ${rule.averageBy} of ${durationText(rule.averageMs)}`;
  const off = rule.type === "operative" && !rule.enabled ? "switched off; " : "";
  const when = bad.length === 0 ? "a bad value" : `a bad value (${bad.join(", ")})`;
  return `${off}${value}; ${when} ${consequence(rule)}`;
}

function consequence({ critical, onBad }: LiveValueRule): string {
  if (critical || onBad.kind === "hold") return "holds the cycle";
  if (onBad.kind === "default") return `is replaced by ${onBad.value}`;
  const age = onBad.maxAgeMs === undefined ? "" : `, up to ${durationText(onBad.maxAgeMs)} old`;
  return `is replaced by the last good one${age}`;
}

function unitOf(strategy: Strategy, name: string): string {
  return inUnit(strategy.variables.get(name)?.unit ?? "");
}

function inUnit(unit: string): string {
  return unit === "" ? "" : ` ${unit}`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
