import assert from "node:assert/strict";
import { Ledger } from "../../src/cycle/ledger.ts";
import { logOf } from "../../src/log.ts";
import { Journal, type JournalRecord } from "../../src/storage/journal.ts";
import { inSmallDisk } from "./small_disk.ts";

const log = logOf("journal");
const now = () => new Date("2026-03-01T12:00:00Z");
const caps = { records: 1_000, bytes: 1e9, waitMs: 1e12 };

function recordOf(i: number, json = JSON.stringify({ i })): JournalRecord {
  return {
    cycleId: `c-${i}`,
    time: new Date(1.7e12 + i * 1000).toISOString(),
    status: "held",
    json,
  };
}

inSmallDisk(
  "Ledger on a full disk keeps recommendations in memory, delivers them, and writes them later",
  async (folder, fill) => {
    const path = `${folder}/j.sqlite`;
    const journal = Journal.open(path, { log });
    const ledger = new Ledger(journal, { caps, now });
    const big = (i: number) => recordOf(i, JSON.stringify({ i, text: "x".repeat(20_000) }));
    assert.equal(ledger.keep(big(0), { last_run: "0" }), undefined);
    assert.equal(ledger.keep(big(1), { last_run: "1" }), undefined);
    const free = await fill();
    let full: string | undefined;
    let count = 2;
    // What SQLite had reserved is used up first.
    for (; full === undefined && count < 400; count++) {
      full = ledger.keep(big(count), { last_run: `${count}` });
    }
    assert.match(full ?? "", /disk is full|disk I\/O/);
    assert.ok(ledger.fault !== undefined);
    for (let i = 0; i < 3; i++) assert.notEqual(ledger.keep(big(count++), {}), undefined);
    assert.equal(ledger.counts().notDurable, 4);

    // In order, first what the journal has, then what memory has; deliveries are noted all the same.
    const waiting = ledger.waiting(1_000);
    assert.deepEqual(
      waiting.map(({ cycleId }) => cycleId),
      Array.from({ length: count }, (_, i) => `c-${i}`),
    );
    for (const row of waiting.slice(0, -1)) ledger.delivered(row);
    assert.deepEqual(ledger.waiting(9).map(({ cycleId }) => cycleId), [`c-${count - 1}`]);
    assert.equal(ledger.counts().pending, 1);

    await free();
    ledger.save();
    assert.equal(ledger.fault, undefined);
    assert.equal(ledger.counts().notDurable, 0);
    journal.close();

    const again = Journal.open(path, { log });
    assert.deepEqual(again.pending(9).map(({ cycleId }) => cycleId), [`c-${count - 1}`]);
    assert.equal(again.counts().delivered, count - 1);
    assert.equal(again.cycles({ limit: 1_000 }).length, count);
    assert.equal(again.state("last_run"), `${count - 4}`);
    again.close();
  },
);

Deno.test("Ledger drops the oldest beyond its caps and counts what had not been delivered", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const journal = Journal.open(`${folder}/j.sqlite`, { log });
    const ledger = new Ledger(journal, { caps: { ...caps, bytes: 10_000 }, now });
    for (let i = 0; i < 40; i++) ledger.keep(recordOf(i, JSON.stringify("x".repeat(998))), {});
    const { pending, dropped } = ledger.counts();
    assert.equal(pending + dropped, 40);
    assert.ok(pending <= 11 && pending >= 6, `${pending} wait`);
    assert.equal(ledger.waiting(99).at(-1)?.cycleId, "c-39");
    assert.equal(ledger.waiting(99)[0]?.cycleId, `c-${dropped}`);
    journal.close();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("Ledger drops what has waited too long, though a clock that jumps takes only a few", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const journal = Journal.open(`${folder}/j.sqlite`, { log });
    let clock = Date.parse(recordOf(0).time);
    const ledger = new Ledger(journal, {
      caps: { ...caps, waitMs: 3_600_000 },
      now: () => new Date(clock),
    });
    for (let i = 0; i < 100; i++) ledger.keep(recordOf(i), {});
    clock += 365 * 86_400_000;
    ledger.keep(recordOf(100), {});
    assert.equal(ledger.counts().dropped, 4);
    journal.close();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("Ledger goes on in memory when the journal cannot even be read", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const journal = Journal.open(`${folder}/j.sqlite`, { log });
    const ledger = new Ledger(journal, { caps, now });
    ledger.keep(recordOf(1), {});
    assert.equal(ledger.counts().pending, 1);
    journal.close();
    for (let i = 2; i < 250; i++) {
      assert.match(ledger.keep(recordOf(i), {}) ?? "", /not open|finalized/);
    }
    const { notDurable, dropped, pending } = ledger.counts();
    assert.deepEqual([notDurable, dropped, pending], [200, 48, 201]);
    assert.equal(ledger.waiting(999)[0]?.cycleId, "c-50");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
