/** `deno task ingest FILE.csv`: recorded values into the database's table of live values. */

import { parseArgs } from "node:util";
import { runCommand } from "./command.ts";
import { configPath, loadConfig, readEnvironment } from "./config.ts";
import { readCsv } from "./feed/csv_values.ts";
import { migrate } from "./storage/migrations.ts";
import { insertMeasurements, type NewMeasurement } from "./storage/new_measurements.ts";
import { openDatabase } from "./storage/open_storage.ts";
import { StateLock } from "./storage/state_lock.ts";

const help = `Loads recorded values: deno task ingest FILE.csv...

The first line names the columns. Either one row per value, with the columns time, tag, value and
optionally quality; or one row per time, with a column timestamp or time and one column per tag.
Times are ISO 8601; those without a zone count as UTC. Empty cells are left out.
With the embedded database the service must not be running.

  --config PATH   the site's configuration (else SETPOINT_CONFIG, else the cement kiln)
  --shift-to-now  moves all times so that the newest row is of this moment
  --help          print this`;

/** Rows in one statement. */
const BATCH = 5_000;

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      config: { type: "string" },
      "shift-to-now": { type: "boolean" },
      help: { type: "boolean" },
    },
    allowPositionals: true,
  });
  if (values.help === true || positionals.length === 0) {
    console.log(help);
    return values.help === true ? 0 : 2;
  }
  const env = readEnvironment();
  const config = loadConfig({
    path: configPath(values.config === undefined ? [] : ["--config", values.config], env),
    env,
  });
  // The embedded database has one user at a time.
  const lock = config.database.kind === "pglite"
    ? await StateLock.take(config.state.folder)
    : undefined;
  const database = await openDatabase(config.database);
  try {
    await migrate(database);
    for (const file of positionals) {
      const shiftMs = values["shift-to-now"] === true ? Date.now() - await newestIn(file) : 0;
      await ingest(file, {
        shiftMs,
        insert: (rows) => insertMeasurements(database, rows),
      });
    }
    return 0;
  } finally {
    await database.close();
    await lock?.release();
  }
}

/** Loads one file, and says how far it is. */
async function ingest(
  file: string,
  { shiftMs, insert }: {
    readonly shiftMs: number;
    readonly insert: (rows: readonly NewMeasurement[]) => Promise<void>;
  },
): Promise<void> {
  const { size } = await Deno.stat(file);
  const began = performance.now();
  let count = 0;
  let saidMs = 0;
  let batch: NewMeasurement[] = [];
  const write = async (bytes: number) => {
    await insert(batch);
    count += batch.length;
    batch = [];
    const ms = performance.now() - began;
    if (ms - saidMs < 1_000 && bytes < size) return;
    saidMs = ms;
    const percent = size === 0 ? 100 : Math.floor(100 * bytes / size);
    console.log(
      `${file}: ${percent} %, ${count} values, ${Math.round(count / ms * 1000)} a second`,
    );
  };
  for await (const { value, bytes } of readCsv(file)) {
    batch.push({ ...value, time: new Date(value.time.getTime() + shiftMs) });
    if (batch.length === BATCH) await write(bytes);
  }
  await write(size);
}

async function newestIn(file: string): Promise<number> {
  let newest = -Infinity;
  for await (const { value } of readCsv(file)) newest = Math.max(newest, value.time.getTime());
  return Number.isFinite(newest) ? newest : Date.now();
}

if (import.meta.main) {
  Deno.exit(await runCommand(() => main(Deno.args), { help }));
}
