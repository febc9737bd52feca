/**
 * The smallest relaxation by rank: rank 1 is served first, its least violation is then granted and
 * kept while rank 2 is served, and so on, so that no limit gives for the sake of a lesser one.
 *
 * Preemptive goal programming on the elastic program: J. W. Chinneck, Feasibility and Infeasibility
 * in Optimization, Springer 2008, sections 6.1 and 7.
 */

import { evaluate } from "../model/evaluate.ts";
import { slacksOf } from "./elastic.ts";
import { converged } from "./outcome.ts";
import type { SolveOutcome, SolveRequest } from "./outcome.ts";
import type { Program } from "./program.ts";

/** How much a row's limit had to give, in the row's unit. */
export interface Relaxation {
  readonly row: number;
  readonly side: "lower" | "upper";
  readonly by: number;
}

/** The least that had to give, as new limits of the rows. */
export interface Eased {
  /** A point that keeps them, of the original variables. */
  readonly start: Float64Array;
  /** The least violation of each limit that gave, no room added. */
  readonly relaxations: readonly Relaxation[];
}

/** What the elastic program is asked for: everything but tolerance, limits of effort and parameters. */
export type ElasticSolve = (
  change: Pick<SolveRequest, "start" | "lower" | "upper" | "rowLower" | "rowUpper">,
) => Promise<SolveOutcome>;

/** Violations below this share of a row's scale are rounding, not conflict. */
const NO_VIOLATION = 1e-6;

/**
 * Ranks that hold at the start, or where the rank before has ended, are served without a solve: a
 * start at which few limits are broken saves most of them. Undefined where limits without a rank
 * conflict by themselves, or a solve did not converge.
 */
export async function easeByRank(
  program: Program,
  { request, solve }: { readonly request: SolveRequest; readonly solve: ElasticSolve },
): Promise<Eased | undefined> {
  const { rows } = program;
  const n = program.variables.length;
  const granted = { lower: request.rowLower.slice(), upper: request.rowUpper.slice() };
  const relaxations: Relaxation[] = [];
  let point = new Float64Array(n + 2 * rows.length);
  point.set(request.start);
  const lower = new Float64Array(point.length);
  lower.set(request.lower);
  const ranks = ranksOf(program);
  if (ranks.length === 0) {
    // Nothing may give: all that can be found out is whether something has to.
    const upper = new Float64Array(point.length).fill(Infinity);
    upper.set(request.upper);
    const { rowLower, rowUpper } = request;
    const outcome = await solve({ start: point, lower, upper, rowLower, rowUpper });
    return converged(outcome) && outcome.objective <= 2 * NO_VIOLATION
      ? { start: outcome.point.slice(0, n), relaxations: [] }
      : undefined;
  }

  for (const rank of ranks) {
    if (
      hold(program, { point: point.slice(0, n), parameters: request.parameters, granted, rank })
    ) {
      continue;
    }
    const upper = new Float64Array(point.length);
    upper.set(request.upper);
    const rowLower = granted.lower.slice();
    const rowUpper = granted.upper.slice();
    for (const [r, { rank: own }] of rows.entries()) {
      if (own === rank) upper.fill(Infinity, n + 2 * r, n + 2 * r + 2);
      if (own !== undefined && own > rank) {
        rowLower[r] = -Infinity;
        rowUpper[r] = Infinity;
      }
    }
    const outcome = await solve({ start: point, lower, upper, rowLower, rowUpper });
    if (!converged(outcome)) return undefined;
    point = Float64Array.from(outcome.point);
    for (const [r, { rank: own, scale }] of rows.entries()) {
      if (own !== rank) continue;
      const gives = slacksOf(point, { row: r, variables: n });
      const side = gives.lower > gives.upper ? "lower" : "upper";
      const by = gives[side];
      if (by <= NO_VIOLATION * scale) continue;
      granted[side][r]! += side === "lower" ? -by : by;
      relaxations.push({ row: r, side, by });
    }
    point.fill(0, n);
  }
  return { start: point.slice(0, n), relaxations };
}

/** Whether a point keeps all limits up to this rank, those without one too, as far as they stand. */
function hold(
  { tape, rows }: Program,
  { point, parameters, granted, rank }: {
    readonly point: Float64Array;
    readonly parameters: Float64Array;
    readonly granted: Readonly<Record<"lower" | "upper", Float64Array>>;
    readonly rank: number;
  },
): boolean {
  const results = evaluate(tape, point, parameters);
  return rows.every(({ output, rank: own, scale }, r) => {
    if (own !== undefined && own > rank) return true;
    const value = results[output.node]![output.element]!;
    const beyond = Math.max(granted.lower[r]! - value, value - granted.upper[r]!);
    return beyond <= NO_VIOLATION * scale;
  });
}

/** The rows' limits as they stand once these have given, each by `room` of its scale more. */
export function relaxedLimits(
  program: Program,
  { request, relaxations, room }: {
    readonly request: Pick<SolveRequest, "rowLower" | "rowUpper">;
    readonly relaxations: readonly Relaxation[];
    readonly room: number;
  },
): Pick<SolveRequest, "rowLower" | "rowUpper"> & { readonly relaxations: readonly Relaxation[] } {
  const rowLower = request.rowLower.slice();
  const rowUpper = request.rowUpper.slice();
  const widened = relaxations.map(({ row, side, by }) => ({
    row,
    side,
    by: by + room * program.rows[row]!.scale,
  }));
  for (const { row, side, by } of widened) {
    if (side === "lower") rowLower[row]! -= by;
    else rowUpper[row]! += by;
  }
  return { rowLower, rowUpper, relaxations: widened };
}

function ranksOf(program: Program): number[] {
  const ranks = program.rows.flatMap(({ rank }) => rank === undefined ? [] : [rank]);
  return [...new Set(ranks)].sort((a, b) => a - b);
}
