import assert from "node:assert/strict";
import { validateCommand } from "../src/validate_command.ts";
import { sampleStrategy } from "./strategy/sample_strategy.ts";

function run(...args: string[]) {
  const printed: string[] = [];
  const complained: string[] = [];
  const code = validateCommand(args, {
    print: (text) => printed.push(text),
    complain: (text) => complained.push(text),
  });
  return { code, printed: printed.join("\n"), complained: complained.join("\n") };
}

Deno.test("validateCommand accepts a right file and counts what it holds", () => {
  const folder = Deno.makeTempDirSync();
  const file = `${folder}/strategy.yaml`;
  Deno.writeTextFileSync(file, sampleStrategy);
  const { code, printed, complained } = run(file);
  assert.equal(complained, "");
  assert.match(printed, /no problems \(10 variables, 7 skills, 3 tasks\)/);
  assert.equal(code, 0);
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("validateCommand prints every problem of every file and ends with 1", () => {
  const folder = Deno.makeTempDirSync();
  const files = ["a.yaml", "b.yaml"].map((name) => `${folder}/${name}`);
  Deno.writeTextFileSync(
    files[0]!,
    sampleStrategy.replace("deadband", "deadbnd").replace("0.62 * Feed", "0.62 * Fed"),
  );
  Deno.writeTextFileSync(files[1]!, "name: [");
  const { code, complained } = run(...files);
  assert.match(complained, /a\.yaml:9:5 .*Unknown key "deadbnd"/);
  assert.match(complained, /a\.yaml:\d+:\d+ .*Unknown variable "Fed"/);
  assert.match(complained, /a\.yaml: 2 problems/);
  assert.match(complained, /b\.yaml:1:\d+ This is not YAML/);
  assert.equal(code, 1);
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("validateCommand ends with 2 for a file that is not there and for no file at all", () => {
  const missing = run("nowhere.yaml");
  assert.equal(missing.code, 2);
  assert.match(missing.complained, /Cannot read nowhere\.yaml/);
  assert.equal(run().code, 2);
  assert.equal(run("--shema").code, 2);
});

Deno.test("validateCommand takes a site's folder for the strategy in it", () => {
  const folder = Deno.makeTempDirSync();
  const empty = run(folder);
  assert.equal(empty.code, 2);
  assert.match(empty.complained, /holds no process-optimization-strategy-config\.yaml/);
  for (const name of ["strategy.yaml", "process-optimization-strategy-config.yaml"]) {
    Deno.writeTextFileSync(`${folder}/${name}`, sampleStrategy);
    const { code, printed } = run(folder);
    assert.ok(printed.startsWith(`${folder}/${name}: no problems`), printed);
    assert.equal(code, 0);
  }
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("validateCommand explains itself and prints the JSON Schema", () => {
  assert.match(run("--help").printed, /deno task validate FILE/);
  const schema = JSON.parse(run("--schema").printed);
  assert.equal(schema.title, "Setpoint strategy");
  assert.equal(schema.additionalProperties, false);
});
