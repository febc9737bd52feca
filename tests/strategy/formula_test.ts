import assert from "node:assert/strict";
import fc from "fast-check";
import { evaluateFormula } from "../../src/strategy/evaluate_formula.ts";
import { maxFormulaWords, parseFormula } from "../../src/strategy/formula.ts";
import { formulaFunctions } from "../../src/strategy/formula_functions.ts";
import { namesIn } from "../../src/strategy/formula_names.ts";
import { printFormula } from "../../src/strategy/print_formula.ts";
import type { Formula } from "../../src/strategy/strategy.ts";
import { processorTimeOf } from "../processor_time.ts";
import { formulaVariables, randomFormula } from "./random_formulas.ts";

/** x = 2, y = 3, z = −1; at the cycle's start each was 1 less. */
const values: Readonly<Record<string, number>> = { x: 2, y: 3, z: -1, "FIC-101.PV": 7, größe: 4 };
const at = (name: string) => values[name] ?? assert.fail(`no value for ${name}`);

function parsed(text: string): Formula {
  const result = parseFormula(text);
  assert.ok(result.kind === "formula", `${text}: ${JSON.stringify(result)}`);
  return result.formula;
}

function valueOf(text: string): number {
  return evaluateFormula(parsed(text), { variable: at, measured: (name) => at(name) - 1 });
}

const cases: readonly (readonly [string, number])[] = [
  ["1e-06", 1e-6],
  [".5", 0.5],
  ["2.5E+2", 250],
  ["1 + 2 * 3", 7],
  ["(1 + 2) * 3", 9],
  ["7 - 2 - 1", 4],
  ["8 / 4 / 2", 1],
  ["2 ^ 3 ^ 2", 512],
  ["-2 ^ 2", -4],
  ["(-2) ^ 2", 4],
  ["2 ^ -1", 0.5],
  ["2 ^ -1 ^ 2", 0.5],
  ["2 * -3", -6],
  ["- - 3", 3],
  ["-+-+3", 3],
  ["5 - -3", 8],
  ["-x * y", -6],
  ["x < y", 1],
  ["x > y", 0],
  ["x <= 2", 1],
  ["x >= 3", 0],
  ["x == 2", 1],
  ["x != 2", 0],
  ["1 + x < y + 1", 1],
  ["if(x < y, 10, 20)", 10],
  ["if(x, 10, 20)", 10],
  ["if(0, 1 / (x - 2), 20)", 20],
  ["if(x < y, if(y < x, 1, 2), 3)", 2],
  ["min(x, y, z)", -1],
  ["max(x, y, z)", 3],
  ["sum(x, y, z)", 4],
  ["mean(x, y, 4)", 3],
  ["and(x < y, z < 0)", 1],
  ["and(x < y, z > 0, x)", 0],
  ["or(x > y, z)", 1],
  ["or(x > y, 0)", 0],
  ["not(x > y) + not(x)", 1],
  ["above(x, 2, 5)", 0.5],
  ["above(x, 1.5, 1)", 1 / (1 + Math.exp(-4))],
  ["below(x, 1.5, 1)", 1 / (1 + Math.exp(4))],
  ["smooth_if(x > y, 10, 20, 1e-3)", 20],
  ["smooth_if(x <= y, 10, 20, 1e-3)", 10],
  ["smooth_if(x >= 2, 10, 20, 7)", 15],
  ["smooth_if(x < 2.25, 10, 20, 2)", 20 - 10 / (1 + Math.exp(-1))],
  ["abs(z)", 1],
  ["sqrt(x + 2)", 2],
  ["exp(0)", 1],
  ["log(exp(2))", 2],
  ["log10(1000)", 3],
  ["sin(0) + cos(0) + tan(0)", 1],
  ["atan(1) * 4", Math.PI],
  ["asin(1) + acos(1)", Math.PI / 2],
  ["tanh(0) + sinh(0) + cosh(0)", 1],
  ["clip(x, 3, 5)", 3],
  ["clip(9, 3, 5)", 5],
  ["interpolate(x, 1, 10, 3, 30)", 20],
  ["interpolate(-5, 1, 10, 3, 30)", 10],
  ["interpolate(99, 1, 10, 3, 30, 4, 10)", 10],
  ["interpolate(3.5, 1, 10, 3, 30, 4, 10)", 20],
  ["interpolate(x, -1, -3, 3, 5)", 3],
  ["measured(x)", 1],
  ["change(x)", 1],
  ["2 * change(y) ^ 2", 2],
  ["`FIC-101.PV` + 1", 8],
  ["measured(`FIC-101.PV`)", 6],
  ["größe * 2", 8],
  ["x\n + y", 5],
];

Deno.test("parseFormula and evaluateFormula give each formula its value", () => {
  for (const [text, value] of cases) {
    assert.ok(Math.abs(valueOf(text) - value) < 1e-12, `${text} is ${valueOf(text)}, not ${value}`);
  }
});

