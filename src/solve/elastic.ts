/**
 * The elastic program: the same limits with room to give, to find the least that they must give.
 *
 * Each row gets two slacks, lower ≤ g(x) + s⁻ − s⁺ ≤ upper with s ≥ 0, and the objective is
 * Σ s / scale. Which slacks may grow is a matter of the request's bounds: those of a limit that may
 * not give are held at 0, and IPOPT takes them out. One loaded program so serves the relaxation by
 * rank (ease.ts) and the search for a conflicting set (conflict.ts).
 *
 * J. W. Chinneck, Feasibility and Infeasibility in Optimization, Springer 2008, section 6.1.
 */

import type { Instruction } from "../model/tape.ts";
import type { Program, ProgramVariable } from "./program.ts";

/** Slack below of row r is variable n + 2r, above is n + 2r + 1, n the original number of variables. */
export function elasticProgram(program: Program): Program {
  const instructions: Instruction[] = [...program.tape.instructions];
  const append = (instruction: Instruction) => instructions.push(instruction) - 1;
  const n = program.variables.length;

  const terms: number[] = [];
  const slacks: ProgramVariable[] = [];
  const rows = program.rows.map((row, r) => {
    const slack = append({
      op: "input",
      size: 2,
      indices: Int32Array.of(n + 2 * r, n + 2 * r + 1),
    });
    const value = append({
      op: "gather",
      size: 1,
      of: row.output.node,
      indices: Int32Array.of(row.output.element),
    });
    const gap = append(linear(slack, [1, -1]));
    terms.push(append(linear(slack, [1 / row.scale, 1 / row.scale])));
    for (const side of ["below", "above"]) {
      slacks.push({
        name: `${row.name} (${side})`,
        unit: row.unit,
        bounds: [0, Infinity],
        scale: row.scale,
      });
    }
    return {
      ...row,
      output: { node: append({ op: "add", size: 1, a: value, b: gap }), element: 0 },
    };
  });
  const all = append({ op: "concat", size: terms.length, operands: terms });
  const total = append({ op: "sum", size: 1, of: all, length: terms.length });
  return {
    ...program,
    name: `${program.name} (elastic)`,
    tape: { ...program.tape, inputs: n + slacks.length, instructions },
    variables: [...program.variables, ...slacks],
    objective: { node: total, element: 0 },
    objectiveScale: 1,
    sense: 1,
    rows,
  };
}

/** The slacks of one row at a point of the elastic program: how far its limits give, in its unit. */
export function slacksOf(
  point: Float64Array,
  { row, variables }: { readonly row: number; readonly variables: number },
): { readonly lower: number; readonly upper: number } {
  const at = variables + 2 * row;
  return { lower: point[at] ?? 0, upper: point[at + 1] ?? 0 };
}

function linear(of: number, weights: readonly [number, number]): Instruction {
  return {
    op: "affine",
    size: 1,
    of,
    repeat: 1,
    rows: 1,
    cols: 2,
    weights: Float64Array.from(weights),
    offset: new Float64Array(1),
  };
}
