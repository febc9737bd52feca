/** One optimizer skill on one snapshot: bounds and move limits in, settings with evidence out. */

import { evaluate } from "../model/evaluate.ts";
import type { TapeElement } from "../model/tape.ts";
import { climb, converged } from "../solve/ladder.ts";
import type { LadderOutcome } from "../solve/ladder.ts";
import type { EndPoint, Multipliers } from "../solve/outcome.ts";
import { fillParameters, MissingValueError } from "../solve/parameters.ts";
import type { Program } from "../solve/program.ts";
import type { Solver } from "../solve/solver.ts";
import type { LoadedOptimizer } from "./plan.ts";
import type {
  BindingLimit,
  Recommendation,
  RelaxedLimit,
  Setting,
  SolverEvidence,
} from "./recommendation.ts";
import { practicalSetPoints, reachOf } from "./set_points.ts";
import type { Reach } from "./set_points.ts";
import type { Snapshot } from "./snapshot.ts";

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
  readonly bias: ReadonlyMap<string, number>;
  readonly previous: EndOfSolve | undefined;
}

export interface Optimisation {
  readonly settings: readonly Setting[];
  /** Calculated and predicted variables at the recommended settings, by the tape. */
  readonly expected: ReadonlyMap<string, number>;
  /** The same at the measured settings. */
  readonly now: ReadonlyMap<string, number>;
  readonly objective: NonNullable<Recommendation["objective"]>;
  readonly bindingLimits: readonly BindingLimit[];
  readonly relaxedLimits: readonly RelaxedLimit[];
  readonly evidence: SolverEvidence;
  readonly warnings: readonly string[];
  readonly end: EndOfSolve;
}

/** Without a trusted answer: why, and the solver's evidence where it was asked. */
export interface NoOptimisation {
  readonly reason: string;
  readonly evidence: SolverEvidence | null;
}

/** A limit is binding when it is nearer than this share of its row's scale. */
const BINDING = 1e-5;

export async function optimise(
  optimizer: LoadedOptimizer,
  { inputs, solver }: { readonly inputs: OptimizerInputs; readonly solver: Solver },
): Promise<Optimisation | NoOptimisation> {
  const { program } = optimizer.ladder;
  const reaches = reachesOf(optimizer, inputs);
  if ("reason" in reaches) return { ...reaches, evidence: null };

  const parameters = parametersOf(program, inputs);
  if (!(parameters instanceof Float64Array)) return { ...parameters, evidence: null };
  const start = Float64Array.from(reaches, (r) => Math.min(Math.max(r.measured, r.lower), r.upper));
  const { tolerance, maxIterations, timeLimitMs, starts } = optimizer.skill.solver;
  const climbed = await climb(solver, {
    ladder: optimizer.ladder,
    request: {
      start,
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
      previous: inputs.previous?.digest === optimizer.digest ? inputs.previous : undefined,
    },
  });
  const evidence = solverEvidence(optimizer, climbed);
  const { outcome } = climbed;
  if (!converged(outcome)) {
    return { reason: reasonOf(program, { climbed, parameters }), evidence };
  }

  const limits = grantedLimits(program, climbed);
  const practical = practicalSetPoints(Float64Array.from(outcome.point), {
    program,
    parameters,
    reaches,
    ...limits,
  });
  const measuredPoint = Float64Array.from(reaches, (reach) => reach.measured);
  const atPresent = evaluate(program.tape, measuredPoint, parameters);
  const atRecommended = evaluate(program.tape, practical.point, parameters);
  const stated = (results: readonly Float64Array[]) =>
    program.sense * read(results, program.objective);

  return {
    settings: reaches.map((reach, i) => {
      const source = inputs.snapshot.values.get(reach.variable.name)!;
      const recommended = practical.point[i]!;
      return {
        variable: reach.variable.name,
        unit: reach.variable.unit,
        measured: reach.measured,
        recommended,
        change: difference(recommended, reach.measured),
        limited_by: practical.limitedBy[i]!,
        quality: source.quality,
        source_time: source.source_time,
      };
    }),
    now: watchedAt(program, atPresent),
    expected: watchedAt(program, atRecommended),
    objective: {
      unit: optimizer.skill.objectiveUnit,
      sense: optimizer.skill.sense,
      now: stated(atPresent),
      expected: stated(atRecommended),
    },
    bindingLimits: bindingLimits(optimizer, { end: outcome, ...limits }),
    relaxedLimits: climbed.relaxations.map(({ row, side, by }) => ({
      limit: program.rows[row]!.name,
      side,
      unit: program.rows[row]!.unit,
      value: program.rows[row]![side],
      relaxed_by: by,
      rank: program.rows[row]!.rank!,
    })),
    evidence,
    warnings: practical.warnings,
    end: { digest: optimizer.digest, point: outcome.point, multipliers: outcome.multipliers },
  };
}

