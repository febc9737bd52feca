import assert from "node:assert/strict";
import type { BatchRuntime } from "../../src/cycle/predict.ts";
import type { CycleRecord } from "../../src/cycle/recommendation.ts";
import { whatIf } from "../../src/cycle/what_if.ts";
import { parseStrategy } from "../../src/strategy/parse.ts";
import { sampleStrategy } from "../strategy/sample_strategy.ts";

type PredictingPlan = Parameters<typeof whatIf>[0];

/** quality: sum over 1000; drive: ten times the first change plus the second; each counts its calls. */
function planOf(): { readonly plan: PredictingPlan; readonly calls: string[] } {
  const parsed = parseStrategy(sampleStrategy, { file: "sample.yaml" });
  assert.ok(parsed.kind === "strategy");
  const calls: string[] = [];
  const runtime = (name: string, compute: (row: readonly number[]) => number): BatchRuntime => ({
    predict: () => assert.fail("a sweep asks for rows together"),
    predictRows: (rows) => {
      calls.push(`${name} ${rows.length}`);
      return Promise.resolve(rows.map((row) => [compute(row)]));
    },
  });
  const plan: PredictingPlan = {
    strategy: parsed.strategy,
    runtimes: new Map([
      ["quality", runtime("quality", (row) => row.reduce((sum, x) => sum + x, 0) / 1000)],
      ["drive", runtime("drive", ([coal = NaN, fan = NaN]) => 10 * coal + fan)],
    ]),
    predictions: ["state"],
  };
  return { plan, calls };
}

const SNAPSHOT = { Coal: 8, Fan: 1090, Feed: 100, "FIC-101.PV": 1 };

/** The parts of a cycle record that a what-if reads. */
function latestOf(plan: PredictingPlan): CycleRecord {
  const tagOf = (name: string) => {
    const variable = plan.strategy.variables.get(name);
    return variable?.type === "predicted" ? variable.measuredBy! : name;
  };
  const values = { ...SNAPSHOT, [tagOf("Lime")]: 1.3, [tagOf("Power")]: 500 };
  return {
    recommendation: { time: "2026-03-01T12:00:00.000Z" },
    snapshot: Object.entries(values).map(([variable, value]) => ({ variable, value })),
    bias: { Lime: 0.25 },
  } as unknown as CycleRecord;
}

const valuesOf = (found: Awaited<ReturnType<typeof whatIf>>, name: string) =>
  found.curves.find((curve) => curve.name === name)?.values;

Deno.test("whatIf predicts the snapshot with given values, with bias and from the measured values", async () => {
  const { plan } = planOf();
  const found = await whatIf(plan, {
    given: new Map([["Coal", 8.2], ["Fan", 1100]]),
    axes: [],
    latest: latestOf(plan),
  });
  const heat = 8.2 * 6500 / 62;
  assert.deepEqual(valuesOf(found, "Lime"), [(8.2 + 100 + heat) / 1000 + 0.25]);
  assert.ok(Math.abs(valuesOf(found, "Power")![0]! - (500 + 10 * 0.2 + 10)) < 1e-9);
  assert.equal(found.snapshotTime, "2026-03-01T12:00:00.000Z");
  assert.deepEqual(found.missing, []);
});

Deno.test("whatIf asks each model once for all points, the last axis running fastest", async () => {
  const { plan, calls } = planOf();
  const found = await whatIf(plan, {
    given: new Map(),
    axes: [
      { variable: "Coal", unit: "t/h", values: [7, 8, 9] },
      { variable: "Fan", unit: "RPM", values: [1090, 1100] },
    ],
    latest: latestOf(plan),
  });
  assert.deepEqual(calls.toSorted(), ["drive 6", "quality 6"]);
  const power = valuesOf(found, "Power")!.map((value) => Number(value.toFixed(9)));
  assert.deepEqual(power, [490, 500, 500, 510, 510, 520]);
});

Deno.test("whatIf gives each limit with its ends, and the objective", async () => {
  const { plan } = planOf();
  const found = await whatIf(plan, {
    given: new Map(),
    axes: [{ variable: "Coal", unit: "t/h", values: [7, 8] }],
    latest: latestOf(plan),
  });
  const kinds = new Set(found.curves.map(({ kind }) => kind));
  assert.deepEqual([...kinds].toSorted(), ["limit", "objective", "variable"]);
  for (const { kind, min, max, values } of found.curves) {
    assert.equal(values.length, 2);
    if (kind === "limit") assert.ok(min !== null || max !== null);
  }
});

Deno.test("whatIf without a snapshot names what is missing and predicts nothing from it", async () => {
  const { plan } = planOf();
  const found = await whatIf(plan, {
    given: new Map([["Coal", 8], ["Fan", 1100]]),
    axes: [],
    latest: undefined,
  });
  assert.deepEqual(found.missing, ["Feed", "LAB_lime", "FIC-101.PV"]);
  assert.ok(Number.isNaN(valuesOf(found, "Lime")![0]!));
});
