import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { DatabaseSync } from "node:sqlite";
import { logOf } from "../../src/log.ts";
import { Journal, type JournalRecord } from "../../src/storage/journal.ts";
import { JOURNAL_VERSION } from "../../src/storage/journal_schema.ts";
import { StateLock, StateLockedError } from "../../src/storage/state_lock.ts";

const log = logOf("storage");

async function inFolder(work: (folder: string) => Promise<void> | void): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function recordOf(i: number): JournalRecord {
  const time = new Date(1_700_000_000_000 + i * 1000).toISOString();
  return {
    cycleId: `c-${i}`,
    time,
    status: "optimised",
    json: JSON.stringify({ i, text: "ü\u0000" }),
  };
}

Deno.test("Journal keeps records, outbox and state across closing and opening", () =>
  inFolder((folder) => {
    const path = `${folder}/state/journal.sqlite`;
    let journal = Journal.open(path, { log });
    journal.record(recordOf(1), { deliver: true, keep: { bias: { Free_lime: 0.1 } } });
    journal.record(recordOf(2), { deliver: false });
    journal.record(recordOf(3), { deliver: true });
    journal.keep({ last_run: recordOf(3).time, last_snapshot: "12" });
    journal.close();
    journal = Journal.open(path, { log });
    assert.deepEqual(journal.pending(10).map(({ id: _, ...row }) => row), [
      { attempts: 0, ...recordOf(1) },
      { attempts: 0, ...recordOf(3) },
    ]);
    assert.deepEqual(journal.cycles({ limit: 2 }), [recordOf(3), recordOf(2)]);
    assert.deepEqual(journal.cycles({ limit: 9, before: recordOf(2).time }), [recordOf(1)]);
    assert.deepEqual(journal.cycle("c-2"), recordOf(2));
    assert.equal(journal.cycle("c-9"), undefined);
    assert.deepEqual(journal.state("bias"), { Free_lime: 0.1 });
    assert.equal(journal.state("last_snapshot"), "12");
    assert.equal(journal.state("warm_start"), undefined);
    journal.close();
  }));

Deno.test("Journal.record of a known cycle id changes nothing", () =>
  inFolder((folder) => {
    const journal = Journal.open(`${folder}/j.sqlite`, { log });
    journal.record(recordOf(1), { deliver: true });
    const [row] = journal.pending(1);
    journal.markDelivered(row?.id ?? 0);
    journal.record({ ...recordOf(1), json: "{}" }, { deliver: true });
    assert.equal(journal.pending(1).length, 0);
    assert.deepEqual(journal.cycle("c-1"), recordOf(1));
    journal.close();
  }));

Deno.test("Journal counts what waits, what is delivered and what is set aside, in order", () =>
  inFolder((folder) => {
    const journal = Journal.open(`${folder}/j.sqlite`, { log });
    assert.deepEqual(journal.counts(), {
      pending: 0,
      setAside: 0,
      delivered: 0,
      dropped: 0,
      oldestPending: undefined,
    });
    for (const i of [1, 2, 3, 4]) journal.record(recordOf(i), { deliver: true });
    const ids = journal.pending(4).map((row) => row.id);
    journal.markDelivered(ids[0] ?? 0);
    journal.setAside(ids[1] ?? 0, "value does not fit");
    journal.markFailed(ids[2] ?? 0, "unreachable");
    assert.deepEqual(journal.pending(4).map((row) => [row.cycleId, row.attempts]), [
      ["c-3", 1],
      ["c-4", 0],
    ]);
    assert.deepEqual(journal.counts(), {
      pending: 2,
      setAside: 1,
      delivered: 1,
      dropped: 0,
      oldestPending: recordOf(3).time,
    });
    const caps = { records: 1, bytes: 1e9, waitingSince: "" };
    assert.equal(journal.forget(caps), 0);
    assert.deepEqual(
      journal.cycles({ limit: 9 }).map((row) => row.cycleId),
      ["c-4", "c-3", "c-2"],
    );
    journal.close();
  }));

