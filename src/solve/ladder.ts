/**
 * The ladder of a solve: warm → cold → several starts → elastic by rank → the conflict named. Every
 * rung is recorded with its outcome and time; the caller holds the last good settings where none
 * served.
 */

import { type Conflict, findConflict } from "./conflict.ts";
import { easeByRank, relaxedLimits } from "./ease.ts";
import type { ElasticSolve, Relaxation } from "./ease.ts";
import { elasticProgram } from "./elastic.ts";
import { meritOf, worstViolation } from "./merit.ts";
import { converged } from "./outcome.ts";
import type { Multipliers, SolveOutcome, SolveRequest } from "./outcome.ts";
import type { Program } from "./program.ts";
import type { LoadedProgram, Solver } from "./solver.ts";
import { startBox, StartSequence } from "./starts.ts";

/** One rung as it went. */
export interface Rung {
  readonly rung: "warm" | "cold" | "start" | "elastic" | "relaxed" | "conflict";
  readonly outcome: SolveOutcome["kind"];
  /** In the program's sense: always minimised. Null where there was no end point. */
  readonly objective: number | null;
  readonly iterations: number;
  readonly ms: number;
}

export interface LadderOutcome {
  readonly outcome: SolveOutcome;
  /** Limits that had to give, a little room included: `outcome` was found under these. */
  readonly relaxations: readonly Relaxation[];
  /** Limits that cannot hold together, where they conflict. */
  readonly conflict: Conflict | undefined;
  readonly rungs: readonly Rung[];
  /** Time in evaluations of the tape, all rungs together. */
  readonly evaluationMs: number;
}

/** A program loaded for climbing; `elastic` is absent where there are no limits. */
export interface LoadedLadder {
  readonly program: Program;
  readonly main: LoadedProgram;
  readonly elastic: { readonly loaded: LoadedProgram } | undefined;
}

export interface LadderRequest extends Omit<SolveRequest, "warm"> {
  /**
   * How many start points a cold climb tries at most, the given one included; Infinity: as many as
   * fit the time limit.
   */
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
const WARM_ITERATIONS = 15;
/**
 * Where the last end breaks a row by more than this share of its scale, the plant has moved too far:
 * on the sites a warm start from there takes as many iterations as a cold one, or more.
 */
const WARM_VIOLATION = 0.1;
/** Further starts where none has served yet and limits may conflict: the elastic program knows. */
const STARTS_BEFORE_ELASTIC = 1;
/** Shares of the time limit by whose end the starts are over and the conflict is named. */
const STARTS_SHARE = { served: 0.8, unserved: 0.4 } as const;
/** After so many rungs in which the solver itself broke, a further one would only break again. */
const MOST_FAULTS = 2;
/**
 * By when a conflict is named, from the moment that the limits are known to conflict; an idle core
 * needs a tenth. Where the relaxation alone has taken so long, the name still has its own least time.
 */
const NAMED_MS = { inAll: 1_000, least: 250 } as const;
/** A backtest, which lifts the time limit so that no clock decides an answer, gets more for it. */
const NAMED_SHARE = 0.2;
/** Room beyond the least violation, in scales: too little leaves IPOPT no interior to walk in. */
const ROOMS = [2e-6, 1e-4] as const;

/** Loads a program and, where it has limits, its elastic form. */
export async function loadLadder(solver: Solver, program: Program): Promise<LoadedLadder> {
  const main = await solver.load(program);
  if (program.rows.length === 0) return { program, main, elastic: undefined };
  return { program, main, elastic: { loaded: await solver.load(elasticProgram(program)) } };
}

/** Climbs until a rung serves or the time limit is reached; faults of the solver are outcomes. */
export async function climb(
  solver: Solver,
  { ladder, request }: { readonly ladder: LoadedLadder; readonly request: LadderRequest },
): Promise<LadderOutcome> {
  const climbing = new Climb(solver, { ladder, request });
  const { warmServed, outcome } = await warmOrCold(climbing);
  const best = await fromMoreStarts(climbing, { warmServed, outcome });
  if (converged(best) || ladder.elastic === undefined || climbing.isOver) {
    return climbing.ended({ outcome: best });
  }
  return await withLimitsThatGive(climbing, { outcome: best, elastic: ladder.elastic.loaded });
}

/** What all rungs of one climb share: the clock, the record, and when to give up. */
class Climb {
  readonly ladder: LoadedLadder;
  readonly request: LadderRequest;
  readonly #solver: Solver;
  readonly #begin = performance.now();
  readonly #rungs: Rung[] = [];
  #evaluationMs = 0;
  #faults = 0;

