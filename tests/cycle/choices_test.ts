import assert from "node:assert/strict";
import { join } from "node:path";
import { Choices } from "../../src/cycle/choices.ts";

async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("Choices are the configuration's until somebody chooses, and stay through a restart", () =>
  withFolder(async (folder) => {
    const { choices } = await Choices.open(folder, { configured: "active" });
    assert.equal(choices.mode, "active");
    assert.deepEqual([...choices.switchedOff], []);
    await Promise.all([
      choices.setMode("advisory"),
      choices.switch("a", { on: false }),
      choices.switch("b", { on: false }),
      choices.switch("a", { on: true }),
      choices.switch("b", { on: false }),
    ]);
    const { choices: later, fault } = await Choices.open(folder, { configured: "active" });
    assert.equal(fault, undefined);
    assert.equal(later.mode, "advisory");
    assert.deepEqual([...later.switchedOff], ["b"]);
  }));

Deno.test("Choices that equal the configuration follow it when it changes", () =>
  withFolder(async (folder) => {
    const { choices } = await Choices.open(folder, { configured: "active" });
    await choices.setMode("advisory");
    await choices.setMode("active");
    const { choices: later } = await Choices.open(folder, { configured: "advisory" });
    assert.equal(later.mode, "advisory");
  }));

Deno.test("Choices whose file is damaged go the careful way and say so", () =>
  withFolder(async (folder) => {
    const { choices } = await Choices.open(folder, { configured: "active" });
    await choices.switch("a", { on: false });
    const path = join(folder, "choices.json");
    await Deno.writeTextFile(path, (await Deno.readTextFile(path)).replace('"a"', '"b"'));
    const { choices: later, fault } = await Choices.open(folder, { configured: "active" });
    assert.match(fault ?? "", /choices\.json is damaged/);
    assert.equal(later.mode, "advisory");
    assert.deepEqual([...later.switchedOff], []);
  }));
