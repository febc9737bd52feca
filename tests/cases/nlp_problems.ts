/**
 * The published nonlinear programs of shared/cases/nlp-problems.json, through the product's own path:
 * formula text → tree → tape → IPOPT → typed outcome.
 */

import { z } from "zod";
import { TapeBuilder } from "../../src/model/tape_builder.ts";
import { lowerFormula } from "../../src/solve/lower_formula.ts";
import { meritOf } from "../../src/solve/merit.ts";
import { converged } from "../../src/solve/outcome.ts";
import type { SolveOutcome, SolveRequest } from "../../src/solve/outcome.ts";
import type { Program } from "../../src/solve/program.ts";
import { rowScale, typicalChanges } from "../../src/solve/scales.ts";
import type { LoadedProgram, Solver } from "../../src/solve/solver.ts";
import { startBox, StartSequence } from "../../src/solve/starts.ts";
import { parseFormula } from "../../src/strategy/formula.ts";

const limit = z.number().nullable();
const nlpProblem = z.object({
  name: z.string(),
  variables: z.array(z.object({ name: z.string(), lower: limit, upper: limit, start: z.number() })),
  objective: z.object({ sense: z.enum(["minimize", "maximize"]), expr: z.string() }),
  constraints: z.array(
    z.object({ name: z.string(), expr: z.string(), lower: limit, upper: limit }),
  ),
  optimum: z.object({ value: z.number() }),
  status: z.string(),
  check: z.object({
    /** Whether an IPOPT of others reaches the published optimum from the stated start. */
    ipopt_from_start: z.object({ reaches_optimum: z.boolean() }),
    /** How many of 60 random starts reached it. */
    multistart: z.object({ reaching_optimum: z.number() }).optional(),
  }),
});

export type NlpProblem = z.infer<typeof nlpProblem>;

/** Reads the file's text. */
export function readNlpProblems(text: string): NlpProblem[] {
  return z.object({ problems: z.array(nlpProblem) }).parse(JSON.parse(text)).problems;
}

/**
 * The problem as a program. Scales follow the rules of compileProgram as far as a book's problem
 * allows: the distance between the bounds, else the size of the start; typical changes at the start.
 */
export function programOf(problem: NlpProblem): Program {
  const builder = new TapeBuilder();
  const indexOf = new Map(problem.variables.map(({ name }, i) => [name, i]));
  const nodeOf = (text: string) => {
    const result = parseFormula(text);
    if (result.kind === "problems") {
      throw new SyntaxError(`${problem.name}: ${result.problems[0]?.message} in ${text}`);
    }
    const variable = (name: string) => {
      const index = indexOf.get(name);
      if (index === undefined) throw new ReferenceError(`${problem.name} has no variable ${name}`);
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
  /** In the stated sense; undefined where there was no end point. */
  readonly objective: number | undefined;
  readonly published: number;
  /** How far the end is worse than the published optimum, relative to max(1, |f*|). */
  readonly error: number;
  /** A feasible point better than the published one, by more than the tolerance. */
  readonly better: boolean;
  readonly iterations: number;
  readonly starts: number;
  /** Whether another IPOPT reached the optimum from the stated start, says the file. */
  readonly promised: boolean;
}

/** How far the objective may be above the published one, relative: the file's own measure. */
export const objectiveTolerance = 1e-4;
/** The same where the published optimum has so many digits; some have only four. */
export const exactTolerance = 1e-6;
/** Starts tried at most where the stated one leads elsewhere, and where it leads nearly there. */
const MOST_STARTS = { elsewhere: 400, near: 8 } as const;
/** The first serves nearly always; where rounding keeps it from ending, the second does. */
const TOLERANCES = [1e-11, 1e-8] as const;

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
    timeLimitMs: 10_000,
    warm: undefined,
  };
  const scales = program.variables.map(({ scale }) => scale);
  const box = startBox({ lower, upper }, { around: stated, scales });
  const sequence = new StartSequence(box, { seed: 7, merit: meritOf(program, request) });
  try {
    let best: NlpResult | undefined;
    let bestPoint: Float64Array | undefined;
    for (let tried = 1; tried <= (isNear(best) ? MOST_STARTS.near : mostStarts); tried++) {
      const start = tried === 1 ? stated : sequence.next(bestPoint);
      const outcome = await solveFrom(solver, { loaded, request: { ...request, start } });
      const result = resultOf(problem, { program, outcome, starts: tried });
      if (best === undefined || result.error < best.error) {
        best = result;
        if (converged(outcome)) bestPoint = Float64Array.from(outcome.point);
      }
      if (best.error <= exactTolerance || withoutKktPoint.has(problem.name)) break;
    }
    if (best === undefined) throw new RangeError("No start was tried");
    return best;
  } finally {
    await solver.release(loaded);
  }
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
  const published = problem.optimum.value;
  const objective = converged(outcome) ? program.sense * outcome.objective : undefined;
  // A verified end below a published minimum is no error but a better point.
  const above = objective === undefined ? Infinity : program.sense * (objective - published);
  return {
    name: problem.name,
    kind: outcome.kind,
    objective,
    published,
    error: Math.max(0, above) / Math.max(1, Math.abs(published)),
    better: -above > exactTolerance * Math.max(1, Math.abs(published)),
    iterations: "iterations" in outcome ? outcome.iterations : 0,
    starts,
    promised: problem.check.ipopt_from_start.reaches_optimum,
  };
}

/** The results as a table for people. */
export function nlpTable(results: readonly NlpResult[]): string {
  const rows = results.map((result) => {
    const { name, kind, objective, published, error, iterations, starts, better } = result;
    return [
      name.padEnd(20),
      kind.padEnd(14),
      (objective === undefined ? "-" : objective.toPrecision(10)).padStart(18),
      published.toPrecision(10).padStart(18),
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
