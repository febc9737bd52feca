/** An optimizer skill to a nonlinear program over one tape: its chain, its objective, its limits. */

import type { PredictionModel } from "../model/prediction_model.ts";
import type { NodeId } from "../model/tape.ts";
import { type MovedSetting, movedSettings } from "../strategy/moved_settings.ts";
import type { OptimizerSkill, Strategy } from "../strategy/strategy.ts";
import { lowerFormula } from "./lower_formula.ts";
import { type LoweredModel, lowerSkill, skillNamed } from "./lower_skill.ts";
import { bandCosts, type Cost, penaltyCosts, softLimitCost } from "./penalties.ts";
import type { Program, ProgramRow, ProgramVariable } from "./program.ts";
import { ProgramScope } from "./program_scope.ts";
import { rowScale, typicalChanges, typicalState, variableScale } from "./scales.ts";
import { isMoved, type KeptDomain, keptDomain, movedBy } from "./trained_range.ts";

/** The optimizer cannot be compiled; the message lists every reason. */
export class CompileError extends Error {
  override readonly name = "CompileError";
  readonly problems: readonly string[];

  constructor(optimizer: string, problems: readonly string[]) {
    super(`Optimizer "${optimizer}" cannot be compiled:\n${problems.join("\n")}`);
    this.problems = problems;
  }
}

/**
 * Compiles an optimizer of a validated strategy; `models` go by the name of their skill.
 *
 * Decision variables are the operative variables that are switched on and have an influence on the
 * objective or on a limit, groups of them as one; all others are parameters and stay where they are
 * measured. A limit that no decision variable can move is not a row: checking it is a task's work. A
 * limit with a price is not a row either: its violation is a part of the objective.
 */
export function compileProgram(
  strategy: Strategy,
  optimizerName: string,
  models: ReadonlyMap<string, PredictionModel>,
): Program {
  const optimizer = skillNamed(strategy, optimizerName);
  if (optimizer.type !== "optimizer") {
    throw new TypeError(
      `Skill "${optimizerName}" is not an optimizer but of type ${optimizer.type}`,
    );
  }
  const switchedOn = movedSettings(strategy, optimizer);
  const draft = lowerProgram(strategy, { optimizer, models, decisions: switchedOn });
  const moved = movedBy(draft.scope, [
    draft.stated,
    ...draft.costs.map(({ node }) => node),
    ...draft.limits.map(({ node }) => node),
  ]);
  const decisions = switchedOn.filter((_, i) => moved.has(i));
  if (decisions.length === 0) {
    throw new CompileError(optimizer.name, [
      "No operative variable that is switched on has any influence on the objective or a limit",
    ]);
  }
  const lowered = decisions.length === switchedOn.length
    ? draft
    : lowerProgram(strategy, { optimizer, models, decisions });
  return finishProgram(strategy, { optimizer, lowered, decisions });
}

interface Limit extends Omit<ProgramRow, "output" | "scale"> {
  readonly node: NodeId;
  /** Of a unit of violation, in the objective's unit; undefined where the limit is a row. */
  readonly price: number | undefined;
}

/** A program on a tape that is still under construction. */
interface LoweredProgram {
  readonly scope: ProgramScope;
  /** The objective as the engineer wrote it, to be minimised. */
  readonly stated: NodeId;
  readonly costs: readonly Cost[];
  readonly limits: readonly Limit[];
  readonly models: readonly LoweredModel[];
}

function lowerProgram(
  strategy: Strategy,
  { optimizer, models, decisions }: {
    readonly optimizer: OptimizerSkill;
    readonly models: ReadonlyMap<string, PredictionModel>;
    readonly decisions: readonly MovedSetting[];
  },
): LoweredProgram {
  const scope = new ProgramScope(strategy, decisions);
  const lowered = lowerSkill(skillNamed(strategy, optimizer.model), { strategy, models, scope });
  const stated = lowerFormula(optimizer.objective, scope);
  return {
    scope,
    stated: optimizer.sense === "minimize" ? stated : scope.builder.negate(stated),
    costs: [...penaltyCosts(optimizer, scope), ...bandCosts(decisions, scope)],
    limits: lowerLimits(strategy, { optimizer, scope }),
    models: lowered,
  };
}

function lowerLimits(
  strategy: Strategy,
  { optimizer, scope }: { readonly optimizer: OptimizerSkill; readonly scope: ProgramScope },
): Limit[] {
  return optimizer.subjectTo.flatMap((name) => {
    const skill = skillNamed(strategy, name);
    if (skill.type !== "constraints") return [];
    return skill.constraints.map(({ name, unit, expression, min, max, rank, price }) => {
      const lower = min ?? -Infinity;
      const upper = max ?? Infinity;
      const node = lowerFormula(expression, scope);
      return { name, unit, node, lower, upper, rank, price };
    });
  });
}

