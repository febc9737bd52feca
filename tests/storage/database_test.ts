import assert from "node:assert/strict";
import {
  type DeliverableRecord,
  insertCycle,
  listCycles,
  newestCycle,
} from "../../src/storage/cycle_records.ts";
import { type Database, DatabaseError, databaseErrorOf } from "../../src/storage/database.ts";
import {
  insertMeasurements,
  type NewMeasurement,
  tidyMeasurements,
} from "../../src/storage/new_measurements.ts";
import { describeTable } from "../../src/storage/value_table.ts";
import { longText } from "../../src/storage/read_long.ts";
import { logOf } from "../../src/log.ts";
import { migrate, migrations } from "../../src/storage/migrations.ts";
import { PgliteDatabase } from "../../src/storage/pglite_database.ts";
import { PostgresDatabase } from "../../src/storage/postgres_database.ts";
import { freePort, postgresBinaries, postgresConfig, PostgresServer } from "./postgres_server.ts";
import { nodesOf, readNewest, siteValues } from "./site_values.ts";
import { TcpProxy } from "./tcp_proxy.ts";

const log = logOf("storage");
const binaries = postgresBinaries();
if (binaries === undefined) {
  console.error(
    "IGNORED: no PostgreSQL server here (apt-get install postgresql); only PGlite is tested",
  );
}

const start = Date.parse("2026-03-01T00:00:00Z");
const at = (seconds: number) => new Date(start + seconds * 1000);

function row(tag: string, seconds: number, value: number, quality: "good" | "bad" = "good") {
  const measurement: NewMeasurement = { tag, time: at(seconds), value, quality };
  return measurement;
}

function recordOf(cycleId: string, time: Date): DeliverableRecord {
  const setting = {
    variable: "Kiln_Coal_PV",
    unit: "t/h",
    measured: 8.5,
    recommended: 8.45,
    change: -0.05,
    limited_by: "move limit down",
    quality: "good",
  };
  return {
    recommendation: {
      cycle_id: cycleId,
      strategy: "cement-kiln",
      version: "12",
      digest: "d".repeat(64),
      time: time.toISOString(),
      valid_until: new Date(time.getTime() + 300_000).toISOString(),
      trigger: "schedule",
      status: "optimised",
      reason: null,
      mode: { achieved: "advisory" },
      settings: [setting, { ...setting, variable: 'odd "name", {x}', recommended: 1e-300 }],
    },
  };
}

