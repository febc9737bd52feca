/**
 * A box and its store through every fault of bundle_faults.ts, on two S3 servers of different make
 * and on a folder. In each case the version in force is whole and one of those that were published
 * rightly, and the next good version is in force after one poll when the fault is over.
 */

import assert from "node:assert/strict";
import { FolderObjectStore } from "../../src/storage/folder_object_store.ts";
import { MinioObjectStore } from "../../src/storage/minio_object_store.ts";
import type { ObjectStore } from "../../src/storage/object_store.ts";
import { newKeyPair, readTrustedKey } from "../../src/storage/signature.ts";
import type { MinioStorage } from "../../src/config_storage.ts";
import { Bundle } from "../../src/storage/bundle.ts";
import { BundleBox } from "../storage/bundle_box.ts";
import { minioBinary, MinioServer } from "../storage/minio_server.ts";
import { s3sBinary, S3sServer } from "../storage/s3s_server.ts";
import { inFolder, publishSmall, SITE, smallFiles } from "../storage/small_versions.ts";
import { TcpProxy } from "../storage/tcp_proxy.ts";
import type { ProxyMode } from "../storage/tcp_proxy.ts";
import { CONTENT_FAULTS, LINK_FAULTS } from "./bundle_faults.ts";

const { privatePem, publicPem } = newKeyPair();
const keys = [readTrustedKey(publicPem, "test")];
/** What a fault of the link costs; and a whole one may take its time on a busy machine. */
const HASTY = { connectMs: 250, firstByteMs: 250, idleMs: 250, totalMs: 1_500 };
const PATIENT = { connectMs: 30_000, firstByteMs: 30_000, idleMs: 30_000, totalMs: 60_000 };

interface Side {
  readonly box: BundleBox;
  /** The publisher's own way to the store. */
  readonly store: ObjectStore;
}

/** A box in whose store nothing is yet. */
async function withBox(
  stores: { readonly near: ObjectStore; readonly far: ObjectStore },
  work: (side: Side) => Promise<void>,
): Promise<void> {
  await inFolder(async (folder) => {
    const box = await BundleBox.open({
      store: stores.far,
      folder,
      trust: ({ record }) => ({
        keys,
        site: SITE,
        highest: record.highest ?? undefined,
        now: new Date(),
      }),
    });
    try {
      await work({ box, store: stores.near });
    } finally {
      await box.close();
    }
  });
}

/** What runs is exactly what was published under that number. */
function assertWhole(box: BundleBox, versions: readonly number[]): void {
  const version = Number(box.version);
  assert.ok(versions.includes(version), `${box.version} runs, expected one of ${versions}`);
  assert.equal(box.active.plan?.digest, new Bundle("", smallFiles(version)).digest);
}

/** Every content fault in turn; the next good version follows each. */
async function throughContentFaults(t: Deno.TestContext, { box, store }: Side): Promise<void> {
  let version = 1;
  await publishSmall(store, version, { privatePem });
  await box.active.refresh();
  for (const [name, spoil] of Object.entries(CONTENT_FAULTS)) {
    await t.step(`withstands ${name}`, async () => {
      await publishSmall(store, ++version, { privatePem });
      await spoil({ store, version, privatePem });
      for (let poll = 0; poll < 2; poll++) {
        await box.active.refresh();
        assertWhole(box, [version - 1]);
      }
      const said = [box.active.fetchFault, box.active.last?.refusal].some((text) => text != null);
      assert.ok(said, "nobody was told");
      // Publishing goes on from here, whatever the pointer was spoilt to.
      await store.write("strategy_version.yaml", new TextEncoder().encode("version: 0"));
      await publishSmall(store, ++version, { privatePem });
      await box.active.refresh();
      assertWhole(box, [version]);
    });
  }
}

/** Every link fault in turn, while a good version waits behind it. */
async function throughLinkFaults(
  t: Deno.TestContext,
  { box, store }: Side,
  become: (mode: ProxyMode) => void,
): Promise<void> {
  let version = 1_001;
  await publishSmall(store, version, { privatePem });
  await box.active.refresh();
  for (const [name, mode] of Object.entries(LINK_FAULTS)) {
    await t.step(`withstands ${name}`, async () => {
      await publishSmall(store, ++version, { privatePem });
      become(mode);
      await box.active.refresh();
      // A bit in a header may mean nothing.
      assertWhole(box, [version - 1, version]);
      become({ kind: "pass" });
      await box.active.refresh();
      assertWhole(box, [version]);
    });
  }
  await t.step("a slow link only takes longer", async () => {
    await publishSmall(store, ++version, { privatePem });
    become({ kind: "delay", ms: 15 });
    await box.active.refresh();
    assertWhole(box, [version]);
    become({ kind: "pass" });
  });
}

interface Server {
  readonly storage: MinioStorage;
  remove(): Promise<void>;
}

const SERVERS: Readonly<
  Record<string, { binary: string | undefined; start: (binary: string) => Promise<Server> }>
> = {
  MinIO: { binary: minioBinary(), start: (binary) => MinioServer.start(binary) },
  "s3s-fs": { binary: s3sBinary(), start: (binary) => S3sServer.start(binary) },
};

for (const [name, { binary, start }] of Object.entries(SERVERS)) {
  if (binary === undefined) console.error(`IGNORED: no ${name} here: bundles through its faults`);
  Deno.test({
    name:
      `ActivePlan on ${name} is never on half a version, and takes the next one after each fault`,
    ignore: binary === undefined,
    async fn(t) {
      const server = await start(binary ?? "");
      const proxy = new TcpProxy(server.storage.port);
      const near = new MinioObjectStore(server.storage);
      const deadlines = { ...PATIENT };
      const far = new MinioObjectStore({ ...server.storage, port: proxy.port }, { deadlines });
      const become = (mode: ProxyMode) => {
        const isWhole = mode.kind === "pass" || mode.kind === "delay";
        Object.assign(deadlines, isWhole ? PATIENT : HASTY);
        proxy.become(mode);
      };
      try {
        await withBox({ near, far }, (side) => throughContentFaults(t, side));
        await withBox({ near, far }, (side) => throughLinkFaults(t, side, become));
      } finally {
        await near.close();
        await far.close();
        await proxy.close();
        await server.remove();
      }
    },
  });
}

Deno.test("ActivePlan on a folder is never on half a version, and takes the next one after each fault", (t) =>
  inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/store`);
    const store = new FolderObjectStore(`${folder}/store`);
    await withBox({ near: store, far: store }, async (side) => {
      await throughContentFaults(t, side);
      await t.step("withstands a folder that is gone for a while", async () => {
        const before = Number(side.box.version);
        await publishSmall(store, before + 1, { privatePem });
        await Deno.rename(`${folder}/store`, `${folder}/gone`);
        assert.equal(await side.box.active.refresh(), false);
        assertWhole(side.box, [before]);
        await Deno.rename(`${folder}/gone`, `${folder}/store`);
        await side.box.active.refresh();
        assertWhole(side.box, [before + 1]);
      });
    });
  }));
