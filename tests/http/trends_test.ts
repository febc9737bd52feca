import assert from "node:assert/strict";
import fc from "fast-check";
import type { CycleRecord } from "../../src/cycle/recommendation.ts";
import { CycleHistory, OBJECTIVE } from "../../src/http/cycle_history.ts";
import { limitsOf, trendOf } from "../../src/http/trends.ts";
import { LARGE_PLANT, largePlan, plantCycle, someSettings } from "../campaigns/dashboard_plant.ts";

const START_MS = Date.UTC(2026, 2, 1);
const MINUTE_MS = 60_000;
const { strategy } = largePlan(LARGE_PLANT);
const [name = ""] = someSettings(1);

/** One cycle a minute. */
function records(count: number): CycleRecord[] {
  return Array.from(
    { length: count },
    (_, number) =>
      plantCycle(LARGE_PLANT, { number, time: new Date(START_MS + number * MINUTE_MS) }),
  );
}

function historyOver(stored: CycleRecord[], { requestsCount = false } = {}) {
  let reads = 0;
  const history = new CycleHistory({
    records: ({ limit, before }) => {
      reads++;
      return stored.filter(({ recommendation }) =>
        before === undefined || recommendation.time < before
      ).slice(-limit).toReversed();
    },
    latest: () => stored.at(-1),
    requestsCount,
  });
  return { history, reads: () => reads };
}

Deno.test("CycleHistory has the last hours at once, all of it after filling, and each cycle once", async () => {
  const stored = records(200);
  const { history } = historyOver(stored);
  history.refresh();
  assert.equal(history.cycles(0).length, 72);
  assert.equal(history.isComplete, false);
  await history.fill();
  assert.equal(history.isComplete, true);
  const times = history.cycles(0).map(({ timeMs }) => timeMs);
  assert.deepEqual(times, stored.map(({ recommendation }) => Date.parse(recommendation.time)));
});

Deno.test("CycleHistory takes up what has come since, and reads nothing where nothing has", async () => {
  const stored = records(30);
  const { history, reads } = historyOver(stored);
  await history.fill();
  const before = reads();
  history.refresh();
  assert.equal(reads(), before);
  stored.push(...records(41).slice(30));
  history.refresh();
  assert.equal(history.cycles(0).length, 41);
  const { values } = history.series(name, { kind: "recommended", fromMs: 0 });
  assert.deepEqual(
    values,
    stored.map(({ recommendation }) => recommendation.settings[0]!.recommended),
  );
});

Deno.test("CycleHistory begins anew rather than leave a hole where nobody has looked for long", async () => {
  const stored = records(10);
  const { history } = historyOver(stored);
  await history.fill();
  stored.push(...records(400).slice(10));
  history.refresh();
  await history.fill();
  assert.equal(history.cycles(0).length, 400);
});

Deno.test("CycleHistory leaves out what somebody only asked for", async () => {
  const stored = records(6).map((record, i): CycleRecord => ({
    ...record,
    recommendation: { ...record.recommendation, trigger: i % 2 === 0 ? "schedule" : "request" },
  }));
  const counts = async (requestsCount: boolean) => {
    const { history } = historyOver(stored, { requestsCount });
    await history.fill();
    return history.cycles(0).length;
  };
  assert.deepEqual([await counts(false), await counts(true)], [3, 6]);
});

Deno.test("trendOf loses no peak and invents none, whatever the buckets", async () => {
  const { history } = historyOver(records(120));
  await history.fill();
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 10, max: 300 }),
      fc.integer({ min: 0, max: 100 }),
      fc.integer({ min: 1, max: 120 }),
      async (buckets, first, length) => {
        const fromMs = START_MS + first * MINUTE_MS;
        const toMs = fromMs + length * MINUTE_MS;
        const trend = await trendOf(
          { variable: name, from: new Date(fromMs), to: new Date(toMs), buckets },
          { strategy, history, measured: undefined },
        );
        const { values } = history.series(name, { kind: "recommended", fromMs, toMs });
        const recommended = trend.series.find(({ kind }) => kind === "recommended");
        const numbers = (of: readonly (number | null)[] = []) =>
          of.filter((value) => value !== null);
        assert.equal(Math.max(...numbers(recommended?.max)), Math.max(...values));
        assert.equal(Math.min(...numbers(recommended?.min)), Math.min(...values));
        assert.deepEqual(trend.times, trend.times.toSorted((a, b) => a - b));
        assert.ok(trend.times.length <= buckets);
        for (const { min, mean, max } of trend.series) {
          for (const [i, middle] of mean.entries()) {
            if (middle === null) continue;
            assert.ok(min[i]! <= middle + 1e-9 && middle <= max[i]! + 1e-9);
          }
        }
      },
    ),
    { numRuns: 60 },
  );
});

Deno.test("trendOf leaves a hole open, and takes one value per cycle where the database has none", async () => {
  const stored = [...records(10), ...records(40).slice(30)];
  const { history } = historyOver(stored);
  await history.fill();
  const question = {
    variable: name,
    from: new Date(START_MS),
    to: new Date(START_MS + 40 * MINUTE_MS),
    buckets: 40,
  };
  const parts = { strategy, history };
  const away = await trendOf(question, {
    ...parts,
    measured: () => Promise.reject(new Error("the database is away")),
  });
  assert.equal(away.fault, "the database is away");
  const [measured] = away.series;
  assert.deepEqual([measured?.kind, measured?.source], ["measured", "cycles"]);
  assert.equal(measured?.mean[10], null, "the hole's first bucket");
  assert.equal(away.times.length, 21);
  const there = await trendOf(question, {
    ...parts,
    measured: () => Promise.resolve([{ bucket: 3, min: 1, mean: 2, max: 3, count: 5 }]),
  });
  assert.equal(there.series[0]?.source, "values");
  assert.equal(there.series[0]?.max[there.times.indexOf(START_MS + 3.5 * MINUTE_MS)], 3);
});

Deno.test("trendOf knows the objective, and limitsOf the bounds and limits of a variable alone", async () => {
  const { history } = historyOver(records(5));
  await history.fill();
  const { series } = await trendOf({
    ...{ variable: OBJECTIVE, from: new Date(START_MS), buckets: 10 },
    to: new Date(START_MS + 5 * MINUTE_MS),
  }, { strategy, history, measured: undefined });
  assert.deepEqual(series.map(({ kind }) => kind), ["predicted", "expected"]);
  assert.deepEqual(limitsOf(strategy, name), [{ name: "bounds", min: 0, max: 100 }]);
  assert.deepEqual(limitsOf(strategy, "Predicted_quality_2"), [{
    name: "limit 2",
    min: 0,
    max: 100,
  }]);
});
