/** A process that starts from its disk and takes the version that its store names; it is there to be killed. */

import { FolderObjectStore } from "../../src/storage/folder_object_store.ts";
import { BundleBox } from "../storage/bundle_box.ts";

const [store = "", folder = ""] = Deno.args;
const box = await BundleBox.open({ store: new FolderObjectStore(store), folder });
await box.active.start();
await box.active.refresh();
console.log(`runs ${box.version}`);
Deno.exit(0);
