/** A box that is killed while it takes a new version, at every file operation and at any time. */

import assert from "node:assert/strict";
import { Bundle } from "../../src/storage/bundle.ts";
import { FolderObjectStore } from "../../src/storage/folder_object_store.ts";
import { BundleBox } from "../storage/bundle_box.ts";
import { inFolder, publishSmall, smallFiles } from "../storage/small_versions.ts";
import { stoppedAt } from "../storage/stopping_disk.ts";
import { hasCompiler, killAtOperations } from "../campaigns/kill_operations.ts";
import { killWhilePublishing } from "../campaigns/kill_publishing.ts";

/** Starts a box from this disk without a store; the version that runs, which is whole. */
async function restarted(folder: string): Promise<number> {
  const box = await BundleBox.open({ store: new FolderObjectStore(`${folder}/none`), folder });
  try {
    await box.active.start();
    const version = Number(box.version);
    assert.equal(box.active.plan?.digest, new Bundle("", smallFiles(version)).digest);
    return version;
  } finally {
    await box.close();
  }
}

Deno.test("ActivePlan killed before any file operation of an activation starts with a whole version", async (t) => {
  for (const first of [true, false]) {
    await t.step(
      first ? "the third version" : "back to an earlier version",
      () =>
        inFolder(async (folder) => {
          const [storeFolder, kept] = [`${folder}/store`, `${folder}/kept`];
          await Deno.mkdir(storeFolder);
          const store = new FolderObjectStore(storeFolder);
          const prepare = await BundleBox.open({ store, folder: kept });
          for (const version of first ? [1, 2] : [1, 3, 2]) {
            await store.write("strategy_version.yaml", new TextEncoder().encode("version: 0"));
            await publishSmall(store, version, { ballastBytes: 500 });
            await prepare.active.refresh();
          }
          await prepare.close();
          if (first) await publishSmall(store, 3, { ballastBytes: 500 });
          else await store.write("strategy_version.yaml", new TextEncoder().encode("version: 3"));
          const expected = (version: number) => version === 2 || version === 3;
          let stops = 0;
          for (let isStopped = true; isStopped; stops++) {
            const folderOfRun = `${folder}/run`;
            await copyFolder(kept, folderOfRun);
            const box = await BundleBox.open({ store, folder: folderOfRun });
            await box.active.start();
            ({ isStopped } = await stoppedAt(stops, () => box.active.refresh()));
            await box.close();
            const again = await BundleBox.open({
              store: new FolderObjectStore(`${folder}/none`),
              folder: folderOfRun,
            });
            await again.active.start();
            const version = Number(again.version);
            assert.ok(expected(version), `stopped at ${stops}: ${again.version} runs`);
            const whole = new Bundle("", smallFiles(version, { ballastBytes: 500 }));
            assert.equal(again.active.plan?.digest, whole.digest, `stopped at ${stops}`);
            if (!isStopped) assert.equal(version, 3);
            await again.close();
            await Deno.remove(folderOfRun, { recursive: true });
          }
          assert.ok(stops > (first ? 30 : 5), `${stops} operations`);
        }),
    );
  }
});

const canCompile = hasCompiler();
if (!canCompile) console.error("IGNORED: no C compiler here: SIGKILL at each file operation");

Deno.test({
  name:
    "ActivePlan killed with SIGKILL at its file operations starts with a whole version each time",
  ignore: !canCompile,
  async fn() {
    const { kills, operations, invalid } = await killAtOperations({ every: 24 });
    assert.deepEqual(invalid, []);
    assert.ok(kills >= 3 && operations.size >= 2, `${kills} kills: ${[...operations]}`);
  },
});

Deno.test("ActivePlan killed with SIGKILL while versions are published always starts again", async () => {
  const kills = Number(Deno.env.get("SETPOINT_KILLS") ?? 3);
  await inFolder(async (folder) => {
    const { invalid, versions } = await killWhilePublishing({
      folder,
      kills,
      seed: 1,
      restarted: () => restarted(`${folder}/kept`),
    });
    assert.equal(invalid, 0);
    assert.ok(versions > 0);
  });
});

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copyFolder(`${from}/${name}`, `${to}/${name}`);
    else await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
  }
}
