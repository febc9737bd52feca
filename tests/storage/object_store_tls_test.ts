/** The way to an S3 server through TLS, to one that takes no connections, and with keys that change. */

import assert from "node:assert/strict";
import type { MinioStorage } from "../../src/config_storage.ts";
import { MinioObjectStore } from "../../src/storage/minio_object_store.ts";
import { ObjectStoreUnreachable } from "../../src/storage/object_store.ts";
import { minioBinary, MinioServer } from "./minio_server.ts";
import { PrivateAuthority } from "./private_authority.ts";
import type { Issued } from "./private_authority.ts";

const binary = minioBinary();
if (binary === undefined) {
  console.error("IGNORED: no minio binary here: TLS of MinIO itself, and its keys from files");
}

const DEADLINES = { connectMs: 5_000, firstByteMs: 5_000, idleMs: 5_000, totalMs: 60_000 };

function storageAt(port: number, changes: Partial<MinioStorage> = {}): MinioStorage {
  return {
    kind: "minio",
    host: "localhost",
    port,
    useSsl: true,
    region: "us-east-1",
    bucket: "process-optimization",
    accessKey: { kind: "text", secret: "" },
    secretKey: { kind: "text", secret: "" },
    caFile: undefined,
    ...changes,
  };
}

/** What a read comes to: its text, or the message and the cure. */
async function readThrough(storage: MinioStorage): Promise<string> {
  const store = new MinioObjectStore(storage, { deadlines: DEADLINES });
  try {
    return new TextDecoder().decode((await store.read("pointer")).bytes);
  } catch (error) {
    assert.ok(error instanceof ObjectStoreUnreachable, String(error));
    return `${error.message}. ${error.hint}`;
  } finally {
    await store.close();
  }
}

/** A server that answers every request with the same object. */
function serveOne(tls: Issued | undefined): Deno.HttpServer<Deno.NetAddr> {
  const options = { hostname: "127.0.0.1", port: 0, onListen() {} };
  const answer = () => new Response("version: 1", { headers: { etag: '"1"' } });
  if (tls === undefined) return Deno.serve(options, answer);
  const [cert, key] = [tls.certFile, tls.keyFile].map((path) => Deno.readTextFileSync(path));
  return Deno.serve({ ...options, cert: cert!, key: key! }, answer);
}

Deno.test("MinioObjectStore goes through TLS with the plant's own authority, and says why where it does not", async (t) => {
  const authority = PrivateAuthority.make();
  const other = PrivateAuthority.make("another authority");
  const servers = {
    right: serveOne(authority.issue(["DNS:localhost"])),
    old: serveOne(authority.issue(["DNS:localhost"], { days: -1 })),
    plain: serveOne(undefined),
  };
  const { caFile } = authority;
  const garbled = await Deno.makeTempFile();
  await Deno.writeTextFile(garbled, "no certificate");
  const port = servers.right.addr.port;
  const cases: readonly (readonly [string, MinioStorage, RegExp])[] = [
    ["is refused without the authority", storageAt(port), /does not trust\. .*ca_file/],
    ["is accepted with it", storageAt(port, { caFile }), /^version: 1$/],
    [
      "is refused with another authority",
      storageAt(port, { caFile: other.caFile }),
      /does not trust\. .*of another authority/,
    ],
    [
      "is refused under another host name",
      storageAt(port, { caFile, host: "127.0.0.1" }),
      /for another host name\. .*storage\.minio\.endpoint/,
    ],
    [
      "is refused with an expired certificate",
      storageAt(servers.old.addr.port, { caFile }),
      /expired.*clock/,
    ],
    [
      "is refused where the server does not speak TLS",
      storageAt(servers.plain.addr.port, { caFile }),
      /does not speak TLS\. .*use_ssl: false/,
    ],
    [
      "is refused where only the server speaks TLS",
      storageAt(port, { useSsl: false }),
      /does not speak HTTP\. .*use_ssl: true/,
    ],
    [
      "is refused where the authority's file is missing",
      storageAt(port, { caFile: `${caFile}.none` }),
      /authority cannot be used\. .*ca_file/,
    ],
    [
      "is refused where that file holds no certificate",
      storageAt(port, { caFile: garbled }),
      /authority cannot be used\. .*PEM/,
    ],
  ];
  try {
    for (const [name, storage, expected] of cases) {
      await t.step(name, async () => assert.match(await readThrough(storage), expected));
    }

    await t.step("takes a renewed authority without a restart", async () => {
      const path = await Deno.makeTempFile();
      await Deno.copyFile(other.caFile, path);
      const store = new MinioObjectStore(storageAt(port, { caFile: path }), {
        deadlines: DEADLINES,
      });
      await assert.rejects(store.read("pointer"), /does not trust/);
      await Deno.copyFile(caFile, path);
      assert.equal((await store.read("pointer")).etag, '"1"');
      await store.close();
      await Deno.remove(path);
    });
  } finally {
    for (const server of Object.values(servers)) await server.shutdown();
    await Deno.remove(garbled);
    authority.remove();
    other.remove();
  }
});

