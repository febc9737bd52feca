import assert from "node:assert/strict";
import { ConfigError } from "../../src/config.ts";
import { logOf } from "../../src/log.ts";
import { BundleError } from "../../src/storage/bundle.ts";
import { fetchBundle, readPointer } from "../../src/storage/bundle_files.ts";
import { FolderObjectStore } from "../../src/storage/folder_object_store.ts";
import { MemoryCache } from "../../src/storage/memory_cache.ts";
import { ObjectStoreUnreachable } from "../../src/storage/object_store.ts";

const entry = "process-optimization-strategy-config.yaml";

async function inStore(
  files: Readonly<Record<string, string>>,
  work: (
    store: FolderObjectStore,
    put: (path: string, text: string) => Promise<void>,
  ) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const store = new FolderObjectStore(folder);
    const put = (path: string, text: string) => store.write(path, new TextEncoder().encode(text));
    for (const [path, text] of Object.entries(files)) await put(path, text);
    await work(store, put);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("fetchBundle reads a site's own folder as version local, only what belongs to it", () =>
  inStore(
    {
      "strategy.yaml": "name: x",
      "models/m.onnx": "M",
      "scalers/s.json": "{}",
      "config.yaml": "not part",
      "train/data.csv": "not part",
    },
    async (store) => {
      const bundle = await fetchBundle(store, { entry: "strategy.yaml" });
      assert.equal(bundle.version, "local");
      assert.deepEqual([...bundle.digests().keys()], [
        "models/m.onnx",
        "scalers/s.json",
        "strategy.yaml",
      ]);
      assert.equal(bundle.text("strategy.yaml"), "name: x");
      assert.match(bundle.digest, /^[0-9a-f]{64}$/);
      assert.throws(() => bundle.bytes("train/data.csv"), /models\/ and scalers\//);
    },
  ));

Deno.test("fetchBundle reads a versioned bucket, a named folder and a flat bucket", () =>
  inStore(
    {
      "strategy_version.yaml": 'version: "12"',
      [`versions/12/${entry}`]: "name: twelve",
      "versions/12/models/m.onnx": "M12",
      [`versions/13/${entry}`]: "name: thirteen",
      [`other/place/${entry}`]: "name: other",
      [entry]: "name: flat",
    },
    async (store, put) => {
      const twelve = await fetchBundle(store, { entry });
      assert.deepEqual([twelve.version, twelve.text(entry)], ["12", "name: twelve"]);
      assert.equal(new TextDecoder().decode(twelve.bytes("models/m.onnx")), "M12");
      await put("strategy_version.yaml", "version: 13");
      assert.equal((await fetchBundle(store, { entry })).text(entry), "name: thirteen");
      await put("strategy_version.yaml", "version: 14\nfolder: other/place/");
      const other = await fetchBundle(store, { entry });
      assert.deepEqual([other.version, other.text(entry)], ["14", "name: other"]);
      await put("strategy_version.yaml", "version: 15");
      const flat = await fetchBundle(store, { entry });
      assert.deepEqual([flat.version, flat.text(entry)], ["15", "name: flat"]);
    },
  ));

Deno.test("Bundle.digest is the same for the same files and another for any change", () =>
  inStore({ [entry]: "a", "models/m.onnx": "M" }, async (store, put) => {
    const first = (await fetchBundle(store, { entry })).digest;
    assert.equal((await fetchBundle(store, { entry })).digest, first);
    await put("models/m.onnx", "m");
    const second = (await fetchBundle(store, { entry })).digest;
    await put("models/n.onnx", "");
    const third = (await fetchBundle(store, { entry })).digest;
    assert.equal(new Set([first, second, third]).size, 3);
  }));

Deno.test("fetchBundle says what is missing or wrong", async () => {
  await inStore({ "models/m.onnx": "M" }, async (store) => {
    await assert.rejects(fetchBundle(store, { entry }), /No object|has no/);
  });
  await inStore(
    { "strategy_version.yaml": "version: 1", "versions/1/x": "x" },
    async (store, put) => {
      await assert.rejects(fetchBundle(store, { entry }), (error: unknown) => {
        assert.ok(error instanceof BundleError);
        assert.match(error.message, /versions\/1\/process-optimization/);
        return true;
      });
      await put("strategy_version.yaml", "version: 1\nfolder: nowhere");
      await assert.rejects(fetchBundle(store, { entry }), BundleError);
      await put("strategy_version.yaml", "verzion: 1");
      await assert.rejects(fetchBundle(store, { entry }), ConfigError);
    },
  );
  await assert.rejects(
    fetchBundle(new FolderObjectStore("/no/such/folder"), { entry }),
    ObjectStoreUnreachable,
  );
});

Deno.test("fetchBundle never mixes versions when the pointer moves while it reads", () =>
  inStore(
    {
      "strategy_version.yaml": "version: 1",
      [`versions/1/${entry}`]: "one",
      [`versions/2/${entry}`]: "two",
    },
    async (store, put) => {
      let moves = 1;
      const moving = new Proxy(store, {
        get(target, name) {
          if (name !== "list") {
            return Reflect.get(target, name).bind?.(target) ?? Reflect.get(target, name);
          }
          return async (prefix: string) => {
            if (moves-- > 0) await put("strategy_version.yaml", "version: 2");
            return target.list(prefix);
          };
        },
      });
      const bundle = await fetchBundle(moving, { entry });
      assert.deepEqual([bundle.version, bundle.text(entry)], ["2", "two"]);
    },
  ));

Deno.test("Bundle.load makes an object once per content, through the shelf", () =>
  inStore({ [entry]: "a", "models/m.onnx": "M" }, async (store, put) => {
    const shelf = new MemoryCache({ log: logOf("storage") }).shelf<string>("models");
    let made = 0;
    const make = (bytes: Uint8Array) => {
      made++;
      return new TextDecoder().decode(bytes).toLowerCase();
    };
    const first = await fetchBundle(store, { entry });
    const again = await fetchBundle(store, { entry });
    assert.equal(await first.load("models/m.onnx", { shelf, make }), "m");
    assert.equal(await again.load("models/m.onnx", { shelf, make }), "m");
    assert.equal(made, 1);
    await put("models/m.onnx", "N");
    const changed = await fetchBundle(store, { entry });
    assert.equal(await changed.load("models/m.onnx", { shelf, make }), "n");
    assert.equal(made, 2);
  }));

Deno.test("readPointer gives the version and an etag to poll with", () =>
  inStore({ [entry]: "a" }, async (store, put) => {
    assert.deepEqual(await readPointer(store), { pointer: undefined, etag: undefined });
    await put("strategy_version.yaml", "version: 3");
    const { pointer, etag } = await readPointer(store);
    assert.deepEqual(pointer, { version: "3", folder: undefined });
    assert.equal(await store.readIfChanged("strategy_version.yaml", etag), undefined);
  }));
