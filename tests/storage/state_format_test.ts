import assert from "node:assert/strict";
import { join } from "node:path";
import {
  migrateState,
  readStateFormat,
  STATE_FORMAT,
  StateFormatError,
} from "../../src/storage/state_format.ts";
import { RUNTIME_VERSION } from "../../src/version.ts";

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("migrateState gives an older folder its format and leaves what it holds", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(join(folder, "audit.jsonl"), "{}\n");
    assert.equal(await migrateState(folder), 0);
    assert.deepEqual(readStateFormat(folder), { format: STATE_FORMAT, runtime: RUNTIME_VERSION });
    assert.equal(await Deno.readTextFile(join(folder, "audit.jsonl")), "{}\n");
    assert.equal(await migrateState(folder), STATE_FORMAT, "once more changes nothing");
  }));

Deno.test("migrateState notes the runtime of an upgrade", () =>
  inFolder(async (folder) => {
    const path = join(folder, "format.json");
    await Deno.writeTextFile(path, JSON.stringify({ format: STATE_FORMAT, runtime: "0.9.0" }));
    await migrateState(folder);
    assert.equal(readStateFormat(folder)?.runtime, RUNTIME_VERSION);
  }));

Deno.test("migrateState refuses a folder of a newer Setpoint, says the cure and changes nothing", () =>
  inFolder(async (folder) => {
    const path = join(folder, "format.json");
    const text = JSON.stringify({ format: STATE_FORMAT + 1, runtime: "2.3.4" });
    await Deno.writeTextFile(path, text);
    await assert.rejects(migrateState(folder), (error) => {
      assert.ok(error instanceof StateFormatError);
      assert.match(error.message, /newer Setpoint \(format 2, version 2\.3\.4/);
      assert.match(error.message, /restore the backup/);
      return true;
    });
    assert.equal(await Deno.readTextFile(path), text);
  }));

Deno.test("migrateState takes a damaged format for none", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(join(folder, "format.json"), '{"form');
    assert.equal(await migrateState(folder), 0);
    assert.equal(readStateFormat(folder)?.format, STATE_FORMAT);
  }));
