/**
 * The published nonlinear programs of shared/cases/nlp-problems.json, through the product's own path:
 * formula text → tree → tape → IPOPT → typed outcome.
 */

import { TapeBuilder } from "../../src/model/tape_builder.ts";
import { lowerFormula } from "../../src/solve/lower_formula.ts";
import { meritOf } from "../../src/solve/merit.ts";
import { converged } from "../../src/solve/outcome.ts";
import type { EndPoint, SolveOutcome, SolveRequest } from "../../src/solve/outcome.ts";
import type { Program } from "../../src/solve/program.ts";
import { rowScale, typicalChanges } from "../../src/solve/scales.ts";
import type { LoadedProgram, Solver } from "../../src/solve/solver.ts";
import { startBox, StartSequence } from "../../src/solve/starts.ts";
import { parseFormula } from "../../src/strategy/formula.ts";
import type { NlpProblem } from "./nlp_format.ts";

/** Powers are written both ways in collections of problems. */
function inOurWords(text: string): string {
  return text.replaceAll("**", "^");
}

/**
 * The problem as a program. Scales follow the rules of compileProgram as far as a book's problem
 * allows: the distance between the bounds, else the size of the start; typical changes at the start.
 */
export function programOf(problem: NlpProblem): Program {
  const builder = new TapeBuilder();
  const indexOf = new Map(problem.variables.map(({ name }, i) => [name, i]));
  const nodeOf = (expr: string) => {
    const text = inOurWords(expr);
    const result = parseFormula(text);
    if (result.kind === "problems") {
      const [first] = result.problems;
      const shown = text.length > 80 ? `${text.slice(0, 77)}...` : text;
      throw new SyntaxError(
        `${first?.message}, ${first?.expected ?? "another formula"} expected, in ${shown}`,
      );
    }
    const variable = (name: string) => {
      const index = indexOf.get(name);
      if (index === undefined) throw new ReferenceError(`There is no variable ${name}`);
      return builder.input([index]);
    };
    return lowerFormula(result.formula, { builder, variable, measured: variable });
  };
  const stated = nodeOf(problem.objective.expr);
  const isMinimum = problem.objective.sense === "minimize";
  const nodes = [
    isMinimum ? stated : builder.negate(stated),
    ...problem.constraints.map(({ expr }) => nodeOf(expr)),
  ];
  const { tape, outputs } = builder.finish(nodes, { inputs: problem.variables.length });
  const places = outputs.map((node) => ({ node, element: 0 }));
  const placeAt = (i: number) => places[i] ?? { node: -1, element: 0 };
  const variables = problem.variables.map(({ name, lower, upper, start }) => ({
    name,
    unit: "",
    bounds: [lower ?? -Infinity, upper ?? Infinity] as const,
    scale: lower !== null && upper !== null && upper > lower
      ? upper - lower
      : Math.max(1, Math.abs(start)),
  }));
  const [objectiveScale = 1, ...rowChanges] = typicalChanges(tape, {
    places,
    variables,
    state: {
      x: Float64Array.from(problem.variables, ({ start }) => start),
      p: new Float64Array(0),
    },
  });
  return {
    name: problem.name,
    tape,
    variables,
    parameters: [],
    objective: placeAt(0),
    sense: isMinimum ? 1 : -1,
    objectiveScale,
    rows: problem.constraints.map(({ name, lower, upper }, i) => ({
      name,
      unit: "",
      output: placeAt(i + 1),
      lower: lower ?? -Infinity,
      upper: upper ?? Infinity,
      rank: undefined,
      scale: rowScale(lower ?? -Infinity, upper ?? Infinity) ?? rowChanges[i] ?? 1,
    })),
    watched: new Map(),
  };
}

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
  /** Starts until this end was found, the stated one included. */
  readonly starts: number;
  /** Whether another IPOPT reached the optimum from the stated start, says the file. */
  readonly promised: boolean;
}

/** How far the objective may be above the published one, relative: the file's own measure. */
export const objectiveTolerance = 1e-4;
/** The same where the published optimum has so many digits; some have only four. */
export const exactTolerance = 1e-6;
/** Starts tried at most where the stated one leads elsewhere, and where it leads nearly there. */
const MOST_STARTS = { elsewhere: 1500, near: 8 } as const;
/** For one program, all starts together. */
const MOST_MS = 300_000;
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
    maxIterations: 3000,
    timeLimitMs: 30_000,
    warm: undefined,
  };
  const scales = program.variables.map(({ scale }) => scale);
  const box = startBox({ lower, upper }, { around: stated, scales });
  const sequence = new StartSequence(box, { seed: 7, merit: meritOf(program, request) });
  const begin = performance.now();
  try {
    let best: NlpResult | undefined;
    let bestPoint: Float64Array | undefined;
    for (let tried = 1; tried <= (isNear(best) ? MOST_STARTS.near : mostStarts); tried++) {
      if (performance.now() - begin > MOST_MS) break;
      const start = tried === 1 ? stated : sequence.next(bestPoint);
      const outcome = await solveFrom(solver, { loaded, request: { ...request, start } });
      const result = resultOf(problem, { program, outcome, starts: tried });
      if (best === undefined || isBetter(result, best)) {
        best = result;
        if ("point" in outcome && result.objective !== undefined) {
          bestPoint = Float64Array.from(outcome.point);
        }
      }
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

function isBetter(one: NlpResult, other: NlpResult): boolean {
  return one.error < other.error || (one.objective !== undefined && other.objective === undefined);
}

function isNear(result: NlpResult | undefined): boolean {
  return result !== undefined && result.error <= objectiveTolerance;
}

async function solveFrom(
  solver: Solver,
  { loaded, request }: {
    readonly loaded: LoadedProgram;
    readonly request: Omit<SolveRequest, "tolerance">;
  },
): Promise<SolveOutcome> {
  let last: SolveOutcome = { kind: "failed", message: "Nothing was solved" };
  for (const tolerance of TOLERANCES) {
    last = await solver.solve(loaded, { ...request, tolerance });
    if (converged(last)) break;
  }
  return last;
}

function resultOf(
  problem: NlpProblem,
  { program, outcome, starts }: {
    readonly program: Program;
    readonly outcome: SolveOutcome;
    readonly starts: number;
  },
): NlpResult {
  const { value: published, value_computed: computed } = problem.optimum;
  const serves = converged(outcome) || (outcome.kind === "limit" && isFeasible(program, outcome));
  const objective = serves ? program.sense * outcome.objective : undefined;
  // A feasible end below a published minimum is no error but a better point.
  const above = (reference: number) =>
    objective === undefined
      ? Infinity
      : program.sense * (objective - reference) / Math.max(1, Math.abs(reference));
  return {
    name: problem.name,
    kind: outcome.kind,
    objective,
    published,
    error: published === undefined ? Infinity : Math.max(0, above(published)),
    better: published !== undefined && -above(published) > exactTolerance,
    meetsComputed: computed !== undefined && Math.abs(above(computed)) <= exactTolerance,
    iterations: "iterations" in outcome ? outcome.iterations : 0,
    starts,
    promised: problem.check.ipopt_from_start.reaches_optimum,
  };
}

/** For ends that IPOPT itself does not vouch for, as where the objective has a tip at its optimum. */
function isFeasible(program: Program, { point, rows }: EndPoint): boolean {
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