  constructor(
    solver: Solver,
    { ladder, request }: { readonly ladder: LoadedLadder; readonly request: LadderRequest },
  ) {
    this.#solver = solver;
    this.ladder = ladder;
    this.request = request;
  }

  /** One solve, recorded as a rung. */
  async attempt(rung: Rung["rung"], change: Partial<SolveRequest>): Promise<SolveOutcome> {
    return await this.#recorded(rung, () => this.#solve(this.ladder.main, change));
  }

  /** Several solves of the elastic program, recorded as one rung that ends as its last solve did. */
  async elastic<Result>(
    rung: Rung["rung"],
    { program, search, until = Infinity }: {
      readonly program: LoadedProgram;
      readonly search: (solve: ElasticSolve) => Promise<Result>;
      /** By performance.now(): solves are cut short there. */
      readonly until?: number;
    },
  ): Promise<Result> {
    let result: Result;
    let iterations = 0;
    await this.#recorded(rung, async () => {
      let last: SolveOutcome = { kind: "failed", message: "Nothing was solved" };
      result = await search(async (change) => {
        last = await this.#solve(program, change, until);
        if ("iterations" in last) iterations += last.iterations;
        return last;
      });
      return "iterations" in last ? { ...last, iterations } : last;
    });
    return result!;
  }

  /** Share of the time limit that is used up. */
  get share(): number {
    return (performance.now() - this.#begin) / this.request.timeLimitMs;
  }

  /** True when the time is up, or the solver has broken too often to be asked again. */
  get isOver(): boolean {
    return this.share >= 1 || this.#faults >= MOST_FAULTS;
  }

  ended(
    end: Pick<LadderOutcome, "outcome"> & Partial<Pick<LadderOutcome, "relaxations" | "conflict">>,
  ): LadderOutcome {
    return {
      relaxations: [],
      conflict: undefined,
      ...end,
      rungs: this.#rungs,
      evaluationMs: this.#evaluationMs,
    };
  }

  async #solve(
    program: LoadedProgram,
    change: Partial<SolveRequest>,
    until = Infinity,
  ): Promise<SolveOutcome> {
    const { starts: _, seed: __, previous: ___, ...request } = this.request;
    const end = Math.min(this.#begin + request.timeLimitMs, until);
    const outcome = await this.#solver.solve(program, {
      ...request,
      warm: undefined,
      ...change,
      timeLimitMs: Math.max(1, end - performance.now()),
    });
    if ("times" in outcome) this.#evaluationMs += outcome.times.evaluationMs;
    if (outcome.kind === "crashed" || outcome.kind === "timed_out") this.#faults++;
    return outcome;
  }

  async #recorded(rung: Rung["rung"], run: () => Promise<SolveOutcome>): Promise<SolveOutcome> {
    const begin = performance.now();
    const outcome = await run();
    this.#rungs.push({
      rung,
      outcome: outcome.kind,
      objective: "objective" in outcome ? outcome.objective : null,
      iterations: "iterations" in outcome ? outcome.iterations : 0,
      ms: performance.now() - begin,
    });
    return outcome;
  }
}

interface FirstEnd {
  readonly warmServed: boolean;
  readonly outcome: SolveOutcome;
}