/** The program's parameters; where a value lacks, why. */
function parametersOf(
  program: Program,
  { measured, bias }: OptimizerInputs,
): Float64Array | { readonly reason: string } {
  try {
    return fillParameters(program, { values: measured, measured, bias });
  } catch (error) {
    if (error instanceof MissingValueError) return { reason: error.message };
    throw error;
  }
}

/** The reach of each variable of the program; where one has none, why. */
function reachesOf(
  optimizer: LoadedOptimizer,
  { measured }: OptimizerInputs,
): Reach[] | { readonly reason: string } {
  const reaches: Reach[] = [];
  const reasons: string[] = [];
  for (const { name, bounds } of optimizer.ladder.program.variables) {
    const variable = optimizer.operative.get(name)!;
    const reach = reachOf(variable, { measured: measured.get(name)!, bounds });
    if (typeof reach === "string") reasons.push(reach);
    else reaches.push(reach);
  }
  return reasons.length > 0 ? { reason: reasons.join("; ") } : reaches;
}

function solverEvidence(optimizer: LoadedOptimizer, climbed: LadderOutcome): SolverEvidence {
  const { outcome, rungs } = climbed;
  return {
    optimizer: optimizer.skill.name,
    outcome: outcome.kind,
    iterations: rungs.reduce((sum, rung) => sum + rung.iterations, 0),
    total_ms: rungs.reduce((sum, rung) => sum + rung.ms, 0),
    evaluation_ms: climbed.evaluationMs,
    rungs,
  };
}

/** Why there is no answer, with the limits that are broken where the solver gave up. */
function reasonOf(
  program: Program,
  { climbed, parameters }: {
    readonly climbed: LadderOutcome;
    readonly parameters: Float64Array;
  },
): string {
  const { outcome } = climbed;
  if ("message" in outcome) {
    return `The solver gave no answer (${outcome.kind}): ${outcome.message}`;
  }
  const results = evaluate(program.tape, Float64Array.from(outcome.point), parameters);
  const broken = program.rows.flatMap((row) => {
    const value = read(results, row.output);
    if (value < row.lower - 1e-6 * row.scale) {
      return [`${row.name} at ${value.toPrecision(5)} ${row.unit}, at least ${row.lower} wanted`];
    }
    if (value > row.upper + 1e-6 * row.scale) {
      return [`${row.name} at ${value.toPrecision(5)} ${row.unit}, at most ${row.upper} wanted`];
    }
    return [];
  });
  const limits = broken.length > 0 ? `: ${broken.join("; ")}` : "";
  return outcome.kind === "infeasible"
    ? `The limits conflict within this cycle's move limits${limits}`
    : `The solver reached its ${"limit" in outcome ? outcome.limit : "own"} limit${limits}`;
}

/** The rows' limits as the answer was found under them. */
function grantedLimits(program: Program, { relaxations }: LadderOutcome) {
  const rowLower = Float64Array.from(program.rows, (row) => row.lower);
  const rowUpper = Float64Array.from(program.rows, (row) => row.upper);
  for (const { row, side, by } of relaxations) {
    if (side === "lower") rowLower[row]! -= by;
    else rowUpper[row]! += by;
  }
  return { rowLower, rowUpper };
}

/**
 * Binding rows with their shadow prices. With the Lagrangian f + λᵀg, relaxing an upper limit by one
 * unit changes the minimum by −λ, a lower one by +λ: |λ| is the improvement.
 */
function bindingLimits(
  optimizer: LoadedOptimizer,
  { end, rowLower, rowUpper }: {
    readonly end: EndPoint;
    readonly rowLower: Float64Array;
    readonly rowUpper: Float64Array;
  },
): BindingLimit[] {
  const binding: BindingLimit[] = [];
  for (const [i, row] of optimizer.ladder.program.rows.entries()) {
    const value = end.rows[i]!;
    const atUpper = rowUpper[i]! - value <= BINDING * row.scale;
    const atLower = value - rowLower[i]! <= BINDING * row.scale;
    if (!atUpper && !atLower) continue;
    const side = atUpper ? "upper" : "lower";
    binding.push({
      limit: row.name,
      side,
      unit: row.unit,
      value: side === "upper" ? row.upper : row.lower,
      shadow_price: Math.abs(end.multipliers.rows[i]!),
      shadow_price_unit: perUnit(optimizer.skill.objectiveUnit, row.unit),
    });
  }
  return binding;
}

function perUnit(objectiveUnit: string, unit: string): string {
  return unit === "" ? objectiveUnit : `(${objectiveUnit}) per ${unit}`;
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
