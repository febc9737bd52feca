/** An optimizer skill to a nonlinear program over one tape: its chain, its objective, its limits. */

import type { PredictionModel } from "../model/prediction_model.ts";
import type { NodeId } from "../model/tape.ts";
import type { OperativeVariable, OptimizerSkill, Strategy } from "../strategy/strategy.ts";
import { lowerFormula } from "./lower_formula.ts";
import { type LoweredModel, lowerSkill, skillNamed } from "./lower_skill.ts";
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
 * objective or on a limit; all others are parameters and stay where they are measured. A limit that
 * no decision variable can move is not a row: checking it is a task's work.
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
  const switchedOn = [...strategy.variables.values()]
    .filter((variable) => variable.type === "operative")
    .filter(({ enabled }) => enabled);
  const draft = lowerProgram(strategy, { optimizer, models, decisions: switchedOn });
  const moved = movedBy(draft.scope, [draft.objective, ...draft.limits.map(({ node }) => node)]);
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
}

/** A program on a tape that is still under construction. */
interface LoweredProgram {
  readonly scope: ProgramScope;
  readonly objective: NodeId;
  readonly limits: readonly Limit[];
  readonly models: readonly LoweredModel[];
}

function lowerProgram(
  strategy: Strategy,
  { optimizer, models, decisions }: {
    readonly optimizer: OptimizerSkill;
    readonly models: ReadonlyMap<string, PredictionModel>;
    readonly decisions: readonly OperativeVariable[];
  },
): LoweredProgram {
  const scope = new ProgramScope(strategy, decisions.map(({ name }) => name));
  const lowered = lowerSkill(skillNamed(strategy, optimizer.model), { strategy, models, scope });
  const stated = lowerFormula(optimizer.objective, scope);
  return {
    scope,
    objective: optimizer.sense === "minimize" ? stated : scope.builder.negate(stated),
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
    return skill.constraints.map(({ name, unit, expression, min, max, rank }) => {
      const lower = min ?? -Infinity;
      const upper = max ?? Infinity;
      const node = lowerFormula(expression, scope);
      return { name, unit, node, lower, upper, rank };
    });
  });
}

function finishProgram(
  strategy: Strategy,
  { optimizer, lowered, decisions }: {
    readonly optimizer: OptimizerSkill;
    readonly lowered: LoweredProgram;
    readonly decisions: readonly OperativeVariable[];
  },
): Program {
  const { scope, objective } = lowered;
  const domain = keptDomain(lowered.models, { strategy, scope });
  const variables = boxes(decisions, { domain, optimizer });
  const limits: Limit[] = [
    ...lowered.limits.filter(({ node }) => isMoved(scope, node)),
    ...domain.rows.map((kept) => ({ ...kept, rank: undefined })),
  ];
  const watched = [...scope.produced];
  const nodes = [objective, ...limits.map(({ node }) => node), ...watched.map(([, node]) => node)];
  const { tape, outputs } = scope.builder.finish(nodes, {
    inputs: variables.length,
    parameters: scope.parameters.length,
  });
  const places = outputs.map((node) => ({ node, element: 0 }));
  const [objectivePlace, ...rest] = places;
  if (objectivePlace === undefined) throw new RangeError("A finished tape lacks its objective");
  const [objectiveScale = 1, ...rowChanges] = typicalChanges(tape, {
    places,
    variables,
    state: typicalState(strategy, { variables, parameters: scope.parameters }),
  });
  return {
    name: optimizer.name,
    tape,
    variables,
    parameters: scope.parameters,
    objective: objectivePlace,
    sense: optimizer.sense === "minimize" ? 1 : -1,
    objectiveScale,
    rows: limits.map(({ node: _, ...row }, i) => ({
      ...row,
      output: placeAt(rest, i),
      scale: rowScale(row.lower, row.upper) ?? placeAt(rowChanges, i),
    })),
    watched: new Map(
      watched.map(([name], i) => [name, placeAt(rest, limits.length + i)]),
    ),
  };
}

/** Bounds cut down to what the models were trained on; throws a CompileError where nothing is left. */
function boxes(
  decisions: readonly OperativeVariable[],
  { domain, optimizer }: { readonly domain: KeptDomain; readonly optimizer: OptimizerSkill },
): ProgramVariable[] {
  const problems = [...domain.problems];
  const variables = decisions.map((variable): ProgramVariable => {
    const { name, unit, bounds: [lower, upper] } = variable;
    const kept = domain.boxes.get(name);
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
    return { name, unit, bounds, scale: variableScale(variable) };
  });
  if (problems.length > 0) throw new CompileError(optimizer.name, problems);
  return variables;
}

function placeAt<T>(places: readonly T[], index: number): T {
  const place = places[index];
  if (place === undefined) throw new RangeError(`A finished tape lacks output ${index}`);
  return place;
}
