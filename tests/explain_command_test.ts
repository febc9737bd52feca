import assert from "node:assert/strict";
import { explainCommand } from "../src/explain_command.ts";
import { fullStrategy } from "./strategy/full_strategy.ts";

function run(...args: string[]) {
  const printed: string[] = [];
  const complained: string[] = [];
  const code = explainCommand(args, {
    print: (text) => printed.push(text),
    complain: (text) => complained.push(text),
  });
  return { code, printed: printed.join("\n"), complained: complained.join("\n") };
}

function withFile(text: string, test: (file: string) => void): void {
  const folder = Deno.makeTempDirSync();
  try {
    const file = `${folder}/strategy.yaml`;
    Deno.writeTextFileSync(file, text);
    test(file);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test("explainCommand prints words and a graph as Markdown, or the graph alone", () => {
  withFile(fullStrategy, (file) => {
    const whole = run(file);
    assert.equal(whole.code, 0);
    assert.match(whole.printed, /^# full kiln\n/);
    assert.match(whole.printed, /```mermaid\nflowchart LR\n[^`]+\n```$/);
    const graph = run("--graph", file);
    assert.equal(graph.code, 0);
    assert.ok(whole.printed.includes(graph.printed) && graph.printed.startsWith("flowchart LR"));
  });
});

Deno.test("explainCommand prints the problems of a file that has some and ends with 1", () => {
  withFile(fullStrategy.replace("0.62 * Feed", "0.62 * Fed"), (file) => {
    const { code, printed, complained } = run(file);
    assert.equal(code, 1);
    assert.equal(printed, "");
    assert.match(complained, /Unknown variable "Fed"/);
  });
});

Deno.test("explainCommand ends with 2 where there is no file to explain", () => {
  for (const args of [[], ["a.yaml", "b.yaml"], ["--svg", "a.yaml"], ["nowhere.yaml"]]) {
    const { code, complained } = run(...args);
    assert.equal(code, 2, args.join(" "));
    assert.ok(complained.length > 0);
  }
  assert.equal(run("--help").code, 0);
});
