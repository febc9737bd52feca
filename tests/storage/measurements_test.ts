/** Every way in which a site may keep its live values, on both databases. */

import assert from "node:assert/strict";
import { DatabaseError } from "../../src/storage/database.ts";
import type { Database } from "../../src/storage/database.ts";
import { Measurements } from "../../src/storage/measurements.ts";
import { PgliteDatabase } from "../../src/storage/pglite_database.ts";
import { PostgresDatabase } from "../../src/storage/postgres_database.ts";
import { qualityOf } from "../../src/storage/quality.ts";
import { postgresBinaries, postgresConfig, PostgresServer } from "./postgres_server.ts";
import { readNewest, siteValues } from "./site_values.ts";

const at = (text: string) => new Date(`2026-03-01T${text}Z`);
const until = at("12:00:00");

async function suite(t: Deno.TestContext, database: Database): Promise<void> {
  const run = async (...statements: readonly string[]) => {
    for (const statement of statements) await database.query(statement);
  };

  await t.step("Measurements reads a wide table, whatever its columns are called", async () => {
    await run(
      `create table process_data ("timestamp" timestamptz primary key, "Kiln_Coal_PV" real,
         "odd ""name"", {x}" numeric(12, 4), "Running" boolean, "Count" bigint, "Text" text, "Empty" real)`,
      `insert into process_data values
         ('2026-03-01T11:58:00Z', 8, 1, true, 1, '1', 1), ('2026-03-01T11:59:00Z', 9, 2.5, false, 7, ' 4.25 ', null),
         ('2026-03-01T12:00:01Z', 99, 99, true, 99, '99', 99)`,
    );
    const tags = ["Kiln_Coal_PV", 'odd "name", {x}', "Running", "Count", "Text", "Empty", "none"];
    const newest = await readNewest(database, {
      tags,
      until,
      averages: new Map([
        ["Kiln_Coal_PV", { ms: 120_000, by: "mean" }],
        ["Empty", { ms: 30_000, by: "mean" }],
        ["Count", { ms: 120_000, by: "median" }],
      ]),
    });
    assert.deepEqual([...newest.values()].map(({ tag, value, average }) => [tag, value, average]), [
      ["Kiln_Coal_PV", 9, 8.5],
      ['odd "name", {x}', 2.5, undefined],
      ["Running", 0, undefined],
      ["Count", 7, 4],
      ["Text", 4.25, undefined],
      ["Empty", null, undefined],
    ]);
    assert.deepEqual(newest.get("Count")?.time, at("11:59:00"));
  });

  await t.step(
    "Measurements sees a column that came later, and says which one is missing",
    async () => {
      const measurements = new Measurements(siteValues(), { place: "here" });
      assert.equal((await measurements.newest(database, { tags: ["Later"], until })).size, 0);
      await run(`alter table process_data add column "Later" real default 3`);
      const later = await measurements.newest(database, { tags: ["Later"], until });
      assert.equal(later.get("Later")?.value, 3);
      await assert.rejects(
        readNewest(database, { tags: ["A"], until, yaml: "columns: { time: clock }" }),
        (error: unknown) =>
          error instanceof DatabaseError && error.fault === "schema" &&
          /has no column "clock"; it has "timestamp"/.test(error.message),
      );
      await assert.rejects(
        readNewest(database, { tags: ["A"], until, yaml: "table: nowhere.at_all" }),
        /there is no table "nowhere"."at_all"/,
      );
    },
  );

  await t.step("Measurements takes times without a zone to be the site's own", async () => {
    await run(
      `create table local_values ("timestamp" timestamp, "A" real)`,
      `insert into local_values values ('2026-03-01 12:59:00', 5), ('2026-03-01 13:30:00', 6)`,
    );
    const yaml = "{ table: local_values, zone: Europe/Berlin }";
    const newest = await readNewest(database, { tags: ["A"], until, yaml });
    assert.deepEqual([newest.get("A")?.value, newest.get("A")?.time], [5, at("11:59:00")]);
    const utc = await readNewest(database, { tags: ["A"], until, yaml: "table: local_values" });
    assert.equal(utc.size, 0, "in UTC both times lie in the future");
  });

  await t.step(
    "Measurements reads a long table of the site's own, by its names and codes",
    async () => {
      await run(
        "create schema site",
        `create table site.samples (ts timestamptz, point varchar(40), val text, q integer)`,
        `insert into site.samples values
         ('2026-03-01T11:50:00Z', 'KLN.COAL', '8', 1), ('2026-03-01T11:51:00Z', 'KLN.COAL', '1e1', 1),
         ('2026-03-01T11:52:00Z', 'KLN.COAL', '100', 7), ('2026-03-01T11:53:00Z', 'KLN.COAL', '12', 1),
         ('2026-03-01T11:54:00Z', 'KLN.COAL', 'n/a', 3), ('2026-03-01T11:54:00Z', 'Plain', 'true', null)`,
      );
      const yaml = `table: site.samples
columns: { time: ts, tag: point, value: val, quality: q }
tags: { Kiln_Coal_PV: KLN.COAL }
quality: { good: [1], uncertain: [3], bad: [7] }`;
      const read = (by: "mean" | "median") =>
        readNewest(database, {
          tags: ["Kiln_Coal_PV", "Plain"],
          until,
          yaml,
          averages: new Map([["Kiln_Coal_PV", { ms: 600_000, by }]]),
        });
      const coal = (await read("mean")).get("Kiln_Coal_PV");
      assert.deepEqual([coal?.value, coal?.quality, coal?.average], [null, "uncertain", 10]);
      assert.equal((await read("median")).get("Kiln_Coal_PV")?.average, 10);
      const plain = (await read("mean")).get("Plain");
      assert.deepEqual([plain?.value, plain?.quality], [1, "good"]);
    },
  );

  await t.step(
    "Measurements runs a site's own query, in the long and in the wide form",
    async () => {
      const long = `query: |
  select ts as time, point as tag, val, q as quality from site.samples
  where point = any ($1) and ts <= $2 and val ~ '^[0-9]' -- only numbers
columns: { value: val }
quality: { good: [1], bad: [7] }`;
      const averages = new Map([["KLN.COAL", { ms: 600_000, by: "median" as const }]]);
      const coal = await readNewest(database, {
        tags: ["KLN.COAL", "x"],
        until,
        yaml: long,
        averages,
      });
      assert.deepEqual([...coal.values()], [{
        tag: "KLN.COAL",
        value: 12,
        time: at("11:53:00"),
        quality: "good",
        average: 10,
      }]);
      const wide =
        `query: select now() - interval '1 second' as "timestamp", 4.5::numeric as "A", true as "B";`;
      const newest = await readNewest(database, {
        tags: ["A", "B", "C"],
        until: new Date(Date.now() + 60_000),
        yaml: wide,
      });
      assert.deepEqual([...newest.values()].map(({ tag, value }) => [tag, value]), [["A", 4.5], [
        "B",
        1,
      ]]);
    },
  );
}

