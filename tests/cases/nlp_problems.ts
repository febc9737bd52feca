/**
 * The published nonlinear programs of shared/cases/nlp-problems.json, through the product's own path:
 * formula text → tree → tape → IPOPT → typed outcome.
 */

import { evaluate } from "../../src/model/evaluate.ts";
import { seededRandom } from "../../src/model/random.ts";
import type { TapeElement } from "../../src/model/tape.ts";
import { meritOf } from "../../src/solve/merit.ts";
import { converged } from "../../src/solve/outcome.ts";
import type { EndPoint, Multipliers, SolveOutcome, SolveRequest } from "../../src/solve/outcome.ts";
import type { Program } from "../../src/solve/program.ts";
import type { LoadedProgram, Solver } from "../../src/solve/solver.ts";
import { startBox, StartSequence } from "../../src/solve/starts.ts";
import type { NlpProblem } from "./nlp_format.ts";
import { programOf, scaledAt } from "./nlp_program.ts";

export interface NlpResult {
  readonly name: string;
  readonly kind: SolveOutcome["kind"];
  /** In the stated sense; undefined where there was no feasible end point. */
  readonly objective: number | undefined;
  /** Undefined where nothing is published: then there is no error either. */
  readonly published: number | undefined;
  /** How far the end is worse than the published optimum, relative to max(1, |f*|). */
  readonly error: number;
  /** A feasible point better than the published one, by more than the tolerance. */
  readonly better: boolean;
  /** What another solver came to is met to 1e-6: the published value has fewer digits. */
  readonly meetsComputed: boolean;
  readonly iterations: number;
  /** Why there is no end, in the outcome's words; empty where there is one. */
  readonly why: string;
  /** Starts until this end was found, the stated one included. */
  readonly starts: number;
  /** Whether another IPOPT reached the optimum from the stated start, says the file. */
  readonly promised: boolean;
}

/** How far the objective may be above the published one, relative: the file's own measure. */
export const objectiveTolerance = 1e-4;
/** The same where the published optimum has so many digits; some have only four. */
export const exactTolerance = 1e-6;
/**
 * Starts tried at most where the stated one leads elsewhere, more ones after one that leads nearly
 * there, and at most until any answer where no optimum is published.
 */
const MOST_STARTS = { elsewhere: 1500, near: 150, unpublished: 60 } as const;
/** For one program, all starts together. */
const MOST_MS = 60_000;
/** Trials of the evolution before its first start; more before each of its next ones. */
const TRIALS = 300;
/** Most iterations from the stated start, and from each other one. */
const MOST_ITERATIONS = { stated: 3000, other: 500 } as const;
/** The first serves nearly always; where rounding keeps it from ending, the second does. */
const TOLERANCES = [1e-11, 1e-8] as const;
/** Largest violation, relative to max(1, |limit|), of an end that IPOPT has not called a solution. */
const FEASIBLE = 1e-8;

/** Published programs that no start leads to the optimum of, and why. */
export const withoutKktPoint: ReadonlyMap<string, string> = new Map([
  [
    "hs013",
    "no constraint qualification at the optimum (1, 0): the multiplier grows without bound, and " +
    "any end near 1 is as good as the tolerance",
  ],
]);