Deno.test("formulaFunctions all appear among the tested formulas", () => {
  const untested = [...formulaFunctions.keys()].filter((name) =>
    !cases.some(([text]) => text.includes(`${name}(`))
  );
  assert.deepEqual(untested, []);
});

Deno.test("parseFormula keeps the place of every name", () => {
  const text = "2 * x + measured(`FIC-101.PV`) - max(y, z)";
  for (const { name, at } of namesIn(parsed(text))) {
    assert.ok(text.slice(at).startsWith(name) || text.slice(at).startsWith(`\`${name}\``), name);
  }
});

Deno.test("parseFormula reports all calls that are wrong, each at its place", () => {
  const result = parseFormula("maxx(1) + if(1, 2) + measured(3) / 0");
  assert.ok(result.kind === "problems");
  assert.deepEqual(result.problems.map(({ at, length }) => [at, length]), [
    [0, 4],
    [10, 2],
    [21, 8],
    [35, 1],
  ]);
});

Deno.test("printFormula writes what parseFormula reads back to the same tree", () => {
  fc.assert(
    fc.property(randomFormula(), (formula) => {
      const text = printFormula(formula);
      assert.deepEqual(placeless(parsed(text)), placeless(formula), text);
    }),
    { numRuns: 2000, seed: 1 },
  );
});

Deno.test("evaluateFormula gives a printed and parsed formula the value of the original", () => {
  const number = fc.double({ min: -10, max: 10, noNaN: true });
  fc.assert(
    fc.property(randomFormula(), fc.array(number, { minLength: 8, maxLength: 8 }), (formula, v) => {
      const value = (name: string) => v[formulaVariables.findIndex((n) => n === name)] ?? NaN;
      const scope = { variable: value, measured: (name: string) => value(name) + 1 };
      const direct = evaluateFormula(formula, scope);
      const through = evaluateFormula(parsed(printFormula(formula)), scope);
      assert.ok(Object.is(direct, through), `${direct} and ${through}`);
    }),
    { numRuns: 2000, seed: 2 },
  );
});

Deno.test("parseFormula never throws, whatever the text", () => {
  const piece = fc.constantFrom(
    ..."( ) , + - * / ^ < = ! ` . 1 2e x y if( max( measured( change( [ ] { } é 😀 \n \0".split(
      " ",
    ),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const text = pieces.join("");
      const result = parseFormula(text);
      if (result.kind === "formula") return;
      assert.ok(result.problems.length > 0);
      for (const { at, length } of result.problems) {
        assert.ok(at >= 0 && at <= text.length && length >= 1, `${text}: ${at}, ${length}`);
      }
    }),
    { numRuns: 3000, seed: 3 },
  );
});

Deno.test("parseFormula refuses hostile formulas quickly", () => {
  const hostile: readonly (readonly [string, RegExp])[] = [
    ["(".repeat(5000), /nested too deeply|numbers, names and signs/],
    ["(".repeat(2000) + "1" + ")".repeat(900), /nested too deeply/],
    ["2" + "^2".repeat(1000), /nested too deeply/],
    ["abs(".repeat(500) + "1" + ")".repeat(500), /nested too deeply/],
    ["1" + "+1".repeat(maxFormulaWords), /numbers, names and signs/],
    ["x".repeat(20_000), /20000 characters/],
    ["-".repeat(2999) + "(", /ends too early/],
  ];
  for (const [text, message] of hostile) {
    const { value: result, ms } = processorTimeOf(() => parseFormula(text));
    assert.ok(ms < 500, `${text.slice(0, 20)}… took ${ms} ms`);
    assert.ok(result.kind === "problems", `${text.slice(0, 20)}… was accepted`);
    assert.match(result.problems[0]?.message ?? "", message);
  }
});

Deno.test("parseFormula reads a longer formula where a larger size is given, and no more than that", () => {
  const text = "1" + "+1".repeat(maxFormulaWords);
  const sizes = { characters: text.length, words: 2 * maxFormulaWords + 1 };
  assert.equal(parseFormula(text, sizes).kind, "formula");
  const more = parseFormula(`${text}+1`, { ...sizes, characters: text.length + 2 });
  assert.match(JSON.stringify(more), /6003 numbers, names and signs.*at most 6001/);
  const longer = parseFormula(`${text}+1`, sizes);
  assert.match(JSON.stringify(longer), new RegExp(`at most ${text.length} characters`));
});

Deno.test("evaluateFormula evaluates the longest sum that parseFormula accepts", () => {
  const terms = Math.floor(maxFormulaWords / 2);
  assert.equal(valueOf("x" + "+x".repeat(terms - 1)), 2 * terms);
});

/** A tree without the places of its nodes. */
function placeless(formula: Formula): unknown {
  return JSON.parse(JSON.stringify(formula, (key, value) => key === "at" ? undefined : value));
}
