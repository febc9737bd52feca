import assert from "node:assert/strict";
import { numberAxis, timeTicks } from "../../src/backtest/report/axes.ts";
import { html } from "../../src/backtest/report/html.ts";
import {
  lengthText,
  numberText,
  shareText,
  signedText,
} from "../../src/backtest/report/numbers.ts";
import { reportPage } from "../../src/backtest/report/page.ts";
import { summaryOf } from "../../src/backtest/summary.ts";
import type { MomentResult } from "../../src/backtest/moment_result.ts";
import { held, LAYOUT, resultAt } from "./sample_results.ts";

const ORIGIN = {
  fingerprint: { strategy: "kiln, version 7" },
  runs: [{ seconds: 2, results: 8, note: "solver children: 2" }],
  notes: ["The record has no <b>Smoke</b>."],
  madeAt: new Date("2026-03-02T00:00:00Z"),
};

function pageOf(...records: readonly (readonly MomentResult[])[]): string {
  const [first, ...others] = records.map((results, i) => ({
    name: `strategy <${i}>`,
    side: "ab"[i]!,
    summary: summaryOf(LAYOUT, results),
    resultAt: (time: number) => results.find((one) => one.time === time)!,
  }));
  return reportPage([first!, ...others], ORIGIN);
}

const error = { measured: 1, plain: 1.5, corrected: 1.25 };
const ordinary = [
  resultAt(0, { errors: [error], warnings: ["<script>alert(1)</script>"] }),
  resultAt(1, {
    errors: [{ ...error, measured: 2 }],
    limits: [{ measured: 2.5, now: 3, expected: 2 }],
    binding: [
      { limit: "lime & more", of: "constraint", side: "upper", price: 3, priceUnit: "x" },
    ],
  }),
  held(2, 'Coal "is" bad'),
];

for (
  const [what, records] of Object.entries({
    "one strategy": [ordinary],
    "two strategies": [ordinary, [resultAt(0), resultAt(1)]],
    "nothing but held moments": [[held(0, "bad"), held(1, "bad")]],
    "a single moment": [[resultAt(0)]],
  })
) {
  Deno.test(`reportPage of ${what} needs nothing from elsewhere, and its links lead to places in it`, () => {
    const page = pageOf(...records);
    assert.doesNotMatch(page, /<script|<link|<img|<iframe|\ssrc=|https?:|url\(|@import/);
    assert.match(page, /Content-Security-Policy" content="default-src 'none'/);
    const ids = [...page.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id!);
    assert.equal(new Set(ids).size, ids.length, "each id stands once");
    for (const [, target] of page.matchAll(/href="#([^"]+)"/g)) {
      assert.ok(ids.includes(target!), `#${target} leads nowhere`);
    }
    assert.doesNotMatch(page, /NaN|undefined|Infinity|\[object/);
    for (const tag of ["table", "section", "div", "svg", "ul", "p", "dl", "figure"]) {
      const opened = page.match(new RegExp(`<${tag}[\\s>]`, "g"))?.length ?? 0;
      const closed = page.match(new RegExp(`</${tag}>`, "g"))?.length ?? 0;
      assert.equal(opened, closed, tag);
    }
  });
}

Deno.test("reportPage escapes whatever strategies and records say", () => {
  const page = pageOf(ordinary);
  for (const text of ["strategy <0>", "<main> burner", "<b>Smoke", "lime & more"]) {
    assert.ok(!page.includes(text), text);
  }
  assert.match(page, /To the &lt;main&gt; burner/);
  assert.match(page, /Coal &quot;is&quot; bad/);
});

Deno.test("reportPage says the gain in words: money is worth something, and one move is not many", () => {
  const page = pageOf(ordinary);
  assert.match(page, /would have been worth 10\.0\u00a0EUR\/h on average \(10\.0\u00a0%\)/);
  assert.match(page, /20\.0\u00a0EUR over 2 hours/);
  assert.match(page, /Gains are not accumulated/);
  assert.match(page, /4\.00 cycles per second/);
});

Deno.test("html escapes what is put in, and leaves HTML alone", () => {
  const inside = html`<b>${"<i>"}</b>`;
  assert.equal(
    html`${inside}${[inside]}${undefined}${3}${`"'&`}`.text.replaceAll("\n", ""),
    "<b>&lt;i&gt;</b><b>&lt;i&gt;</b>3&quot;&#39;&amp;",
  );
});

Deno.test("numbers are written with three digits that count, a true minus and thousands apart", () => {
  assert.deepEqual([1234.5, 12.345, 0.012345, -0.5, 0, -0.0000001].map((n) => numberText(n)), [
    ...["1,235", "12.3", "0.0123", "\u22120.500", "0", "\u22120.00000010"],
  ]);
  assert.equal(numberText(-0.001, 1), "0.0");
  assert.equal(signedText(2, 0), "+2");
  assert.equal(signedText(-2, 0), "\u22122");
  const shares = [[0, 5], [5, 5], [1, 5000], [4999, 5000], [1, 3]] as const;
  assert.deepEqual(shares.map(([count, of]) => shareText(count, of).replace("\u00a0", " ")), [
    ...["0 %", "100 %", "< 0.1 %", "> 99.9 %", "33.3 %"],
  ]);
  assert.equal(lengthText(300_000), "5\u00a0min");
});

Deno.test("timeTicks marks hours, days, months and years, seven at most, inside of the range", () => {
  const day = 86_400_000;
  const from = Date.parse("2014-01-01T00:00:00Z");
  for (const days of [0.2, 1, 4, 30, 90, 298, 365, 1500, 4000]) {
    const ticks = timeTicks(from, from + days * day);
    assert.ok(ticks.length >= 2 && ticks.length <= 8, `${days}: ${ticks.length}`);
    for (const { at } of ticks) assert.ok(at >= 0 && at <= 1);
  }
  assert.deepEqual(timeTicks(from, from + 298 * day).map(({ text }) => text), [
    ...["2014", "Mar", "May", "Jul", "Sep"],
  ]);
});

Deno.test("numberAxis holds every value and 0, and its ticks are round", () => {
  assert.deepEqual(numberAxis([-1.2, 3.7]).ticks, [-2, -1, 0, 1, 2, 3, 4]);
  assert.deepEqual(numberAxis([0.01, 0.02], 4).ticks, [0, 0.005, 0.01, 0.015, 0.02]);
  assert.deepEqual(numberAxis([0]).ticks, [0, 1]);
});
