import assert from "node:assert/strict";
import fc from "fast-check";
import { evaluate } from "../../src/model/evaluate.ts";
import { TapeBuilder } from "../../src/model/tape_builder.ts";
import { lowerFormula } from "../../src/solve/lower_formula.ts";
import { evaluateFormula } from "../../src/strategy/evaluate_formula.ts";
import { parseFormula } from "../../src/strategy/formula.ts";
import { printFormula } from "../../src/strategy/print_formula.ts";
import type { Formula } from "../../src/strategy/strategy.ts";
import { formulaVariables, randomFormula } from "../strategy/random_formulas.ts";
import { constant, type Taylor, taylorOfFormula, taylorOfTape } from "./taylor.ts";

/** Variables are inputs, measured values are parameters, in the order of `formulaVariables`. */
function lowered(formula: Formula) {
  const builder = new TapeBuilder();
  const indexOf = (name: string) => formulaVariables.findIndex((known) => known === name);
  const node = lowerFormula(formula, {
    builder,
    variable: (name) => builder.input([indexOf(name)]),
    measured: (name) => builder.parameter([indexOf(name)]),
  });
  const size = formulaVariables.length;
  const { tape, outputs: [output = -1] } = builder.finish([node], {
    inputs: size,
    parameters: size,
  });
  return { tape, output };
}

function parsed(text: string): Formula {
  const result = parseFormula(text);
  assert.ok(result.kind === "formula", `${text}: ${JSON.stringify(result)}`);
  return result.formula;
}

/** Value and both derivatives along `direction`, by the tape and by the tree. */
function bothWays(
  formula: Formula,
  { x, p, direction }: Record<"x" | "p" | "direction", number[]>,
) {
  const { tape, output } = lowered(formula);
  const line = x.map((value, i): Taylor => [value, direction[i] ?? 0, 0]);
  const fixed = p.map(constant);
  const indexOf = (name: string) => formulaVariables.findIndex((known) => known === name);
  return {
    tape: taylorOfTape(tape, { x: line, p: fixed })[output]?.[0] ?? constant(NaN),
    tree: taylorOfFormula(formula, {
      variable: (name) => line[indexOf(name)] ?? constant(NaN),
      measured: (name) => fixed[indexOf(name)] ?? constant(NaN),
    }),
  };
}

/** x, y, Größe_1 and FIC-101.PV as the formulas below need them: positive, and x below 1. */
const point = { x: [0.4, 1.7, 2.3, 0.9], p: [0.3, 1.9, 2.1, 1.1], direction: [1, -0.7, 0.4, 1.3] };

const formulas = [
  "x + y - 3 * Größe_1 + 2 + x",
  "x * y * `FIC-101.PV`",
  "x / y",
  "x ^ 2 + y ^ 3 + Größe_1 ^ -1.5 + x ^ 0 + y ^ 1",
  "x ^ y",
  "2 ^ x",
  "-x ^ 2",
  "sqrt(x) + exp(y) + log(x) + log10(y)",
  "sin(x) + cos(y) + tan(x) + asin(x) + acos(x) + atan(y)",
  "sinh(x) + cosh(y) + tanh(x * y)",
  "abs(x - y) * x",
  "min(x * y, y, Größe_1) + max(x, y * x, Größe_1 ^ 2)",
  "min(x, 0.2) + max(x, 0.2) + min(0.2, y) + max(5, y)",
  "sum(x, y ^ 2, 3) * mean(x, y)",
  "clip(x * y, 0, 0.5) + clip(x * y, 0, 2) * x + clip(x, y, Größe_1)",
  "interpolate(x * y, 0, 1, 0.5, 3, 1, -2) * x",
  "interpolate(y, 0, 1, 0.5, 3, 1, -2) + interpolate(-y, 0, 1, 0.5, 3)",
  "interpolate(x ^ 2, -1, -1, 3, 3)",
  "if(x < y, x ^ 2, y ^ 2) + if(x > y, x ^ 2, y ^ 2) * x",
  "if(x <= y, x, y) + if(x >= y, x, y) + if(x == y, x, y) + if(x != y, x ^ 2, y)",
  "if(x, x * y, y) + if(0, x, y) + if(1 > 2, x, y ^ 2)",
  "(x < y) * x ^ 2 + (x == x) * y",
  "and(x < y, y > 1, x) * x + or(x > y, y > 5) * y + not(x) * y + not(x < y) + or(0, x) * x ^ 2",
  "above(x * y, 0.5, 2) * y + below(x, Größe_1, 0.3) ^ 2",
  "smooth_if(x > y, x ^ 2, y ^ 2, 3) + smooth_if(x * y <= 1, x, y * x, 0.5) + smooth_if(1 < 2, x, y, 4)",
  "measured(x) * x + change(y) ^ 2",
  "exp(-(x - 1)^2 / (2 * y^2)) / sqrt(2 * 3.14159 * y^2)",
  "(x + 2 * y) ^ (x * y)",
];

