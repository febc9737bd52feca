import assert from "node:assert/strict";
import { logOf } from "../../src/log.ts";
import { Bundle } from "../../src/storage/bundle.ts";
import { fetchBundle } from "../../src/storage/bundle_files.ts";
import { FolderObjectStore } from "../../src/storage/folder_object_store.ts";
import { generationId } from "../../src/storage/generation.ts";
import { GenerationError, Generations } from "../../src/storage/generations.ts";
import { Random } from "../campaigns/random.ts";
import { ENTRY, inFolder, publishSmall, smallFiles } from "./small_versions.ts";

function bundleOf(version: number, options: { ballastBytes?: number } = {}): Bundle {
  return new Bundle(String(version), smallFiles(version, { ballastBytes: 300, ...options }));
}

function open(folder: string, options: { keep?: number; budgetBytes?: number } = {}) {
  return Generations.open(folder, { log: logOf("test"), ...options });
}

/** Keeps a version and makes it the active one, as an activation does. */
async function activate(kept: Generations, bundle: Bundle, proven = true): Promise<void> {
  await kept.add(bundle);
  await kept.note(kept.changeTo(bundle, { proven }));
}

Deno.test("Generations keeps bundles across restarts, with and without a manifest", () =>
  inFolder(async (folder) => {
    const store = new FolderObjectStore(`${folder}/store`);
    await Deno.mkdir(`${folder}/store`);
    await publishSmall(store, 1);
    const published = await fetchBundle(store, { entry: ENTRY });
    const kept = await open(folder);
    await activate(kept, published);
    await activate(kept, bundleOf(2));
    const again = await open(folder);
    assert.deepEqual(again.all.map(({ version }) => version), ["2", "1"]);
    assert.equal(again.record.active, generationId(bundleOf(2)));
    assert.equal(again.record.previous, generationId(published));
    assert.equal(again.record.highest?.version, 1);
    const loaded = await again.load(again.ofVersion("1")!);
    assert.equal(loaded.digest, published.digest);
    assert.deepEqual(loaded.manifest, published.manifest);
    assert.ok(again.hasPassed(published) && !again.hasPassed(bundleOf(3)));
  }));

Deno.test("Generations.changeTo goes back only to a version that was proven", () =>
  inFolder(async (folder) => {
    const kept = await open(folder);
    await activate(kept, bundleOf(1));
    await activate(kept, bundleOf(2), false);
    assert.equal(kept.record.previous, generationId(bundleOf(1)));
    await activate(kept, bundleOf(3), false);
    assert.equal(kept.record.previous, generationId(bundleOf(1)), "2 never proved itself");
    await activate(kept, bundleOf(1));
    assert.notEqual(kept.record.previous, kept.record.active);
  }));

Deno.test("Generations.startOrder begins with the one before after three starts without a good cycle", () =>
  inFolder(async (folder) => {
    const kept = await open(folder);
    for (const version of [1, 2, 3]) await activate(kept, bundleOf(version));
    const order = () => kept.startOrder.map(({ version }) => version);
    assert.deepEqual(order(), ["3", "2", "1"]);
    await kept.note({ proven: false, starts: 2 });
    assert.deepEqual(order(), ["3", "2", "1"]);
    await kept.note({ starts: 3 });
    assert.deepEqual(order(), ["2", "3", "1"]);
  }));

Deno.test("Generations.open makes a damaged record anew, cut to whatever length", () =>
  inFolder(async (folder) => {
    const kept = await open(folder);
    for (const version of [1, 2]) await activate(kept, bundleOf(version));
    const path = `${folder}/active.json`;
    const whole = await Deno.readFile(path);
    for (let length = 0; length < whole.length; length++) {
      await Deno.writeFile(path, whole.subarray(0, length));
      const again = await open(folder);
      assert.deepEqual(again.startOrder.map(({ version }) => version), ["2", "1"], `${length}`);
    }
    await Deno.remove(path);
    const again = await open(folder);
    assert.deepEqual(again.startOrder.map(({ version }) => version), ["2", "1"]);
  }));

Deno.test("Generations catches every bit that flips in it, and starts with what is whole", () =>
  inFolder(async (folder) => {
    const kept = await open(folder);
    for (const version of [1, 2]) await activate(kept, bundleOf(version));
    const files = await filesOf(folder);
    const random = new Random(3);
    for (let i = 0; i < 150; i++) {
      const path = random.pick(files);
      const bytes = await Deno.readFile(path);
      const changed = bytes.slice();
      const at = random.whole(0, bytes.length - 1);
      changed[at] = changed[at]! ^ (1 << random.whole(0, 7));
      await Deno.writeFile(path, changed);
      const again = await open(folder);
      const versions: string[] = [];
      for (const generation of again.startOrder) {
        try {
          const bundle = await again.load(generation);
          assert.equal(bundle.digest, bundleOf(Number(bundle.version)).digest);
          versions.push(bundle.version);
        } catch (error) {
          assert.ok(error instanceof GenerationError, `${error}`);
        }
      }
      // The file that both share takes both; then the store gives it again.
      assert.ok(versions.length > 0 || path.includes("blobs/sha256/"), `${path}: ${versions}`);
      await Deno.writeFile(path, bytes);
      for (const aside of (await filesOf(folder)).filter((file) => !files.includes(file))) {
        await Deno.remove(aside);
      }
    }
  }));

Deno.test("Generations.tidy keeps three, the pinned and the active ones, within number and size", () =>
  inFolder(async (folder) => {
    const kept = await open(folder, { keep: 4 });
    await activate(kept, bundleOf(1));
    await kept.note({ pinned: generationId(bundleOf(1)) });
    for (let version = 2; version <= 9; version++) await activate(kept, bundleOf(version));
    await kept.tidy();
    assert.deepEqual(kept.all.map(({ version }) => version), ["9", "8", "7", "6", "1"]);
    const bundle = await kept.load(kept.ofVersion("1")!);
    assert.equal(bundle.digest, bundleOf(1).digest);
    const small = await open(folder, { budgetBytes: 10 });
    await small.tidy();
    assert.deepEqual(small.all.map(({ version }) => version), ["9", "8", "7", "1"]);
    const needed = new Set(small.all.flatMap(({ files }) => files.map(({ sha256 }) => sha256)));
    assert.deepEqual(new Set((await small.blobs.list()).keys()), needed);
  }));

Deno.test("Generations.add writes a damaged content again", () =>
  inFolder(async (folder) => {
    const kept = await open(folder);
    await activate(kept, bundleOf(1));
    const [digest] = [...bundleOf(1).digests().values()];
    await Deno.writeTextFile(`${folder}/blobs/sha256/${digest}`, "x");
    await assert.rejects(kept.load(kept.ofVersion("1")!), GenerationError);
    await kept.add(bundleOf(1));
    assert.equal((await kept.load(kept.ofVersion("1")!)).digest, bundleOf(1).digest);
    assert.deepEqual((await kept.verify()).damaged, []);
  }));

Deno.test("Generations.note remembers at most fifty refusals, the newest ones", () =>
  inFolder(async (folder) => {
    const kept = await open(folder);
    for (let version = 1; version <= 60; version++) {
      await kept.note(kept.refusalOf(bundleOf(version), "wrong"));
    }
    const again = await open(folder);
    assert.equal(again.record.refused.length, 50);
    assert.equal(again.record.refused.at(-1)?.version, "60");
  }));

async function filesOf(folder: string): Promise<string[]> {
  const files: string[] = [];
  for await (const entry of Deno.readDir(folder)) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) files.push(...await filesOf(path));
    else files.push(path);
  }
  return files.toSorted();
}
