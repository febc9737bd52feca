/** One optimizer skill on one state: bounds and move limits in, settings with evidence out. */

import { evaluate } from "../model/evaluate.ts";
import type { TapeElement } from "../model/tape.ts";
import { describeConflict } from "../solve/conflict.ts";
import { climb } from "../solve/ladder.ts";
import type { LadderOutcome, LadderRequest } from "../solve/ladder.ts";
import { converged } from "../solve/outcome.ts";
import type { Multipliers } from "../solve/outcome.ts";
import { fillParameters, MissingValueError } from "../solve/parameters.ts";
import type { Program } from "../solve/program.ts";
import type { Solver } from "../solve/solver.ts";
import { bindingLimits, brokenLimits, grantedLimits, limitEvidence } from "./binding_limits.ts";
import { influencesOf } from "./influences.ts";
import type { LoadedOptimizer } from "./plan.ts";
import { membersAt, reachesOf } from "./reaches.ts";
import type { ProgramReach } from "./reaches.ts";
import type {
  BindingLimit,
  Influences,
  LimitedBy,
  ObjectiveChange,
  RelaxedLimit,
  Setting,
  SolverEvidence,
} from "./recommendation.ts";
import { limitOf, practicalSetPoints } from "./set_points.ts";
import type { SetPoints } from "./set_points.ts";
import type { Snapshot } from "./snapshot.ts";
import type { Spread } from "./spreads.ts";

/** Where a solve ended: the warm start of the next cycle's. */
export interface EndOfSolve {
  /** The bundle it belongs to: another one has other variables. */
  readonly digest: string;
  readonly point: Float64Array;
  readonly multipliers: Multipliers;
}

/** The values that an optimizer works from. */
export interface OptimizerInputs {
  readonly snapshot: Snapshot;
  /** Values at the cycle's start, by variable name; those behind predicted variables too. */
  readonly measured: ReadonlyMap<string, number>;
  /** The state to start from: settings as the optimizers before have left them. */
  readonly values: ReadonlyMap<string, number>;
  /** Settings that stay where they are in this cycle. */
  readonly switchedOff: ReadonlySet<string>;
  readonly bias: ReadonlyMap<string, number>;
  /** How far each value strays of late. */
  readonly spreads: ReadonlyMap<string, Spread>;
  readonly previous: EndOfSolve | undefined;
}

export interface Optimisation {
  readonly settings: readonly Setting[];
  /** Calculated and predicted variables at the recommended settings, by the tape. */
  readonly expected: ReadonlyMap<string, number>;
  /** The same at the measured settings. */
  readonly now: ReadonlyMap<string, number>;
  readonly objective: ObjectiveChange;
  readonly bindingLimits: readonly BindingLimit[];
  readonly relaxedLimits: readonly RelaxedLimit[];
  readonly influences: Influences;
  readonly evidence: SolverEvidence;
  readonly warnings: readonly string[];
  readonly end: EndOfSolve;
}

/** Without a trusted answer: why, and the solver's evidence where it was asked. */
export interface NoOptimisation {
  readonly reason: string;
  readonly evidence: SolverEvidence | null;
}

