import assert from "node:assert/strict";
import { parseStrategy } from "../../src/strategy/parse.ts";
import { printProblem } from "../../src/strategy/problem.ts";

/** Problems of a strategy with one formula over variables of several units. */
function problemsOf(unit: string, formula: string): string {
  const text = `name: units
variables:
  Coal: { type: operative, unit: t/h, bounds: [5, 12] }
  Feed: { type: informative, unit: kg/h }
  Heat: { type: informative, unit: MJ/kg }
  Air: { type: informative, unit: m3/h }
  Inside: { type: informative, unit: degC }
  Outside: { type: informative, unit: K }
  Speed: { type: informative, unit: RPM }
  Price: { type: informative, unit: EUR/t }
  Odd: { type: informative, unit: mg/Nm3 }
  Bare: { type: informative, unit: "" }
  result: { type: calculated, unit: ${JSON.stringify(unit)} }
skills:
  formula: { type: function, output: result, formula: ${JSON.stringify(formula)} }
tasks: [{ name: run, skill: formula }]
`;
  const result = parseStrategy(text, { file: "units.yaml" });
  return result.kind === "problems" ? result.problems.map(printProblem).join("\n") : "";
}

const right: readonly (readonly [string, string])[] = [
  ["t/h", "Coal + 3"],
  ["t/h", "273 + Coal - 2 * Feed"],
  ["t/h", "min(Coal, 9) + abs(change(Coal)) + clip(Coal, 1, 2)"],
  ["GJ/h", "Coal * Heat"],
  ["EUR/h", "Coal * Price"],
  ["EUR/h", "75 * Coal"],
  ["t/h/RPM", "Coal / Speed"],
  ["t2/h2", "Coal ^ 2 + Coal * Coal"],
  ["t/h", "sqrt(Coal ^ 2)"],
  ["t/h", "if(Inside > 20, Coal, measured(Coal))"],
  ["t/h", "smooth_if(Inside > 20, Coal, 0, 5) + above(Inside, 20, 5)"],
  ["degC", "Inside - Outside"],
  ["", "Coal + Bare"],
  ["t/h", "Coal * Odd + Coal * Bare"],
  ["mg/m3", "Odd + 0"],
  ["%", "exp(Inside) + log(Coal) + Bare ^ Coal"],
  ["t/h", "interpolate(Inside, 0, 1, 100, 2)"],
  ["kg/h", "Coal * 1000 + Feed"],
];

Deno.test("checkUnits raises no alarm where units fit, are unknown or may hide in a number", () => {
  for (const [unit, formula] of right) assert.equal(problemsOf(unit, formula), "", formula);
});

const wrong: readonly (readonly [string, string, string, string])[] = [
  ["t/h", "Coal + Air", '"+" joins a value in t/h and one in m3/h', "90 * Coal"],
  ["t/h", "Coal + Feed", '"+" joins a value in t/h and one in kg/h', "in kg/h by 0.001"],
  ["t/h", "Coal * Heat", 'The formula is in t/h*MJ/kg, but "result" in t/h', ""],
  ["MJ/h", "Coal * Heat", "The formula is in t/h*MJ/kg", "Multiply it by 1000"],
  ["%", "if(Coal < Air, 1, 2)", '"<" joins a value in t/h and one in m3/h', ""],
  ["t/h", "max(Coal, Air)", "max() joins a value in t/h and one in m3/h", ""],
  ["t/h", "Coal / Speed / Heat", "The formula is in t/h/RPM/(MJ/kg)", ""],
];

Deno.test("checkUnits names both units, and the factor where one lies between them", () => {
  for (const [unit, formula, message, cure] of wrong) {
    const shown = problemsOf(unit, formula);
    assert.ok(shown.includes(message) && shown.includes(cure), `${formula}\n${shown}`);
    assert.equal(shown.split("units.yaml").length, 2, shown);
  }
});
