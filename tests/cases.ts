/**
 * `deno task cases`: all cases made by others, as a table. They lie in the folder that the environment
 * variable CASES names, else in `../shared/cases`; what it does not hold is named and left out. CASES
 * may also name a file of nonlinear programs. The exit code is 1 where a case fails.
 */

import { existsSync, statSync } from "node:fs";
import { stopForHelp } from "./campaigns/campaign_help.ts";
import { type CaseResult, caseTable, countCases } from "./cases/case_result.ts";
import { casesFolder } from "./cases/folder.ts";
import { runNlpProblems } from "./cases/nlp_cases.ts";
import { runOnnxModels } from "./cases/onnx_models.ts";
import { runNodeTests } from "./cases/onnx_node_tests.ts";

/** Each group of cases: where it lies below the folder, and how it runs. */
const GROUPS: Readonly<
  Record<string, (path: string) => CaseResult[] | Promise<CaseResult[]> | AsyncIterable<CaseResult>>
> = {
  "onnx-node-tests": runNodeTests,
  "onnx-models": runOnnxModels,
  "nlp-problems.json": runNlpProblems,
};

/** Of names that are printed before the longest is known. */
const NAME_WIDTH = 20;

stopForHelp("cases");
const place = casesFolder();
const isFile = statSync(place, { throwIfNoEntry: false })?.isFile() === true;
const summary: string[] = [];
let ran = 0;
let failed = 0;
for (const [group, run] of isFile ? [[place, runNlpProblems] as const] : Object.entries(GROUPS)) {
  const path = isFile ? place : `${place}/${group}`;
  if (!existsSync(path)) {
    summary.push(`${group}: not there, NOT RUN`);
    continue;
  }
  console.log(`\n${group}`);
  const results = await printed(run(path));
  summary.push(`${group}: ${countCases(results)}`);
  ran += results.length;
  failed += results.filter(({ verdict }) => verdict === "failed").length;
}
console.log(`\n${summary.join("\n")}`);
if (ran === 0) console.error(`No case was found in ${place}`);
Deno.exitCode = failed > 0 || ran === 0 ? 1 : 0;

/** Prints the results, each as soon as it is there where they come one by one. */
async function printed(results: ReturnType<(typeof GROUPS)[string]>): Promise<CaseResult[]> {
  if (!(Symbol.asyncIterator in results)) {
    const all = await results;
    console.log(caseTable(all));
    return all;
  }
  const all: CaseResult[] = [];
  for await (const result of results) {
    console.log(caseTable([result], NAME_WIDTH));
    all.push(result);
  }
  return all;
}
