/** Which limits an optimum lies on, what they are worth, and which setting each of them stops. */

import { evaluate } from "../model/evaluate.ts";
import type { LadderOutcome } from "../solve/ladder.ts";
import type { EndPoint } from "../solve/outcome.ts";
import type { Program } from "../solve/program.ts";
import type { LoadedProgram, Solver } from "../solve/solver.ts";
import type { BindingLimit } from "./recommendation.ts";

/** A limit is binding when it is nearer than this share of its row's scale. */
const BINDING = 1e-5;
/** A pull on a variable below this share of the objective's scale, over the variable's, is none. */
const NO_PULL = 1e-6;

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

/**
 * Binding rows with their shadow prices. With the Lagrangian f + λᵀg, relaxing an upper limit by one
 * unit changes the minimum by −λ, a lower one by +λ: |λ| is the improvement.
 */
export function bindingLimits(
  program: Program,
  { end, objectiveUnit, limits }: {
    readonly end: EndPoint;
    readonly objectiveUnit: string;
    readonly limits: GrantedLimits;
  },
): BindingLimit[] {
  return program.rows.flatMap((row, i) => {
    const side = bindingSide(program, { row: i, end, limits });
    if (side === undefined) return [];
    return [{
      limit: row.name,
      side,
      unit: row.unit,
      value: row[side],
      shadow_price: Math.abs(end.multipliers.rows[i]!),
      shadow_price_unit: perUnit(objectiveUnit, row.unit),
    }];
  });
}

/**
 * For each variable the name of the limit that stops it; undefined where none does. At an optimum
 * ∂f/∂x + Σ λⱼ ∂gⱼ/∂x = 0 for a variable inside its own bounds: where the objective still pulls, the
 * row that pulls hardest against it is what stops the variable.
 */
export async function stoppingLimits(
  loaded: LoadedProgram,
  { solver, end, parameters, limits }: {
    readonly solver: Solver;
    readonly end: EndPoint;
    readonly parameters: Float64Array;
    readonly limits: GrantedLimits;
  },
): Promise<(string | undefined)[]> {
  const { program, structure } = loaded;
  const stopping: (string | undefined)[] = program.variables.map(() => undefined);
  const binding = new Set(
    program.rows.flatMap((_, row) =>
      bindingSide(program, { row, end, limits }) === undefined ? [] : [row]
    ),
  );
  if (binding.size === 0) return stopping;
  const { gradient, jacobian } = await solver.evaluateNative(loaded, {
    x: Float64Array.from(end.point),
    p: parameters,
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

function bindingSide(
  program: Program,
  { row, end, limits }: {
    readonly row: number;
    readonly end: EndPoint;
    readonly limits: GrantedLimits;
  },
): "lower" | "upper" | undefined {
  const room = BINDING * program.rows[row]!.scale;
  const value = end.rows[row]!;
  if (limits.rowUpper[row]! - value <= room) return "upper";
  return value - limits.rowLower[row]! <= room ? "lower" : undefined;
}

function perUnit(objectiveUnit: string, unit: string): string {
  return unit === "" ? objectiveUnit : `(${objectiveUnit}) per ${unit}`;
}
