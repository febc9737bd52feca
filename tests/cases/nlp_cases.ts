/** The published nonlinear programs as cases: one row each, whatever the file holds. */

import { readFileSync } from "node:fs";
import { NativeSolver } from "../../src/solve/native_solver.ts";
import type { Solver } from "../../src/solve/solver.ts";
import type { CaseResult } from "./case_result.ts";
import { readNlpProblems } from "./nlp_format.ts";
import type { NlpProblem, WrongProblem } from "./nlp_format.ts";
import {
  exactTolerance,
  type NlpResult,
  objectiveTolerance,
  solveNlpProblem,
  withoutKktPoint,
} from "./nlp_problems.ts";

/** A row for each program as soon as it is done, for they may take a minute each. */
export async function* runNlpProblems(path: string): AsyncGenerator<CaseResult> {
  const solver = new NativeSolver();
  try {
    for (const problem of readNlpProblems(readFileSync(path, "utf8"))) {
      yield await runNlpProblem(solver, { problem });
    }
  } finally {
    await solver.close();
  }
}

/** One program's row; never throws for what the program holds. */
export async function runNlpProblem(
  solver: Solver,
  { problem, ...limits }: {
    readonly problem: NlpProblem | WrongProblem;
    readonly mostStarts?: number;
  },
): Promise<CaseResult> {
  const { name } = problem;
  if ("wrong" in problem) return { name, verdict: "failed", detail: problem.wrong };
  try {
    return nlpCase(await solveNlpProblem(solver, { problem, ...limits }));
  } catch (error) {
    return {
      name,
      verdict: "failed",
      detail: error instanceof Error ? error.message : String(error),
    };
  }
}

function nlpCase(result: NlpResult): CaseResult {
  const { name, kind, objective, published, starts, better, meetsComputed, error, why } = result;
  const notes = [
    ...(better && !withoutKktPoint.has(name) ? ["better than published"] : []),
    ...(error > exactTolerance && meetsComputed
      ? ["as another solver has it: the published value has fewer digits"]
      : []),
    ...(kind === "limit" && objective !== undefined ? ["feasible, but no point of KKT"] : []),
    ...(withoutKktPoint.has(name) ? [withoutKktPoint.get(name)] : []),
  ];
  return {
    name,
    verdict: verdictOf(result),
    detail: [
      `${kind} at ${objective ?? `no point${why === "" ? "" : ` (${why})`}`}, published ${
        published ?? "nothing"
      }, ` +
      `${starts} ${starts === 1 ? "start" : "starts"}`,
      ...notes,
    ].join("; "),
  };
}

function verdictOf(result: NlpResult): CaseResult["verdict"] {
  const { name, objective, published, error, promised, meetsComputed } = result;
  if (published === undefined) return objective === undefined ? "failed" : "unrated";
  if (error <= exactTolerance) return "matched";
  if (error <= objectiveTolerance) return meetsComputed ? "matched" : "near";
  return promised && !withoutKktPoint.has(name) ? "failed" : "elsewhere";
}
