/** Reads mutated strategies and does with the accepted ones all that the box would do with them. */

import { evaluate } from "../../src/model/evaluate.ts";
import { CompileError, compileProgram } from "../../src/solve/compile.ts";
import { evaluateFormula } from "../../src/strategy/evaluate_formula.ts";
import { explainStrategy } from "../../src/strategy/explain.ts";
import { strategyGraph } from "../../src/strategy/explain_graph.ts";
import { measuredValue } from "../../src/strategy/measured_value.ts";
import { parseStrategy } from "../../src/strategy/parse.ts";
import { printProblem } from "../../src/strategy/problem.ts";
import type { Strategy } from "../../src/strategy/strategy.ts";
import { processorTimeOf } from "../processor_time.ts";
import { linearModels } from "./linear_models.ts";
import { mutatedStrategy } from "./mutations.ts";

/** Longer than any small file may have a processor. */
const patienceMs = 5000;

export interface MutationResult {
  readonly accepted: number;
  readonly refused: number;
  readonly problems: number;
  readonly slowestMs: number;
  /** What went wrong, with the seed of the file. */
  readonly faults: readonly string[];
}

/** Tries the mutations of `count` seeds. */
export function tryMutations(
  { from, count }: { readonly from: number; readonly count: number },
): MutationResult {
  const result = { accepted: 0, refused: 0, problems: 0, slowestMs: 0 };
  const faults: string[] = [];
  for (let seed = from; seed < from + count; seed++) {
    const { ms } = processorTimeOf(() => {
      try {
        const text = mutatedStrategy(seed);
        const parsed = parseStrategy(text, { file: "mutated.yaml" });
        if (parsed.kind === "strategy") {
          result.accepted += 1;
          useStrategy(parsed.strategy);
        } else {
          result.refused += 1;
          result.problems += parsed.problems.length;
          if (parsed.problems.length === 0) faults.push(`seed ${seed}: refused without a reason`);
          const lines = text.split("\n");
          for (const problem of parsed.problems) {
            const line = lines[problem.line - 1];
            const inside = line !== undefined && problem.column >= 1 &&
              problem.column <= line.length + 1;
            if (!inside) faults.push(`seed ${seed}: no such place: ${printProblem(problem)}`);
          }
        }
      } catch (error) {
        faults.push(`seed ${seed}: ${error instanceof Error ? error.stack : String(error)}`);
      }
    });
    result.slowestMs = Math.max(result.slowestMs, ms);
    if (ms > patienceMs) faults.push(`seed ${seed}: took ${Math.round(ms)} ms`);
  }
  return { ...result, faults };
}

/** A program may be refused for what its models know; nothing else may go wrong. */
export function useStrategy(strategy: Strategy): void {
  explainStrategy(strategy);
  strategyGraph(strategy);
  const measured = measuredValue(strategy, new Map());
  const values = { variable: () => 1.5, measured };
  for (const { when } of strategy.tasks) if (when !== undefined) evaluateFormula(when, values);
  for (const skill of strategy.skills.values()) {
    if (skill.type === "function") {
      for (const { formula } of skill.outputs) evaluateFormula(formula, values);
    }
    if (skill.type === "constraints") {
      for (const { expression } of skill.constraints) evaluateFormula(expression, values);
    }
    if (skill.type !== "optimizer") continue;
    try {
      const program = compileProgram(strategy, skill.name, linearModels(strategy));
      const sizes = [...program.variables, ...program.rows].map(({ scale }) => scale);
      for (const size of [...sizes, program.objectiveScale]) {
        if (!(size > 0 && size < Infinity)) throw new RangeError(`a typical size of ${size}`);
      }
      const middle = program.variables.map(({ bounds: [lower, upper] }) => (lower + upper) / 2);
      evaluate(
        program.tape,
        Float64Array.from(middle),
        new Float64Array(program.parameters.length).fill(1),
      );
    } catch (error) {
      if (!(error instanceof CompileError)) throw error;
    }
  }
}