export async function optimise(
  optimizer: LoadedOptimizer,
  { inputs, solver }: { readonly inputs: OptimizerInputs; readonly solver: Solver },
): Promise<Optimisation | NoOptimisation> {
  const { program } = optimizer.ladder;
  const reaches = reachesOf(optimizer, inputs);
  if ("reason" in reaches) return { ...reaches, evidence: null };

  const parameters = parametersOf(program, inputs);
  if (!(parameters instanceof Float64Array)) return { ...parameters, evidence: null };
  const request = requestOf(optimizer, { inputs, reaches, parameters });
  const climbed = await climb(solver, { ladder: optimizer.ladder, request });
  const evidence = solverEvidence(optimizer, climbed);
  const { outcome } = climbed;
  if (!converged(outcome)) {
    return { reason: reasonOf(program, { climbed, request }), evidence };
  }

  const limits = grantedLimits(program, climbed);
  const practical = practicalSetPoints(Float64Array.from(outcome.point), {
    program,
    parameters,
    reaches,
    ...limits,
  });
  const { main: loaded } = optimizer.ladder;
  const optimum = { end: outcome, request: { ...request, ...limits, warm: undefined } };
  const { prices, stopping, warnings } = await limitEvidence(solver, { loaded, optimum });
  const influences = await influencesOf(solver, { optimizer, sources: { ...inputs, optimum } });
  const measuredPoint = Float64Array.from(reaches, (reach) => reach.measured);
  const atPresent = evaluate(program.tape, measuredPoint, parameters);
  const atRecommended = evaluate(program.tape, practical.point, parameters);

  return {
    settings: settingsOf(practical, {
      inputs,
      program,
      reaches,
      exact: outcome.point,
      stopping,
    }),
    now: watchedAt(program, atPresent),
    expected: watchedAt(program, atRecommended),
    objective: objectiveOf(optimizer, { atPresent, atRecommended }),
    bindingLimits: bindingLimits(program, {
      prices,
      optimum,
      objectiveUnit: optimizer.skill.objectiveUnit,
      limitedBy: practical.limitedBy,
    }),
    relaxedLimits: climbed.relaxations.map(({ row, side, by }) => ({
      limit: program.rows[row]!.name,
      side,
      unit: program.rows[row]!.unit,
      value: program.rows[row]![side],
      relaxed_by: by,
      rank: program.rows[row]!.rank!,
    })),
    influences,
    evidence,
    warnings: [
      ...conflictOf(program, { climbed, request }),
      ...practical.warnings,
      ...warnings,
    ],
    end: { digest: optimizer.digest, point: outcome.point, multipliers: outcome.multipliers },
  };
}

function requestOf(
  { skill, digest, ladder: { program } }: LoadedOptimizer,
  { inputs, reaches, parameters }: {
    readonly inputs: OptimizerInputs;
    readonly reaches: readonly ProgramReach[];
    readonly parameters: Float64Array;
  },
) {
  const { tolerance, maxIterations, timeLimitMs, starts } = skill.solver;
  const start = reaches.map((reach) => {
    const settings = reach.members?.map(({ variable }) => inputs.values.get(variable.name)!) ??
      [inputs.values.get(reach.variable.name)!];
    const value = settings.reduce((sum, setting) => sum + setting, 0);
    return Math.min(Math.max(value, reach.lower), reach.upper);
  });
  return {
    start: Float64Array.from(start),
    parameters,
    lower: Float64Array.from(reaches, (reach) => reach.lower),
    upper: Float64Array.from(reaches, (reach) => reach.upper),
    rowLower: Float64Array.from(program.rows, (row) => row.lower),
    rowUpper: Float64Array.from(program.rows, (row) => row.upper),
    tolerance,
    maxIterations,
    timeLimitMs,
    starts,
    seed: inputs.snapshot.time.getTime(),
    previous: inputs.previous?.digest === digest ? inputs.previous : undefined,
  };
}

/** Each setting of the program; a group's total as its members. */
function settingsOf(
  { point, limitedBy }: SetPoints,
  { inputs, program, reaches, exact, stopping }: {
    readonly inputs: OptimizerInputs;
    readonly program: Program;
    readonly reaches: readonly ProgramReach[];
    readonly exact: Float64Array;
    readonly stopping: readonly (string | undefined)[];
  },
): Setting[] {
  const setting = (
    { variable: { name, unit }, measured }: Pick<ProgramReach, "variable" | "measured">,
    { recommended, limited_by }: Pick<Setting, "recommended" | "limited_by">,
  ): Setting => {
    const { quality, source_time } = inputs.snapshot.values.get(name)!;
    const change = difference(recommended, measured);
    const stays = inputs.switchedOff.has(name) ? { limited_by: "switched off" as const } : {};
    return {
      ...{ variable: name, unit, measured, recommended, change, limited_by },
      ...{ quality, source_time },
      ...stays,
    };
  };
  return reaches.flatMap((reach, i): Setting[] => {
    const limit = stopping[i];
    const stopped: LimitedBy = limitedBy[i] === "optimum" && limit !== undefined
      ? `constraint ${limit}`
      : limitedBy[i]!;
    if (reach.members === undefined) {
      return [setting(reach, { recommended: point[i]!, limited_by: stopped })];
    }
    // A total that stays where it is, or that another member's limit has stopped.
    const shared = reach.lower === reach.upper || limitedBy[i] !== "optimum" ? "group" : stopped;
    const { scale } = program.variables[i]!;
    const exactly = membersAt(reach, { value: exact[i]!, program: program.variables });
    return membersAt(reach, { value: point[i]!, program: program.variables })
      .map(({ reach: member, value }, k) => {
        const own = limitOf(member, {
          exact: exactly[k]!.value,
          chosen: value,
          scale: scale / reach.members!.length,
        });
        return setting(member, {
          recommended: value,
          limited_by: own === "optimum" ? shared : own,
        });
      });
  });
}

