/**
 * The ladder of a solve: warm → cold → several starts → elastic by rank → nothing. Every rung is
 * recorded with its outcome and time; the caller holds the last good settings where none served.
 */

import type { ElasticProgram } from "./elastic.ts";
import { elasticProgram } from "./elastic.ts";
import type { EndPoint, Multipliers, SolveOutcome, SolveRequest } from "./outcome.ts";
import type { Program } from "./program.ts";
import type { LoadedProgram, Solver } from "./solver.ts";
import { spreadStarts } from "./starts.ts";

/** One rung as it went. */
export interface Rung {
  readonly rung: "warm" | "cold" | "start" | "elastic" | "relaxed";
  readonly outcome: SolveOutcome["kind"];
  /** In the program's sense: always minimised. Null where there was no end point. */
  readonly objective: number | null;
  readonly iterations: number;
  readonly ms: number;
}

/** How much a row's limit had to give, in the row's unit. */
export interface Relaxation {
  readonly row: number;
  readonly side: "lower" | "upper";
  readonly by: number;
}

export interface LadderOutcome {
  readonly outcome: SolveOutcome;
  readonly relaxations: readonly Relaxation[];
  readonly rungs: readonly Rung[];
  /** Time in evaluations of the tape, all rungs together. */
  readonly evaluationMs: number;
}

/** A program loaded for climbing; `elastic` is absent where no limit may give. */
export interface LoadedLadder {
  readonly program: Program;
  readonly main: LoadedProgram;
  readonly elastic: (ElasticProgram & { readonly loaded: LoadedProgram }) | undefined;
}

export interface LadderRequest extends Omit<SolveRequest, "warm"> {
  /** How many start points a cold climb tries in all, the given one included. */
  readonly starts: number;
  /** Another seed spreads the start points elsewhere. */
  readonly seed: number;
  /** The end of the last cycle's solve, where there is one. */
  readonly previous:
    | { readonly point: Float64Array; readonly multipliers: Multipliers }
    | undefined;
}

/** Beside a warm start that served: the plant moves slowly, and each cycle looks elsewhere. */
const STARTS_BESIDE_WARM = 2;
/** A warm start that has not converged by then is worse than a cold one. */
const WARM_ITERATIONS = 40;
/** Violations below this share of a row's scale are rounding, not conflict. */
const NO_VIOLATION = 1e-6;
/** Granted room beyond the least violation, as a share of the scale: keeps an interior. */
const ROOM = 1e-5;

/** Loads a program and, where some limits have ranks, its elastic form. */
export async function loadLadder(solver: Solver, program: Program): Promise<LoadedLadder> {
  const main = await solver.load(program);
  if (!program.rows.some((row) => row.rank !== undefined)) {
    return { program, main, elastic: undefined };
  }
  const elastic = elasticProgram(program);
  return { program, main, elastic: { ...elastic, loaded: await solver.load(elastic.program) } };
}

/** Climbs until a rung serves or the time limit is reached; faults of the solver are outcomes. */
export async function climb(
  solver: Solver,
  { ladder, request }: { readonly ladder: LoadedLadder; readonly request: LadderRequest },
): Promise<LadderOutcome> {
  const deadline = performance.now() + request.timeLimitMs;
  const rungs: Rung[] = [];
  let evaluationMs = 0;

  async function attempt(
    rung: Rung["rung"],
    program: LoadedProgram,
    change: Partial<SolveRequest>,
  ): Promise<SolveOutcome> {
    const begin = performance.now();
    const outcome = await solver.solve(program, {
      ...request,
      warm: undefined,
      ...change,
      timeLimitMs: Math.max(1, deadline - begin),
    });
    if ("times" in outcome) evaluationMs += outcome.times.evaluationMs;
    rungs.push({
      rung,
      outcome: outcome.kind,
      objective: "objective" in outcome ? outcome.objective : null,
      iterations: "iterations" in outcome ? outcome.iterations : 0,
      ms: performance.now() - begin,
    });
    return outcome;
  }
  const ended = (outcome: SolveOutcome, relaxations: readonly Relaxation[] = []) => ({
    outcome,
    relaxations,
    rungs,
    evaluationMs,
  });
  const timeLeft = () => performance.now() < deadline;

  let best: SolveOutcome | undefined;
  if (request.previous !== undefined) {
    best = await attempt("warm", ladder.main, {
      start: clipped(request.previous.point, request),
      warm: request.previous.multipliers,
      maxIterations: Math.min(WARM_ITERATIONS, request.maxIterations),
    });
  }
  let count = Math.min(request.starts - 1, STARTS_BESIDE_WARM);
  if (best === undefined || (!converged(best) && timeLeft())) {
    best = await attempt("cold", ladder.main, {});
    count = request.starts - 1;
  }
  for (const start of spreadStarts(request, { count, seed: request.seed })) {
    if (!timeLeft()) break;
    best = better(best, await attempt("start", ladder.main, { start }));
  }
  if (converged(best) || ladder.elastic === undefined || !timeLeft()) {
    return ended(best);
  }

  const eased = await easeByRank(ladder.elastic, {
    ladder,
    request,
    solve: (change) => attempt("elastic", ladder.elastic!.loaded, change),
  });
  if (eased.kind === "unserved" || !timeLeft()) return ended(best);
  const relaxed = await attempt("relaxed", ladder.main, {
    start: eased.start,
    rowLower: eased.rowLower,
    rowUpper: eased.rowUpper,
  });
  return converged(relaxed) ? ended(relaxed, eased.relaxations) : ended(best);
}

