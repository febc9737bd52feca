/** `deno task explain FILE`: what a strategy will do, in words and as a graph. */

import { parseArgs } from "node:util";
import { explainStrategy } from "./strategy/explain.ts";
import { strategyGraph } from "./strategy/explain_graph.ts";
import { parseStrategy } from "./strategy/parse.ts";
import { printProblem } from "./strategy/problem.ts";
import { readStrategyFile } from "./strategy_file.ts";

const help = `Explains a strategy file: deno task explain FILE

FILE may be the folder of a site: then the strategy in it.
Prints Markdown: what each cycle does, what the optimizer moves and what limits it, how every value
comes about, and a Mermaid graph of who feeds whom.
Exit code: 0 explained, 1 the file has problems, 2 it cannot be read.

  --graph   print the Mermaid graph alone
  --help    print this`;

interface Output {
  readonly print: (text: string) => void;
  readonly complain: (text: string) => void;
}

/** Runs the command; the result is its exit code. */
export function explainCommand(args: readonly string[], { print, complain }: Output): number {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { graph: { type: "boolean" }, help: { type: "boolean" } },
    allowPositionals: true,
    strict: false,
  });
  const unknown = Object.keys(values).find((key) => key !== "graph" && key !== "help");
  if (values.help === true) {
    print(help);
    return 0;
  }
  const [path, second] = positionals;
  if (path === undefined || second !== undefined || unknown !== undefined) {
    complain(unknown === undefined ? help : `Unknown option --${unknown}\n\n${help}`);
    return 2;
  }
  const read = readStrategyFile(path);
  if (read.kind === "unreadable") {
    complain(read.why);
    return 2;
  }
  const { file, text } = read;
  const result = parseStrategy(text, { file });
  if (result.kind === "problems") {
    for (const problem of result.problems) complain(`${printProblem(problem)}\n`);
    return 1;
  }
  const graph = strategyGraph(result.strategy);
  print(
    values.graph === true
      ? graph
      : `${
        explainStrategy(result.strategy)
      }\n\n## Who feeds whom\n\n\`\`\`mermaid\n${graph}\n\`\`\``,
  );
  return 0;
}

if (import.meta.main) {
  Deno.exit(explainCommand(Deno.args, { print: console.log, complain: console.error }));
}
