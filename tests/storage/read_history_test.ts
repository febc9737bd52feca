import assert from "node:assert/strict";
import type { Database } from "../../src/storage/database.ts";
import { Measurements } from "../../src/storage/measurements.ts";
import { PgliteDatabase } from "../../src/storage/pglite_database.ts";
import { siteValues } from "./site_values.ts";

const from = new Date("2026-03-01T00:00:00Z");
const HOUR_MS = 3_600_000;

async function withDatabase(work: (database: Database) => Promise<void>): Promise<void> {
  const database = await PgliteDatabase.inMemory();
  try {
    await work(database);
  } finally {
    await database.close();
  }
}

function history(database: Database, { tag, hours, buckets, yaml }: {
  readonly tag: string;
  readonly hours: number;
  readonly buckets: number;
  readonly yaml?: string;
}) {
  const to = new Date(from.getTime() + hours * HOUR_MS);
  return new Measurements(siteValues(yaml), { place: "here" })
    .history(database, { tag, from, to, buckets });
}

Deno.test("Measurements.history: buckets of a long table are what plain arithmetic makes of its good values", () =>
  withDatabase(async (database) => {
    await database.query(
      "create table process_data (time timestamptz, tag text, value double precision, quality text)",
    );
    // Three days of a value a minute, so that several statements share the span.
    await database.query(
      `insert into process_data
       select $1::timestamptz + make_interval(mins => i), 'a', sin(i / 50.0),
         case when i % 10 = 0 then 'bad' else 'good' end
       from generate_series(0, 4319) as i`,
      [from],
    );
    await database.query(
      `insert into process_data values
         ($1, 'a', 'NaN', 'good'), ($1, 'a', 'Infinity', 'good'), ($1, 'a', null, 'good'),
         ($1, 'b', 99, 'good')`,
      [from],
    );
    for (const [hours, buckets] of [[72, 100], [72, 7], [5, 300], [13, 20]] as const) {
      const found = await history(database, { tag: "a", hours, buckets });
      const widthMinutes = hours * 60 / buckets;
      const expected = Map.groupBy(
        Array.from({ length: hours * 60 }, (_, i) => i).filter((i) => i % 10 !== 0),
        (i) => Math.floor(i / widthMinutes + 1e-12),
      );
      assert.deepEqual(found?.map(({ bucket }) => bucket), [...expected.keys()]);
      for (const { bucket, min, max, mean, count } of found ?? []) {
        const values = expected.get(bucket)!.map((i) => Math.sin(i / 50));
        assert.equal(count, values.length);
        assert.ok(Math.abs(min - Math.min(...values)) < 1e-12);
        assert.ok(Math.abs(max - Math.max(...values)) < 1e-12);
        assert.ok(Math.abs(mean - values.reduce((a, b) => a + b) / count) < 1e-12);
      }
    }
    assert.deepEqual(await history(database, { tag: "none", hours: 5, buckets: 10 }), []);
  }));

Deno.test("Measurements.history reads a wide table, follows renamed tags, and has none of a site's own query", () =>
  withDatabase(async (database) => {
    await database.query('create table wide (ts timestamptz, "KLN.COAL" text)');
    await database.query(
      `insert into wide values ($1, '8.5'), ($1::timestamptz + interval '1 minute', '9.5'),
         ($1::timestamptz + interval '2 minutes', 'broken')`,
      [from],
    );
    const yaml = "table: wide\nform: wide\ncolumns: { time: ts }\ntags: { Coal: KLN.COAL }";
    const found = await history(database, { tag: "Coal", hours: 1, buckets: 1, yaml });
    assert.deepEqual(found, [{ bucket: 0, min: 8.5, max: 9.5, mean: 9, count: 2 }]);
    assert.deepEqual(await history(database, { tag: "None", hours: 1, buckets: 1, yaml }), []);
    const query = "query: select 1 as value, 'a' as tag, now() as time";
    assert.equal(
      await history(database, { tag: "a", hours: 1, buckets: 1, yaml: query }),
      undefined,
    );
  }));
