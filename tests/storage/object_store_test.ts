import assert from "node:assert/strict";
import { FolderObjectStore } from "../../src/storage/folder_object_store.ts";
import { MinioObjectStore } from "../../src/storage/minio_object_store.ts";
import {
  ObjectNotFound,
  type ObjectStore,
  ObjectStoreUnreachable,
} from "../../src/storage/object_store.ts";
import { minioBinary, MinioServer } from "./minio_server.ts";
import { freePort } from "./postgres_server.ts";
import { s3sBinary, S3sServer } from "./s3s_server.ts";
import { TcpProxy } from "./tcp_proxy.ts";
import type { ProxyMode } from "./tcp_proxy.ts";

const binary = minioBinary();
if (binary === undefined) {
  console.error(
    "IGNORED: no minio binary here (go install github.com/minio/minio@latest); only the folder is tested",
  );
}

const s3s = s3sBinary();
if (s3s === undefined) {
  console.error(
    "IGNORED: no s3s-fs binary here (cargo install s3s-fs --features binary): the second S3 server",
  );
}

const bytesOf = (text: string) => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);

/** One suite for every store: they must mean the same. */
async function suite(
  t: Deno.TestContext,
  store: ObjectStore,
  // s3s-fs answers 500 where an object's name is that of a folder on its disk.
  { hasFolders = false } = {},
): Promise<void> {
  await t.step("write then read gives the same bytes under awkward names", async () => {
    const paths = ["a.txt", "models/quality.onnx", "scalers/ü & <b>+%20.json", "versions/12/x"];
    for (const path of paths) await store.write(path, bytesOf(`content of ${path}`));
    for (const path of paths) {
      assert.equal(textOf((await store.read(path)).bytes), `content of ${path}`);
    }
    await store.write("empty", new Uint8Array());
    assert.equal((await store.read("empty")).bytes.length, 0);
    const large = new Uint8Array(3_000_000).map((_, i) => i % 251);
    await store.write("large.bin", large);
    assert.deepEqual((await store.read("large.bin")).bytes, large);
  });

  await t.step("list gives the paths under a prefix, in order, with sizes", async () => {
    const models = await store.list("models/");
    assert.deepEqual(models, [{ path: "models/quality.onnx", size: 30 }]);
    const paths = (await store.list("")).map((entry) => entry.path);
    assert.deepEqual(paths, [
      "a.txt",
      "empty",
      "large.bin",
      "models/quality.onnx",
      "scalers/ü & <b>+%20.json",
      "versions/12/x",
    ]);
    assert.deepEqual(await store.list("nothing/here/"), []);
    assert.deepEqual((await store.list("versions/1")).map((entry) => entry.path), [
      "versions/12/x",
    ]);
  });

  await t.step("readIfChanged gives bytes only when they are other bytes", async () => {
    await store.write("pointer", bytesOf("version: 1"));
    const first = await store.readIfChanged("pointer", undefined);
    assert.equal(textOf(first?.bytes), "version: 1");
    assert.equal(await store.readIfChanged("pointer", first?.etag), undefined);
    await store.write("pointer", bytesOf("version: 2"));
    const second = await store.readIfChanged("pointer", first?.etag);
    assert.equal(textOf(second?.bytes), "version: 2");
    assert.notEqual(second?.etag, first?.etag);
  });

  await t.step("read says ObjectNotFound for what is not there", async () => {
    await assert.rejects(store.read("none"), ObjectNotFound);
    await assert.rejects(store.read("a.txt/none"), ObjectNotFound);
    if (!hasFolders) await assert.rejects(store.read("models"), ObjectNotFound);
    await assert.rejects(store.readIfChanged("none", "x"), ObjectNotFound);
  });

  await t.step("read refuses a path that could leave the store", async () => {
    for (const path of ["", "../a", "a/../../b", "/etc/passwd", "a//b", "a\\b", "./a", "a/"]) {
      await assert.rejects(store.read(path), TypeError, path);
      await assert.rejects(store.write(path, new Uint8Array()), TypeError, path);
    }
  });
}