/** One suite for both databases: they must behave alike. */
async function suite(t: Deno.TestContext, database: Database): Promise<void> {
  await t.step("migrate takes every step once, however many ask at once", async () => {
    const taken = await Promise.all([migrate(database), migrate(database), migrate(database)]);
    assert.deepEqual(taken.flat().toSorted(), migrations.map((migration) => migration.number));
    assert.deepEqual(await migrate(database), []);
  });

  await t.step("readNewest gives the newest row of each tag, none from the future", async () => {
    await insertMeasurements(database, [
      row("A", 0, 1),
      row("A", 20, 3),
      row("A", 10, 2),
      row('B "x", {y}', 5, -1e-300, "bad"),
      row("C", 1000, 9),
      row("N", 1, NaN),
      row("I", 1, Infinity),
    ]);
    const newest = await readNewest(database, {
      tags: ["A", "A", 'B "x", {y}', "C", "N", "I", "missing"],
      until: at(100),
    });
    assert.deepEqual([...newest.keys()].toSorted(), ["A", 'B "x", {y}', "I", "N"]);
    assert.deepEqual(newest.get("A"), {
      tag: "A",
      value: 3,
      time: at(20),
      quality: "good",
      average: undefined,
    });
    assert.equal(newest.get('B "x", {y}')?.quality, "bad");
    assert.equal(newest.get('B "x", {y}')?.value, -1e-300);
    assert.ok(Number.isNaN(newest.get("N")?.value));
    assert.equal(newest.get("I")?.value, Infinity);
  });

  await t.step("readNewest averages the good values of each tag's own window", async () => {
    const values = [0, 10, 20, 30, 40].map((seconds) => row("W", seconds, seconds));
    await insertMeasurements(database, [...values, row("W", 35, 1e6, "bad"), row("W", 36, NaN)]);
    await database.query(
      `insert into process_data values ($1::timestamptz, 'W', 50, '192'), ($1, 'W', 60, '4'),
        ($1, 'W', 70, null), ($1, 'W', 80, '2147483648')`,
      [at(38)],
    );
    const averages = new Map([["W", { ms: 20_000, by: "mean" as const }]]);
    const newest = await readNewest(database, { tags: ["W", "A"], until: at(100), averages });
    // The window is (20, 40]: 30, 40, and 50 and 70 by their good codes.
    assert.equal(newest.get("W")?.value, 40);
    assert.equal(newest.get("W")?.average, (30 + 40 + 50 + 70) / 4);
    assert.equal(newest.get("A")?.average, undefined);
  });

  await t.step("insertMeasurements writes more rows than one statement takes", async () => {
    const rows = Array.from({ length: 12_001 }, (_, i) => row("many", i, i));
    await insertMeasurements(database, rows);
    const [count] = await database.query(
      "select count(*)::integer as n from process_data where tag = $1",
      ["many"],
    );
    assert.equal(count?.n, 12_001);
  });

  await t.step(
    "tidyMeasurements removes the old rows of the tags given, in bounded steps",
    async () => {
      const options = { tags: ["many", "missing"], before: at(7000), limit: 5000 };
      assert.equal(await tidyMeasurements(database, options), 5000);
      assert.equal(await tidyMeasurements(database, options), 2000);
      assert.equal(await tidyMeasurements(database, options), 0);
      const [left] = await database.query(
        "select min(time) as oldest, count(*)::integer as n from process_data where tag = 'many'",
      );
      assert.deepEqual({ ...left }, { oldest: at(7000), n: 5001 });
      assert.ok((await readNewest(database, { tags: ["A"], until: at(100) })).has("A"));
    },
  );

  await t.step("insertCycle writes a cycle once, with a row per setting", async () => {
    const record = recordOf("c-1", at(0));
    assert.equal(await insertCycle(database, { record, now: at(10) }), true);
    assert.equal(await insertCycle(database, { record, now: at(20) }), false);
    assert.equal(
      await insertCycle(database, { record: recordOf("c-2", at(300)), now: at(9999) }),
      true,
    );
    const settings = await database.query(
      "select variable, recommended from recommendations where cycle_id = 'c-1' order by variable",
    );
    assert.deepEqual(settings.map((setting) => ({ ...setting })), [
      { variable: "Kiln_Coal_PV", recommended: 8.45 },
      { variable: 'odd "name", {x}', recommended: 1e-300 },
    ]);
    const cycles = await listCycles(database, { limit: 10 });
    assert.deepEqual(cycles.map((cycle) => [cycle.cycleId, cycle.isHistorical]), [
      ["c-2", true],
      ["c-1", false],
    ]);
    assert.deepEqual(cycles[1]?.record, JSON.parse(JSON.stringify(record)));
    assert.deepEqual((await newestCycle(database))?.time, at(300));
  });

  await t.step("insertCycle writes a held cycle, which has no settings", async () => {
    const { recommendation } = recordOf("c-3", at(600));
    const record = { recommendation: { ...recommendation, status: "held", settings: [] } };
    assert.equal(await insertCycle(database, { record, now: at(600) }), true);
    assert.equal((await newestCycle(database))?.status, "held");
  });

  await t.step("transaction undoes everything when its work throws", async () => {
    const fault = new RangeError("stop");
    await assert.rejects(
      database.transaction(async (queries) => {
        await queries.query("insert into process_data (time, tag) values (now(), 'undone')");
        throw fault;
      }),
      (error: unknown) => error === fault,
    );
    const rows = await database.query("select 1 from process_data where tag = 'undone'");
    assert.equal(rows.length, 0);
  });

  await t.step("query tells a statement that can never work from a passing fault", async () => {
    await assert.rejects(database.query("select 1 / 0"), (error: unknown) => {
      assert.ok(error instanceof DatabaseError);
      assert.deepEqual([error.fault, error.code, error.isPassing], ["refused", "22012", false]);
      return true;
    });
    await assert.rejects(
      database.transaction((queries) => queries.query("insert into process_data values (1)")),
      (error: unknown) => error instanceof DatabaseError && error.fault === "schema",
    );
    await assert.rejects(
      database.query("select * from nowhere"),
      (error: unknown) =>
        error instanceof DatabaseError && error.fault === "schema" && error.isPassing,
    );
    assert.equal((await database.query("select 1 as one"))[0]?.one, 1);
  });
}