function finishProgram(
  strategy: Strategy,
  { optimizer, lowered, decisions }: {
    readonly optimizer: OptimizerSkill;
    readonly lowered: LoweredProgram;
    readonly decisions: readonly MovedSetting[];
  },
): Program {
  const { scope, stated } = lowered;
  const domain = keptDomain(lowered.models, { strategy, scope });
  const variables = boxes(decisions, { domain, optimizer });
  const moved = lowered.limits.filter(({ node }) => isMoved(scope, node));
  const limits: Omit<Limit, "price">[] = [
    ...moved.filter(({ price }) => price === undefined),
    ...domain.rows.map((kept) => ({ ...kept, rank: undefined })),
  ];
  const soft = moved.filter(({ price }) => price !== undefined);
  const softChanges =
    changesAt(soft.map(({ node }) => node), { strategy, scope, variables }).changes;
  const costs = [
    ...lowered.costs.filter(({ node }) => isMoved(scope, node)),
    ...soft.map((limit, i) =>
      softLimitCost(limit, {
        builder: scope.builder,
        scale: rowScale(limit.lower, limit.upper) ?? placeAt(softChanges, i),
      })
    ),
  ];
  const objective = costs.reduce((sum, { node }) => scope.builder.add(sum, node), stated);
  const watched = [...scope.produced];
  const { tape, places, changes } = changesAt([
    objective,
    stated,
    ...costs.map(({ node }) => node),
    ...limits.map(({ node }) => node),
    ...watched.map(([, node]) => node),
  ], { strategy, scope, variables });
  const firstRow = 2 + costs.length;
  const firstWatched = firstRow + limits.length;
  return {
    name: optimizer.name,
    tape,
    variables,
    parameters: scope.parameters,
    objective: placeAt(places, 0),
    stated: placeAt(places, 1),
    penalties: costs.map(({ kind, name }, i) => ({ kind, name, output: placeAt(places, 2 + i) })),
    sense: optimizer.sense === "minimize" ? 1 : -1,
    objectiveScale: placeAt(changes, 0),
    rows: limits.map(({ name, unit, lower, upper, rank }, i) => ({
      ...{ name, unit, lower, upper, rank },
      output: placeAt(places, firstRow + i),
      scale: rowScale(lower, upper) ?? placeAt(changes, firstRow + i),
    })),
    watched: new Map(watched.map(([name], i) => [name, placeAt(places, firstWatched + i)])),
  };
}

/** The tape of some nodes, where they stand on it, and their typical changes. */
function changesAt(
  nodes: readonly NodeId[],
  { strategy, scope, variables }: {
    readonly strategy: Strategy;
    readonly scope: ProgramScope;
    readonly variables: readonly ProgramVariable[];
  },
) {
  const { parameters } = scope;
  const { tape, outputs } = scope.builder.finish(nodes, {
    inputs: variables.length,
    parameters: parameters.length,
  });
  const places = outputs.map((node) => ({ node, element: 0 }));
  const state = typicalState(strategy, { variables, parameters });
  return { tape, places, changes: typicalChanges(tape, { places, variables, state }) };
}

/** Bounds cut down to what the models were trained on; throws a CompileError where nothing is left. */
function boxes(
  decisions: readonly MovedSetting[],
  { domain, optimizer }: { readonly domain: KeptDomain; readonly optimizer: OptimizerSkill },
): ProgramVariable[] {
  const problems = [...domain.problems];
  const variables = decisions.map(({ name, unit, members, share }): ProgramVariable => {
    const lower = total(members.map(({ bounds }) => bounds[0]));
    const upper = total(members.map(({ bounds }) => bounds[1]));
    const [only, second] = members;
    const kept = second === undefined ? domain.boxes.get(only?.name ?? name) : undefined;
    const bounds: [number, number] = [
      Math.max(lower, kept?.lower ?? -Infinity),
      Math.min(upper, kept?.upper ?? Infinity),
    ];
    if (kept !== undefined && bounds[0] >= bounds[1]) {
      problems.push(
        `The bounds ${lower} to ${upper} of "${name}" lie outside the range ${kept.lower} to ` +
          `${kept.upper} that its models were trained on`,
      );
    }
    const scale = total(members.map(variableScale));
    if (share === undefined) return { name, unit, bounds, scale };
    return {
      name,
      unit,
      bounds,
      scale,
      group: { members: members.map(({ name }) => name), share },
    };
  });
  if (problems.length > 0) throw new CompileError(optimizer.name, problems);
  return variables;
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}

function placeAt<T>(places: readonly T[], index: number): T {
  const place = places[index];
  if (place === undefined) throw new RangeError(`A finished tape lacks output ${index}`);
  return place;
}
