/**
 * `deno task cases`: all cases made by others, as a table. The folder is the one in the environment
 * variable CASES, else `../shared/cases`; what it does not hold is named and left out. The exit code
 * is 1 where a case fails.
 */

import { existsSync } from "node:fs";
import { stopForHelp } from "./campaigns/campaign_help.ts";
import { type CaseResult, caseTable, countCases } from "./cases/case_result.ts";
import { casesFolder } from "./cases/folder.ts";
import { runNlpProblems } from "./cases/nlp_cases.ts";
import { runOnnxModels } from "./cases/onnx_models.ts";
import { runNodeTests } from "./cases/onnx_node_tests.ts";

/** Each group of cases: where it lies below the folder, and how it runs. */
const GROUPS: Readonly<
  Record<string, (path: string) => CaseResult[] | Promise<CaseResult[]>>
> = {
  "onnx-node-tests": runNodeTests,
  "onnx-models": runOnnxModels,
  "nlp-problems.json": runNlpProblems,
};

stopForHelp("cases");
const folder = casesFolder();
const summary: string[] = [];
let ran = 0;
let failed = 0;
for (const [group, run] of Object.entries(GROUPS)) {
  const path = `${folder}/${group}`;
  if (!existsSync(path)) {
    summary.push(`${group}: not there, NOT RUN`);
    continue;
  }
  const results = await run(path);
  console.log(`\n${group}\n${caseTable(results)}`);
  summary.push(`${group}: ${countCases(results)}`);
  ran += results.length;
  failed += results.filter(({ verdict }) => verdict === "failed").length;
}
console.log(`\n${summary.join("\n")}`);
if (ran === 0) console.error(`No case was found in ${folder}`);
Deno.exitCode = failed > 0 || ran === 0 ? 1 : 0;
