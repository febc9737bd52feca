/**
 * What would move the answer: the change of the optimal settings per unit of each value that the
 * program was given, from the KKT system at the optimum.
 *
 * Over the variables that are free and the rows that bind, with W the Hessian of the Lagrangian,
 *
 *     [ W  Jᵀ ] [ dx/dp ]     [ ∂²L/∂x∂p ]
 *     [ J  0  ] [ dλ/dp ] = − [   ∂g/∂p  ]
 *
 * All second derivatives are exact: the same tape is loaded once more with its parameters as
 * variables, so that the cross terms are part of its Hessian.
 *
 * A. V. Fiacco, Introduction to Sensitivity and Stability Analysis in Nonlinear Programming, 1983,
 * theorem 3.2.2; H. Pirnay, R. López-Negrete, L. T. Biegler, Math. Program. Comput. 4 (2012).
 */

import type { Evaluation } from "deno-ipopt-ffi";
import { solveDense } from "./dense_lu.ts";
import type { Program } from "./program.ts";
import { type Binding, bindingLimits, type Optimum } from "./shadow_prices.ts";
import type { LoadedProgram, Solver } from "./solver.ts";

export interface Sensitivity {
  /**
   * By name of the variable that fills the parameters: as value and as measured value together, for
   * both come from one reading. Biases are not in it.
   */
  readonly byVariable: ReadonlyMap<string, Influence>;
  /** Limits that bind without pulling: past them the answer moves otherwise than told here. */
  readonly edges: readonly Binding[];
}

/** Per unit of one value; move limits that follow a measured value are not followed. */
export interface Influence {
  /** Change of each of the program's variables, in its unit. */
  readonly settings: Float64Array;
  /** Change of the minimised objective. */
  readonly objective: number;
}

/** Larger systems than this are not factorised densely. */
const MOST_UNKNOWNS = 600;
/** A multiplier below this, in scales, does not pull. */
const PULLS = 1e-6;

/**
 * Loads the program over (x, p), once for many sensitivities; undefined where nothing fills it or it
 * is too large.
 */
export async function loadSensitivity(
  solver: Solver,
  program: Program,
): Promise<LoadedProgram | undefined> {
  if (program.parameters.length === 0) return undefined;
  if (program.variables.length + program.parameters.length > MOST_UNKNOWNS) return undefined;
  return await solver.load(withParametersAsVariables(program));
}

/**
 * `wide` is what `loadSensitivity` gave for the same program. Undefined where the KKT system is
 * singular or too large: then no derivative is to be had.
 */
export async function sensitivity(
  solver: Solver,
  { loaded, wide, optimum }: {
    readonly loaded: LoadedProgram;
    readonly wide: LoadedProgram;
    readonly optimum: Optimum;
  },
): Promise<Sensitivity | undefined> {
  const { program } = loaded;
  const { end, request } = optimum;
  const bindings = bindingLimits(loaded, optimum);
  const edges = bindings.filter((binding) => !pulls(program, { binding, optimum }));
  const strict = bindings.filter((binding) => !edges.includes(binding));
  const held = new Set(strict.flatMap(({ kind, index }) => kind === "bound" ? [index] : []));
  const free = [...program.variables.keys()].filter((i) =>
    !held.has(i) && request.lower[i] !== request.upper[i]
  );
  const rows = strict.flatMap(({ kind, index }) => kind === "row" ? [index] : []);
  if (free.length + rows.length > MOST_UNKNOWNS) return undefined;

  const evaluation = await solver.evaluateNative(wide, {
    x: Float64Array.from([...end.point, ...request.parameters]),
    p: new Float64Array(0),
    sigma: 1,
    lambda: Float64Array.from(end.multipliers.rows),
  });
  const moves = solveKkt(wide, { evaluation, free, rows, n: program.variables.length });
  if (moves === undefined) return undefined;
  const slopes = lagrangianSlopes(wide, { evaluation, optimum });
  return { byVariable: byVariable(program, { moves, slopes }), edges };
}

/** The same program over (x, p): parameter k becomes variable n + k. */
function withParametersAsVariables(program: Program): Program {
  const n = program.variables.length;
  return {
    ...program,
    name: `${program.name} (sensitivity)`,
    tape: {
      inputs: n + program.parameters.length,
      parameters: 0,
      instructions: program.tape.instructions.map((instruction) =>
        instruction.op === "parameter"
          ? { ...instruction, op: "input", indices: instruction.indices.map((k) => n + k) }
          : instruction
      ),
    },
    variables: [
      ...program.variables,
      ...program.parameters.map(({ kind, variable }) => ({
        name: `${variable} (${kind})`,
        unit: "",
        bounds: [-Infinity, Infinity] as const,
        scale: 1,
      })),
    ],
    parameters: [],
  };
}

