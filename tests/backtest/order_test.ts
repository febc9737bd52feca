import assert from "node:assert/strict";
import { OrderError, outName, readOrder } from "../../src/backtest/order.ts";
import type { OrderWords } from "../../src/backtest/order.ts";

const SITE = new URL("../../strategies/gas-turbine", import.meta.url).pathname;

function problemsOf(places: readonly string[], words: OrderWords): readonly string[] {
  try {
    readOrder(places, words);
  } catch (error) {
    assert.ok(error instanceof OrderError);
    return error.problems;
  }
  return [];
}

Deno.test("readOrder reads times as UTC unless they name a zone, and lengths of time", () => {
  const order = readOrder([SITE], {
    ...{ from: "2026-03-01", to: "2026-03-02T06:00+02:00", every: "5m", children: "3" },
  });
  assert.equal(order.from, Date.parse("2026-03-01T00:00:00Z"));
  assert.equal(order.to, Date.parse("2026-03-02T04:00:00Z"));
  assert.equal(order.everyMs, 300_000);
  assert.equal(order.children, 3);
  assert.equal(
    outName(order, { from: order.from!, to: order.to!, every: 300_000 }),
    "2026-03-01_2026-03-02T0400Z_every_300s",
  );
});

Deno.test("readOrder takes the files that a shell has spread behind --csv", () => {
  const file = new URL(import.meta.url).pathname;
  assert.deepEqual(readOrder([SITE, file], { csv: [file] }).csv, [file, file]);
});

Deno.test("readOrder tells everything that is wrong at once, each with its cure", () => {
  const problems = problemsOf(["nowhere", "also-nowhere"], {
    from: "2026-02-31",
    to: "tomorrow",
    every: "5 minutes",
    children: "0",
    "row-every": "1h",
  });
  const told = problems.join("\n");
  assert.equal(problems.length, 7, told);
  assert.match(told, /"also-nowhere": one site at a time/);
  assert.match(told, /no site nowhere: name a folder/);
  assert.match(told, /--from 2026-02-31: no such time; write/);
  assert.match(told, /--to tomorrow: no such time/);
  assert.match(told, /--every 5 minutes: no length of time; write .* 5m/);
  assert.match(told, /--children 0: a whole number from 1 to 64/);
  assert.match(told, /--first-row and --row-every belong together/);
});

Deno.test("readOrder wants an end after the beginning, files that are there, and times for a database", () => {
  assert.match(
    problemsOf([SITE], { from: "2026-03-02", to: "2026-03-01" }).join("\n"),
    /--from 2026-03-02 --to 2026-03-01: no time lies between/,
  );
  assert.match(problemsOf([SITE], { csv: ["none.csv"] }).join("\n"), /--csv none\.csv: .*no such/);
  const lacking = problemsOf([SITE], {});
  assert.equal(lacking.length, 2);
  assert.match(lacking.join("\n"), /--from lacks.*--csv/);
  assert.match(problemsOf(["tests"], { csv: [] }).join("\n"), /tests has no config\.yaml/);
});
