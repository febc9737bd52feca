import assert from "node:assert/strict";
import { recommendedSettings } from "../../src/cycle/recommendation.ts";
import type { CycleRecord, Recommendation, Setting } from "../../src/cycle/recommendation.ts";

function setting(variable: string, { measured, recommended }: {
  readonly measured: number;
  readonly recommended: number;
}): Setting {
  return {
    ...{ variable, measured, recommended, change: recommended - measured, unit: "t/h" },
    ...{ limited_by: "optimum", quality: "good", source_time: null },
  };
}

function recordOf(achieved: Recommendation["mode"]["achieved"]): CycleRecord {
  const settings = [
    setting("Coal", { measured: 8, recommended: 8.5 }),
    setting("Fan", { measured: 40.13, recommended: 40.13 }),
  ];
  const mode = { requested: "active", achieved };
  return { recommendation: { settings, mode } } as unknown as CycleRecord;
}

Deno.test("recommendedSettings enters what changes, and leaves the set-point of what is to stay", () => {
  assert.deepEqual([...recommendedSettings(recordOf("active"))], [["Coal", 8.5]]);
});

Deno.test("recommendedSettings enters nothing that is not offered for download", () => {
  assert.equal(recommendedSettings(recordOf("advisory")).size, 0);
  assert.equal(recommendedSettings(undefined).size, 0);
});