Deno.test("Measurements reads every form of table from PGlite", async (t) => {
  const database = await PgliteDatabase.inMemory();
  try {
    await suite(t, database);
  } finally {
    await database.close();
  }
});

const binaries = postgresBinaries();

Deno.test({
  name: "Measurements reads every form of table from a PostgreSQL server",
  ignore: binaries === undefined,
  async fn(t) {
    const server = await PostgresServer.start(binaries ?? "");
    const database = new PostgresDatabase(postgresConfig(server.port));
    try {
      await suite(t, database);
    } finally {
      await database.close();
      await server.remove();
    }
  },
});

Deno.test("qualityOf understands words, OPC DA, OPC UA and the site's own codes", () => {
  const cases: readonly (readonly [unknown, string])[] = [
    [null, "good"],
    ["Good", "good"],
    ["GOOD_LOCAL_OVERRIDE", "good"],
    [true, "good"],
    [false, "bad"],
    ["uncertain", "uncertain"],
    ["Bad", "bad"],
    ["", "bad"],
    [192, "good"],
    [216, "good"],
    [64, "uncertain"],
    [28, "bad"],
    [0, "bad"],
    ["1073741824", "uncertain"],
    [0x8000_0000, "bad"],
    [-2147483648, "bad"],
    [0x0096_0000, "good"],
  ];
  for (const [code, quality] of cases) assert.equal(qualityOf(code), quality, String(code));
  const site = new Map([["0", "good"], ["good", "bad"]] as const);
  assert.deepEqual([qualityOf(0, site), qualityOf("GOOD", site)], ["good", "bad"]);
});
