/**
 * The elastic program: the same limits with room to give, to find the least that they must give.
 *
 * Each row with a rank gets two slacks, lower ≤ g(x) + s⁻ − s⁺ ≤ upper with s ≥ 0, and the objective
 * is Σ s / scale. Ranks are served in order: rank 1 first, its least violation is then granted and
 * kept while rank 2 is served, and so on, so that no limit gives for the sake of a lesser one.
 *
 * J. W. Chinneck, Feasibility and Infeasibility in Optimization, Springer 2008, section 6.1.
 */

import type { Instruction } from "../model/tape.ts";
import type { Program, ProgramVariable } from "./program.ts";

export interface ElasticProgram {
  readonly program: Program;
  /** Index into the original program's rows for each pair of slacks. */
  readonly rows: readonly number[];
}

/** Slack k below is variable n + 2k, above is n + 2k + 1, n the original number of variables. */
export function elasticProgram(program: Program): ElasticProgram {
  const rows = program.rows.flatMap((row, index) => row.rank === undefined ? [] : [index]);
  const instructions: Instruction[] = [...program.tape.instructions];
  const append = (instruction: Instruction) => instructions.push(instruction) - 1;
  const n = program.variables.length;

  const elasticRows = [...program.rows];
  const terms: number[] = [];
  const slacks: ProgramVariable[] = [];
  for (const [k, index] of rows.entries()) {
    const row = program.rows[index]!;
    const pair = Int32Array.of(n + 2 * k, n + 2 * k + 1);
    const slack = append({ op: "input", size: 2, indices: pair });
    const value = append({
      op: "gather",
      size: 1,
      of: row.output.node,
      indices: Int32Array.of(row.output.element),
    });
    const gap = append(linear(slack, [1, -1]));
    const output = append({ op: "add", size: 1, a: value, b: gap });
    elasticRows[index] = { ...row, output: { node: output, element: 0 } };
    terms.push(append(linear(slack, [1 / row.scale, 1 / row.scale])));
    for (const side of ["below", "above"]) {
      slacks.push({
        name: `${row.name} (${side})`,
        unit: row.unit,
        bounds: [0, Infinity],
        scale: row.scale,
      });
    }
  }
  const all = append({ op: "concat", size: terms.length, operands: terms });
  const total = append({ op: "sum", size: 1, of: all, length: terms.length });
  return {
    rows,
    program: {
      ...program,
      name: `${program.name} (elastic)`,
      tape: { ...program.tape, inputs: n + slacks.length, instructions },
      variables: [...program.variables, ...slacks],
      objective: { node: total, element: 0 },
      objectiveScale: 1,
      sense: 1,
      rows: elasticRows,
    },
  };
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
