import assert from "node:assert/strict";
import type { FeedConfig, ReplayFeedConfig, SimulatorFeedConfig } from "../../src/config_feed.ts";
import { type FeedValue, startFeed } from "../../src/feed/feed.ts";
import { openReplay, ReplayError } from "../../src/feed/replay.ts";
import { openSimulatedPlant, SimulatorError } from "../../src/feed/simulated_plant.ts";
import { logOf, startLog } from "../../src/log.ts";
import { insertMeasurements, tidyMeasurements } from "../../src/storage/new_measurements.ts";
import { readNewest } from "../storage/site_values.ts";
import { migrate } from "../../src/storage/migrations.ts";
import { PgliteDatabase } from "../../src/storage/pglite_database.ts";

const now = new Date("2026-03-01T12:00:00Z");
const log = logOf("feed");

async function withCsv(text: string, work: (config: ReplayFeedConfig) => Promise<void>) {
  const file = await Deno.makeTempFile({ suffix: ".csv" });
  try {
    await Deno.writeTextFile(file, text);
    await work({
      kind: "replay",
      file,
      columns: undefined,
      rowSeconds: 3600,
      pace: 1,
      startRow: 1,
    });
  } finally {
    await Deno.remove(file);
  }
}

const simulator: SimulatorFeedConfig = {
  kind: "simulator",
  module: new URL("./small_plant.ts", import.meta.url).pathname,
  seed: 3,
  periodSeconds: 10,
  speed: 1,
  followRecommendations: true,
  warmUpMinutes: 1,
};

function table(values: readonly FeedValue[]) {
  return values.map((
    { tag, value, time },
  ) => [tag, value, (time.getTime() - now.getTime()) / 1000]);
}

Deno.test("openReplay gives each row in turn, earlier rows as history, and begins again at the end", () =>
  withCsv("\uFEFFA,B\r\n1,10\r\n2,\r\n3,30\r\n\r\n", async (config) => {
    const source = await openReplay({ ...config, startRow: 2, pace: 360 });
    assert.equal(source.periodMs, 10_000);
    assert.deepEqual(table(source.history(now)), [["A", 1, -10], ["B", 10, -10], ["A", 2, 0]]);
    assert.deepEqual(table(source.next(now)), [["A", 3, 0], ["B", 30, 0]]);
    assert.deepEqual(table(source.next(now)), [["A", 1, 0], ["B", 10, 0]]);
    assert.deepEqual(table(source.next(now)), [["A", 2, 0]]);
  }));

Deno.test("openReplay takes the columns asked for, under their tags", () =>
  withCsv('"AT",NOX,TEY\n4.5,81.9,134.6\n', async (config) => {
    const source = await openReplay({ ...config, columns: { TEY: "Power", AT: "Ambient" } });
    assert.deepEqual(table(source.history(now)), [["Power", 134.6, 0], ["Ambient", 4.5, 0]]);
  }));

Deno.test("openReplay takes recorded times for times, not for values", () =>
  withCsv("Timestamp,A\n2026-01-01T00:00:00Z,1\n", async (config) => {
    assert.deepEqual(table((await openReplay(config)).history(now)), [["A", 1, 0]]);
  }));

Deno.test("openReplay names every wrong line and column at once", () =>
  withCsv("A,B\n1,2\n1\nx,Infinity\n", async (config) => {
    await assert.rejects(
      openReplay({ ...config, columns: { A: "a", B: "b", C: "c" } }),
      (error: unknown) => {
        assert.ok(error instanceof ReplayError);
        for (const part of ['no column "C"', "line 3 has 1 cells", 'line 4, a: "x"', "Infinity"]) {
          assert.ok(error.message.includes(part), part);
        }
        return true;
      },
    );
    await assert.rejects(openReplay({ ...config, file: `${config.file}.none` }), ReplayError);
  }));

Deno.test("openReplay refuses an empty file and a start beyond its end", () =>
  withCsv("A\n", async (config) => {
    await assert.rejects(openReplay(config), /no rows/);
    await Deno.writeTextFile(config.file, "A\n1\n");
    await assert.rejects(openReplay({ ...config, startRow: 2 }), /has 1 rows/);
  }));

Deno.test("openSimulatedPlant warms up, then follows the recommended settings", async () => {
  const settings = new Map<string, number>();
  const source = await openSimulatedPlant(simulator, { settings: () => settings });
  const history = table(source.history(now));
  assert.equal(history.length, 12);
  assert.deepEqual(history.slice(0, 2), [["valve", 3, -50], ["seconds", 10, -50]]);
  assert.deepEqual(history.slice(-2), [["valve", 3, 0], ["seconds", 60, 0]]);
  settings.set("valve", 7);
  assert.deepEqual(table(source.next(now)), [["valve", 7, 0], ["seconds", 70, 0]]);
});

