/**
 * Kills a publishing box at random times, and looks what it starts with afterwards.
 *
 *     deno run -A tests/campaigns/kill_publishing.ts [KILLS] [SEED]
 */

import assert from "node:assert/strict";
import { Bundle } from "../../src/storage/bundle.ts";
import { FolderObjectStore } from "../../src/storage/folder_object_store.ts";
import { BundleBox } from "../storage/bundle_box.ts";
import { smallFiles } from "../storage/small_versions.ts";
import { Random } from "./random.ts";

const CHILD = new URL("./publishing_box.ts", import.meta.url).pathname;
/** A kill comes within this after the box first runs something. */
const LATEST_MS = 400;

export interface KillCampaign {
  readonly folder: string;
  readonly kills: number;
  readonly seed: number;
  /** The whole version that a box starts with from the disk alone; throws where there is none. */
  readonly restarted: () => Promise<number>;
}

/** How many restarts had no whole version or an older one than was running, and how many versions there were. */
export async function killWhilePublishing(
  { folder, kills, seed, restarted }: KillCampaign,
): Promise<{ readonly invalid: number; readonly versions: number }> {
  await Deno.mkdir(`${folder}/store`, { recursive: true });
  const random = new Random(seed);
  let invalid = 0;
  let newest = 0;
  for (let kill = 0; kill < kills; kill++) {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-check", "-A", CHILD, folder],
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let rest = "";
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      rest += text;
      for (const [, version] of rest.matchAll(/runs (\d+)\n/g)) {
        newest = Math.max(newest, Number(version));
      }
      // From the first version on, a kill may come at any time.
      if (newest > 0) {
        timer ??= setTimeout(() => child.kill("SIGKILL"), random.uniform(0, LATEST_MS));
      }
    }
    clearTimeout(timer);
    await child.status;
    try {
      const version = await restarted();
      if (version < newest) invalid++;
    } catch (error) {
      console.error(error);
      invalid++;
    }
  }
  return { invalid, versions: newest };
}

if (import.meta.main) {
  const [kills = 200, seed = 1] = Deno.args.map(Number);
  const folder = await Deno.makeTempDir({ prefix: "setpoint-kills-" });
  const result = await killWhilePublishing({
    folder,
    kills,
    seed,
    restarted: async () => {
      const store = new FolderObjectStore(`${folder}/none`);
      const box = await BundleBox.open({ store, folder: `${folder}/kept` });
      await box.active.start();
      const version = Number(box.version);
      assert.equal(box.active.plan?.digest, new Bundle("", smallFiles(version)).digest);
      await box.close();
      return version;
    },
  });
  await Deno.remove(folder, { recursive: true });
  console.log(`${kills} kills over ${result.versions} versions, ${result.invalid} invalid sets`);
  Deno.exit(result.invalid === 0 ? 0 : 1);
}
