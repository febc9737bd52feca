/** `deno task validate FILE…`: every problem of strategy files, with place and cure. */

import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { checkModels } from "./cycle/check_models.ts";
import { parseStrategy } from "./strategy/parse.ts";
import { printProblem } from "./strategy/problem.ts";
import { strategySchemaJson } from "./strategy/schema.ts";
import { readStrategyFile } from "./strategy_file.ts";

const help = `Checks strategy files: deno task validate FILE...

FILE may be the folder of a site: then the strategy in it.
Prints every problem with file, line, column and what to do about it. Models and scalers beside
the strategy are read too: whether they fit their skills, and can be part of an optimizer.
Exit code: 0 all files are right, 1 some have problems, 2 a file cannot be read.

  --schema   print the JSON Schema of strategy files, for editors
  --help     print this`;

interface Output {
  readonly print: (text: string) => void;
  readonly complain: (text: string) => void;
}

/** Runs the command; the result is its exit code. */
export function validateCommand(args: readonly string[], { print, complain }: Output): number {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { schema: { type: "boolean" }, help: { type: "boolean" } },
    allowPositionals: true,
    strict: false,
  });
  const unknown = Object.keys(values).filter((key) => key !== "schema" && key !== "help");
  if (values.help === true) {
    print(help);
    return 0;
  }
  if (values.schema === true) {
    print(JSON.stringify(strategySchemaJson(), null, 2));
    return 0;
  }
  if (positionals.length === 0 || unknown.length > 0) {
    complain(unknown.length > 0 ? `Unknown option --${unknown[0]}\n\n${help}` : help);
    return 2;
  }
  return Math.max(...positionals.map((file) => validateFile(file, { print, complain })));
}

function validateFile(path: string, { print, complain }: Output): number {
  const read = readStrategyFile(path);
  if (read.kind === "unreadable") {
    complain(read.why);
    return 2;
  }
  const { file, text } = read;
  const result = parseStrategy(text, { file });
  if (result.kind === "problems") {
    return complainOf(result.problems.map(printProblem), { file, complain });
  }
  const models = checkModels(result.strategy, dirname(file));
  if (models.problems.length > 0) return complainOf(models.problems, { file, complain });
  const { variables, skills, tasks } = result.strategy;
  print(
    `${file}: no problems ` +
      `(${variables.size} variables, ${skills.size} skills, ${tasks.length} tasks)`,
  );
  for (const name of models.absent) print(`${file}: ${name} is not there yet, NOT CHECKED`);
  return 0;
}

function complainOf(
  problems: readonly string[],
  { file, complain }: { readonly file: string; readonly complain: Output["complain"] },
): number {
  for (const problem of problems) complain(`${problem}\n`);
  complain(`${file}: ${problems.length} problem${problems.length === 1 ? "" : "s"}`);
  return 1;
}

if (import.meta.main) {
  const output = { print: console.log, complain: console.error };
  Deno.exit(validateCommand(Deno.args, output));
}