Deno.test("openSimulatedPlant writes what is sampled only when it was, with the time of its period", async () => {
  const module = new URL("./sampled_plant.ts", import.meta.url).pathname;
  const options = { settings: () => new Map<string, number>() };
  const lab = (values: readonly FeedValue[]) => table(values).filter(([tag]) => tag === "lab");

  const source = await openSimulatedPlant({ ...simulator, module }, options);
  const history = source.history(now);
  assert.deepEqual(lab(history), [["lab", 1, -30], ["lab", 2, 0]]);
  assert.equal(history.length, 6 + 2);
  assert.deepEqual(table(source.next(now)), [["sensor", 70, 0]]);

  // At four times the pace a sample falls into one of the four steps of a period.
  const fast = await openSimulatedPlant({ ...simulator, module, speed: 4 }, options);
  assert.deepEqual(table(fast.next(now)), [["sensor", 40, 0], ["lab", 1, 0]]);
});

Deno.test("openSimulatedPlant leaves the settings alone when told not to follow", async () => {
  const options = { settings: () => new Map([["valve", 7]]) };
  const source = await openSimulatedPlant(
    { ...simulator, followRecommendations: false, speed: 2.5 },
    options,
  );
  assert.deepEqual(table(source.next(now)), [["valve", 3, 0], ["seconds", 25, 0]]);
});

Deno.test("openSimulatedPlant says what a module must give", async () => {
  const options = { settings: () => new Map<string, number>() };
  for (const name of ["not_a_plant.ts", "none.ts", "feed_test_data.txt"]) {
    const module = new URL(`./${name}`, import.meta.url).pathname;
    await assert.rejects(openSimulatedPlant({ ...simulator, module }, options), SimulatorError);
  }
});

Deno.test("startFeed fills the database at once and goes on until it is stopped", async () => {
  const database = await PgliteDatabase.inMemory();
  try {
    await migrate(database);
    const old = new Date(Date.now() - 49 * 3_600_000);
    await insertMeasurements(database, [{ tag: "valve", value: 1, time: old, quality: "good" }]);
    await insertMeasurements(database, [{ tag: "other", value: 1, time: old, quality: "good" }]);
    const config: FeedConfig = { ...simulator, periodSeconds: 0.02, warmUpMinutes: 0.01 };
    const written = Promise.withResolvers<void>();
    let sets = 0;
    const feed = await startFeed(config, {
      log,
      settings: () => new Map([["valve", 9]]),
      insert: async (values) => {
        await insertMeasurements(database, values);
        if (++sets === 4) written.resolve();
      },
      forget: (values) => tidyMeasurements(database, values),
    });
    const newest = () =>
      readNewest(database, { tags: ["valve"], until: new Date(Date.now() + 1000) });
    assert.ok((await newest()).has("valve"));
    await written.promise;
    await feed.stop();
    assert.equal((await newest()).get("valve")?.value, 9);
    const { written: count, fault, lastWrite } = feed.state();
    const [row] = await database.query("select count(*)::integer as n from process_data");
    // The other tag's old row is not the feed's, and stays.
    assert.equal(row?.n, count + 1);
    assert.equal(fault, undefined);
    assert.ok(lastWrite instanceof Date);
  } finally {
    await database.close();
  }
});

Deno.test("startFeed goes on after a write that failed, and says so once", async () => {
  const lines: string[] = [];
  startLog({ level: "info", write: (line) => lines.push(JSON.parse(line).message) });
  const recovered = Promise.withResolvers<void>();
  let sets = 0;
  const feed = await startFeed({ ...simulator, periodSeconds: 0.005, warmUpMinutes: 0 }, {
    log,
    settings: () => new Map(),
    insert: () => {
      sets++;
      if (sets <= 3) return Promise.reject(new Error("database away"));
      if (sets === 5) recovered.resolve();
      return Promise.resolve();
    },
  });
  assert.equal(feed.state().fault, "database away");
  await recovered.promise;
  await feed.stop();
  assert.equal(feed.state().fault, undefined);
  assert.equal(lines.filter((line) => line.includes("cannot give its values")).length, 1);
  assert.equal(lines.filter((line) => line.includes("writes again")).length, 1);
  const after = sets;
  await new Promise((resolve) => setTimeout(resolve, 30));
  assert.equal(sets, after, "it writes after stop");
});
