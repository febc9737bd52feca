import assert from "node:assert/strict";
import { logOf } from "../../src/log.ts";
import type { Database } from "../../src/storage/database.ts";
import { PgliteDatabase } from "../../src/storage/pglite_database.ts";
import { NoHistoryError, recordedValues } from "../../src/storage/recorded_values.ts";
import { siteValues } from "./site_values.ts";

const at = (text: string) => new Date(`2026-03-01T${text}Z`);

async function read(
  database: Database,
  { tags, after, until, yaml = "{}" }: {
    readonly tags: readonly string[];
    readonly after: Date;
    readonly until: Date;
    readonly yaml?: string;
  },
) {
  const found = [];
  const range = { tags, after, until, config: siteValues(yaml), place: "here" };
  for await (const { tag, time, value, quality } of recordedValues(database, range)) {
    found.push([tag, time.toISOString().slice(5, 16), value, quality]);
  }
  return found;
}

Deno.test("recordedValues reads what a site's table holds of a stretch of time", async (t) => {
  const folder = await Deno.makeTempDir();
  const database = await PgliteDatabase.open(folder, { log: logOf("test") });
  try {
    await t.step(
      "recordedValues reads a stretch of the long form in time order, under the strategy's names",
      async () => {
        await database.query(
          "create table samples (ts timestamptz, point varchar, val text, quality smallint)",
        );
        await database.query(`insert into samples values
      ('2026-03-01T00:00Z', 'KLN.COAL', '1', 192), ('2026-03-01T23:00Z', 'KLN.COAL', '4', 192),
      ('2026-03-01T06:00Z', 'KLN.COAL', 'none', 0), ('2026-03-01T06:01Z', 'Feed', '2.5', null),
      ('2026-03-01T06:02Z', 'Other', '9', 192), ('2026-03-02T06:00Z', 'Feed', '5', 192)`);
        const found = await read(database, {
          tags: ["Coal", "Feed", "Never"],
          after: at("00:00"),
          until: new Date("2026-03-02T00:00Z"),
          yaml: `table: samples
columns: { time: ts, tag: point, value: val }
tags: { Coal: KLN.COAL }`,
        });
        // The end is in the range, the beginning is not: stretches that follow one another meet there.
        assert.deepEqual(found, [
          ["Coal", "03-01T06:00", NaN, "bad"],
          ["Feed", "03-01T06:01", 2.5, "good"],
          ["Coal", "03-01T23:00", 4, "good"],
        ]);
      },
    );

    await t.step(
      "recordedValues reads the wide form, with NaN where a cell is empty, and its local times",
      async () => {
        await database.query(
          `create table process_data ("timestamp" timestamp, "Coal" real, "Run" boolean)`,
        );
        await database.query(`insert into process_data values
      ('2026-03-01 13:00', 8.5, true), ('2026-03-01 14:00', null, false), ('2026-03-01 23:30', 9, true)`);
        const found = await read(database, {
          tags: ["Coal", "Run", "Never"],
          after: at("11:00"),
          until: at("13:00"),
          yaml: "zone: Europe/Berlin",
        });
        assert.deepEqual(found, [
          ["Coal", "03-01T12:00", 8.5, "good"],
          ["Run", "03-01T12:00", 1, "good"],
          ["Coal", "03-01T13:00", NaN, "good"],
          ["Run", "03-01T13:00", 0, "good"],
        ]);
      },
    );

    await t.step("recordedValues loses and doubles nothing over many stretches", async () => {
      await database.query("drop table process_data");
      await database.query(
        "create table process_data (time timestamptz, tag text, value float8, quality text)",
      );
      await database.query(`insert into process_data
      select '2026-03-01T00:00Z'::timestamptz + make_interval(mins => i), 'A', i, 'good'
      from generate_series(0, 7200, 6) as i`);
      const found = await read(database, {
        tags: ["A"],
        after: at("00:00"),
        until: new Date("2026-03-06T00:00Z"),
      });
      assert.deepEqual(
        found.map(([, , value]) => value),
        Array.from({ length: 1200 }, (_, i) => 6 * (i + 1)),
      );
    });

    await t.step(
      "recordedValues says that a site's own query knows no past, and the cure",
      async () => {
        const yaml = "query: select 1";
        const options = { tags: ["A"], after: at("00:00"), until: at("01:00"), yaml };
        await assert.rejects(read(database, options), (error: Error) => {
          assert.ok(error instanceof NoHistoryError);
          return /--csv/.test(error.message);
        });
      },
    );
  } finally {
    await database.close();
    await Deno.remove(folder, { recursive: true });
  }
});
