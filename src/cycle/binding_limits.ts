/** Which limits an optimum lies on, what they are worth, and which setting each of them stops. */

import { evaluate } from "../model/evaluate.ts";
import type { LadderOutcome } from "../solve/ladder.ts";
import type { Program } from "../solve/program.ts";
import { shadowPrices } from "../solve/shadow_prices.ts";
import type { Optimum, ShadowPrice } from "../solve/shadow_prices.ts";
import { SolverProcessError } from "../solve/solver_process.ts";
import type { LoadedProgram, Solver } from "../solve/solver.ts";
import type { BindingLimit, LimitedBy } from "./recommendation.ts";

/** A pull on a variable below this share of the objective's scale, over the variable's, is none. */
const NO_PULL = 1e-6;

/** How a warning begins where the solver broke after its answer. */
export const LIMITS_NOT_KNOWN = "Which limits stop the settings is not known";

/** The rows' limits as an answer was found under them. */
export interface GrantedLimits {
  readonly rowLower: Float64Array;
  readonly rowUpper: Float64Array;
}

export function grantedLimits(program: Program, { relaxations }: LadderOutcome): GrantedLimits {
  const rowLower = Float64Array.from(program.rows, (row) => row.lower);
  const rowUpper = Float64Array.from(program.rows, (row) => row.upper);
  for (const { row, side, by } of relaxations) {
    if (side === "lower") rowLower[row]! -= by;
    else rowUpper[row]! += by;
  }
  return { rowLower, rowUpper };
}

export interface LimitEvidence {
  readonly prices: readonly ShadowPrice[];
  /** By variable of the program: the limit that stops it, where one does. */
  readonly stopping: readonly (string | undefined)[];
  readonly warnings: readonly string[];
}

/** A solver that breaks after it has given its answer costs what is told of the limits, no more. */
export async function limitEvidence(
  solver: Solver,
  { loaded, optimum }: { readonly loaded: LoadedProgram; readonly optimum: Optimum },
): Promise<LimitEvidence> {
  try {
    const prices = await shadowPrices(solver, { loaded, optimum });
    const stopping = await stoppingLimits(solver, { loaded, optimum, prices });
    return { prices, stopping, warnings: [] };
  } catch (error) {
    if (!(error instanceof SolverProcessError)) throw error;
    const warning = `${LIMITS_NOT_KNOWN}: ${error.message}`;
    return { prices: [], stopping: [], warnings: [warning] };
  }
}

/** Binding limits as they are told: constraints first, then the ends of the settings' reach. */
export function bindingLimits(
  program: Program,
  { prices, optimum, objectiveUnit, limitedBy }: {
    readonly prices: readonly ShadowPrice[];
    readonly optimum: Optimum;
    readonly objectiveUnit: string;
    /** By variable of the program. */
    readonly limitedBy: readonly LimitedBy[];
  },
): BindingLimit[] {
  return prices.map(({ kind, index, side, price }) => {
    const { name, unit } = kind === "row" ? program.rows[index]! : program.variables[index]!;
    return {
      limit: kind === "row" ? name : `${name}: ${limitedBy[index]}`,
      of: kind === "row" ? "constraint" : "setting",
      side,
      unit,
      value: kind === "row" ? program.rows[index]![side] : optimum.request[side][index]!,
      shadow_price: price ?? null,
      shadow_price_unit: unit === "" ? objectiveUnit : `(${objectiveUnit}) per ${unit}`,
    };
  });
}

/**
 * For each variable the name of the limit that stops it; undefined where none does. At an optimum
 * ∂f/∂x + Σ λⱼ ∂gⱼ/∂x = 0 for a variable inside its own bounds: where the objective still pulls, the
 * row that pulls hardest against it is what stops the variable.
 */
async function stoppingLimits(
  solver: Solver,
  { loaded, optimum: { request, end }, prices }: {
    readonly loaded: LoadedProgram;
    readonly optimum: Optimum;
    readonly prices: readonly ShadowPrice[];
  },
): Promise<(string | undefined)[]> {
  const { program, structure } = loaded;
  const stopping: (string | undefined)[] = program.variables.map(() => undefined);
  const binding = new Set(prices.flatMap(({ kind, index }) => kind === "row" ? [index] : []));
  if (binding.size === 0) return stopping;
  const { gradient, jacobian } = await solver.evaluateNative(loaded, {
    x: Float64Array.from(end.point),
    p: request.parameters,
    sigma: 1,
    lambda: Float64Array.from(end.multipliers.rows),
  });
  const hardest = new Float64Array(stopping.length);
  jacobian.forEach((slope, k) => {
    const row = structure.jacobianRows[k]!;
    const column = structure.jacobianColumns[k]!;
    if (!binding.has(row)) return;
    const { scale } = program.variables[column]!;
    const pull = gradient[column]! * scale / program.objectiveScale;
    const against = end.multipliers.rows[row]! * slope * scale / program.objectiveScale;
    if (Math.abs(pull) < NO_PULL || pull * against >= 0) return;
    if (Math.abs(against) <= Math.max(hardest[column]!, NO_PULL)) return;
    hardest[column] = Math.abs(against);
    stopping[column] = program.rows[row]!.name;
  });
  return stopping;
}

/** The rows that a point breaks, in words. */
export function brokenLimits(
  program: Program,
  { point, parameters }: { readonly point: Float64Array; readonly parameters: Float64Array },
): string[] {
  const results = evaluate(program.tape, point, parameters);
  return program.rows.flatMap(({ name, unit, lower, upper, scale, output }) => {
    const value = results[output.node]![output.element]!;
    const at = `${name} at ${value.toPrecision(5)} ${unit}`;
    if (value < lower - 1e-6 * scale) return [`${at}, at least ${lower} wanted`];
    return value > upper + 1e-6 * scale ? [`${at}, at most ${upper} wanted`] : [];
  });
}