/** What the engineer stated, and what it pays beside. */
function objectiveOf(
  { skill, ladder: { program } }: LoadedOptimizer,
  { atPresent, atRecommended }: {
    readonly atPresent: readonly Float64Array[];
    readonly atRecommended: readonly Float64Array[];
  },
): ObjectiveChange {
  const stated = program.stated ?? program.objective;
  const now = program.sense * read(atPresent, stated);
  const expected = program.sense * read(atRecommended, stated);
  return {
    optimizer: skill.name,
    unit: skill.objectiveUnit,
    sense: skill.sense,
    now,
    expected,
    improvement: program.sense * (now - expected),
    penalties: (program.penalties ?? []).map(({ kind, name, output }) => ({
      kind,
      name,
      now: read(atPresent, output),
      expected: read(atRecommended, output),
    })),
  };
}

/** The program's parameters; where a value lacks, why. */
function parametersOf(
  program: Program,
  { values, measured, bias }: OptimizerInputs,
): Float64Array | { readonly reason: string } {
  try {
    return fillParameters(program, { values, measured, bias });
  } catch (error) {
    if (error instanceof MissingValueError) return { reason: error.message };
    throw error;
  }
}

function solverEvidence(optimizer: LoadedOptimizer, climbed: LadderOutcome): SolverEvidence {
  const { outcome, rungs } = climbed;
  return {
    optimizer: optimizer.skill.name,
    outcome: outcome.kind,
    iterations: rungs.reduce((sum, rung) => sum + rung.iterations, 0),
    total_ms: rungs.reduce((sum, rung) => sum + rung.ms, 0),
    evaluation_ms: climbed.evaluationMs,
    ...("linearSolver" in outcome ? { linear_solver: outcome.linearSolver } : {}),
    rungs,
  };
}

/** Why there is no answer, with the limits that conflict or are broken. */
function reasonOf(
  program: Program,
  { climbed, request }: { readonly climbed: LadderOutcome; readonly request: LadderRequest },
): string {
  const { outcome } = climbed;
  if ("message" in outcome) {
    return `The solver gave no answer (${outcome.kind}): ${outcome.message}`;
  }
  const conflict = conflictOf(program, { climbed, request });
  if (conflict.length > 0) return conflict.join("; ");
  const broken = brokenLimits(program, {
    point: Float64Array.from(outcome.point),
    parameters: request.parameters,
  });
  const limits = broken.length > 0 ? `: ${broken.join("; ")}` : "";
  return outcome.kind === "infeasible"
    ? `The limits conflict within this cycle's move limits${limits}`
    : `The solver reached its ${"limit" in outcome ? outcome.limit : "own"} limit${limits}`;
}

/** The limits that cannot hold together, in one sentence; none where they can. */
function conflictOf(
  program: Program,
  { climbed: { conflict }, request }: {
    readonly climbed: LadderOutcome;
    readonly request: LadderRequest;
  },
): string[] {
  if (conflict === undefined || conflict.limits.length === 0) return [];
  return [`The limits conflict: ${describeConflict(program, { conflict, request })}`];
}

function watchedAt(program: Program, results: readonly Float64Array[]): Map<string, number> {
  return new Map([...program.watched].map(([name, at]) => [name, read(results, at)]));
}

function read(results: readonly Float64Array[], { node, element }: TapeElement): number {
  return results[node]![element]!;
}

/** a − b without the binary tail of two decimal numbers: 8.51 − 8.5 is 0.01. */
function difference(a: number, b: number): number {
  return Number((a - b).toPrecision(12));
}
