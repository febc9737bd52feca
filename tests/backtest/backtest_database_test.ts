import assert from "node:assert/strict";
import { join } from "node:path";
import { loadConfig } from "../../src/config.ts";
import { readCsv } from "../../src/feed/csv_values.ts";
import { migrate } from "../../src/storage/migrations.ts";
import { insertMeasurements } from "../../src/storage/new_measurements.ts";
import type { NewMeasurement } from "../../src/storage/new_measurements.ts";
import { openDatabase } from "../../src/storage/open_storage.ts";
import { backtestHere, csvOf, rowsOf } from "./run_in_process.ts";
import { valveSite, writeValveRecord } from "./valve_site.ts";

Deno.test("backtest finds in the site's database what it finds in the file that was loaded into it", async () => {
  const site = await valveSite();
  try {
    const csv = join(site.folder, "record.csv");
    await writeValveRecord(csv, 30);
    const values: NewMeasurement[] = [];
    for await (const { value } of readCsv(csv)) values.push(value);
    const config = loadConfig({ path: join(site.folder, "config.yaml"), env: {} });
    const database = await openDatabase(config.database);
    try {
      await migrate(database);
      await insertMeasurements(database, values);
    } finally {
      await database.close();
    }
    const range = ["--from", "2026-03-01T00:30Z", "--to", "2026-03-01T02:00Z", "--children", "1"];
    await backtestHere([site.folder, ...range, "--out", site.out]);
    await backtestHere([site.folder, ...range, "--csv", csv, "--out", `${site.out}-csv`]);
    assert.equal(rowsOf(await csvOf(site.out)).length, 18);
    assert.equal(await csvOf(site.out), await csvOf(`${site.out}-csv`));
  } finally {
    await site.remove();
  }
});
