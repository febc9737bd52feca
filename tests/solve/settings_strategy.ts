/** A strategy of formulas alone, with groups, bands, prices and penalties to fill in. */

import assert from "node:assert/strict";
import { compileProgram } from "../../src/solve/compile.ts";
import type { Program } from "../../src/solve/program.ts";
import { parseStrategy } from "../../src/strategy/parse.ts";
import { printProblem } from "../../src/strategy/problem.ts";

export interface Parts {
  /** Lines below `groups:`. */
  readonly groups?: string;
  /** Keys of Coal beside its bounds. */
  readonly coal?: string;
  readonly objective: string;
  /** Keys of the optimizer. */
  readonly optimizer?: string;
  readonly limits?: string;
}

/** Three fans and coal; the program of its optimizer. */
export function settingsProgram(
  { groups, coal = "", objective, optimizer = "", limits }: Parts,
): Program {
  const text = `name: settings
variables:
  Fan_1: { type: operative, unit: m3/h, bounds: [10, 40], max_move: 5 }
  Fan_2: { type: operative, unit: m3/h, bounds: [20, 60], max_move: 5 }
  Fan_3: { type: operative, unit: m3/h, bounds: [20, 60], max_move: 10 }
  Coal: { type: operative, unit: t/h, bounds: [5, 12]${coal} }
  air: { type: calculated, unit: m3/h }
  first: { type: calculated, unit: m3/h }
  second: { type: calculated, unit: m3/h }
  third: { type: calculated, unit: m3/h }
${groups === undefined ? "" : `groups:\n${groups}\n`}skills:
  flows:
    type: function
    outputs: { first: Fan_1, second: Fan_2, third: Fan_3, air: Fan_1 + Fan_2 + Fan_3 }
  limits: { type: constraints, constraints: { ${limits ?? "coal: { expression: Coal, max: 20 }"} } }
  optimum: { type: optimizer, model: flows, subject_to: [limits], ${objective}${optimizer} }
tasks:
  - { name: optimise, skill: optimum }
`;
  const result = parseStrategy(text, { file: "settings.yaml" });
  const problems = result.kind === "problems" ? result.problems.map(printProblem).join("\n") : "";
  assert.ok(result.kind === "strategy", problems);
  return compileProgram(result.strategy, "optimum", new Map());
}
