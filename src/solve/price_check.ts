/**
 * Shadow prices held against re-solves with the limit moved a little to either side.
 *
 * The two one-sided prices agree where the optimum moves smoothly; where a kink of a model or another
 * limit lies within the step they differ, and a smaller step is tried before the price is given up.
 */

import { converged } from "./outcome.ts";
import type { SolveRequest } from "./outcome.ts";
import type { Binding, Optimum, ShadowPrice } from "./shadow_prices.ts";
import type { LoadedProgram, Solver } from "./solver.ts";

/** What a re-solve with the limit moved says about a price. */
export type PriceCheck =
  | {
    readonly kind: "measured";
    /** Gain per unit when the limit gives, and loss per unit when it is drawn in. */
    readonly giving: number;
    readonly drawing: number;
  }
  | { readonly kind: "unanswered" };

/** Solves twice more, warm, with the one limit moved by `step` (in scales of it) to either side. */
export async function checkPrice(
  solver: Solver,
  { loaded, optimum, binding, step }: {
    readonly loaded: LoadedProgram;
    readonly optimum: Optimum;
    readonly binding: Binding;
    readonly step: number;
  },
): Promise<PriceCheck> {
  const { end, request } = optimum;
  const size = step * scaleOf(loaded, binding);
  const outward = binding.side === "upper" ? size : -size;
  const values: number[] = [];
  for (const move of [outward, -outward]) {
    const moved = await solver.solve(loaded, {
      ...movedLimit(request, { binding, move }),
      start: Float64Array.from(end.point),
      warm: end.multipliers,
    });
    if (!converged(moved)) return { kind: "unanswered" };
    values.push(moved.objective);
  }
  return {
    kind: "measured",
    giving: (end.objective - values[0]!) / size,
    drawing: (values[1]! - end.objective) / size,
  };
}

/** An equation moves as a whole: both of its sides. */
function movedLimit(
  request: SolveRequest,
  { binding: { kind, index, side }, move }: { readonly binding: Binding; readonly move: number },
): SolveRequest {
  const [lower, upper] = kind === "row"
    ? [request.rowLower.slice(), request.rowUpper.slice()]
    : [request.lower.slice(), request.upper.slice()];
  const isEquation = lower[index] === upper[index];
  if (side === "lower" || isEquation) lower[index]! += move;
  if (side === "upper" || isEquation) upper[index]! += move;
  return kind === "row"
    ? { ...request, rowLower: lower, rowUpper: upper }
    : { ...request, lower, upper };
}

/** Shares of the limit's scale by which it is moved, one after the other until the price holds. */
const STEPS = [1e-3, 1e-4, 1e-5];
/** How far a price may be from the re-solves', relative. */
const AGREES = 0.01;
/** What a solve leaves open of the objective, as a share of its scale. */
const NOISE = 1e-8;

/** The prices, those flagged too that no re-solve confirms. */
export async function confirmedPrices(
  solver: Solver,
  { loaded, optimum, prices }: {
    readonly loaded: LoadedProgram;
    readonly optimum: Optimum;
    readonly prices: readonly ShadowPrice[];
  },
): Promise<ShadowPrice[]> {
  const confirmed: ShadowPrice[] = [];
  for (const price of prices) {
    const holds = price.price !== undefined &&
      await isConfirmed(solver, { loaded, optimum, binding: price, price: price.price });
    confirmed.push(holds ? price : { ...price, price: undefined });
  }
  return confirmed;
}

async function isConfirmed(
  solver: Solver,
  { loaded, optimum, binding, price }: {
    readonly loaded: LoadedProgram;
    readonly optimum: Optimum;
    readonly binding: Binding;
    readonly price: number;
  },
): Promise<boolean> {
  const { program } = loaded;
  for (const step of STEPS) {
    const check = await checkPrice(solver, { loaded, optimum, binding, step });
    if (check.kind === "unanswered") continue;
    const noise = NOISE * program.objectiveScale / (step * scaleOf(loaded, binding));
    const measured = (check.giving + check.drawing) / 2;
    if (Math.abs(measured - price) <= AGREES * Math.abs(price) + noise) return true;
  }
  return false;
}

function scaleOf({ program }: LoadedProgram, { kind, index }: Binding): number {
  return kind === "row" ? program.rows[index]!.scale : program.variables[index]!.scale;
}
