/**
 * A claimed solution checked again, independent of IPOPT: values by the evaluator in TypeScript,
 * limits, and the first-order (KKT) conditions with the native derivatives.
 *
 * With s the scale of a variable, t of a row, F of the objective and IPOPT's signs,
 * ∇f + Jᵀλ − z⁻ + z⁺ = 0 (J. Nocedal, S. J. Wright, Numerical Optimization, 2nd ed., section 12.3).
 */

import type { ProgramStructure } from "deno-ipopt-ffi";
import { RowEvaluator } from "../model/evaluate_rows.ts";
import type { Tape, TapeElement } from "../model/tape.ts";
import type { EndPoint, SolveRequest } from "./outcome.ts";
import type { Program } from "./program.ts";

/** Largest relative difference between native values and those of the evaluator here. */
const SAME_VALUE = 1e-9;
/** Largest violation of a row, as a share of its scale. */
const VIOLATION = 1e-6;
/** Largest KKT residual and complementarity by claim, relative to the terms that make them up. */
const RESIDUAL = { solved: 1e-5, acceptable: 1e-3 } as const;
/** By tape, for as long as somebody holds the tape. */
const EVALUATORS = new WeakMap<Tape, RowEvaluator>();

/** First derivatives at the end point; `jacobian` by the structure's nonzeros. */
export interface FirstDerivatives {
  readonly structure: ProgramStructure;
  readonly gradient: Float64Array;
  readonly jacobian: Float64Array;
}

export interface Claim {
  readonly program: Program;
  readonly request: SolveRequest;
  readonly end: EndPoint;
  readonly derivatives: FirstDerivatives;
  readonly claim: "solved" | "acceptable";
}

/** Every way in which the claim is wrong, as sentences; empty when it holds. */
export function verify(claim: Claim): string[] {
  const problems = [...wrongBounds(claim), ...wrongValues(claim), ...brokenRows(claim)];
  // Residuals at a point that is wrong already would only repeat it.
  return problems.length > 0 ? problems : [...residuals(claim), ...complementarity(claim)];
}

function wrongBounds({ program, request, end }: Claim): string[] {
  return program.variables.flatMap(({ name }, i) => {
    const x = end.point[i]!;
    const [lower, upper] = [request.lower[i]!, request.upper[i]!];
    return x >= lower && x <= upper ? [] : [`${name} = ${x} is outside [${lower}, ${upper}]`];
  });
}

function wrongValues({ program, request, end }: Claim): string[] {
  const results = evaluatorOf(program.tape).evaluate(end.point, request.parameters);
  const read = ({ node, element }: TapeElement) => results[node]![element]!;
  const compare = (name: string, [native, reference, scale]: [number, number, number]) =>
    Math.abs(native - reference) <= SAME_VALUE * Math.max(scale, Math.abs(reference))
      ? []
      : [`${name} is ${reference}, native code says ${native}`];
  return [
    ...compare("the objective", [end.objective, read(program.objective), program.objectiveScale]),
    ...program.rows.flatMap((row, i) =>
      compare(`"${row.name}"`, [end.rows[i]!, read(row.output), row.scale])
    ),
  ];
}

/** Made ready once: a program is solved many times. */
function evaluatorOf(tape: Tape): RowEvaluator {
  const known = EVALUATORS.get(tape);
  if (known !== undefined) return known;
  const made = new RowEvaluator(tape);
  EVALUATORS.set(tape, made);
  return made;
}

function brokenRows({ program, request, end }: Claim): string[] {
  return program.rows.flatMap(({ name, scale }, i) => {
    const g = end.rows[i]!;
    const violation = Math.max(request.rowLower[i]! - g, g - request.rowUpper[i]!);
    const limit = violation === g - request.rowUpper[i]!
      ? request.rowUpper[i]!
      : request.rowLower[i]!;
    return violation <= VIOLATION * Math.max(scale, Math.abs(limit))
      ? []
      : [`"${name}" = ${g} breaks its limit ${limit} by ${violation}`];
  });
}

/** Stationarity of the Lagrangian for every variable that is free to move. */
function residuals({ program, request, end, derivatives, claim }: Claim): string[] {
  const { gradient, jacobian, structure } = derivatives;
  const { multipliers } = end;
  const n = program.variables.length;
  const residual = new Float64Array(n);
  // What the residual is measured by: the largest term that went into it.
  const size = new Float64Array(n);
  const add = (i: number, term: number) => {
    residual[i]! += term;
    size[i] = Math.max(size[i]!, Math.abs(term));
  };
  for (let i = 0; i < n; i++) {
    add(i, gradient[i]!);
    add(i, -multipliers.lower[i]!);
    add(i, multipliers.upper[i]!);
  }
  for (const [k, row] of structure.jacobianRows.entries()) {
    add(structure.jacobianColumns[k]!, jacobian[k]! * multipliers.rows[row]!);
  }
  const steepness = objectiveSteepness(program, gradient);
  return program.variables.flatMap(({ name, scale }, i) => {
    if (request.lower[i] === request.upper[i]) return [];
    const allowed = RESIDUAL[claim] * Math.max(size[i]!, steepness / scale);
    return Math.abs(residual[i]!) <= allowed
      ? []
      : [`the Lagrangian's slope along ${name} is ${residual[i]}, more than ${allowed}`];
  });
}

/** A multiplier that pulls at a limit which is not reached, or in the wrong direction. */
function complementarity({ program, request, end, derivatives, claim }: Claim): string[] {
  const { multipliers } = end;
  const allowed = RESIDUAL[claim] * objectiveSteepness(program, derivatives.gradient);
  const check = (name: string, [multiplier, distance, scale]: [number, number, number]) =>
    // Where there is no limit at all, a multiplier may only be what rounding leaves. A limit counts
    // as reached within what may break it: clipping the relaxed bounds moves rows by as much.
    multiplier * (distance === Infinity ? scale : distance - VIOLATION * scale) <= allowed
      ? []
      : [`${name} is pulled by ${multiplier} at a distance of ${distance} from its limit`];
  return [
    ...program.variables.flatMap(({ name, scale }, i) => {
      const [lower, upper] = [request.lower[i]!, request.upper[i]!];
      if (lower === upper) return [];
      return [
        ...check(name, [multipliers.lower[i]!, end.point[i]! - lower, scale]),
        ...check(name, [multipliers.upper[i]!, upper - end.point[i]!, scale]),
      ];
    }),
    ...program.rows.flatMap(({ name, scale }, i) => {
      const g = end.rows[i]!;
      const lambda = multipliers.rows[i]!;
      return [
        ...check(`"${name}"`, [Math.max(lambda, 0), request.rowUpper[i]! - g, scale]),
        ...check(`"${name}"`, [Math.max(-lambda, 0), g - request.rowLower[i]!, scale]),
      ];
    }),
  ];
}

/** Change of the objective over one scale of its steepest variable, at least its own scale. */
function objectiveSteepness(program: Program, gradient: Float64Array): number {
  return program.variables.reduce(
    (most, { scale }, i) => Math.max(most, Math.abs(gradient[i]!) * scale),
    program.objectiveScale,
  );
}
