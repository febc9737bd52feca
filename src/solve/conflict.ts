/**
 * A minimal set of limits that cannot hold together: take one away, and the others can.
 *
 * One elastic solve over all limits names the candidates: at its optimum a limit whose multiplier is
 * 0 takes no part in the conflict. The deletion filter then tries to do without each candidate in
 * turn. Every member of the set so found is certified by a point at which all others hold; that the
 * whole set does not hold is the verdict of local solves from several starts.
 *
 * J. W. Chinneck, Feasibility and Infeasibility in Optimization, Springer 2008, sections 6.1.2 (the
 * sensitivity filter), 6.1.1 (deletion) and 7.1 (nonlinear programs).
 */

import { evaluate } from "../model/evaluate.ts";
import type { ElasticSolve } from "./ease.ts";
import { slacksOf } from "./elastic.ts";
import { converged } from "./outcome.ts";
import type { EndPoint, SolveRequest } from "./outcome.ts";
import type { Program } from "./program.ts";
import { spreadStarts, startBox } from "./starts.ts";

/** One limit of a row. */
export interface LimitSide {
  readonly row: number;
  readonly side: "lower" | "upper";
}

/** A setting that cannot move on: what holds it is its bound or its move limit. */
export interface HeldSetting {
  readonly variable: number;
  readonly side: "lower" | "upper";
}

export interface Conflict {
  readonly limits: readonly LimitSide[];
  /** Settings that stand at an end of their reach, and with more of it the conflict would be less. */
  readonly held: readonly HeldSetting[];
  /** False where the time or a solver's failure left limits in the set that may not belong there. */
  readonly minimal: boolean;
}

/** Sums of violations below this share of the rows' scales count as none. */
const FEASIBLE = 2e-6;
/** Multipliers are at most 1, relative to the cost of a slack; less than this takes no part. */
const TAKES_PART = 1e-4;
/** Starts from which a set of limits must fail before it is called in conflict. */
const OPINIONS = 3;

/** Undefined where the limits can hold together, or no solve converged to tell. */
export async function findConflict(
  program: Program,
  { request, solve, timeLeft, known = [] }: {
    readonly request: SolveRequest;
    readonly solve: ElasticSolve;
    readonly timeLeft: () => boolean;
    /** Points at which only few limits are broken, where some are known. */
    readonly known?: readonly Float64Array[];
  },
): Promise<Conflict | undefined> {
  const search = new ConflictSearch(program, { request, solve });
  for (const point of known) search.knowPoint(point);
  const all = finiteSides(request);
  // One opinion will do here: the candidates are asked again by themselves.
  const whole = await search.tryTogether(all, { opinions: 1 });
  if (whole.kind !== "conflict") return undefined;
  const candidates = membersOf(program, whole.end);
  const ended = (set: readonly LimitSide[], end: EndPoint, minimal: boolean): Conflict => ({
    limits: set,
    held: heldAt(program, { request, end }),
    minimal,
  });
  // With the others' multipliers 0, the end of the whole is an end of the candidates' own program.
  const alone = timeLeft() ? await search.tryTogether(candidates, { opinion: whole.end }) : UNKNOWN;
  if (alone.kind === "unknown") return ended(candidates, whole.end, false);
  // Where the candidates alone can hold, the local verdict was of no use: all limits are tried.
  let [set, end] = alone.kind === "conflict" ? [candidates, alone.end] : [all, whole.end];
  let minimal = true;
  for (const side of byRank(program, set)) {
    if (search.isNeeded(side, set)) continue;
    if (!timeLeft()) return ended(set, end, false);
    const others = set.filter((other) => other !== side);
    const without = await search.tryTogether(others);
    if (without.kind === "unknown") minimal = false;
    if (without.kind === "conflict") [set, end] = [others, without.end];
  }
  return ended(set, end, minimal);
}

type Verdict =
  | { readonly kind: "feasible" }
  | { readonly kind: "conflict"; readonly end: EndPoint }
  | { readonly kind: "unknown" };

const UNKNOWN = { kind: "unknown" } as const;

/** The solves of one search, and what the points that they end at certify. */
class ConflictSearch {
  readonly #program: Program;
  readonly #request: SolveRequest;
  readonly #solve: ElasticSolve;
  /** Values of the rows at every point that a solve has ended at. */
  readonly #points: Float64Array[] = [];

  constructor(
    program: Program,
    { request, solve }: { readonly request: SolveRequest; readonly solve: ElasticSolve },
  ) {
    this.#program = program;
    this.#request = request;
    this.#solve = solve;
  }

  /** A point of the original variables, found elsewhere. */
  knowPoint(point: Float64Array): void {
    const results = evaluate(this.#program.tape, point, this.#request.parameters);
    this.#points.push(
      Float64Array.from(this.#program.rows, ({ output }) => results[output.node]![output.element]!),
    );
  }

  /** Whether a known point keeps all others of the set: then the conflict is none without `side`. */
  isNeeded(side: LimitSide, set: readonly LimitSide[]): boolean {
    return this.#points.some((rows) =>
      set.reduce(
        (sum, other) => other === side ? sum : sum + this.#violation(other, rows),
        0,
      ) <= FEASIBLE
    );
  }