/** Solves one problem from its stated start, and from more starts where that ends elsewhere. */
export async function solveNlpProblem(
  solver: Solver,
  { problem, mostStarts = MOST_STARTS.elsewhere }: {
    readonly problem: NlpProblem;
    readonly mostStarts?: number;
  },
): Promise<NlpResult> {
  const program = programOf(problem);
  const loaded = await solver.load(program);
  const lower = Float64Array.from(program.variables, ({ bounds }) => bounds[0]);
  const upper = Float64Array.from(program.variables, ({ bounds }) => bounds[1]);
  const stated = Float64Array.from(problem.variables, ({ start }) => start);
  const request = {
    start: stated,
    parameters: new Float64Array(0),
    lower,
    upper,
    rowLower: Float64Array.from(program.rows, (row) => row.lower),
    rowUpper: Float64Array.from(program.rows, (row) => row.upper),
    maxIterations: MOST_ITERATIONS.stated,
    timeLimitMs: 30_000,
    warm: undefined,
  };
  const other = { ...request, maxIterations: MOST_ITERATIONS.other };
  const scales = program.variables.map(({ scale }) => scale);
  const box = startBox({ lower, upper }, { around: stated, scales });
  const merit = meritOf(program, request);
  const sequence = new StartSequence(box, { seed: 7, merit, trials: TRIALS });
  const random = seededRandom(11);
  const begin = performance.now();
  try {
    let best: NlpResult | undefined;
    let bestPoint: Float64Array | undefined;
    const isRated = problem.optimum.value !== undefined;
    let sharpened: Float64Array | undefined;
    const consider = (end: End, starts: number) => {
      const result = resultOf(problem, { program, end, starts });
      if (best !== undefined && !isBetter(result, best)) return;
      best = result;
      bestPoint = end.point ?? bestPoint;
    };
    let last = isRated ? mostStarts : Math.min(mostStarts, MOST_STARTS.unpublished);
    for (let tried = 1; tried <= last; tried++) {
      if (performance.now() - begin > MOST_MS) break;
      const start = tried === 1 ? stated : sequence.next(bestPoint);
      const asked = tried === 1
        ? { ...request, start }
        : { ...other, start, warm: random() < 0.5 ? stayingNear(program) : undefined };
      const outcome = await solveFrom(solver, { loaded, request: asked, program });
      consider(endOf(program, outcome), tried);
      if (tried > 1 && isRated) consider(startAsEnd(program, start), tried);
      if (isNear(best) && bestPoint !== sharpened) {
        sharpened = bestPoint;
        last = Math.min(last, tried + MOST_STARTS.near);
        const sharper = await solveSharper(solver, { program, request: other, end: bestPoint! });
        consider(endOf(program, sharper), tried);
      }
      if (best === undefined) continue;
      if (best.error <= exactTolerance || withoutKktPoint.has(problem.name)) break;
      // Without a published optimum there is nothing to look for beyond an answer.
      if (best.published === undefined && best.objective !== undefined) break;
    }
    if (best === undefined) throw new RangeError("No start was tried");
    return best;
  } finally {
    await solver.release(loaded);
  }
}

/**
 * Multipliers of nothing, for a start that is thought to be near an optimum: they start IPOPT with a
 * small barrier, and a large one would push it away from limits first, at times for good.
 */
function stayingNear({ variables, rows }: Program): Multipliers {
  return {
    rows: new Float64Array(rows.length),
    lower: new Float64Array(variables.length),
    upper: new Float64Array(variables.length),
  };
}

function isBetter(one: NlpResult, other: NlpResult): boolean {
  return one.error < other.error || (one.objective !== undefined && other.objective === undefined);
}

function isNear(result: NlpResult | undefined): boolean {
  return result !== undefined && result.error > exactTolerance &&
    result.error <= objectiveTolerance;
}

async function solveFrom(
  solver: Solver,
  { program, loaded, request }: {
    readonly program: Program;
    readonly loaded: LoadedProgram;
    readonly request: Omit<SolveRequest, "tolerance">;
  },
): Promise<SolveOutcome> {
  const [tight, loose] = TOLERANCES;
  const first = await solver.solve(loaded, { ...request, tolerance: tight });
  if (converged(first)) return first;
  // What the stated start says about sizes may be wrong at this one.
  const rescaled = await solver.load(scaledAt(program, Float64Array.from(request.start)));
  try {
    return await solver.solve(rescaled, { ...request, tolerance: loose });
  } finally {
    await solver.release(rescaled);
  }
}

/** From an end again, with the objective in its own size there: over its box it may be 1e7 times that. */
async function solveSharper(
  solver: Solver,
  { program, request, end }: {
    readonly program: Program;
    readonly request: Omit<SolveRequest, "tolerance">;
    readonly end: Float64Array;
  },
): Promise<SolveOutcome> {
  const { node, element } = program.objective;
  const objective = evaluate(program.tape, end, new Float64Array(0))[node]?.[element] ?? NaN;
  const objectiveScale = Math.max(1, Math.abs(objective));
  const loaded = await solver.load({ ...scaledAt(program, end), objectiveScale });
  try {
    const warm = stayingNear(program);
    return await solver.solve(loaded, { ...request, start: end, warm, tolerance: TOLERANCES[0] });
  } finally {
    await solver.release(loaded);
  }
}