for (const text of formulas) {
  Deno.test(`lowerFormula keeps value and derivatives of ${text}`, () => {
    const { tape, tree } = bothWays(parsed(text), point);
    for (let order = 0; order < 3; order++) {
      const [a, b] = [tape[order] ?? NaN, tree[order] ?? NaN];
      assert.ok(
        Math.abs(a - b) <= 1e-12 * Math.max(1, Math.abs(b)),
        `derivative ${order}: ${a} on the tape, ${b} by the tree`,
      );
    }
  });
}

Deno.test("lowerFormula keeps value and derivatives of random smooth formulas", () => {
  const number = fc.double({ min: -3, max: 3, noNaN: true });
  const four = fc.array(number, { minLength: 4, maxLength: 4 });
  let compared = 0;
  fc.assert(
    fc.property(randomFormula({ smooth: true }), four, four, four, (formula, x, p, direction) => {
      const { tape, tree } = bothWays(formula, { x, p, direction });
      // Outside a formula's domain and near its poles there is nothing to compare.
      if (![...tree, ...tape].every((value) => Math.abs(value) < 1e6)) return;
      compared += 1;
      for (let order = 0; order < 3; order++) {
        const [a, b] = [tape[order] ?? NaN, tree[order] ?? NaN];
        const size = Math.max(1, ...tree.map(Math.abs));
        assert.ok(Math.abs(a - b) <= 1e-6 * size, `${printFormula(formula)}: ${tape} and ${tree}`);
      }
    }),
    { numRuns: 2000, seed: 4 },
  );
  assert.ok(compared > 1000, `only ${compared} formulas had values`);
});

Deno.test("lowerFormula gives random formulas with kinks and steps the value of the tree", () => {
  const number = fc.double({ min: -3, max: 3, noNaN: true });
  const four = fc.array(number, { minLength: 4, maxLength: 4 });
  let compared = 0;
  fc.assert(
    fc.property(randomFormula(), four, four, (formula, x, p) => {
      const { tape, output } = lowered(formula);
      const value = evaluate(tape, Float64Array.from(x), Float64Array.from(p))[output]?.[0] ?? NaN;
      const indexOf = (name: string) => formulaVariables.findIndex((known) => known === name);
      const direct = evaluateFormula(formula, {
        variable: (name) => x[indexOf(name)] ?? NaN,
        measured: (name) => p[indexOf(name)] ?? NaN,
      });
      // The tape has no jumps: a branch without a value spoils an if(), and a negative number has
      // no power that is not constant.
      if (!Number.isFinite(value) || Math.abs(direct) > 1e6) return;
      compared += 1;
      assert.ok(
        Math.abs(value - direct) <= 1e-6 * Math.max(1, Math.abs(direct)),
        `${printFormula(formula)} at ${x}: ${value} and ${direct}`,
      );
    }),
    { numRuns: 2000, seed: 5 },
  );
  assert.ok(compared > 500, `only ${compared} formulas had values`);
});

Deno.test("lowerFormula makes one instruction of a sum, whatever the number of its terms", () => {
  const { tape } = lowered(parsed("3 * x - 2 * (y - 4 * `FIC-101.PV`) + x + 7 - Größe_1 / 2"));
  assert.deepEqual(tape.instructions.map(({ op }) => op), ["input", "affine"]);
});

Deno.test("lowerFormula folds what is constant", () => {
  const { tape } = lowered(parsed("sqrt(16) * 2 ^ 3 + if(1 < 2, 5, x) + min(3, 4)"));
  assert.deepEqual(tape.instructions.map(({ op }) => op), ["constant"]);
  assert.equal(evaluate(tape, new Float64Array(4), new Float64Array(4))[0]?.[0], 40);
});
