import assert from "node:assert/strict";
import { TapeBuilder } from "../../src/model/tape_builder.ts";
import { lowerFormula } from "../../src/solve/lower_formula.ts";
import { typicalChanges } from "../../src/solve/scales.ts";
import { parseFormula } from "../../src/strategy/formula.ts";

/** The typical change of a formula of x around a value of it, where x has the scale. */
function changeOf(text: string, { x, scale }: { readonly x: number; readonly scale: number }) {
  const builder = new TapeBuilder();
  const result = parseFormula(text);
  assert.ok(result.kind === "formula");
  const variable = () => builder.input([0]);
  const node = lowerFormula(result.formula, { builder, variable, measured: variable });
  const { tape, outputs } = builder.finish([node], { inputs: 1 });
  const [change] = typicalChanges(tape, {
    places: outputs.map((node) => ({ node, element: 0 })),
    variables: [{ scale }],
    state: { x: Float64Array.of(x), p: new Float64Array(0) },
  });
  return change!;
}

Deno.test("typicalChanges is the change over one scale of a variable", () => {
  assert.equal(changeOf("3*x", { x: 1, scale: 8 }), 24);
  // Half a scale to each side of the bottom: (4)² / 0.5.
  assert.equal(changeOf("(x - 1)^2", { x: 1, scale: 8 }), 32);
  assert.equal(changeOf("0*x + 7", { x: 1, scale: 8 }), 1);
});

Deno.test("typicalChanges does not let what happens far away outweigh the slope", () => {
  const change = changeOf("exp(x)", { x: 0, scale: 100 });
  assert.ok(change > 100 && change < 2e4, `${change}`);
});

Deno.test("typicalChanges goes by the slope where there is no value half a scale away", () => {
  const change = changeOf("1/(x - 1.5) + 1/(x - 0.5)", { x: 1, scale: 1 });
  assert.ok(Math.abs(change - 8) < 0.01, `${change}`);
});

Deno.test("typicalChanges of one variable leaves what the others do as it is", () => {
  const builder = new TapeBuilder();
  const variable = (name: string) => builder.input([Number(name.slice(1))]);
  const nodes = ["x0*x1 + sin(x2)", "exp(x1) - 3*x2", "x0 + x0*x2"].map((text) => {
    const result = parseFormula(text);
    assert.ok(result.kind === "formula");
    return lowerFormula(result.formula, { builder, variable, measured: variable });
  });
  const { tape, outputs } = builder.finish(nodes, { inputs: 3 });
  const changes = typicalChanges(tape, {
    places: outputs.map((node) => ({ node, element: 0 })),
    variables: [{ scale: 2 }, { scale: 1 }, { scale: 4 }],
    state: { x: Float64Array.of(5, 0, 0), p: new Float64Array(0) },
  });
  const expected = [5, 12, 20];
  changes.forEach((change, k) => assert.ok(Math.abs(change - expected[k]!) < 1e-9, `${changes}`));
});
