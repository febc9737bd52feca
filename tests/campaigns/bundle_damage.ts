/**
 * Flips random bits anywhere in a box's disk cache, and starts the box on it: what runs is whole, the
 * damaged version or the one before it, and soon.
 *
 *     deno run -A tests/campaigns/bundle_damage.ts [FLIPS] [SEED]
 */

import { Bundle } from "../../src/storage/bundle.ts";
import { FolderObjectStore } from "../../src/storage/folder_object_store.ts";
import { BundleBox } from "../storage/bundle_box.ts";
import { publishSmall, smallFiles } from "../storage/small_versions.ts";
import { Random } from "./random.ts";

const VERSIONS = [1, 2, 3];

export interface DamageResult {
  /** Starts that had no plan, or one that was not published so, with the damaged file. */
  readonly wrong: readonly string[];
  /** Starts on another version than before, from disk. */
  readonly wentBack: number;
  /** Starts that needed the store. */
  readonly fetched: number;
  /** Of a start with its poll, in ms. */
  readonly longestMs: number;
}

export async function damageBundles(
  { flips, seed }: { readonly flips: number; readonly seed: number },
): Promise<DamageResult> {
  const folder = await Deno.makeTempDir({ prefix: "setpoint-damage-" });
  try {
    await Deno.mkdir(`${folder}/store`);
    const store = new FolderObjectStore(`${folder}/store`);
    const kept = `${folder}/kept`;
    const first = await BundleBox.open({ store, folder: kept });
    for (const version of VERSIONS) {
      await publishSmall(store, version);
      await first.active.refresh();
    }
    await first.close();
    return await flipBits({ store, kept, flips, random: new Random(seed) });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function flipBits({ store, kept, flips, random }: {
  readonly store: FolderObjectStore;
  readonly kept: string;
  readonly flips: number;
  readonly random: Random;
}): Promise<DamageResult> {
  const files = await contentsOf(kept);
  const wrong: string[] = [];
  let [wentBack, fetched, longestMs] = [0, 0, 0];
  for (let flip = 0; flip < flips; flip++) {
    const path = random.pick([...files.keys()]);
    const changed = files.get(path)!.slice();
    const at = random.whole(0, changed.length - 1);
    changed[at] = changed[at]! ^ (1 << random.whole(0, 7));
    await Deno.writeFile(path, changed);
    const begin = performance.now();
    const box = await BundleBox.open({ store, folder: kept });
    await box.active.start();
    const started = box.version;
    const isWhole = () => {
      const version = Number(box.version);
      return box.active.plan?.digest === new Bundle("", smallFiles(version)).digest;
    };
    if (started === undefined) fetched++;
    else if (!isWhole()) wrong.push(`${path} bit in byte ${at}: ${started} runs, damaged`);
    else if (started !== "3") wentBack++;
    await box.active.refresh();
    longestMs = Math.max(longestMs, performance.now() - begin);
    if (!isWhole()) wrong.push(`${path} bit in byte ${at}: ${box.version} after a poll`);
    await box.close();
    await restore(kept, files);
  }
  return { wrong, wentBack, fetched, longestMs };
}

async function restore(
  folder: string,
  files: ReadonlyMap<string, Uint8Array>,
): Promise<void> {
  for (const path of (await contentsOf(folder)).keys()) {
    if (!files.has(path)) await Deno.remove(path);
  }
  for (const [path, bytes] of files) await Deno.writeFile(path, bytes);
}

async function contentsOf(folder: string): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) {
      for (const [inner, bytes] of await contentsOf(path)) files.set(inner, bytes);
    } else files.set(path, await Deno.readFile(path));
  }
  return files;
}

if (import.meta.main) {
  const [flips = 1000, seed = 1] = Deno.args.map(Number);
  const result = await damageBundles({ flips, seed });
  console.log(
    `${flips} flips: ${result.wrong.length} not caught; ${result.wentBack} starts on the generation ` +
      `before, ${result.fetched} by a fetch, the longest ${Math.round(result.longestMs)} ms`,
  );
  for (const line of result.wrong.slice(0, 10)) console.log(line);
  Deno.exit(result.wrong.length === 0 ? 0 : 1);
}
