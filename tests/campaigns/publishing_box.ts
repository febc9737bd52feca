/** A process that publishes version after version to a folder and takes each; it is there to be killed. */

import { FolderObjectStore } from "../../src/storage/folder_object_store.ts";
import { readPointer } from "../../src/storage/bundle_files.ts";
import { FIRST_STATE, runCycle } from "../../src/cycle/run_cycle.ts";
import { BundleBox } from "../storage/bundle_box.ts";
import { publishSmall } from "../storage/small_versions.ts";

const [folder = ""] = Deno.args;
const store = new FolderObjectStore(`${folder}/store`);
const box = await BundleBox.open({ store, folder: `${folder}/kept` });
await box.active.start();
await sayWhatRuns();
const named = (await readPointer(store)).pointer?.version;
for (let version = Number(named ?? 0) + 1;; version++) {
  // A version that was published half before the kill is in the way of its own number.
  await Deno.remove(`${folder}/store/versions/${version}`, { recursive: true }).catch(() => {});
  await publishSmall(store, version);
  await box.active.refresh();
  await sayWhatRuns();
}

/** After one good cycle: a version that never has one is taken back after some starts. */
async function sayWhatRuns(): Promise<void> {
  const { plan } = box.active;
  if (plan === undefined) return;
  const time = new Date();
  const { record } = await runCycle({
    cycleId: "c",
    trigger: "schedule",
    given: new Map(),
    mode: "advisory",
    validForMs: 1000,
  }, {
    plan,
    solver: box.solver,
    state: FIRST_STATE,
    read: () =>
      Promise.resolve(
        new Map([
          ["Valve", { value: 30, time, quality: "good" }],
          ["Load", { value: 100, time, quality: "good" }],
        ]),
      ),
    now: () => time,
  });
  box.active.noteCycle(record);
  await box.active.settled();
  console.log(`runs ${record.recommendation.version}`);
}
