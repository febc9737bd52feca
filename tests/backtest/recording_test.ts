import assert from "node:assert/strict";
import fc from "fast-check";
import { Recording } from "../../src/backtest/recording.ts";
import type { RecordedValue } from "../../src/backtest/recording.ts";
import { insertMeasurements } from "../../src/storage/new_measurements.ts";
import { migrate } from "../../src/storage/migrations.ts";
import { PgliteDatabase } from "../../src/storage/pglite_database.ts";
import { logOf } from "../../src/log.ts";
import { readReadings } from "../../src/cycle/readings.ts";
import { Measurements } from "../../src/storage/measurements.ts";
import { siteValues } from "../storage/site_values.ts";
import { informative, strategyOf } from "../cycle/strategies.ts";

const at = (text: string) => new Date(`2026-03-01T${text}Z`);

function recordingOf(values: readonly RecordedValue[]): Recording {
  const recording = new Recording();
  for (const value of values) recording.add(value);
  return recording;
}

const good = (tag: string, time: string, value: number): RecordedValue => ({
  ...{ tag, value, time: at(time), quality: "good" },
});

Deno.test("Recording gives the newest value up to a moment and nothing of what came later", () => {
  const recording = recordingOf([
    good("A", "12:00:00", 1),
    good("A", "12:10:00", 2),
    good("B", "12:05:00", 3),
  ]);
  const read = (time: string) =>
    [...recording.readingsAt(at(time).getTime(), { averages: new Map() })]
      .map(([tag, { value }]) => [tag, value]);
  assert.deepEqual(read("11:59:59"), []);
  assert.deepEqual(read("12:05:00"), [["A", 1], ["B", 3]]);
  assert.deepEqual(read("13:00:00"), [["A", 2], ["B", 3]]);
});

Deno.test("Recording keeps the later of two values of one time, and a digest that forgets the order of arrival", () => {
  const values = [good("A", "12:00:00", 1), good("A", "12:10:00", 2), good("B", "12:00:00", 5)];
  const one = recordingOf([...values, good("A", "12:00:00", 7)]);
  const readings = one.readingsAt(at("12:00:00").getTime(), { averages: new Map() });
  assert.equal(readings.get("A")?.value, 7);
  assert.equal(one.size, 3);
  const forward = recordingOf(values).digest;
  assert.equal(recordingOf(values.toReversed()).digest, forward);
  assert.notEqual(recordingOf([...values, good("B", "12:01:00", 5)]).digest, forward);
  assert.notEqual(recordingOf([...values.slice(1), good("A", "12:00:00", 1.5)]).digest, forward);
});

Deno.test("Recording reads what a cycle reads from the database, averages and qualities included", async () => {
  const value = fc.record({
    tag: fc.constantFrom("A", "B", "C"),
    time: fc.integer({ min: 0, max: 200 }).map((minute) =>
      new Date(at("00:00:00").getTime() + 60_000 * minute)
    ),
    value: fc.oneof(fc.double({ min: -10, max: 10, noNaN: true }), fc.constant(NaN)),
    quality: fc.constantFrom("good" as const, "uncertain" as const, "bad" as const),
  });
  const [values = []] = fc.sample(
    fc.uniqueArray(value, {
      minLength: 200,
      maxLength: 200,
      selector: ({ tag, time }) => `${tag} ${time.getTime()}`,
    }),
    { numRuns: 1, seed: 11 },
  );
  const strategy = strategyOf(
    informative("A", { averageMs: 15 * 60_000, averageBy: "mean" }),
    informative("B", { averageMs: 20 * 60_000, averageBy: "median" }),
    informative("C"),
  );
  const folder = await Deno.makeTempDir();
  const database = await PgliteDatabase.open(folder, { log: logOf("test") });
  try {
    await migrate(database);
    await insertMeasurements(database, values);
    const recording = recordingOf(values);
    const averages = new Map([
      ["A", { ms: 15 * 60_000, by: "mean" as const }],
      ["B", { ms: 20 * 60_000, by: "median" as const }],
    ]);
    for (let minute = 5; minute < 200; minute += 13) {
      const moment = at("00:00:00").getTime() + 60_000 * minute;
      const found = recording.readingsAt(moment, { averages });
      const asked = await readReadings(strategy, {
        measurements: new Measurements(siteValues(), { place: "here" }),
        queries: database,
        // The box reads a minute ahead of its clock, for clocks that are a little fast.
        now: new Date(moment - 60_000),
      });
      for (const [tag, reading] of asked) {
        const own = found.get(tag);
        assert.deepEqual(own?.time, reading.time, tag);
        assert.equal(own?.quality, reading.quality);
        const differ = Math.abs((own?.value ?? NaN) - (reading.value ?? NaN));
        const bothNone = own?.value === null && !Number.isFinite(reading.value ?? NaN);
        assert.ok(differ < 1e-12 || bothNone, `${tag}: ${own?.value}, ${reading.value}`);
      }
      assert.equal(found.size, asked.size);
    }
  } finally {
    await database.close();
    await Deno.remove(folder, { recursive: true });
  }
});
