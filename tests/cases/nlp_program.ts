/** A published nonlinear program as a program of the product: formula text → tree → tape. */

import { TapeBuilder } from "../../src/model/tape_builder.ts";
import { lowerFormula } from "../../src/solve/lower_formula.ts";
import type { Program } from "../../src/solve/program.ts";
import { rowScale, typicalChanges } from "../../src/solve/scales.ts";
import { parseFormula } from "../../src/strategy/formula.ts";
import { namesIn } from "../../src/strategy/formula_names.ts";
import type { Formula } from "../../src/strategy/strategy.ts";
import type { NlpProblem } from "./nlp_format.ts";

/** Sums over a table of data, written out, are longer than what people write. */
const PRINTED = { characters: 200_000, words: 24_000 };

/** Powers are written both ways in collections of problems. */
function inOurWords(text: string): string {
  return text.replaceAll("**", "^");
}

/**
 * The problem as a program. Scales follow the rules of compileProgram as far as a book's problem
 * allows: the distance between the bounds, else the size of the start; typical changes at the start.
 */
export function programOf(problem: NlpProblem): Program {
  const builder = new TapeBuilder();
  const indexOf = new Map(problem.variables.map(({ name }, i) => [name, i]));
  const problems: string[] = [];
  const nodeOf = (where: string, expr: string) => {
    const read = readPrinted(expr, indexOf);
    if ("problems" in read) {
      problems.push(...read.problems.map((problem) => `${where}: ${problem}`));
      return builder.constant([0]);
    }
    const variable = (name: string) => builder.input([indexOf.get(name)!]);
    return lowerFormula(read.formula, { builder, variable, measured: variable });
  };
  const stated = nodeOf("the objective", problem.objective.expr);
  const isMinimum = problem.objective.sense === "minimize";
  const nodes = [
    isMinimum ? stated : builder.negate(stated),
    ...problem.constraints.map(({ name, expr }, i) =>
      nodeOf(`constraint ${name === "" ? i + 1 : name}`, expr)
    ),
  ];
  if (problems.length > 0) throw new SyntaxError(problems.join("; "));
  const { tape, outputs } = builder.finish(nodes, { inputs: problem.variables.length });
  const places = outputs.map((node) => ({ node, element: 0 }));
  const placeAt = (i: number) => places[i] ?? { node: -1, element: 0 };
  const variables = problem.variables.map(({ name, lower, upper, start }) => ({
    name,
    unit: "",
    bounds: [lower ?? -Infinity, upper ?? Infinity] as const,
    scale: lower !== null && upper !== null && upper > lower
      ? upper - lower
      : Math.max(1, Math.abs(start)),
  }));
  const program: Program = {
    name: problem.name,
    tape,
    variables,
    parameters: [],
    objective: placeAt(0),
    sense: isMinimum ? 1 : -1,
    objectiveScale: 1,
    rows: problem.constraints.map(({ name, lower, upper }, i) => ({
      name,
      unit: "",
      output: placeAt(i + 1),
      lower: lower ?? -Infinity,
      upper: upper ?? Infinity,
      rank: undefined,
      scale: 1,
    })),
    watched: new Map(),
  };
  return scaledAt(program, Float64Array.from(problem.variables, ({ start }) => start));
}

/** The program with the scales that its objective and rows have around a point. */
export function scaledAt(program: Program, x: Float64Array): Program {
  const { tape, objective, rows, variables } = program;
  const places = [objective, ...rows.map(({ output }) => output)];
  const state = { x, p: new Float64Array(0) };
  const [objectiveScale = 1, ...changes] = typicalChanges(tape, { places, variables, state });
  return {
    ...program,
    objectiveScale,
    rows: rows.map((row, i) => ({
      ...row,
      scale: rowScale(row.lower, row.upper) ?? changes[i] ?? 1,
    })),
  };
}

/** The formula, or everything that is wrong with it, each in one sentence. */
function readPrinted(
  expr: string,
  variables: ReadonlyMap<string, number>,
): { readonly formula: Formula } | { readonly problems: readonly string[] } {
  const text = inOurWords(expr);
  const result = parseFormula(text, PRINTED);
  if (result.kind === "problems") {
    const shown = text.length > 80 ? `${text.slice(0, 77)}...` : text;
    return {
      problems: result.problems.map(({ message, expected }) =>
        `${message}, ${expected ?? "another formula"} expected, in ${shown}`
      ),
    };
  }
  const names = new Set(namesIn(result.formula).map(({ name }) => name));
  const strangers = [...names].filter((name) => !variables.has(name));
  return strangers.length === 0
    ? { formula: result.formula }
    : { problems: strangers.map((name) => `There is no variable ${name}`) };
}