function pulls(
  { rows, variables, objectiveScale }: Program,
  { binding: { kind, index, side }, optimum }: {
    readonly binding: Binding;
    readonly optimum: Optimum;
  },
): boolean {
  const { request, end: { multipliers } } = optimum;
  if (kind === "bound") {
    return multipliers[side][index]! * variables[index]!.scale > PULLS * objectiveScale;
  }
  return request.rowLower[index] === request.rowUpper[index] ||
    Math.abs(multipliers.rows[index]!) * rows[index]!.scale > PULLS * objectiveScale;
}

/** dx/dp for each parameter, all of the n variables; undefined where the system is singular. */
function solveKkt(
  { program, structure }: LoadedProgram,
  { evaluation, free, rows, n }: {
    readonly evaluation: Evaluation;
    readonly free: readonly number[];
    readonly rows: readonly number[];
    readonly n: number;
  },
): Float64Array[] | undefined {
  const size = free.length + rows.length;
  const scales = [
    ...free.map((i) => program.variables[i]!.scale),
    ...rows.map((r) => program.objectiveScale / program.rows[r]!.scale),
  ];
  const placeOfVariable = new Map(free.map((i, place) => [i, place]));
  const placeOfRow = new Map(rows.map((r, place) => [r, free.length + place]));
  const matrix = new Float64Array(size * size);
  const columns = Array.from(
    { length: program.variables.length - n },
    () => new Float64Array(size),
  );
  const add = (place: number | undefined, { i, value }: { i: number; value: number }) => {
    if (place === undefined) return;
    const scaled = value * scales[place]! / program.objectiveScale;
    if (i >= n) columns[i - n]![place]! -= scaled;
    else {
      const column = placeOfVariable.get(i);
      if (column !== undefined) matrix[place * size + column]! += scaled * scales[column]!;
    }
  };
  for (const [k, value] of evaluation.hessian.entries()) {
    const [i, j] = [structure.hessianRows[k]!, structure.hessianColumns[k]!];
    add(placeOfVariable.get(i), { i: j, value });
    if (i !== j) add(placeOfVariable.get(j), { i, value });
  }
  for (const [k, value] of evaluation.jacobian.entries()) {
    const [row, i] = [placeOfRow.get(structure.jacobianRows[k]!), structure.jacobianColumns[k]!];
    add(row, { i, value });
    const place = placeOfVariable.get(i);
    if (row === undefined || place === undefined) continue;
    matrix[place * size + row]! += value * scales[place]! * scales[row]! / program.objectiveScale;
  }
  if (!solveDense(matrix, { n: size, columns })) return undefined;
  return columns.map((column) => {
    const move = new Float64Array(n);
    for (const [place, i] of free.entries()) move[i] = column[place]! * scales[place]!;
    return move;
  });
}

/** ∂L/∂p: what the minimum changes per unit of each parameter. */
function lagrangianSlopes(
  { structure }: LoadedProgram,
  { evaluation, optimum }: { readonly evaluation: Evaluation; readonly optimum: Optimum },
): Float64Array {
  const n = optimum.end.point.length;
  const slopes = evaluation.gradient.slice(n);
  for (const [k, value] of evaluation.jacobian.entries()) {
    const column = structure.jacobianColumns[k]!;
    if (column < n) continue;
    slopes[column - n]! += value * optimum.end.multipliers.rows[structure.jacobianRows[k]!]!;
  }
  return slopes;
}

function byVariable(
  program: Program,
  { moves, slopes }: { readonly moves: readonly Float64Array[]; readonly slopes: Float64Array },
): Map<string, Influence> {
  const influences = new Map<string, Influence>();
  for (const [k, { kind, variable }] of program.parameters.entries()) {
    if (kind === "bias") continue;
    const known = influences.get(variable);
    const move = moves[k]!;
    influences.set(variable, {
      settings: known === undefined ? move : move.map((value, i) => value + known.settings[i]!),
      objective: slopes[k]! + (known?.objective ?? 0),
    });
  }
  return influences;
}