  /** Whether these limits can hold together, all others left out; the settings keep their reach. */
  async tryTogether(
    sides: readonly LimitSide[],
    { opinions = OPINIONS, opinion }: {
      readonly opinions?: number;
      /** The end from the request's own start, where it is known. */
      readonly opinion?: EndPoint;
    } = {},
  ): Promise<Verdict> {
    if (sides.length === 0) return { kind: "feasible" };
    const n = this.#program.variables.length;
    const m = this.#program.rows.length;
    const request = this.#request;
    const rowLower = new Float64Array(m).fill(-Infinity);
    const rowUpper = new Float64Array(m).fill(Infinity);
    const lower = new Float64Array(n + 2 * m);
    const upper = new Float64Array(n + 2 * m);
    lower.set(request.lower);
    upper.set(request.upper);
    for (const { row, side } of sides) {
      if (side === "lower") rowLower[row] = request.rowLower[row]!;
      else rowUpper[row] = request.rowUpper[row]!;
      upper[n + 2 * row + (side === "lower" ? 0 : 1)] = Infinity;
    }
    let least = opinion;
    const scales = this.#program.variables.map(({ scale }) => scale);
    const box = startBox(request, { around: request.start, scales });
    const spread = spreadStarts(box, { count: opinions - 1, seed: 1 });
    for (const from of opinion === undefined ? [request.start, ...spread] : spread) {
      const start = new Float64Array(n + 2 * m);
      start.set(from);
      const outcome = await this.#solve({ start, lower, upper, rowLower, rowUpper });
      if (!converged(outcome)) continue;
      this.#points.push(outcome.rows.map((row, r) => {
        const slacks = slacksOf(outcome.point, { row: r, variables: n });
        return row - slacks.lower + slacks.upper;
      }));
      if (outcome.objective <= FEASIBLE) return { kind: "feasible" };
      if (least === undefined || outcome.objective < least.objective) least = outcome;
    }
    return least === undefined ? UNKNOWN : { kind: "conflict", end: least };
  }

  /** In scales of the row. */
  #violation({ row, side }: LimitSide, rows: Float64Array): number {
    const beyond = side === "lower"
      ? this.#request.rowLower[row]! - rows[row]!
      : rows[row]! - this.#request.rowUpper[row]!;
    return Math.max(0, beyond) / this.#program.rows[row]!.scale;
  }
}

function finiteSides({ rowLower, rowUpper }: SolveRequest): LimitSide[] {
  return [...rowLower.keys()].flatMap((row) => [
    ...(Number.isFinite(rowLower[row]) ? [{ row, side: "lower" as const }] : []),
    ...(Number.isFinite(rowUpper[row]) ? [{ row, side: "upper" as const }] : []),
  ]);
}

/** Limits whose multipliers hold the least violation up. */
function membersOf(program: Program, { multipliers }: EndPoint): LimitSide[] {
  return program.rows.flatMap(({ scale }, row) => {
    const pull = multipliers.rows[row]! * scale;
    if (Math.abs(pull) <= TAKES_PART) return [];
    return [{ row, side: pull > 0 ? "upper" as const : "lower" as const }];
  });
}

/** Limits that never give are tried first: what stays in the set is what an operator can ease. */
function byRank(program: Program, sides: readonly LimitSide[]): LimitSide[] {
  const rank = ({ row }: LimitSide) => program.rows[row]!.rank ?? 0;
  return [...sides].sort((a, b) => rank(a) - rank(b));
}

function heldAt(
  program: Program,
  { request, end: { multipliers } }: { readonly request: SolveRequest; readonly end: EndPoint },
): HeldSetting[] {
  return program.variables.flatMap(({ scale }, variable) => {
    if (request.lower[variable] === request.upper[variable]) return [];
    const down = multipliers.lower[variable]! * scale > TAKES_PART;
    const up = multipliers.upper[variable]! * scale > TAKES_PART;
    if (!down && !up) return [];
    return [{ variable, side: down ? "lower" as const : "upper" as const }];
  });
}

/** The conflict as one sentence without a full stop, limits and settings in their units. */
export function describeConflict(
  program: Program,
  { conflict, request }: {
    readonly conflict: Conflict;
    readonly request: Pick<SolveRequest, "lower" | "upper" | "rowLower" | "rowUpper">;
  },
): string {
  const limits = conflict.limits.map(({ row, side }) => {
    const { name, unit } = program.rows[row]!;
    const limit = side === "lower" ? request.rowLower[row]! : request.rowUpper[row]!;
    return `"${name}" at ${side === "lower" ? "least" : "most"} ${inUnit(limit, unit)}`;
  });
  const held = conflict.held.map(({ variable, side }) => {
    const { name, unit } = program.variables[variable]!;
    const end = side === "lower" ? request.lower[variable]! : request.upper[variable]!;
    return `${name} can go no ${side === "lower" ? "lower" : "higher"} than ${inUnit(end, unit)}`;
  });
  const one = limits.length === 1;
  return [
    `${listed(limits)} cannot ${one ? "be kept" : "hold together"}`,
    ...(conflict.minimal
      ? []
      : ["(fewer of them may conflict already, which could not be ruled out)"]),
    ...(held.length === 0 ? [] : [`while ${listed(held)}`]),
  ].join(" ");
}

function inUnit(value: number, unit: string): string {
  return `${Number(value.toPrecision(6))}${unit === "" ? "" : ` ${unit}`}`;
}

function listed(parts: readonly string[]): string {
  return parts.length < 2
    ? parts.join()
    : `${parts.slice(0, -1).join(", ")} and ${parts[parts.length - 1]}`;
}
