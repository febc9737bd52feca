import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { CycleRecord } from "../../../src/cycle/recommendation.ts";
import { FIRST_STATE, runCycle } from "../../../src/cycle/run_cycle.ts";
import { NativeSolver } from "../../../src/solve/native_solver.ts";
import { ENTRY, siteFolder, sitePlan } from "../../end_to_end/site_plan.ts";

const SITE = "autothermal-reformer";

/** One cycle on given values, and what it came to. */
async function withCycle(
  given: Readonly<Record<string, number>>,
  judge: (record: CycleRecord) => void,
): Promise<void> {
  const solver = new NativeSolver();
  const { plan, close } = await sitePlan(SITE, solver);
  try {
    const { record } = await runCycle({
      cycleId: "test",
      trigger: "request",
      given: new Map(Object.entries(given)),
      mode: "advisory",
      validForMs: 1,
    }, {
      plan,
      solver,
      state: FIRST_STATE,
      read: () => Promise.resolve(new Map()),
      now: () => new Date("2026-01-01T12:00:00Z"),
    });
    judge(record);
  } finally {
    await close();
    await solver.close();
  }
}

Deno.test("runCycle of autothermal-reformer ends where the data's physics has its optimum", async () => {
  await withCycle({ Bypass_fraction: 0.5, Steam_ratio: 1 }, ({ recommendation }) => {
    assert.equal(recommendation.status, "optimised", String(recommendation.reason));
    const [bypass, ratio] = recommendation.settings;
    assert.equal(bypass?.recommended, 0.1);
    assert.equal(bypass?.limited_by, "lower bound");
    assert.ok(
      ratio && ratio.recommended >= 1.11 && ratio.recommended <= 1.14,
      `${ratio?.recommended}`,
    );
    assert.equal(ratio.limited_by, "constraint nitrogen");
    const expected = new Map(recommendation.expectations.map((e) => [e.variable, e.expected]));
    const hydrogen = expected.get("Hydrogen")!;
    assert.ok(hydrogen >= 0.331 && hydrogen <= 0.333, `${hydrogen}`);
    assert.ok(expected.get("Nitrogen")! <= 0.34 + 1e-8);
    assert.deepEqual(
      recommendation.binding_limits.map(({ limit }) => limit),
      ["nitrogen", "Bypass_fraction: lower bound"],
    );
  });
});

Deno.test("runCycle of autothermal-reformer warns of a state that its network was not trained on", async () => {
  await withCycle({ Bypass_fraction: 0.5, Steam_ratio: 1.5 }, ({ recommendation }) => {
    assert.equal(recommendation.status, "optimised");
    assert.deepEqual(recommendation.warnings, [
      "At present, reformer: Steam_ratio is 1.5, outside the 0.8 to 1.2 that the model was trained on",
    ]);
  });
});

Deno.test("the strategy of autothermal-reformer is at most thirty lines", () => {
  const lines = readFileSync(join(siteFolder(SITE), ENTRY), "utf8").split("\n")
    .filter((line) => line.trim() !== "" && !line.startsWith("#"));
  assert.ok(lines.length <= 30, `${lines.length} lines`);
});