/** What may be reported: a solve's end that serves, or the start itself. */
interface End {
  readonly kind: SolveOutcome["kind"];
  /** Minimised; undefined, as the point, where there is no feasible one. */
  readonly objective: number | undefined;
  readonly point: Float64Array | undefined;
  readonly iterations: number;
  readonly why: string;
}

function endOf(program: Program, outcome: SolveOutcome): End {
  const { kind } = outcome;
  const serves = converged(outcome) || (outcome.kind === "limit" && isFeasible(program, outcome));
  return {
    kind,
    objective: serves ? outcome.objective : undefined,
    point: serves ? Float64Array.from(outcome.point) : undefined,
    iterations: "iterations" in outcome ? outcome.iterations : 0,
    why: "message" in outcome ? outcome.message : "",
  };
}

/** A start may lie in a tip of the objective that IPOPT finds no step out of: then it stands itself. */
function startAsEnd(program: Program, start: Float64Array): End {
  const results = evaluate(program.tape, start, new Float64Array(0));
  const read = ({ node, element }: TapeElement) => results[node]?.[element] ?? NaN;
  const rows = Float64Array.from(program.rows, ({ output }) => read(output));
  const objective = read(program.objective);
  const serves = Number.isFinite(objective) && isFeasible(program, { point: start, rows });
  return {
    kind: "limit",
    objective: serves ? objective : undefined,
    point: serves ? start : undefined,
    iterations: 0,
    why: "",
  };
}

function resultOf(
  problem: NlpProblem,
  { program, end, starts }: {
    readonly program: Program;
    readonly end: End;
    readonly starts: number;
  },
): NlpResult {
  const { value: published, value_computed: computed } = problem.optimum;
  const objective = end.objective === undefined ? undefined : program.sense * end.objective;
  // A feasible end below a published minimum is no error but a better point.
  const above = (reference: number) =>
    objective === undefined
      ? Infinity
      : program.sense * (objective - reference) / Math.max(1, Math.abs(reference));
  return {
    name: problem.name,
    kind: end.kind,
    objective,
    published,
    error: published === undefined ? Infinity : Math.max(0, above(published)),
    better: published !== undefined && -above(published) > exactTolerance,
    meetsComputed: computed !== undefined && Math.abs(above(computed)) <= exactTolerance,
    iterations: end.iterations,
    why: end.why,
    starts,
    promised: problem.check.ipopt_from_start.reaches_optimum,
  };
}

/** For ends that IPOPT itself does not vouch for, as where the objective has a tip at its optimum. */
function isFeasible(
  program: Program,
  { point, rows }: Pick<EndPoint, "point" | "rows">,
): boolean {
  const holds = (value: number, [lower, upper]: readonly [number, number]) =>
    value >= lower - FEASIBLE * Math.max(1, Math.abs(lower)) &&
    value <= upper + FEASIBLE * Math.max(1, Math.abs(upper));
  return program.variables.every(({ bounds }, i) => holds(point[i]!, bounds)) &&
    program.rows.every(({ lower, upper }, r) => holds(rows[r]!, [lower, upper]));
}

/** The results as a table for people. */
export function nlpTable(results: readonly NlpResult[]): string {
  const rows = results.map((result) => {
    const { name, kind, objective, published, error, iterations, starts, better } = result;
    return [
      name.padEnd(20),
      kind.padEnd(14),
      (objective === undefined ? "-" : objective.toPrecision(10)).padStart(18),
      (published === undefined ? "-" : published.toPrecision(10)).padStart(18),
      (Number.isFinite(error) ? error.toExponential(1) : "-").padStart(9),
      String(iterations).padStart(5),
      String(starts).padStart(6),
      better ? "better than published" : withoutKktPoint.get(name) ?? "",
    ].join(" ").trimEnd();
  });
  const head = [
    "problem".padEnd(20),
    "outcome".padEnd(14),
    "objective".padStart(18),
    "published".padStart(18),
    "error".padStart(9),
    "iter".padStart(5),
    "starts".padStart(6),
  ].join(" ");
  return [head, ...rows].join("\n");
}
