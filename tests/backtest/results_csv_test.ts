import assert from "node:assert/strict";
import { resultsCsv } from "../../src/backtest/results_csv.ts";
import { held, LAYOUT, resultAt } from "./sample_results.ts";

Deno.test("resultsCsv writes a row per moment with units in its head, full precision, and empty cells for nothing", () => {
  const csv = resultsCsv(LAYOUT, [
    resultAt(0, {
      objective: { measured: null, now: 0.1 + 0.2, expected: 1e-17, gain: -0 },
      binding: [
        { limit: "lime & more", of: "constraint", side: "upper", price: 3, priceUnit: "x" },
      ],
      relaxed: [{ limit: "lime & more", unit: "%", by: 0.25 }],
    }),
    held(1, 'the value, "old"'),
  ]);
  const [head, first, second, rest] = csv.split("\r\n");
  assert.ok(head!.includes("Coal recorded (t/h),Coal recommended (t/h),Coal limited by"));
  assert.ok(head!.includes("limit lime & more relaxed by (%)"));
  assert.ok(
    first!.startsWith("2026-03-01T00:00:00.000Z,optimised,,solved,9,0,,0.30000000000000004,1e-17,"),
  );
  assert.ok(first!.includes(",upper,3,0.25,"), first);
  assert.ok(second!.includes('held,"the value, ""old""",,9,,,,'), second);
  assert.equal(rest, "");
});

Deno.test("resultsCsv holds nothing of the machine, and no text that a spreadsheet takes for a formula", () => {
  const slow = resultsCsv(LAYOUT, [resultAt(0, { ms: 1e6, warnings: ["=cmd()"] })]);
  const quick = resultsCsv(LAYOUT, [resultAt(0, { ms: 1, warnings: ["=cmd()"] })]);
  assert.equal(slow, quick);
  assert.ok(slow.endsWith(",'=cmd()\r\n"));
});
