import assert from "node:assert/strict";
import { trainedRangeWarnings } from "../../src/cycle/trained_range_warnings.ts";
import { parseStrategy } from "../../src/strategy/parse.ts";
import { sampleStrategy } from "../strategy/sample_strategy.ts";

function warnings(values: Record<string, number>, text = sampleStrategy): string[] {
  const result = parseStrategy(text, { file: "sample.yaml" });
  assert.ok(result.kind === "strategy");
  return trainedRangeWarnings(result.strategy, "state", {
    values: new Map(Object.entries(values)),
    measured: new Map([["Coal", 8], ["Fan", 1100]]),
    ranges: new Map([
      ["quality", [[7, 9], [80, 120], [700, 900]]],
      ["drive", [[-0.1, 0.1], [-20, 20]]],
    ]),
  });
}

const inside = { Coal: 8.05, Fan: 1110, Feed: 100, heat: 850 };

Deno.test("trainedRangeWarnings keeps quiet inside the ranges and on their edges", () => {
  assert.deepEqual(warnings(inside), []);
  assert.deepEqual(warnings({ ...inside, Feed: 120, heat: 700 }), []);
});

Deno.test("trainedRangeWarnings names each input that is outside, changes for a delta model", () => {
  assert.deepEqual(warnings({ ...inside, Feed: 130, Fan: 1150 }), [
    "quality: Feed is 130 t/h, outside the 80 to 120 that the model was trained on",
    "drive: the change of Fan is 50 RPM, outside the -20 to 20 that the model was trained on",
  ]);
});

Deno.test("trainedRangeWarnings says nothing where the domain is to be ignored", () => {
  const text = sampleStrategy.replace("domain: keep", "domain: ignore");
  assert.deepEqual(warnings({ ...inside, Feed: 130 }, text), []);
});
