/** A process that publishes version after version to a folder and takes each; it is there to be killed. */

import { FolderObjectStore } from "../../src/storage/folder_object_store.ts";
import { readPointer } from "../../src/storage/bundle_files.ts";
import { BundleBox } from "../storage/bundle_box.ts";
import { publishSmall } from "../storage/small_versions.ts";

const [folder = ""] = Deno.args;
const store = new FolderObjectStore(`${folder}/store`);
const box = await BundleBox.open({ store, folder: `${folder}/kept` });
await box.active.start();
console.log(`runs ${box.version ?? "nothing"}`);
const named = (await readPointer(store)).pointer?.version;
for (let version = Number(named ?? 0) + 1;; version++) {
  // A version that was published half before the kill is in the way of its own number.
  await Deno.remove(`${folder}/store/versions/${version}`, { recursive: true }).catch(() => {});
  await publishSmall(store, version);
  await box.active.refresh();
  console.log(`runs ${box.version}`);
}
