import assert from "node:assert/strict";
import { Ledger } from "../../src/cycle/ledger.ts";
import { Outbox } from "../../src/cycle/outbox.ts";
import { hourlyRetention } from "../../src/cycle/retention.ts";
import { logOf } from "../../src/log.ts";
import { listCycles } from "../../src/storage/cycle_records.ts";
import { DatabaseError } from "../../src/storage/database.ts";
import type { Database } from "../../src/storage/database.ts";
import { Journal } from "../../src/storage/journal.ts";
import { migrate } from "../../src/storage/migrations.ts";
import { PgliteDatabase } from "../../src/storage/pglite_database.ts";

const start = Date.parse("2026-03-01T00:00:00Z");
const now = () => new Date(start + 10_000);

function recordOf(i: number, fields: Readonly<Record<string, unknown>> = {}) {
  const time = new Date(start - 86_400_000 + i * 1000);
  const recommendation = {
    cycle_id: `c-${String(i).padStart(3, "0")}`,
    strategy: "small",
    version: "1",
    digest: "d",
    time: time.toISOString(),
    valid_until: new Date(start).toISOString(),
    trigger: "schedule",
    status: "held",
    reason: null,
    mode: { requested: "active", achieved: "active" },
    settings: [],
    ...fields,
  };
  return {
    cycleId: recommendation.cycle_id,
    time: recommendation.time,
    status: "held",
    json: JSON.stringify({ recommendation }),
  };
}

/** A journal, an empty database and the outbox between them; `around` may stand before the database. */
async function inPlace(
  database: Database,
  work: (place: {
    ledger: Ledger;
    database: Database;
    outbox: Outbox;
    failures: string[];
    until: (wanted: () => boolean) => Promise<void>;
  }) => Promise<void>,
  around: (database: Database) => Database = (database) => database,
) {
  const folder = await Deno.makeTempDir();
  const journal = Journal.open(`${folder}/j.sqlite`, { log: logOf("journal") });
  try {
    await database.query("drop table if exists recommendations, cycles, setpoint_migrations");
    const ledger = new Ledger(journal, { caps: { records: 1e6, bytes: 1e9, waitMs: 1e12 }, now });
    const failures: string[] = [];
    let settled = Promise.withResolvers<void>();
    const outbox = new Outbox({
      ledger,
      database: around(database),
      now,
      prepare: () => migrate(database),
      tidy: () => {
        settled.resolve();
        return Promise.resolve();
      },
      failed: (error, fate) => {
        failures.push(`${fate}: ${error}`);
        settled.resolve();
      },
    });
    const until = async (wanted: () => boolean) => {
      while (!wanted()) {
        await settled.promise;
        settled = Promise.withResolvers();
      }
    };
    await work({ ledger, database, outbox, failures, until });
    await outbox.stop({ deadlineMs: 1_000 });
  } finally {
    journal.close();
    await Deno.remove(folder, { recursive: true });
  }
}

const idsIn = async (database: Database) =>
  (await listCycles(database, { limit: 999 })).map(({ cycleId }) => cycleId).toReversed();

Deno.test("Outbox between a journal and a database", async (t) => {
  const database = await PgliteDatabase.inMemory();
  try {
    await t.step(
      "Outbox delivers in order, sets a row that is refused for good aside, and marks late ones",
      () =>
        inPlace(database, async ({ ledger, database, outbox, failures, until }) => {
          for (let i = 0; i < 120; i++) {
            const fields = i === 60
              ? { reason: "a text with \u0000, which Postgres does not take" }
              : i === 70
              ? { valid_until: new Date(start + 20_000).toISOString() }
              : {};
            ledger.keep(recordOf(i, fields), {});
          }
          ledger.keep({ ...recordOf(120), json: "{ not JSON" }, {});
          outbox.kick();
          await until(() => ledger.counts().pending === 0);
          const { pending, setAside, delivered } = ledger.counts();
          assert.deepEqual({ pending, setAside, delivered }, {
            pending: 0,
            setAside: 2,
            delivered: 119,
          });
          assert.equal(failures.length, 2);
          assert.match(failures[0] ?? "", /^set aside: DatabaseError/);
          const wanted = Array.from({ length: 120 }, (_, i) => i).filter((i) => i !== 60);
          assert.deepEqual(await idsIn(database), wanted.map((i) => recordOf(i).cycleId));
          const late = await database.query("select cycle_id from cycles where not is_historical");
          assert.deepEqual(late.map(({ cycle_id }) => cycle_id), ["c-070"]);
        }),
    );

    await t.step("Outbox tries again after a fault that may pass, and writes nothing twice", () => {
      // Every third statement is broken: before it ran, or after it was committed.
      let statements = 0;
      const broken = () => new DatabaseError("gone", { fault: "unreachable" });
      return inPlace(
        database,
        async ({ ledger, database, outbox, until }) => {
          for (let i = 0; i < 30; i++) ledger.keep(recordOf(i), {});
          for (let tries = 0; ledger.counts().pending > 0; tries++) {
            assert.ok(tries < 60);
            const before = outbox.failures;
            outbox.kick();
            await until(() => outbox.failures !== before || ledger.counts().pending === 0);
          }
          assert.deepEqual(
            await idsIn(database),
            Array.from({ length: 30 }, (_, i) => recordOf(i).cycleId),
          );
          assert.equal(outbox.failures, 0);
          assert.equal(outbox.fault, undefined);
        },
        (database) => ({
          place: database.place,
          transaction: (work) => database.transaction(work),
          close: () => database.close(),
          query: async (text, parameters) => {
            statements++;
            if (statements % 6 === 3) throw broken();
            const rows = await database.query(text, parameters);
            if (statements % 6 === 0) throw broken();
            return rows;
          },
        }),
      );
    });

    await t.step(
      "Outbox makes the tables again when somebody has removed them",
      () =>
        inPlace(database, async ({ ledger, database, outbox, failures, until }) => {
          ledger.keep(recordOf(1), {});
          outbox.kick();
          await until(() => ledger.counts().pending === 0);
          await database.query("drop table recommendations, cycles, setpoint_migrations");
          ledger.keep(recordOf(2), {});
          outbox.kick();
          await until(() => failures.length === 1);
          assert.match(failures[0] ?? "", /retry: .*42P01/);
          outbox.kick();
          await until(() => ledger.counts().pending === 0);
          assert.deepEqual(await idsIn(database), ["c-002"]);
        }),
    );

    await t.step(
      "hourlyRetention removes what is older than wanted in bounded steps, once an hour",
      () =>
        inPlace(database, async ({ database }) => {
          await migrate(database);
          await database.query(
            `insert into cycles (cycle_id, time, strategy, version, digest, trigger, status, mode, record)
       select 'c' || i, now() - make_interval(hours => i), '', '', '', '', '', '', '{}' from generate_series(1, 500) i`,
          );
          await database.query(
            `insert into recommendations select cycle_id, 'x', time, time, '', 1, 1, 0, '', '', '' from cycles`,
          );
          const tidy = hourlyRetention(database, { days: 2 });
          await tidy();
          const count = async (table: string) =>
            (await database.query(`select count(*)::integer as n from ${table}`))[0]?.n;
          assert.deepEqual([await count("cycles"), await count("recommendations")], [47, 47]);
          await database.query("update cycles set time = now() - interval '1 year'");
          await tidy();
          assert.equal(await count("cycles"), 47, "before an hour has passed nothing is asked");
        }),
    );
  } finally {
    await database.close();
  }
});
