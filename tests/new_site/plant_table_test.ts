import assert from "node:assert/strict";
import { PlantTableError, readPlantTable, timeOf } from "../../src/new_site/plant_table.ts";

const told = (text: string) => {
  const { columns, rowSeconds, rows, notes } = readPlantTable(text);
  return {
    columns: columns.map(({ name, unit, values }) => [name, unit, ...values]),
    rowSeconds,
    rows,
    notes,
  };
};

Deno.test("readPlantTable takes names, units, times and numbers, and leaves gaps", () => {
  const text = "\uFEFFtimestamp,Steam [t/h],Load (%),FIC-101.PV\r\n" +
    '2026-03-01T00:00:00Z,8.5,,"1"\r\n2026-03-01 00:15:00,8.6,40,2\n\n2026-03-01 00:30,8.7,NaN,3\n';
  assert.deepEqual(told(text), {
    columns: [
      ["Steam", "t/h", 8.5, 8.6, 8.7],
      ["Load", "%", NaN, 40, NaN],
      ["FIC-101.PV", "", 1, 2, 3],
    ],
    rowSeconds: 900,
    rows: 3,
    notes: [],
  });
});

Deno.test("readPlantTable reads what a spreadsheet set to a decimal comma writes", () => {
  const text = "Zeit;Dampf [t/h];Luft\n01.03.2026 00:00;8,5;1.000\n01.03.2026 00:01;-8,6e1;2\n";
  assert.deepEqual(told(text).columns, [["Dampf", "t/h", 8.5, -86], ["Luft", "", 1, 2]]);
  assert.equal(told(text).rowSeconds, 60);
});

Deno.test("readPlantTable finds a column of times that has no name for it, or does without", () => {
  assert.equal(told("A,when\n1,2026-03-01\n2,2026-03-02\n").rowSeconds, 86_400);
  assert.deepEqual(told("A\n1\n2\n"), {
    columns: [["A", "", 1, 2]],
    rowSeconds: undefined,
    rows: 2,
    notes: [],
  });
});

Deno.test("readPlantTable leaves text columns out and says so, and says where single cells are no numbers", () => {
  const { columns, notes } = told("A,Shift,B,C\n1,day,1,\nBad,night,2,\n3,day,3,\n");
  assert.deepEqual(columns, [["A", "", 1, NaN, 3], ["B", "", 1, 2, 3]]);
  assert.deepEqual(notes, [
    'A: 1 cells are no numbers and stay empty (line 3: "Bad")',
    'Shift is left out: line 2: "day" is no number',
    "C is left out: it is empty",
  ]);
});

Deno.test("readPlantTable refuses what is no table, with the line", () => {
  const refused = (text: string) => {
    try {
      readPlantTable(text);
    } catch (error) {
      assert.ok(error instanceof PlantTableError);
      return error.message;
    }
    return assert.fail("it was taken");
  };
  assert.match(refused(""), /first line is empty/);
  assert.match(refused("A,B\n"), /no rows/);
  assert.match(refused("A,B\n1,2\n1,2,3\n"), /Line 3 has 3 cells, the first line 2/);
  assert.match(refused("A,A\n1,2\n"), /Two columns are called "A"/);
});

Deno.test("timeOf reads ISO 8601 and day.month.year, and takes nothing for a guess", () => {
  assert.equal(timeOf("2026-03-01T12:00:00+02:00"), Date.UTC(2026, 2, 1, 10));
  assert.equal(timeOf("1.3.2026 9:05"), Date.UTC(2026, 2, 1, 9, 5));
  assert.ok(Number.isNaN(timeOf("03/04/2026")));
  assert.ok(Number.isNaN(timeOf("17")));
});
