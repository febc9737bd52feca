/**
 * Shadow prices: what the objective gains per unit by which a binding limit gives.
 *
 * With the Lagrangian f + λᵀg − z⁻ᵀx + z⁺ᵀx the minimum changes by −λ per unit of an upper limit
 * and by +λ per unit of a lower one, so |λ| is the gain; all in unscaled units. That holds where the
 * gradients of all limits that bind are independent (LICQ). Where they are not, the multipliers are
 * one choice of many, and the price is flagged in place of being told.
 *
 * J. Nocedal, S. J. Wright, Numerical Optimization, 2nd ed., sections 12.3 and 12.9 (sensitivity).
 */

import { independence } from "./independence.ts";
import type { EndPoint, SolveRequest } from "./outcome.ts";
import type { LoadedProgram, Solver } from "./solver.ts";

/** A limit that binds: of a row, or a bound of a variable. */
export interface Binding {
  readonly kind: "row" | "bound";
  /** Of the row or of the variable. */
  readonly index: number;
  readonly side: "lower" | "upper";
}

export interface ShadowPrice extends Binding {
  /** Objective units per unit of the limit, 0 or more; undefined where it is degenerate. */
  readonly price: number | undefined;
}

/** An optimum and the request that it answers, its limits as they stand after any relaxation. */
export interface Optimum {
  readonly request: SolveRequest;
  readonly end: EndPoint;
}

/** A limit binds when it is nearer than this share of its scale. */
const BINDING = 1e-5;

/** Prices of all limits that bind, rows first; variables with equal bounds have none. */
export async function shadowPrices(
  solver: Solver,
  { loaded, optimum }: { readonly loaded: LoadedProgram; readonly optimum: Optimum },
): Promise<ShadowPrice[]> {
  const { end, request } = optimum;
  const { multipliers } = end;
  const bindings = bindingLimits(loaded, optimum);
  const { jacobian } = await solver.evaluateNative(loaded, {
    x: Float64Array.from(end.point),
    p: Float64Array.from(request.parameters),
    sigma: 1,
    lambda: Float64Array.from(multipliers.rows),
  });
  const gradients = bindings.map((binding) =>
    scaledGradient(binding, { loaded, jacobian, optimum })
  );
  const independent = independence(gradients);
  return bindings.map((binding, k) => {
    const { kind, side, index } = binding;
    const price = kind === "bound" ? multipliers[side][index]! : Math.abs(multipliers.rows[index]!);
    return { ...binding, price: independent[k] ? price : undefined };
  });
}

/** Rows and bounds at which the optimum stands. */
export function bindingLimits(
  { program }: Pick<LoadedProgram, "program">,
  { end, request }: Optimum,
): Binding[] {
  const sideOf = (
    value: number,
    { lower, upper, scale, pull }: Record<"lower" | "upper" | "scale" | "pull", number>,
  ) => {
    const [atLower, atUpper] = [value - lower, upper - value].map((d) => d <= BINDING * scale);
    if (!atLower && !atUpper) return undefined;
    // An equation binds on the side that its multiplier pulls to.
    return atLower && atUpper ? pull < 0 ? "lower" : "upper" : atLower ? "lower" : "upper";
  };
  const rows = program.rows.flatMap(({ scale }, index): Binding[] => {
    const side = sideOf(end.rows[index]!, {
      lower: request.rowLower[index]!,
      upper: request.rowUpper[index]!,
      scale,
      pull: end.multipliers.rows[index]!,
    });
    return side === undefined ? [] : [{ kind: "row", index, side }];
  });
  const bounds = program.variables.flatMap(({ scale }, index): Binding[] => {
    const [lower, upper] = [request.lower[index]!, request.upper[index]!];
    if (lower === upper) return [];
    const pull = end.multipliers.upper[index]! - end.multipliers.lower[index]!;
    const side = sideOf(end.point[index]!, { lower, upper, scale, pull });
    return side === undefined ? [] : [{ kind: "bound", index, side }];
  });
  return [...rows, ...bounds];
}

/** Per scale of the limit and of each variable; variables that are held have no part. */
function scaledGradient(
  { kind, index }: Binding,
  { loaded: { program, structure }, jacobian, optimum }: {
    readonly loaded: LoadedProgram;
    readonly jacobian: Float64Array;
    readonly optimum: Optimum;
  },
): Float64Array {
  const gradient = new Float64Array(program.variables.length);
  const { lower, upper } = optimum.request;
  if (kind === "bound") {
    gradient[index] = 1;
    return gradient;
  }
  for (const [k, row] of structure.jacobianRows.entries()) {
    const column = structure.jacobianColumns[k]!;
    if (row !== index || lower[column] === upper[column]) continue;
    gradient[column]! += jacobian[k]! * program.variables[column]!.scale /
      program.rows[row]!.scale;
  }
  return gradient;
}
