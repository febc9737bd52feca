import assert from "node:assert/strict";
import type { Plan } from "../../src/cycle/plan.ts";
import { failedRecord } from "../../src/cycle/record.ts";
import type { CycleRecord, CycleStatus } from "../../src/cycle/recommendation.ts";
import { FolderObjectStore } from "../../src/storage/folder_object_store.ts";
import { newKeyPair, readTrustedKey } from "../../src/storage/signature.ts";
import { BundleBox } from "../storage/bundle_box.ts";
import { inSmallDisk } from "./small_disk.ts";
import type { BundleBoxOptions } from "../storage/bundle_box.ts";
import {
  ENTRY,
  inFolder,
  publishSmall,
  SITE,
  smallFiles,
  smallStrategy,
} from "../storage/small_versions.ts";

interface Place {
  readonly store: FolderObjectStore;
  readonly folder: string;
  /** Opens the box on the same disk, as a restart does. */
  readonly open: (options?: Partial<BundleBoxOptions>) => Promise<BundleBox>;
}

async function inPlace(work: (place: Place) => Promise<void>): Promise<void> {
  await inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/store`);
    const store = new FolderObjectStore(`${folder}/store`);
    const boxes: BundleBox[] = [];
    const open = async (options: Partial<BundleBoxOptions> = {}) => {
      const box = await BundleBox.open({ store, folder: `${folder}/kept`, ...options });
      boxes.push(box);
      return box;
    };
    try {
      await work({ store, folder, open });
    } finally {
      for (const box of boxes) await box.close();
    }
  });
}

/** The record of a scheduled cycle of this plan that ended as told. */
function recordOf(plan: Plan | undefined, status: CycleStatus): CycleRecord {
  assert.ok(plan);
  const record = failedRecord(new Error("it broke"), {
    order: {
      cycleId: "c",
      trigger: "schedule",
      given: new Map(),
      switchedOff: new Set(),
      mode: "advisory",
      validForMs: 1000,
    },
    plan,
    time: new Date(),
  });
  return { ...record, recommendation: { ...record.recommendation, status } };
}

async function runCycles(box: BundleBox, statuses: readonly CycleStatus[]): Promise<void> {
  for (const status of statuses) box.active.noteCycle(recordOf(box.active.plan, status));
  await box.active.settled();
}

const GOOD: readonly CycleStatus[] = ["optimised", "unchanged", "relaxed"];
const BAD: readonly CycleStatus[] = ["failed", "failed", "failed"];

function putStrategy(store: FolderObjectStore, version: number, text: string): Promise<void> {
  return store.write(`versions/${version}/${ENTRY}`, new TextEncoder().encode(text));
}

function point(store: FolderObjectStore, version: number): Promise<void> {
  return store.write("strategy_version.yaml", new TextEncoder().encode(`version: ${version}`));
}

Deno.test("ActivePlan takes what the store names, and each newer version at the next poll", () =>
  inPlace(async ({ store, open }) => {
    const box = await open();
    await box.active.start();
    assert.equal(box.version, undefined, "the disk is empty");
    for (const version of [1, 2, 3]) {
      await publishSmall(store, version);
      assert.equal(await box.active.refresh(), true);
      assert.equal(box.version, String(version));
    }
    await box.active.refresh();
    assert.deepEqual(box.events, ["store 1", "store 2", "store 3"]);
    assert.deepEqual(box.active.last?.refusal, null);
  }));

Deno.test("ActivePlan starts from the disk alone, with the version that was active", () =>
  inPlace(async ({ store, folder, open }) => {
    await publishSmall(store, 1);
    const first = await open();
    await first.active.refresh();
    await Deno.rename(`${folder}/store`, `${folder}/gone`);
    const second = await open();
    await second.active.start();
    assert.equal(second.version, "1");
    for (let night = 0; night < 3; night++) assert.equal(await second.active.refresh(), false);
    assert.match(second.active.fetchFault ?? "", /Cannot use/);
    assert.equal(second.version, "1");
    await Deno.rename(`${folder}/gone`, `${folder}/store`);
    await publishSmall(store, 2);
    assert.equal(await second.active.refresh(), true);
    assert.equal(second.version, "2");
    assert.equal(second.active.fetchFault, undefined);
    assert.equal(second.storeFaults.length, 2, "told when it went and when it came back");
    assert.match(second.storeFaults[0] ?? "", /Cannot use/);
    assert.equal(second.storeFaults[1], undefined);
  }));

Deno.test("ActivePlan refuses a version that cannot run, remembers it, and tries it again once it changed", () =>
  inPlace(async ({ store, open }) => {
    await publishSmall(store, 1);
    const box = await open();
    await box.active.refresh();
    await putStrategy(store, 2, "name: nonsense\nvariables: 7\n");
    await point(store, 2);
    for (let i = 0; i < 3; i++) {
      await box.active.refresh();
      assert.equal(box.version, "1");
      assert.match(box.active.last?.refusal ?? "", /variables/);
    }
    assert.deepEqual(box.prepared, ["1", "2"], "tried once");
    // A restart does not forget either.
    const again = await open();
    await again.active.start();
    await again.active.refresh();
    assert.deepEqual([again.version, again.prepared], ["1", ["1"]]);
    assert.match(again.active.last?.refusal ?? "", /variables/);
    await putStrategy(store, 2, smallStrategy(2));
    await again.active.refresh();
    assert.equal(again.version, "2");
  }));

Deno.test("ActivePlan refuses what its rehearsal refuses, and rehearses a kept version no more", () =>
  inPlace(async ({ store, open }) => {
    let rehearsed = 0;
    const rehearse: BundleBoxOptions["rehearse"] = ({ version }) => {
      rehearsed++;
      return Promise.resolve(
        version === "2"
          ? { kind: "refused", reason: "it crashed the child" }
          : { kind: "passed", statuses: [], unlimited: null },
      );
    };
    const box = await open({ rehearse });
    for (const version of [1, 2, 3]) {
      await publishSmall(store, version);
      await box.active.refresh();
    }
    assert.deepEqual(box.events, ["store 1", "store 2: it crashed the child", "store 3"]);
    assert.deepEqual(box.prepared, ["1", "3"], "what crashed the child never came near the box");
    await point(store, 1);
    await box.active.refresh();
    assert.equal(box.version, "1");
    assert.equal(rehearsed, 3);
  }));

Deno.test("ActivePlan goes back by itself after three bad cycles of a new version, and stays", () =>
  inPlace(async ({ store, open }) => {
    await publishSmall(store, 1);
    const box = await open();
    await box.active.refresh();
    await runCycles(box, GOOD);
    await publishSmall(store, 2);
    await box.active.refresh();
    await runCycles(box, ["failed", "failed", "optimised", "failed", "failed"]);
    assert.equal(box.version, "2", "never three in a row");
    await runCycles(box, ["failed"]);
    assert.equal(box.version, "1");
    assert.match(box.events.at(-1) ?? "", /^rollback 2: rolled back after 3 cycles/);
    for (let i = 0; i < 2; i++) await box.active.refresh();
    assert.equal(box.version, "1");
    const again = await open();
    await again.active.start();
    await again.active.refresh();
    assert.equal(again.version, "1");
    await runCycles(again, BAD);
    assert.equal(again.version, "1", "it was proven, so the fault is not the version's");
    await publishSmall(store, 3);
    await again.active.refresh();
    assert.equal(again.version, "3");
  }));

Deno.test("ActivePlan keeps a proven version however its cycles go, and one without another before it", () =>
  inPlace(async ({ store, open }) => {
    await publishSmall(store, 1);
    const box = await open();
    await box.active.refresh();
    await runCycles(box, BAD);
    assert.equal(box.version, "1", "there is nothing to go back to");
    await publishSmall(store, 2);
    await box.active.refresh();
    await runCycles(box, [...GOOD, ...BAD]);
    assert.equal(box.version, "2");
  }));

Deno.test("ActivePlan takes a new version back that ended three starts badly, and not one that was stopped", () =>
  inPlace(async ({ store, folder }) => {
    const options = { store, folder: `${folder}/kept` };
    const startOnce = async (end: "killed" | "stopped") => {
      const box = await BundleBox.open(options);
      await box.active.start();
      await box.active.refresh();
      const { version } = box;
      // A killed box does nothing more: it is only let go of here, without its last word.
      await (end === "stopped" ? box.close() : box.solver.close());
      return version;
    };
    await publishSmall(store, 1);
    assert.equal(await startOnce("stopped"), "1");
    await publishSmall(store, 2);
    for (let i = 0; i < 5; i++) assert.equal(await startOnce("stopped"), "2", "stopped in order");
    for (let i = 0; i < 3; i++) assert.equal(await startOnce("killed"), "2", `kill ${i}`);
    for (let i = 0; i < 3; i++) assert.equal(await startOnce("killed"), "1", "taken back");
    const box = await BundleBox.open(options);
    await box.active.start();
    await box.active.refresh();
    assert.match(box.active.last?.refusal ?? "", /taken back after several starts/);
    assert.equal((await box.active.activate("2")).refusal, null, "a person may try it again");
    await box.close();
  }));

Deno.test("ActivePlan.activate pins a version against the store until told to follow it again", () =>
  inPlace(async ({ store, open }) => {
    for (const version of [1, 2, 3]) await publishSmall(store, version);
    const box = await open();
    await box.active.refresh();
    const taken = await box.active.activate("1");
    assert.deepEqual([taken.version, taken.refusal, box.version], ["1", null, "1"]);
    await publishSmall(store, 4);
    await box.active.refresh();
    assert.deepEqual([box.version, box.active.pinned], ["1", true]);
    const again = await open();
    await again.active.start();
    await again.active.refresh();
    assert.deepEqual([again.version, again.active.pinned], ["1", true]);
    assert.equal((await again.active.activate("newest")).version, "4");
    assert.deepEqual([again.version, again.active.pinned], ["4", false]);
    assert.equal((await again.active.activate("previous")).version, "1");
    const missing = await again.active.activate("77");
    assert.match(missing.refusal ?? "", /^Version 77: folder "versions\/77\/".* is empty$/);
    assert.equal(again.version, "1");
  }));

Deno.test("ActivePlan.activate refuses every version of a flat store but the one that runs", async () => {
  for (const pointed of [undefined, "5"]) {
    await inPlace(async ({ store, open }) => {
      for (const [path, bytes] of smallFiles(1)) await store.write(path, bytes);
      if (pointed !== undefined) {
        await store.write("strategy_version.yaml", new TextEncoder().encode(`version: ${pointed}`));
      }
      const box = await open();
      await box.active.refresh();
      const version = pointed ?? "local";
      assert.equal(box.version, version);
      for (const wrong of ["77", "6", "locale"]) {
        const { refusal } = await box.active.activate(wrong);
        assert.match(refusal ?? "", new RegExp(`no version ${wrong} to go to: this store is flat`));
      }
      for (const wrong of ["../../etc", "a/b", ".", "..", "a\\b", "a\nb", ""]) {
        const { refusal } = await box.active.activate(wrong);
        assert.match(refusal ?? "", /is no version's name$/);
      }
      assert.equal(box.version, version);
      assert.equal((await box.active.activate(version)).refusal, null);
    });
  }
});

Deno.test("ActivePlan whose pinned generation is lost takes what the store names, and stays pinned", () =>
  inPlace(async ({ store, folder, open }) => {
    await publishSmall(store, 1);
    const first = await open();
    await first.active.refresh();
    await first.active.activate("1");
    await Deno.remove(`${folder}/kept/blobs`, { recursive: true });
    await publishSmall(store, 2);
    const box = await open();
    await box.active.start();
    assert.equal(box.version, undefined);
    await box.active.refresh();
    assert.deepEqual([box.version, box.active.pinned], ["2", true]);
  }));

Deno.test("ActivePlan takes the generation before where the active one is damaged, and fetches it anew", () =>
  inPlace(async ({ store, folder, open }) => {
    const first = await open();
    for (const version of [1, 2]) {
      await publishSmall(store, version);
      await first.active.refresh();
    }
    const { files } = first.generations.find(first.generations.record.active)!;
    const strategy = files.find(({ path }) => path === ENTRY)!.sha256;
    await Deno.writeTextFile(`${folder}/kept/blobs/sha256/${strategy}`, "damaged");
    const box = await open();
    await box.active.start();
    assert.equal(box.version, "1");
    await box.active.refresh();
    assert.equal(box.version, "2");
    const again = await open();
    await again.active.start();
    assert.equal(again.version, "2", "what was fetched is whole on disk again");
  }));

Deno.test("ActivePlan goes on from memory where the disk takes nothing, says so, and keeps it later", () =>
  inPlace(async ({ store, folder, open }) => {
    await publishSmall(store, 1);
    const box = await open();
    await Deno.writeTextFile(`${folder}/kept`, "in the way");
    await box.active.refresh();
    assert.equal(box.version, "1");
    assert.ok(box.active.diskFault !== undefined);
    await Deno.remove(`${folder}/kept`);
    for (let i = 0; i < 2; i++) await box.active.refresh();
    assert.equal(box.active.diskFault, undefined);
    const again = await open();
    await again.active.start();
    assert.equal(again.version, "1");
  }));

inSmallDisk(
  "ActivePlan on a full disk runs the new version from memory, says so, and starts with a whole one",
  async (disk, fill) => {
    await inFolder(async (folder) => {
      const store = new FolderObjectStore(folder);
      const kept = `${disk}/kept`;
      await publishSmall(store, 1);
      const box = await BundleBox.open({ store, folder: kept });
      await box.active.refresh();
      assert.equal(box.active.diskFault, undefined);
      const free = await fill();
      for (const version of [2, 3]) {
        await publishSmall(store, version, { ballastBytes: 1_000_000 });
        await box.active.refresh();
        assert.equal(box.version, String(version), "it runs from memory");
        assert.match(box.active.diskFault ?? "", /space/i);
      }
      const offline = { store: new FolderObjectStore(`${folder}/none`), folder: kept };
      const restarted = await BundleBox.open(offline);
      await restarted.active.start();
      assert.equal(restarted.version, "1", "what was kept before is whole");
      await restarted.close();
      const blobs = await Array.fromAsync(Deno.readDir(`${kept}/blobs/sha256`));
      for (const { name } of blobs) assert.match(name, /^[0-9a-f]{64}$/, "a part was left behind");
      await free();
      for (let i = 0; i < 2; i++) await box.active.refresh();
      assert.equal(box.active.diskFault, undefined);
      await box.close();
      const again = await BundleBox.open(offline);
      await again.active.start();
      assert.equal(again.version, "3", "kept as soon as there was room");
      await again.close();
    });
  },
);

Deno.test("ActivePlan leaves a version from the store in force for its time, and a person need not wait", () =>
  inPlace(async ({ store, open }) => {
    let elapsedMs = 0;
    const box = await open({ dwellMs: 60_000, elapsedMs: () => elapsedMs });
    for (const version of [1, 2, 3]) await publishSmall(store, version);
    await box.active.refresh();
    for (; elapsedMs < 59_999; elapsedMs += 9_000) {
      await point(store, elapsedMs % 2_000 === 0 ? 1 : 2);
      await box.active.refresh();
      assert.equal(box.version, "3");
      assert.equal(box.active.waiting, elapsedMs % 2_000 === 0 ? "1" : "2");
    }
    await point(store, 3);
    await box.active.refresh();
    assert.deepEqual([box.version, box.active.waiting], ["3", undefined], "it came back");
    elapsedMs = 60_000;
    await point(store, 1);
    await box.active.refresh();
    assert.deepEqual([box.version, box.active.waiting], ["1", undefined]);
    await point(store, 2);
    await box.active.refresh();
    assert.equal(box.version, "1");
    assert.equal((await box.active.activate("newest")).version, "2");
    assert.deepEqual([box.version, box.active.waiting], ["2", undefined]);
    // After a start the store's news goes at once, however short the version ran before.
    const again = await open({ dwellMs: 60_000, elapsedMs: () => elapsedMs });
    await again.active.start();
    await point(store, 3);
    await again.active.refresh();
    assert.equal(again.version, "3");
  }));

Deno.test("ActivePlan swaps plans only when it is let, and lets go of the old one after that", () =>
  inPlace(async ({ store, open }) => {
    const gate = Promise.withResolvers<void>();
    let waits = false;
    const box = await open({
      between: async (change) => {
        if (waits) await gate.promise;
        await change();
      },
    });
    await publishSmall(store, 1);
    await box.active.refresh();
    const before = box.active.plan;
    await publishSmall(store, 2);
    waits = true;
    const refreshing = box.active.refresh();
    while (box.prepared.length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
    assert.equal(box.active.plan, before, "a cycle is under way");
    gate.resolve();
    await refreshing;
    assert.equal(box.version, "2");
  }));

Deno.test("ActivePlan with trusted keys goes forward only, and says when what runs has expired", () =>
  inPlace(async ({ store, open }) => {
    const { privatePem, publicPem } = newKeyPair();
    const keys = [readTrustedKey(publicPem, "test")];
    const trust: BundleBoxOptions["trust"] = ({ record }) => ({
      keys,
      site: record.site ?? SITE,
      highest: record.highest ?? undefined,
      now: new Date(),
    });
    const box = await open({ trust });
    const expires = new Date(Date.now() + 60_000);
    await publishSmall(store, 5, { privatePem, expires });
    await box.active.refresh();
    assert.deepEqual([box.version, box.active.expires?.getTime()], ["5", expires.getTime()]);
    await publishSmall(store, 6);
    assert.equal(await box.active.refresh(), true, "the store did answer");
    assert.match(box.active.last?.refusal ?? "", /not signed/);
    assert.equal(box.version, "5");
    await publishSmall(store, 7, { privatePem });
    await box.active.refresh();
    await point(store, 5);
    await box.active.refresh();
    assert.match(box.active.last?.refusal ?? "", /older than version 7/);
    assert.equal(box.version, "7");
    assert.equal((await box.active.activate("5")).refusal, null, "an operator on the box may");
    assert.equal(box.version, "5");
  }));