Deno.test("Journal.forget removes the oldest beyond each cap, a few at once, and counts what waited", () =>
  inFolder((folder) => {
    const path = `${folder}/j.sqlite`;
    let journal = Journal.open(path, { log });
    const ids = () => journal.cycles({ limit: 99 }).map((row) => Number(row.cycleId.slice(2)));
    for (let i = 0; i < 20; i++) journal.record(recordOf(i), { deliver: true });
    for (const { id } of journal.pending(10)) journal.markDelivered(id);
    const room = { records: 100, bytes: 1e9, waitingSince: "" };
    assert.equal(journal.forget({ ...room, records: 3 }), 0);
    assert.deepEqual(ids(), [19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4]);
    assert.equal(journal.forget({ ...room, waitingSince: recordOf(12).time }), 2);
    assert.deepEqual(ids().filter((i) => i >= 10), [19, 18, 17, 16, 15, 14, 13, 12]);
    journal.close();
    journal = Journal.open(path, { log });
    const each = Buffer.byteLength(recordOf(10).json);
    for (let step = 0; step < 20; step++) journal.forget({ ...room, bytes: 3 * each + 1 });
    assert.deepEqual(ids(), [19, 18]);
    assert.deepEqual(journal.pending(9).map((row) => row.cycleId), ["c-18", "c-19"]);
    assert.equal(journal.counts().dropped, 2 + 6);
    journal.close();
  }));

Deno.test("Journal gives the newest by order of writing, since a clock may step back", () =>
  inFolder((folder) => {
    const journal = Journal.open(`${folder}/j.sqlite`, { log });
    journal.record(recordOf(5000), { deliver: true });
    journal.record(recordOf(1), { deliver: true });
    assert.equal(journal.cycles({ limit: 1 })[0]?.cycleId, "c-1");
    journal.close();
  }));

Deno.test("Journal.open sets a damaged file aside and begins a new one", () =>
  inFolder(async (folder) => {
    const path = `${folder}/j.sqlite`;
    const first = Journal.open(path, { log });
    for (let i = 0; i < 200; i++) first.record(recordOf(i), { deliver: true });
    first.close();
    const whole = await Deno.readFile(path);
    const noise = whole.map((byte, at) => at >= 4096 && at < 12_288 ? byte ^ 0x5a : byte);
    for (const damage of [new TextEncoder().encode("not a database, by far".repeat(50)), noise]) {
      await Deno.writeFile(path, damage);
      const journal = Journal.open(path, { log });
      assert.equal(journal.cycles({ limit: 1 }).length, 0);
      journal.record(recordOf(1), { deliver: true });
      journal.close();
      const aside = (await Array.fromAsync(Deno.readDir(folder))).filter(({ name }) =>
        name.includes("damaged")
      );
      assert.equal(aside.length, 1);
      await Deno.remove(`${folder}/${aside[0]?.name}`);
    }
    await Deno.writeFile(path, new Uint8Array());
    Journal.open(path, { log }).close();
  }));

Deno.test("Journal.open brings a file of version 1 forward, and what it held is there", () =>
  inFolder((folder) => {
    const path = `${folder}/j.sqlite`;
    const old = new DatabaseSync(path);
    // As version 1.0.0 made it.
    old.exec(`
      create table cycles (cycle_id text primary key, time text not null, status text not null,
        record text not null) strict;
      create index cycles_time on cycles (time desc);
      create table outbox (id integer primary key autoincrement, cycle_id text not null unique
        references cycles (cycle_id) on delete cascade, state text not null default 'pending'
        check (state in ('pending', 'delivered', 'set aside')),
        attempts integer not null default 0, error text) strict;
      create index outbox_state on outbox (state, id);
      create table state (name text primary key, json text not null) strict;
      insert into cycles values ('c-1', '2026-01-01T00:00:00.000Z', 'optimised', '{}');
      insert into outbox (cycle_id) values ('c-1');
      insert into state values ('active_version', '"12"'), ('bias', '{"Free_lime":0.1}');
      pragma user_version = 1`);
    old.close();
    const journal = Journal.open(path, { log });
    assert.equal(journal.pending(9)[0]?.cycleId, "c-1");
    assert.deepEqual(journal.state("bias"), { Free_lime: 0.1 });
    journal.record(recordOf(2), { deliver: true });
    journal.close();
    const now = new DatabaseSync(path, { readOnly: true });
    assert.equal(now.prepare("pragma user_version").get()?.user_version, JOURNAL_VERSION);
    assert.equal(
      now.prepare("select count(*) as n from state").get()?.n,
      1,
      "the stale one is gone",
    );
    now.close();
  }));

