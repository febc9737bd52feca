/** The plan: a bundle made ready to run, with all that can be done before the clock ticks. */

import { compareWithRuntime } from "../model/compare.ts";
import type { Graph } from "../model/graph.ts";
import { readGraph } from "../model/onnx.ts";
import { createPredictionModel, predictModel } from "../model/prediction_model.ts";
import type { PredictionModel } from "../model/prediction_model.ts";
import { readScaler } from "../model/read_scaler.ts";
import { openRuntime } from "../model/runtime.ts";
import type { RuntimeModel } from "../model/runtime.ts";
import type { Scaler } from "../model/scaler.ts";
import { compileProgram } from "../solve/compile.ts";
import { loadLadder } from "../solve/ladder.ts";
import type { LoadedLadder } from "../solve/ladder.ts";
import { loadSensitivity } from "../solve/sensitivity.ts";
import type { LoadedProgram, Solver } from "../solve/solver.ts";
import { stepsOf } from "../strategy/chain.ts";
import { parseStrategy } from "../strategy/parse.ts";
import { printProblem } from "../strategy/problem.ts";
import type {
  ModelSkill,
  OperativeVariable,
  OptimizerSkill,
  Strategy,
} from "../strategy/strategy.ts";
import type { Bundle } from "../storage/bundle.ts";
import type { CacheShelf } from "../storage/memory_cache.ts";
import { goldenProblem } from "./golden.ts";
import type { BatchRuntime } from "./predict.ts";
import type { TrainedRange } from "./trained_range_warnings.ts";

/** An optimizer skill with its program loaded into the solver. */
export interface LoadedOptimizer {
  readonly skill: OptimizerSkill;
  /** Of the bundle. */
  readonly digest: string;
  readonly ladder: LoadedLadder;
  /** The program with its parameters as variables, for sensitivities; absent where there are none. */
  readonly wide: LoadedProgram | undefined;
  readonly variables: Strategy["variables"];
  readonly operative: ReadonlyMap<string, OperativeVariable>;
}

export interface Plan {
  readonly version: string;
  readonly digest: string;
  readonly strategy: Strategy;
  /** Models as ONNX Runtime predicts them, by skill. */
  readonly runtimes: ReadonlyMap<string, BatchRuntime>;
  readonly optimizers: ReadonlyMap<string, LoadedOptimizer>;
  /** The skills that together compute every calculated and predicted variable, in order. */
  readonly predictions: readonly string[];
  /** Typical sizes of predicted variables, for comparing two predictions of them. */
  readonly scales: ReadonlyMap<string, number>;
  /** What each model was trained on, by skill, where that is known. */
  readonly ranges: ReadonlyMap<string, TrainedRange>;
  /** Lets go of what the solver keeps for this plan. */
  release(): Promise<void>;
}

/** A model file, read once: its graph for the tape, its session for ONNX Runtime. */
export interface ModelFile {
  readonly graph: Graph;
  readonly runtime: RuntimeModel;
}

/** The shelves of the memory cache that plans are made from. */
export interface PlanShelves {
  readonly models: CacheShelf<ModelFile>;
  readonly scalers: CacheShelf<Scaler>;
  readonly configurations: CacheShelf<Strategy>;
}

export interface PlanParts {
  /** The strategy's path in the bundle. */
  readonly entry: string;
  readonly solver: Solver;
  readonly shelves: PlanShelves;
}

/** A bundle that cannot run, with every reason. */
export class PlanError extends Error {
  override readonly name = "PlanError";

  constructor(readonly problems: readonly string[]) {
    super(problems.join("\n"));
  }
}

/**
 * Parses, checks, lowers, compares with ONNX Runtime and compiles.
 * @throws {PlanError} with everything that is wrong.
 */
export async function preparePlan(bundle: Bundle, parts: PlanParts): Promise<Plan> {
  const strategy = await readStrategy(bundle, parts);
  const models = await readModels(bundle, { strategy, shelves: parts.shelves });
  await refereeModels(strategy, models);
  const optimizers = await loadOptimizers(bundle, { strategy, models, solver: parts.solver });
  return {
    version: bundle.version,
    digest: bundle.digest,
    strategy,
    optimizers,
    runtimes: new Map([...models].map(([skill, model]) => [skill, runtimeOf(model)])),
    predictions: predictionsOf(strategy),
    scales: scalesOf(models),
    ranges: new Map(
      [...models].flatMap(([skill, { model }]) =>
        model.trainedRange === undefined ? [] : [[skill, model.trainedRange] as const]
      ),
    ),
    async release() {
      for (const { ladder, wide } of optimizers.values()) {
        await parts.solver.release(ladder.main);
        if (wide !== undefined) await parts.solver.release(wide);
        if (ladder.elastic !== undefined) await parts.solver.release(ladder.elastic.loaded);
      }
    },
  };
}

function readStrategy(bundle: Bundle, { entry, shelves }: PlanParts): Promise<Strategy> {
  return bundle.load(entry, {
    shelf: shelves.configurations,
    make: () => {
      const parsed = parseStrategy(bundle.text(entry), { file: entry });
      if (parsed.kind === "problems") throw new PlanError(parsed.problems.map(printProblem));
      return parsed.strategy;
    },
  });
}

interface SkillModel {
  readonly model: PredictionModel;
  readonly runtime: RuntimeModel;
}

