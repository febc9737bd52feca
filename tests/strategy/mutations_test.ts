import assert from "node:assert/strict";
import { evaluate } from "../../src/model/evaluate.ts";
import { compileProgram } from "../../src/solve/compile.ts";
import { parseStrategy } from "../../src/strategy/parse.ts";
import { fullStrategy } from "./full_strategy.ts";
import { linearModels } from "./linear_models.ts";
import { sampleStrategy } from "./sample_strategy.ts";
import { tryMutations, useStrategy } from "./try_mutations.ts";

Deno.test("parseStrategy never throws, and what it accepts compiles and evaluates", () => {
  const { accepted, faults } = tryMutations({ from: 0, count: 200 });
  assert.deepEqual(faults, []);
  assert.ok(accepted > 15, `only ${accepted} mutated strategies were accepted`);
});

Deno.test("every word of the language compiles and evaluates", () => {
  const result = parseStrategy(fullStrategy, { file: "full.yaml" });
  assert.ok(result.kind === "strategy");
  useStrategy(result.strategy);
  const program = compileProgram(result.strategy, "optimum", linearModels(result.strategy));
  assert.deepEqual(program.variables.map(({ name }) => name), ["Coal", "fans", "Damper"]);
  assert.deepEqual(program.penalties?.map(({ kind, name }) => `${kind}: ${name}`), [
    "penalty: opening while coal goes down",
    "operating band: Coal",
    "soft limit: heat",
  ]);
});

Deno.test("compileProgram compiles the sample with a bias, a delta model and kept ranges", () => {
  const result = parseStrategy(sampleStrategy, { file: "sample.yaml" });
  assert.ok(result.kind === "strategy");
  const { strategy } = result;
  const program = compileProgram(strategy, "optimum", linearModels(strategy));
  assert.deepEqual(program.variables.map(({ name, scale }) => [name, scale]), [
    ["Coal", 0.4],
    ["Fan", 10],
  ]);
  assert.deepEqual(program.rows.map(({ name, scale }) => [name, scale]), [
    ["lime", 1.5],
    ["heat", 800],
    ["fan speed", 2],
    ["trained range of heat", 2e6],
  ]);
  // By hand: coal 8, fan 1100, feed 100; at the start coal 7, fan 1000, power 500; bias of lime 0.5.
  const parameters: Readonly<Record<string, number>> = {
    "value Feed": 100,
    "measured Feed": 100,
    "measured Coal": 7,
    "measured Fan": 1000,
    "measured Power": 500,
    "bias Lime": 0.5,
  };
  const p = Float64Array.from(
    program.parameters,
    ({ kind, variable }) => parameters[`${kind} ${variable}`] ?? assert.fail(`${kind} ${variable}`),
  );
  const results = evaluate(program.tape, Float64Array.of(8, 1100), p);
  const at = (name: string) => {
    const place = program.watched.get(name);
    return place === undefined ? NaN : results[place.node]?.[place.element];
  };
  const heat = 8 * 6500 / 62;
  const power = 500 + (1 + 100) / 2;
  const expected = {
    clinker: 62,
    heat,
    Lime: (8 + 100 + heat) / 3 + 0.5,
    Power: power,
    cost: 90 * 8 + 0.1 * power,
  };
  for (const [name, value] of Object.entries(expected)) {
    assert.ok(Math.abs((at(name) ?? NaN) - value) < 1e-9, `${name}: ${at(name)}, not ${value}`);
  }
});
