/** strategies/README.md: every command as written, from a CSV file to the first rollback. */

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isInstalled } from "../programs.ts";
import { freePort } from "../storage/postgres_server.ts";
import { copyOfRepository, missingFragment, runSteps, stepsOf } from "./tutorial.ts";

const TUTORIAL = fileURLToPath(new URL("../../strategies/README.md", import.meta.url));

/** A Python environment with the packages of the training scripts. */
const PYTHON = Deno.env.get("SETPOINT_PYTHON") ??
  join(Deno.env.get("HOME") ?? "/", ".cache/setpoint/venv");
const hasPython = existsSync(join(PYTHON, "bin/python"));
const hasShell = ["bash", "curl"].every(isInstalled);

const WAYS = {
  "no-python": { present: hasShell, lacks: "bash and curl", seconds: 480 },
  python: {
    present: hasShell && hasPython,
    lacks: `Python with scikit-learn and PyTorch (SETPOINT_PYTHON or ${PYTHON})`,
    seconds: 900,
  },
} as const;

for (const way of ["no-python", "python"] as const) {
  const { present, lacks, seconds } = WAYS[way];
  if (!present) console.error(`IGNORED: the tutorial's commands (${way}), as there is no ${lacks}`);
  Deno.test({
    name: `the tutorial's commands do what it says, as written (${way})`,
    ignore: !present,
    fn: async () => {
      const steps = stepsOf(await Deno.readTextFile(TUTORIAL), way);
      assert.ok(steps.length >= 12, `${steps.length} steps`);
      const folder = await copyOfRepository();
      try {
        const { code, outputs } = await runSteps(steps, {
          folder,
          path: [...(way === "python" ? [join(PYTHON, "bin")] : []), dirname(Deno.execPath())],
          port: freePort(),
          seconds,
        });
        for (const [i, output] of outputs.entries()) {
          const step = steps[i]!;
          const missing = missingFragment(output, step.fragments);
          assert.equal(missing, undefined, `line ${step.line} shows no "${missing}":\n${output}`);
        }
        assert.equal(code, 0, outputs.at(-1));
        assert.equal(outputs.length, steps.length);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}

Deno.test("stepsOf takes the blocks of one way, each with what it shows", () => {
  const markdown = [
    ...["```sh", "a", "```", "", "```text", "one", "", " two", "```"],
    ...["```sh python", "b", "```", "```text", "three", "```", "```sh no-python", "c", "```"],
    ...["```sh install", "d", "```", "```yaml", "e", "```", "```sh", "f", "g", "```"],
  ].join("\n");
  const told = (way: "python" | "no-python") =>
    stepsOf(markdown, way).map(({ line, commands, fragments }) => [line, commands, ...fragments]);
  assert.deepEqual(told("python"), [[1, "a", "one", "two"], [10, "b", "three"], [25, "f\ng"]]);
  assert.deepEqual(told("no-python"), [[1, "a", "one", "two"], [16, "c"], [25, "f\ng"]]);
});

Deno.test("missingFragment wants the fragments in their order", () => {
  assert.equal(missingFragment("a b c", ["a", "c"]), undefined);
  assert.equal(missingFragment("a b c", ["c", "a"]), "a");
});
