import assert from "node:assert/strict";
import {
  changeText,
  clockText,
  decimalsOf,
  decimalsOfSize,
  decimalsOfStep,
  handyStep,
  numberText,
  spanText,
  unitText,
} from "../../src/http/dashboard/format.ts";
import { limitedByText } from "../../src/http/dashboard/texts.ts";
import { operative } from "../cycle/strategies.ts";

Deno.test("numberText keeps its decimals, spaces thousands from five digits on, and has a real minus", () => {
  assert.equal(numberText(8.5, 3), "8.500");
  assert.equal(numberText(9999, 0), "9999");
  assert.equal(numberText(39500, 0), "39\u202f500");
  assert.equal(numberText(-1234567.25, 1), "\u22121\u202f234\u202f567.3");
  assert.equal(numberText(-0.0001, 2), "0.00", "no minus before nothing");
  for (const missing of [null, undefined, NaN, Infinity]) assert.equal(numberText(missing, 1), "–");
});

Deno.test("changeText signs what can be seen of a change", () => {
  assert.deepEqual([0.05, -0.05, 0, 0.0001].map((x) => changeText(x, 2)), [
    ...["+0.05", "\u22120.05", "0.00", "0.00"],
  ]);
});

Deno.test("decimalsOf follows resolution, then deadband, then the size of the numbers", () => {
  assert.deepEqual([0.005, 0.1, 1, 50, 0.25].map(decimalsOfStep), [3, 1, 0, 0, 2]);
  assert.deepEqual([0.143, 1.4, 44.9, 527.6, 1131, 45_000].map(decimalsOfSize), [3, 2, 2, 1, 0, 0]);
  assert.equal(decimalsOf(operative("a", { resolution: 0.005, deadband: 1 }), [4]), 3);
  assert.equal(decimalsOf(operative("a", { deadband: 0.02 }), [4]), 2);
  assert.equal(decimalsOf(operative("a"), [null, 812.4]), 1);
});

Deno.test("handyStep is a power of ten that is small beside the span", () => {
  assert.deepEqual([26, 0.4, 300, 9000, 1.2].map(handyStep), [1, 0.1, 10, 1000, 0.1]);
  assert.equal(handyStep(0), 1);
});

Deno.test("unitText writes unit codes as signs and leaves others alone", () => {
  assert.deepEqual(["degC", "m3/h", "t/h/RPM", "EUR/h"].map(unitText), [
    ...["°C", "m³/h", "t/h/rpm", "EUR/h"],
  ]);
});

Deno.test("spanText has two parts at most", () => {
  assert.deepEqual([400, 59_000, 245_000, 7_800_000, 273_600_000].map(spanText), [
    ...["0 s", "59 s", "4 min 05 s", "2 h 10 min", "3 d 4 h"],
  ]);
});

Deno.test("clockText names the day where it is another one", () => {
  const now = new Date(2026, 10, 24, 12);
  assert.equal(clockText(new Date(2026, 10, 24, 8, 5, 9), { now }), "08:05:09");
  assert.equal(clockText(new Date(2026, 10, 23, 8, 5, 9), { now }), "23 Nov 08:05:09");
  assert.equal(clockText("never", { now }), "–");
});

Deno.test("limitedByText has words for the box's reasons and the name of a limit", () => {
  assert.equal(limitedByText("move limit up"), "at its move limit up");
  assert.equal(limitedByText("constraint free lime"), "free lime");
});