Deno.test("MinioObjectStore gives up on a host that takes no connections at the deadline for that", async () => {
  const hole = await BlackHole.open();
  const deadlines = { ...DEADLINES, connectMs: 600 };
  const store = new MinioObjectStore(storageAt(hole.port, { host: "127.0.0.1" }), { deadlines });
  try {
    const began = performance.now();
    await assert.rejects(store.read("a"), /no connection within 600 ms/);
    const tookMs = performance.now() - began;
    assert.ok(tookMs >= 600 && tookMs < DEADLINES.firstByteMs, `${tookMs} ms`);
  } finally {
    await store.close();
    hole.close();
  }
});

Deno.test("MinioObjectStore waits for a slow answer beyond the deadline for connections", async () => {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async () => {
    await new Promise((resolve) => setTimeout(resolve, 900));
    return new Response("late", { headers: { etag: '"1"' } });
  });
  const storage = storageAt(server.addr.port, { host: "127.0.0.1", useSsl: false });
  const store = new MinioObjectStore(storage, { deadlines: { ...DEADLINES, connectMs: 600 } });
  assert.equal((await store.read("a")).bytes.length, 4);
  await store.close();
  await server.shutdown();
});

Deno.test({
  name:
    "MinioObjectStore works with a MinIO that speaks TLS, and takes both keys from renewed files",
  ignore: binary === undefined,
  async fn() {
    const authority = PrivateAuthority.make();
    const { caFile } = authority;
    const tls = authority.issue(["DNS:localhost", "IP:127.0.0.1"]);
    const server = await MinioServer.start(binary ?? "", { tls, caFile });
    const folder = await Deno.makeTempDir();
    const [accessPath, secretPath] = [`${folder}/access`, `${folder}/secret`];
    const store = new MinioObjectStore({
      ...server.storage,
      accessKey: { kind: "file", path: accessPath },
      secretKey: { kind: "file", path: secretPath },
    });
    try {
      await assert.rejects(store.read("a"), (error: unknown) => {
        assert.ok(error instanceof ObjectStoreUnreachable);
        assert.match(`${error.message}. ${error.hint}`, /not be signed\. .*files of keys/);
        return true;
      });
      await Deno.writeTextFile(accessPath, "somebody-else\n");
      await Deno.writeTextFile(secretPath, "setpoint-test-secret\n");
      await assert.rejects(store.read("a"), /403 InvalidAccessKeyId/);
      await Deno.writeTextFile(accessPath, "setpoint-test\n");
      await store.write("models/a.onnx", new TextEncoder().encode("content"));
      assert.deepEqual(await store.list(""), [{ path: "models/a.onnx", size: 7 }]);
      const { bytes } = await store.read("models/a.onnx");
      assert.equal(new TextDecoder().decode(bytes), "content");
      assert.match(
        await readThrough({ ...server.storage, caFile: undefined }),
        /does not trust/,
      );
      assert.match(
        await readThrough({ ...server.storage, useSsl: false }),
        /Answered 400\. The server speaks TLS/,
      );
    } finally {
      await store.close();
      await server.remove();
      authority.remove();
      await Deno.remove(folder, { recursive: true });
    }
  },
});

/** A listener whose queue is full: the system drops what wants to connect, as a dead route does. */
class BlackHole {
  readonly port: number;
  readonly #listener: Deno.TcpListener;
  readonly #queued: Deno.TcpConn[] = [];

  private constructor(listener: Deno.TcpListener) {
    this.#listener = listener;
    this.port = listener.addr.port;
  }

  static async open(): Promise<BlackHole> {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0, tcpBacklog: 1 });
    const hole = new BlackHole(listener);
    for (let i = 0; i < 20; i++) {
      try {
        const signal = AbortSignal.timeout(300);
        hole.#queued.push(await Deno.connect({ port: hole.port, hostname: "127.0.0.1", signal }));
      } catch {
        return hole;
      }
    }
    hole.close();
    throw new Error("The queue of a listener did not fill");
  }

  close(): void {
    for (const connection of this.#queued) connection.close();
    this.#listener.close();
  }
}
