import assert from "node:assert/strict";
import { LastRun } from "../../src/cycle/last_run.ts";
import { FolderObjectStore } from "../../src/storage/folder_object_store.ts";

Deno.test("LastRun keeps the newest time in the store, and tells it to a new box", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const lastRun = new LastRun(new FolderObjectStore(folder));
    assert.equal(await lastRun.read(), undefined);
    assert.equal(lastRun.fault, undefined);
    for (const minute of ["00", "05", "10"]) lastRun.note(`2026-03-01T12:${minute}:00.000Z`);
    await lastRun.settled();
    const text = await Deno.readTextFile(`${folder}/last_run_timestamp.yaml`);
    assert.equal(text, 'last_run_timestamp: "2026-03-01T12:10:00.000Z"\n');
    const again = new LastRun(new FolderObjectStore(folder));
    assert.deepEqual(await again.read(), new Date("2026-03-01T12:10:00Z"));
    await Deno.writeTextFile(`${folder}/last_run_timestamp.yaml`, "last_run_timestamp: none\n");
    assert.equal(await again.read(), undefined);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("LastRun goes on when the store takes no writes, and says so", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/file`, "");
    const lastRun = new LastRun(new FolderObjectStore(`${folder}/file`));
    lastRun.note("2026-03-01T12:00:00.000Z");
    await lastRun.settled();
    assert.ok(lastRun.fault !== undefined);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