Deno.test("Journal.open leaves the file of a newer Setpoint alone", () =>
  inFolder(async (folder) => {
    const path = `${folder}/j.sqlite`;
    Journal.open(path, { log }).close();
    const bytes = await Deno.readFile(path);
    // user_version stands at offset 60 of the header, big endian (sqlite.org/fileformat.html, 1.3).
    new DataView(bytes.buffer).setUint32(60, 99);
    await Deno.writeFile(path, bytes);
    assert.throws(() => Journal.open(path, { log }), /newer Setpoint/);
    const names = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
    assert.deepEqual(names.filter((name) => name.includes("damaged")), []);
  }));

Deno.test("Journal loses nothing that it said is kept when its process is killed", () =>
  inFolder(async (folder) => {
    const path = `${folder}/j.sqlite`;
    const writer = new URL("./journal_writer.ts", import.meta.url).pathname;
    let said = -1;
    for (let round = 0; round < 5; round++) {
      const child = new Deno.Command(Deno.execPath(), {
        args: ["run", "--no-check", "-A", writer, path, String(said + 1)],
        stdout: "piped",
        stderr: "inherit",
      }).spawn();
      let heard = "";
      const target = 5 + Math.floor(Math.random() * 60);
      let isKilled = false;
      for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
        heard += text;
        // Once: what it wrote before comes afterwards, when it may be gone already.
        if (isKilled || heard.split("\n").length <= target) continue;
        isKilled = true;
        child.kill("SIGKILL");
      }
      await child.status;
      // The last line may be cut; every whole one is a promise.
      const lines = heard.slice(0, heard.lastIndexOf("\n")).split("\n").map(Number);
      said = Math.max(said, ...lines);
      const journal = Journal.open(path, { log });
      const rows = journal.pending(100_000);
      const numbers = rows.map((row) => Number(row.cycleId.slice(2)));
      assert.deepEqual(numbers, numbers.map((_, i) => i), "a hole, or another order");
      assert.ok(numbers.length > said, `said ${said}, kept ${numbers.length}`);
      assert.equal(journal.state("last_run"), numbers.length - 1);
      assert.equal(journal.cycles({ limit: 100_000 }).length, numbers.length);
      said = numbers.length - 1;
      journal.close();
    }
  }));

Deno.test("StateLock.take keeps a second holder out until the first lets go or dies", () =>
  inFolder(async (folder) => {
    const lock = await StateLock.take(`${folder}/state`);
    await assert.rejects(StateLock.take(`${folder}/state`), (error: unknown) => {
      assert.ok(error instanceof StateLockedError);
      assert.match(error.message, new RegExp(`process ${Deno.pid}:`));
      return true;
    });
    await lock.release();
    const script = `
      const { StateLock } = await import(${
      JSON.stringify(new URL("../../src/storage/state_lock.ts", import.meta.url).href)
    });
      await StateLock.take(${JSON.stringify(`${folder}/state`)});
      console.log("held");
      await new Promise((resolve) => setTimeout(resolve, 60000));`;
    const child = new Deno.Command(Deno.execPath(), { args: ["eval", script], stdout: "piped" })
      .spawn();
    const reader = child.stdout.getReader();
    await reader.read();
    await assert.rejects(StateLock.take(`${folder}/state`), new RegExp(`process ${child.pid}:`));
    child.kill("SIGKILL");
    await child.status;
    await reader.cancel();
    await (await StateLock.take(`${folder}/state`)).release();
  }));