type Eased =
  | { readonly kind: "unserved" }
  | {
    readonly kind: "eased";
    readonly start: Float64Array;
    readonly rowLower: Float64Array;
    readonly rowUpper: Float64Array;
    readonly relaxations: readonly Relaxation[];
  };

/** The least violations, rank by rank, as new limits of the original rows. */
async function easeByRank(
  elastic: ElasticProgram,
  { ladder, request, solve }: {
    readonly ladder: LoadedLadder;
    readonly request: LadderRequest;
    readonly solve: (change: Partial<SolveRequest>) => Promise<SolveOutcome>;
  },
): Promise<Eased> {
  const rows = ladder.program.rows;
  const n = ladder.program.variables.length;
  const granted = { lower: request.rowLower.slice(), upper: request.rowUpper.slice() };
  const relaxations: Relaxation[] = [];
  const ranks = [...new Set(elastic.rows.map((row) => rows[row]!.rank!))].sort((a, b) => a - b);
  let point = new Float64Array(n + 2 * elastic.rows.length);
  point.set(request.start);

  for (const rank of ranks) {
    const upper = new Float64Array(point.length);
    const rowLower = granted.lower.slice();
    const rowUpper = granted.upper.slice();
    upper.set(request.upper);
    for (const [k, row] of elastic.rows.entries()) {
      const own = rows[row]!.rank!;
      if (own === rank) upper.fill(Infinity, n + 2 * k, n + 2 * k + 2);
      if (own > rank) {
        rowLower[row] = -Infinity;
        rowUpper[row] = Infinity;
      }
    }
    const lower = new Float64Array(point.length);
    lower.set(request.lower);
    const outcome = await solve({ start: point, lower, upper, rowLower, rowUpper });
    if (!converged(outcome)) return { kind: "unserved" };
    point = Float64Array.from(outcome.point);
    for (const [k, row] of elastic.rows.entries()) {
      const { rank: own, scale } = rows[row]!;
      if (own !== rank) continue;
      const [below, above] = [point[n + 2 * k]!, point[n + 2 * k + 1]!];
      const gives = Math.max(below, above);
      point.fill(0, n + 2 * k, n + 2 * k + 2);
      if (gives <= NO_VIOLATION * scale) continue;
      const side = below > above ? "lower" : "upper";
      const by = gives + ROOM * scale;
      granted[side][row]! += side === "lower" ? -by : by;
      relaxations.push({ row, side, by });
    }
  }
  return {
    kind: "eased",
    start: point.slice(0, n),
    rowLower: granted.lower,
    rowUpper: granted.upper,
    relaxations,
  };
}

/** True for end points that were claimed optimal (the solver has verified them independently). */
export function converged(
  outcome: SolveOutcome,
): outcome is Extract<SolveOutcome, { kind: "solved" | "acceptable" }> & EndPoint {
  return outcome.kind === "solved" || outcome.kind === "acceptable";
}

function better(a: SolveOutcome, b: SolveOutcome): SolveOutcome {
  if (!converged(b)) return a;
  return !converged(a) || b.objective < a.objective ? b : a;
}

function clipped(
  point: Float64Array,
  box: { readonly lower: Float64Array; readonly upper: Float64Array },
): Float64Array {
  return point.map((value, i) => Math.min(Math.max(value, box.lower[i]!), box.upper[i]!));
}