async function warmOrCold(climbing: Climb): Promise<FirstEnd> {
  const { request, ladder: { program } } = climbing;
  const point = request.previous && clipped(request.previous.point, request);
  const isNear = point !== undefined &&
    worstViolation(program, { point, request }) <= WARM_VIOLATION;
  if (request.previous === undefined || point === undefined || !isNear) {
    return { warmServed: false, outcome: await climbing.attempt("cold", {}) };
  }
  const warm = await climbing.attempt("warm", {
    start: point,
    warm: request.previous.multipliers,
    maxIterations: Math.min(WARM_ITERATIONS, request.maxIterations),
  });
  if (converged(warm) || climbing.isOver) return { warmServed: converged(warm), outcome: warm };
  return { warmServed: false, outcome: await climbing.attempt("cold", {}) };
}

/** The best end over the further starts: the last good point first, then spread ones. */
async function fromMoreStarts(
  climbing: Climb,
  { warmServed, outcome }: FirstEnd,
): Promise<SolveOutcome> {
  const { request, ladder } = climbing;
  const scales = ladder.program.variables.map(({ scale }) => scale);
  const box = startBox(request, { around: request.start, scales });
  const sequence = new StartSequence(box, {
    seed: request.seed,
    merit: meritOf(ladder.program, request),
  });
  const most = warmServed ? Math.min(request.starts - 1, STARTS_BESIDE_WARM) : request.starts - 1;
  let best = outcome;
  for (let tried = 0; tried < most && !climbing.isOver; tried++) {
    const served = converged(best);
    if (climbing.share >= STARTS_SHARE[served ? "served" : "unserved"]) break;
    if (!served && ladder.elastic !== undefined && tried >= STARTS_BEFORE_ELASTIC) break;
    const lastGood = tried === 0 && !warmServed ? request.previous?.point : undefined;
    const start = lastGood === undefined
      ? sequence.next(converged(best) ? best.point : undefined)
      : clipped(lastGood, request);
    best = better(best, await climbing.attempt("start", { start }));
  }
  return best;
}

/** The elastic rungs: what must give by rank, the solve under that, and which limits conflict. */
async function withLimitsThatGive(
  climbing: Climb,
  { outcome, elastic }: { readonly outcome: SolveOutcome; readonly elastic: LoadedProgram },
): Promise<LadderOutcome> {
  const { request, ladder: { program } } = climbing;
  const begin = performance.now();
  const near = outcome.kind === "infeasible" ? outcome.point : undefined;
  const base: SolveRequest = { ...request, start: near ?? request.start, warm: undefined };
  const eased = await climbing.elastic("elastic", {
    program: elastic,
    search: (solve) => easeByRank(program, { request: base, solve }),
  });
  let end: Pick<LadderOutcome, "outcome" | "relaxations"> = { outcome, relaxations: [] };
  for (const room of eased === undefined ? [] : ROOMS) {
    if (climbing.isOver || converged(end.outcome)) break;
    const { start, relaxations: least } = eased!;
    const { relaxations, ...limits } = relaxedLimits(program, {
      request,
      relaxations: least,
      room,
    });
    const relaxed = await climbing.attempt("relaxed", { start, ...limits });
    if (converged(relaxed)) end = { outcome: relaxed, relaxations };
  }
  const isConflict = eased === undefined || eased.relaxations.length > 0;
  if (!isConflict || climbing.isOver) return climbing.ended(end);
  const inAll = Math.max(NAMED_MS.inAll, NAMED_SHARE * request.timeLimitMs);
  const until = Math.max(begin + inAll, performance.now() + NAMED_MS.least);
  const conflict = await climbing.elastic("conflict", {
    program: elastic,
    until,
    search: (solve) =>
      findConflict(program, {
        request: base,
        solve,
        timeLeft: () => !climbing.isOver && performance.now() < until,
        known: [near, eased?.start].filter((point) => point !== undefined),
      }),
  });
  return climbing.ended({ ...end, conflict });
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