Deno.test("FolderObjectStore behaves like an object store", async (t) => {
  const folder = await Deno.makeTempDir();
  try {
    await suite(t, new FolderObjectStore(folder));
    const left = (await Array.fromAsync(Deno.readDir(folder))).filter(({ name }) =>
      name.startsWith(".")
    );
    assert.deepEqual(left, [], "temporary files were left behind");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("FolderObjectStore tells a missing folder from a missing object", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.remove(folder);
  const store = new FolderObjectStore(folder);
  await assert.rejects(store.read("a"), ObjectStoreUnreachable);
  await assert.rejects(store.list(""), ObjectStoreUnreachable);
});

Deno.test("FolderObjectStore follows links and shows no hidden files", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const store = new FolderObjectStore(folder);
    await store.write("real/a.txt", bytesOf("a"));
    await Deno.writeTextFile(`${folder}/.hidden`, "x");
    await Deno.symlink(`${folder}/real`, `${folder}/linked`);
    const paths = (await store.list("")).map((entry) => entry.path);
    assert.deepEqual(paths, ["linked/a.txt", "real/a.txt"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test({
  name: "MinioObjectStore behaves like an object store, and ends every transfer that goes wrong",
  ignore: binary === undefined,
  async fn(t) {
    const server = await MinioServer.start(binary ?? "");
    const store = new MinioObjectStore(server.storage);
    const proxy = new TcpProxy(server.storage.port);
    const hasty = { connectMs: 600, firstByteMs: 600, idleMs: 600, totalMs: 60_000 };
    // While the link is whole a busy machine may take its time.
    const deadlines = { ...hasty };
    const become = (mode: ProxyMode) => {
      const waitMs = mode.kind === "pass" ? 30_000 : 600;
      Object.assign(deadlines, { connectMs: waitMs, firstByteMs: waitMs, idleMs: waitMs });
      proxy.mode = mode;
    };
    const far = new MinioObjectStore({ ...server.storage, port: proxy.port }, { deadlines });
    const messageOf = async (work: Promise<unknown>) => {
      try {
        await work;
      } catch (error) {
        assert.ok(error instanceof ObjectStoreUnreachable, String(error));
        assert.ok(!/Signature=|test-secret/.test(Deno.inspect(error)), "a secret shows");
        return error.message;
      }
      return assert.fail("the transfer worked");
    };
    try {
      await suite(t, store);

      await t.step("list goes on past one page of a thousand", async () => {
        const names = Array.from({ length: 1005 }, (_, i) => `many/${String(i).padStart(4, "0")}`);
        for (let at = 0; at < names.length; at += 20) {
          await Promise.all(
            names.slice(at, at + 20).map((name) => store.write(name, bytesOf("x"))),
          );
        }
        assert.deepEqual((await store.list("many/")).map((entry) => entry.path), names);
      });

      await t.step("read ends when the server is silent, and works again after", async () => {
        become({ kind: "silent" });
        assert.match(await messageOf(far.read("large.bin")), /no answer within 600 ms/);
        assert.match(await messageOf(far.list("")), /no answer within 600 ms/);
        assert.match(await messageOf(far.write("w", bytesOf("x"))), /no answer within 600 ms/);
        become({ kind: "pass" });
        assert.equal((await far.read("large.bin")).bytes.length, 3_000_000);
      });

      await t.step("read ends when the transfer stalls or is cut", async () => {
        for (const afterBytes of [900, 100_000, 2_900_000]) {
          become({ kind: "stall", afterBytes });
          assert.match(await messageOf(far.read("large.bin")), /stalled for 600 ms/);
          become({ kind: "cut", afterBytes });
          assert.match(await messageOf(far.read("large.bin")), /no whole answer/);
        }
        become({ kind: "cut", afterBytes: 1 });
        await messageOf(far.read("large.bin"));
        become({ kind: "pass" });
        assert.equal((await far.read("large.bin")).bytes.length, 3_000_000);
      });

      await t.step("read ends at its total deadline though bytes keep coming", async () => {
        become({ kind: "drip", bytes: 2000, everyMs: 50 });
        const dripping = new MinioObjectStore({ ...server.storage, port: proxy.port }, {
          deadlines: { ...hasty, totalMs: 1000 },
        });
        assert.match(await messageOf(dripping.read("large.bin")), /not finished within 1000 ms/);
        become({ kind: "pass" });
      });

      await t.step("read says which credential or bucket is wrong", async () => {
        const wrong = (changes: object) =>
          messageOf(new MinioObjectStore({ ...server.storage, ...changes }).read("a.txt"));
        assert.match(await wrong({ bucket: "no-such-bucket" }), /NoSuchBucket/);
        assert.match(
          await wrong({ accessKey: { kind: "text", secret: "somebody" } }),
          /403 InvalidAccessKeyId/,
        );
        assert.match(
          await wrong({ secretKey: { kind: "text", secret: "wrong-secret-key" } }),
          /403 SignatureDoesNotMatch/,
        );
        assert.match(
          await wrong({
            accessKey: { kind: "text", secret: "" },
            secretKey: { kind: "text", secret: "" },
          }),
          /403/,
        );
      });

      await t.step("read takes a renewed secret from its file", async () => {
        const path = await Deno.makeTempFile();
        await Deno.writeTextFile(path, "wrong-secret-key\n");
        const filed = new MinioObjectStore({
          ...server.storage,
          secretKey: { kind: "file", path },
        });
        assert.match(await messageOf(filed.read("a.txt")), /403/);
        const missing = { kind: "file", path: `${path}.none` } as const;
        const unsigned = new MinioObjectStore({ ...server.storage, secretKey: missing });
        assert.match(await messageOf(unsigned.read("a.txt")), /could not be signed/);
        await Deno.writeTextFile(path, "setpoint-test-secret\n");
        assert.equal(textOf((await filed.read("a.txt")).bytes), "content of a.txt");
        await Deno.remove(path);
      });
    } finally {
      await store.close();
      await far.close();
      await proxy.close();
      await server.remove();
    }
  },
});

Deno.test({
  name: "MinioObjectStore behaves like an object store on a server of another make",
  ignore: s3s === undefined,
  async fn(t) {
    const server = await S3sServer.start(s3s ?? "");
    const store = new MinioObjectStore(server.storage);
    try {
      await suite(t, store, { hasFolders: true });
    } finally {
      await store.close();
      await server.remove();
    }
  },
});

Deno.test("MinioObjectStore says unreachable where nothing listens", async () => {
  const store = new MinioObjectStore({
    kind: "minio",
    host: "127.0.0.1",
    port: freePort(),
    useSsl: false,
    region: "us-east-1",
    bucket: "process-optimization",
    accessKey: { kind: "text", secret: "k" },
    secretKey: { kind: "text", secret: "s3cr3t" },
    caFile: undefined,
  });
  await assert.rejects(store.read("a"), (error: unknown) => {
    assert.ok(error instanceof ObjectStoreUnreachable);
    assert.match(error.message, /no whole answer/);
    assert.ok(!Deno.inspect(error).includes("Signature="), Deno.inspect(error));
    return true;
  });
});