Deno.test("PgliteDatabase in memory behaves like a database", async (t) => {
  const database = await PgliteDatabase.inMemory();
  try {
    await suite(t, database);
  } finally {
    await database.close();
  }
});

Deno.test("PgliteDatabase keeps its rows in a folder", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const first = await PgliteDatabase.open(`${folder}/database`, { log });
    await migrate(first);
    await insertMeasurements(first, [row("A", 0, 1)]);
    await first.close();
    const second = await PgliteDatabase.open(`${folder}/database`, { log });
    assert.deepEqual(await migrate(second), []);
    assert.equal((await readNewest(second, { tags: ["A"], until: at(1) })).get("A")?.value, 1);
    await second.close();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("PgliteDatabase.open sets a damaged folder aside and begins a new one", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/database`;
    const first = await PgliteDatabase.open(path, { log });
    await migrate(first);
    await first.close();
    await Deno.writeFile(`${path}/global/pg_control`, new Uint8Array(8192).fill(0x5a));
    const second = await PgliteDatabase.open(path, { log });
    assert.equal((await migrate(second)).length, migrations.length);
    await second.close();
    const names = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).toSorted();
    assert.equal(names.length, 2);
    assert.match(names[1] ?? "", /^database\.damaged-\d+$/);
    await Deno.writeTextFile(`${folder}/file`, "x");
    await assert.rejects(PgliteDatabase.open(`${folder}/file`, { log }), DatabaseError);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("migrate leaves a process_data table that the site made as it is", async () => {
  const database = await PgliteDatabase.inMemory();
  try {
    await database.query(
      "create table process_data (time timestamptz, tag text, value real, quality integer)",
    );
    await database.query(
      "insert into process_data values (now(), 'A', 1.5, 192), (now(), 'B', 2, 8)",
    );
    await migrate(database);
    const newest = await readNewest(database, {
      tags: ["A", "B"],
      until: new Date(Date.now() + 1000),
    });
    assert.equal(newest.get("A")?.value, 1.5);
    assert.deepEqual([newest.get("A")?.quality, newest.get("B")?.quality], ["good", "bad"]);
    const indexes = await database.query(
      "select 1 from pg_indexes where tablename = 'process_data'",
    );
    assert.equal(indexes.length, 0);
  } finally {
    await database.close();
  }
});

Deno.test({
  name: "PostgresDatabase behaves like a database, and comes back from every fault",
  ignore: binaries === undefined,
  async fn(t) {
    const server = await PostgresServer.start(binaries ?? "");
    const database = new PostgresDatabase(postgresConfig(server.port));
    const faultOf = async (work: Promise<unknown>) => {
      try {
        await work;
      } catch (error) {
        assert.ok(error instanceof DatabaseError, String(error));
        return error.fault;
      }
      return assert.fail("the statement worked");
    };
    try {
      await suite(t, database);

      await t.step("readNewest reads 50 tags from the index alone", async () => {
        await database.query(
          `insert into process_data select $1::timestamptz + make_interval(secs => i / 50), 'T' || i % 50, i, 'good'
           from generate_series(0, 199999) i`,
          [at(0)],
        );
        await database.query("vacuum analyze process_data");
        const tags = Array.from({ length: 50 }, (_, i) => `T${i}`);
        const began = performance.now();
        const newest = await readNewest(database, { tags, until: at(100_000) });
        console.log(`50 tags of 200,000 rows: ${(performance.now() - began).toFixed(1)} ms`);
        assert.equal(newest.size, 50);
        assert.equal(newest.get("T49")?.value, 199_999);
        const table = await describeTable(database, { config: siteValues(), place: "here" });
        const plan = await database.query(
          `explain (analyze, format json) ${longText(table, siteValues())}`,
          [tags, tags.map(() => 60), tags.map(() => "mean"), at(100_000), [], []],
        );
        const scans = nodesOf(plan).filter((node) =>
          node.includes("Scan") && /process_data/.test(node)
        );
        assert.deepEqual(
          [...new Set(scans)],
          ["Index Only Scan on process_data by process_data_newest"],
        );
      });

      await t.step("query ends at the server's own limit and keeps the connection", async () => {
        const hasty = new PostgresDatabase(
          postgresConfig(server.port, { queryTimeoutMs: 1000, maxConnections: 1 }),
        );
        const [before] = await hasty.query("select pg_backend_pid() as pid");
        assert.equal(await faultOf(hasty.query("select pg_sleep(30)")), "timeout");
        assert.equal((await hasty.query("select pg_backend_pid() as pid"))[0]?.pid, before?.pid);
        await hasty.close();
      });

      await t.step("query ends on a half-open link and then connects anew", async () => {
        const proxy = new TcpProxy(server.port);
        // While the link is whole a busy machine may take its time.
        const config = { ...postgresConfig(proxy.port) };
        const { connectTimeoutMs, queryTimeoutMs } = config;
        const far = new PostgresDatabase(config);
        await far.query("select 1");
        Object.assign(config, { connectTimeoutMs: 300, queryTimeoutMs: 200 });
        proxy.mode = { kind: "silent" };
        const began = performance.now();
        const faults = await Promise.all([
          faultOf(far.query("select 1")),
          faultOf(far.transaction((queries) => queries.query("select 1"))),
        ]);
        assert.ok(performance.now() - began < 5000);
        assert.ok(faults.includes("timeout"), faults.join());
        Object.assign(config, { connectTimeoutMs, queryTimeoutMs });
        proxy.mode = { kind: "pass" };
        assert.equal((await far.query("select 2 as two"))[0]?.two, 2);
        await far.close();
        await proxy.close();
      });

      await t.step("query says read_only on a server that takes no writes", async () => {
        const insert = database.transaction(async (queries) => {
          await queries.query("set transaction read only");
          await queries.query("insert into process_data (time, tag) values (now(), 'x')");
        });
        assert.equal(await faultOf(insert), "read_only");
      });

      await t.step("query says access where user or database are wrong", async () => {
        const wrong = new PostgresDatabase(postgresConfig(server.port, { dbname: "nowhere" }));
        assert.equal(await faultOf(wrong.query("select 1")), "access");
        await wrong.close();
      });

      await t.step("query says unreachable while the server is away, and works after", async () => {
        await server.kill();
        assert.equal(await faultOf(database.query("select 1")), "unreachable");
        assert.equal(await faultOf(database.query("select 1")), "unreachable");
        await server.resume();
        assert.equal((await database.query("select 1 as one"))[0]?.one, 1);
      });
    } finally {
      await database.close();
      await server.remove();
    }
  },
});

Deno.test("PostgresDatabase says unreachable and not more where nothing listens", async () => {
  const password = { kind: "text", secret: "s3cr3t" } as const;
  const database = new PostgresDatabase(postgresConfig(freePort(), { password }));
  await assert.rejects(database.query("select 1"), (error: unknown) => {
    assert.ok(error instanceof DatabaseError);
    assert.equal(error.fault, "unreachable");
    assert.ok(error.hint.includes("database.host"));
    assert.ok(!Deno.inspect(error).includes("s3cr3t"));
    return true;
  });
  await database.close();
});

Deno.test("databaseErrorOf calls nothing final but what a value is to blame for", () => {
  const faults: readonly (readonly [string, string])[] = [
    ["22P05", "refused"],
    ["23505", "refused"],
    ["42P01", "schema"],
    ["42804", "schema"],
    ["42501", "access"],
    ["25006", "read_only"],
    ["53100", "busy"],
    ["53300", "busy"],
    ["40P01", "busy"],
    ["XX000", "busy"],
    ["57014", "timeout"],
    ["57P01", "unreachable"],
    ["08006", "unreachable"],
    ["EPIPE", "unreachable"],
    ["ECONNREFUSED", "unreachable"],
    ["CONNECTION_CLOSED", "unreachable"],
    ["", "unreachable"],
  ];
  for (const [code, fault] of faults) {
    const error = databaseErrorOf(
      Object.assign(new Error("x"), code === "" ? {} : { code }),
      "here",
    );
    assert.equal(error.fault, fault, code);
    assert.equal(error.isPassing, fault !== "refused", code);
  }
});