async function readModels(
  bundle: Bundle,
  { strategy, shelves }: { readonly strategy: Strategy; readonly shelves: PlanShelves },
): Promise<Map<string, SkillModel>> {
  const models = new Map<string, SkillModel>();
  const problems: string[] = [];
  for (const skill of strategy.skills.values()) {
    if (skill.type !== "model") continue;
    try {
      models.set(skill.name, await readModel(bundle, { skill, shelves }));
    } catch (error) {
      problems.push(`Skill "${skill.name}" (${skill.file}): ${messageOf(error)}`);
    }
  }
  if (problems.length > 0) throw new PlanError(problems);
  return models;
}

async function readModel(
  bundle: Bundle,
  { skill, shelves }: { readonly skill: ModelSkill; readonly shelves: PlanShelves },
): Promise<SkillModel> {
  const { graph, runtime } = await bundle.load(skill.file, {
    shelf: shelves.models,
    make: async (bytes) => {
      // First, as it says more of a file that is damaged or not whole than ONNX Runtime does.
      const graph = readGraph(bytes);
      const runtime = await openRuntime(bytes);
      const wrong = await goldenProblem(
        runtime,
        bundle.manifest?.content.golden[skill.file] ?? [],
      );
      if (wrong !== undefined) throw new PlanError([wrong]);
      return { graph, runtime };
    },
  });
  const scaler = skill.scaler === undefined ? undefined : await bundle.load(skill.scaler, {
    shelf: shelves.scalers,
    make: (bytes) => readScaler(JSON.parse(new TextDecoder().decode(bytes))),
  });
  const { inputs, outputs } = skill;
  return { model: createPredictionModel({ graph, scaler, inputs, outputs }), runtime };
}

/** Each model that an optimizer uses must compute on the tape what ONNX Runtime computes. */
async function refereeModels(
  strategy: Strategy,
  models: ReadonlyMap<string, SkillModel>,
): Promise<void> {
  const used = new Set(
    optimizersOf(strategy).flatMap(({ model }) => stepsOf(strategy, model))
      .filter(({ type }) => type === "model").map(({ name }) => name),
  );
  const problems: string[] = [];
  for (const name of used) {
    const { model, runtime } = models.get(name)!;
    try {
      const { agrees, worst, tolerance, points } = await compareWithRuntime(model, runtime);
      if (agrees) continue;
      problems.push(
        `Skill "${name}": its tape differs from ONNX Runtime by ${worst.toExponential(1)} ` +
          `over ${points} points, ${tolerance} is allowed`,
      );
    } catch (error) {
      problems.push(`Skill "${name}": ${messageOf(error)}`);
    }
  }
  if (problems.length > 0) throw new PlanError(problems);
}

async function loadOptimizers(
  { digest }: Bundle,
  { strategy, models, solver }: {
    readonly strategy: Strategy;
    readonly models: ReadonlyMap<string, SkillModel>;
    readonly solver: Solver;
  },
): Promise<Map<string, LoadedOptimizer>> {
  const lowered = new Map([...models].map(([skill, { model }]) => [skill, model]));
  const operative = new Map(
    [...strategy.variables.values()]
      .filter((variable) => variable.type === "operative")
      .map((variable) => [variable.name, variable]),
  );
  const loaded = new Map<string, LoadedOptimizer>();
  const problems: string[] = [];
  for (const skill of optimizersOf(strategy)) {
    try {
      const program = compileProgram(strategy, skill.name, lowered);
      const ladder = await loadLadder(solver, program);
      const wide = await loadSensitivity(solver, program);
      const { variables } = strategy;
      loaded.set(skill.name, { skill, digest, ladder, wide, variables, operative });
    } catch (error) {
      problems.push(messageOf(error));
    }
  }
  if (problems.length > 0) throw new PlanError(problems);
  return loaded;
}

function optimizersOf(strategy: Strategy): OptimizerSkill[] {
  return [...strategy.skills.values()].filter((skill) => skill.type === "optimizer");
}

/** What the tasks run and what the optimizers are built on, each skill once, in the order of need. */
function predictionsOf(strategy: Strategy): string[] {
  const wanted = strategy.tasks.flatMap(({ skill }) => {
    const task = strategy.skills.get(skill)!;
    if (task.type === "optimizer") return [task.model];
    return task.type === "constraints" ? [] : [skill];
  });
  return [...new Set(wanted)];
}

/** A model's output scale is its spread over the training data, where the scaler file says so. */
function scalesOf(models: ReadonlyMap<string, SkillModel>): Map<string, number> {
  const scales = new Map<string, number>();
  for (const { model } of models.values()) {
    for (const [k, output] of model.outputs.entries()) {
      const scale = model.scaler?.outputs?.scale[model.outputOrder[k]!];
      if (scale !== undefined) scales.set(output, Math.abs(scale));
    }
  }
  return scales;
}

function runtimeOf({ model, runtime }: SkillModel): BatchRuntime {
  const predictRows = async (rows: readonly (readonly number[])[]) => {
    const results = await predictModel(
      model,
      runtime,
      rows.map((row) => Float64Array.from(row)),
    );
    return results.map((result) => [...result]);
  };
  return { predictRows, predict: async (inputs) => (await predictRows([inputs]))[0]! };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
