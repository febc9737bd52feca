/** How promising points are as starts, without derivatives. */

import { evaluate } from "../model/evaluate.ts";
import type { TapeElement } from "../model/tape.ts";
import type { SolveRequest } from "./outcome.ts";
import type { Program } from "./program.ts";

/** Weight of a violation of one row's scale against one scale of the objective. */
const VIOLATION_WEIGHT = 10;

/** Objective in its scale plus weighted violations; Infinity where anything is not a number. */
export function meritOf(
  program: Program,
  { parameters, rowLower, rowUpper }: Pick<SolveRequest, "parameters" | "rowLower" | "rowUpper">,
): (point: Float64Array) => number {
  return (point) => {
    const results = evaluate(program.tape, point, parameters);
    const read = ({ node, element }: TapeElement) => results[node]?.[element] ?? NaN;
    const violation = program.rows.reduce((sum, { output, scale }, i) => {
      const g = read(output);
      return sum + Math.max(0, rowLower[i]! - g, g - rowUpper[i]!) / scale;
    }, 0);
    const merit = read(program.objective) / program.objectiveScale + VIOLATION_WEIGHT * violation;
    return Number.isNaN(merit) ? Infinity : merit;
  };
}

/** Largest violation of a row at a point, in scales of the row; 0 where all hold, NaN counts as ∞. */
export function worstViolation(
  program: Program,
  { point, request }: {
    readonly point: Float64Array;
    readonly request: Pick<SolveRequest, "parameters" | "rowLower" | "rowUpper">;
  },
): number {
  const results = evaluate(program.tape, point, request.parameters);
  return program.rows.reduce((worst, { output: { node, element }, scale }, i) => {
    const g = results[node]?.[element] ?? NaN;
    const violation = Math.max(0, request.rowLower[i]! - g, g - request.rowUpper[i]!) / scale;
    return Math.max(worst, Number.isNaN(violation) ? Infinity : violation);
  }, 0);
}
