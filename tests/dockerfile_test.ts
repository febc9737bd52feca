/** Dockerfile.edge against the rest of the repository; tests/campaigns/image.ts builds and runs it. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const DOCKERFILE = read("Dockerfile.edge");

interface DenoJson {
  readonly tasks: Readonly<Record<string, { readonly command: string }>>;
  readonly imports: Readonly<Record<string, string>>;
  readonly nodeModulesDir: string;
}

function read(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

function denoJson(): DenoJson {
  return JSON.parse(read("deno.json"));
}

/** Instructions with their continued lines joined. */
function instructions(): readonly string[] {
  return DOCKERFILE.replaceAll(/\\\n/g, " ").split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
}

Deno.test("Dockerfile.edge copies only what is there and what .dockerignore lets through", () => {
  const copied = instructions().filter((line) =>
    line.startsWith("COPY ") && !line.includes("--from=")
  )
    .flatMap((line) => line.split(/\s+/).slice(1, -1))
    .map((source) => source.replace(/\/\*.*$/, ""));
  assert.ok(copied.includes("src") && copied.includes("native"));
  const context = read(".dockerignore").split("\n").filter((line) => line.startsWith("!"));
  for (const source of copied) {
    assert.ok(statSync(join(ROOT, source)), source);
    assert.ok(context.includes(`!${source}`), `.dockerignore keeps ${source} out`);
  }
});

Deno.test("Dockerfile.edge has the Deno of the README and of .ci/run", () => {
  const [, version] = /^ARG DENO_VERSION=(\S+)$/m.exec(DOCKERFILE) ?? [];
  assert.ok(version);
  for (const path of ["README.md", ".ci/run"]) {
    const named = [...read(path).matchAll(/deno@(\d+\.\d+\.\d+)/g)].map(([, found]) => found);
    assert.deepEqual([...new Set(named)], [version], path);
  }
});

Deno.test("Dockerfile.edge starts the service with the permissions of deno task start, offline", () => {
  const [, words = "[]"] = /^ENTRYPOINT (\[.*\])$/m.exec(DOCKERFILE) ?? [];
  const entry = JSON.parse(words) as string[];
  const start = denoJson().tasks.start?.command ?? "";
  const granted = (flags: readonly string[]) =>
    flags.filter((flag) => /^-(A|P|-allow)/.test(flag)).map((flag) => flag.split("=")[0]);
  const ofTask = start.slice(start.indexOf("deno run")).split(/\s+(?![^(]*\))/);
  assert.deepEqual(granted(entry), granted(ofTask));
  assert.ok(entry.includes("-P=start") && ofTask.includes("-P=start"));
  assert.ok(entry.includes("--allow-run=/usr/local/bin/deno"), "no program but Deno");
  assert.ok(entry.includes("--cached-only") && entry.includes("--no-prompt"));
  assert.equal(entry.at(-1), "src/main.ts");
  assert.match(DOCKERFILE, /^USER 10001:10001$/m);
  assert.deepEqual(DOCKERFILE.match(/^VOLUME .*$/gm), ["VOLUME /var/lib/setpoint"]);
});

Deno.test("Dockerfile.edge checks the box's health by a task that deno.json has", () => {
  const check = instructions().find((line) => line.startsWith("HEALTHCHECK ")) ?? "";
  const [, words = "[]"] = /CMD (\[.*\])$/.exec(check) ?? [];
  const [program, verb, , task = ""] = JSON.parse(words) as string[];
  assert.deepEqual([program, verb], ["deno", "task"]);
  assert.ok(denoJson().tasks[task], task);
});

Deno.test("Dockerfile.edge leaves out every package that src and native do not import", () => {
  const code = ["src", "native", "strategies"].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
      .filter((path) => /\.tsx?$/.test(path))
      .map((path) => read(join(folder, path)))
  ).join("\n");
  const { imports, nodeModulesDir } = denoJson();
  const ofTests = Object.keys(imports).filter((name) => !code.includes(name));
  assert.ok(ofTests.includes("fast-check"));
  for (const name of ofTests) {
    assert.ok(DOCKERFILE.includes(` ${name}@*`), `${name} stays in the image`);
  }
  assert.match(DOCKERFILE, new RegExp(`"nodeModulesDir": "${nodeModulesDir}"/`));
});
