import assert from "node:assert/strict";
import { predictSkill } from "../../src/cycle/predict.ts";
import { evaluate } from "../../src/model/evaluate.ts";
import type { TapeElement } from "../../src/model/tape.ts";
import { CompileError, compileProgram } from "../../src/solve/compile.ts";
import { NativeSolver } from "../../src/solve/native_solver.ts";
import { fillParameters, MissingValueError } from "../../src/solve/parameters.ts";
import type { Program } from "../../src/solve/program.ts";
import { evaluateFormula } from "../../src/strategy/evaluate_formula.ts";
import { measuredValue } from "../../src/strategy/measured_value.ts";
import { shareOut } from "../../src/strategy/share_out.ts";
import type { Strategy } from "../../src/strategy/strategy.ts";
import { loadSite } from "./site_programs.ts";
import { constant, type Taylor, taylorOfTape } from "./taylor.ts";

const sites = [
  { folder: "cement-kiln", optimizer: "optimum", settings: 11 },
  { folder: "gas-turbine", optimizer: "optimum", settings: 4 },
];

/** Numbers in [0, 1) that are the same in every run. */
function* fractions(): Generator<number, never> {
  for (let state = 12345;;) {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    yield state / 0x80000000;
  }
}

/** A state of a plant: values, measured values a little off them, and a bias where one is declared. */
function randomState(strategy: Strategy, random: Generator<number, never>) {
  const between = ([low, high]: readonly [number, number]) =>
    low + (high - low) * random.next().value;
  const values = new Map<string, number>();
  const measured = new Map<string, number>();
  const bias = new Map<string, number>();
  for (const variable of strategy.variables.values()) {
    const { name } = variable;
    if (variable.type === "operative") {
      const width = variable.bounds[1] - variable.bounds[0];
      values.set(name, between(variable.bounds));
      measured.set(name, (values.get(name) ?? NaN) + 0.05 * width * (random.next().value - 0.5));
    }
    if (variable.type === "informative") {
      const [low, high] = variable.valid ?? [0, 100];
      values.set(name, between([low + 0.3 * (high - low), low + 0.6 * (high - low)]));
      measured.set(name, values.get(name) ?? NaN);
    }
    if (variable.type === "predicted" && variable.bias !== undefined) {
      bias.set(name, variable.bias.limit * (random.next().value - 0.5));
    }
  }
  for (const variable of strategy.variables.values()) {
    if (variable.type !== "predicted" || variable.measuredBy === undefined) continue;
    measured.set(variable.name, values.get(variable.measuredBy) ?? 50 * random.next().value);
  }
  // Members of a group are where their measured shares of its total put them.
  for (const { members: names, share } of strategy.groups.values()) {
    const total = names.reduce((sum, name) => sum + (values.get(name) ?? NaN), 0);
    const free = { lower: -Infinity, upper: Infinity };
    const members = names.map((name) => ({ name, measured: measured.get(name) ?? NaN, ...free }));
    for (const [name, value] of shareOut(share, { total, members })) values.set(name, value);
  }
  return { values, measured, bias };
}

function valueAt(results: readonly Float64Array[], { node, element }: TapeElement): number {
  return results[node]?.[element] ?? NaN;
}

function pointOf(program: Program, values: ReadonlyMap<string, number>): Float64Array {
  return Float64Array.from(
    program.variables,
    ({ name, group }) =>
      (group?.members ?? [name]).reduce((sum, setting) => sum + (values.get(setting) ?? NaN), 0),
  );
}

for (const { folder, optimizer: name, settings } of sites) {
  Deno.test(`compileProgram of ${folder} agrees with ONNX Runtime and plain formulas`, async () => {
    const site = await loadSite(folder);
    try {
      const { strategy, models, runtimes } = site;
      const program = compileProgram(strategy, name, models);
      const optimizer = strategy.skills.get(name);
      assert.ok(optimizer?.type === "optimizer");
      assert.equal(program.variables.length, settings);
      const random = fractions();
      for (let run = 0; run < 50; run++) {
        const state = randomState(strategy, random);
        const results = evaluate(
          program.tape,
          pointOf(program, state.values),
          fillParameters(program, state),
        );
        const predicted = await predictSkill(strategy, optimizer.model, { ...state, runtimes });
        assert.deepEqual(new Set(program.watched.keys()), new Set(predicted.keys()));
        for (const [variable, place] of program.watched) {
          assertNear(valueAt(results, place), predicted.get(variable) ?? NaN, variable);
        }
        const scope = {
          variable: (name: string) => predicted.get(name) ?? state.values.get(name) ?? NaN,
          measured: measuredValue(strategy, state.measured),
        };
        assertNear(
          program.sense * valueAt(results, program.stated ?? program.objective),
          evaluateFormula(optimizer.objective, scope),
          "objective",
        );
        const costs = (program.penalties ?? []).map(({ output }) => valueAt(results, output));
        assertNear(
          valueAt(results, program.objective) -
            valueAt(results, program.stated ?? program.objective),
          costs.reduce((sum, cost) => sum + cost, 0),
          "penalties",
        );
        for (const { name, cost } of optimizer.penalties) {
          const penalty = program.penalties?.find((one) => one.name === name);
          assert.ok(penalty !== undefined, `no penalty "${name}"`);
          assertNear(valueAt(results, penalty.output), evaluateFormula(cost, scope), name);
        }
        for (const skillName of optimizer.subjectTo) {
          const limits = strategy.skills.get(skillName);
          assert.ok(limits?.type === "constraints");
          for (const limit of limits.constraints) {
            const row = program.rows.find((row) => row.name === limit.name);
            if (limit.price !== undefined) {
              // The rounding at the onset is at most half of the last 1 % of the limit (penalties.ts).
              const value = evaluateFormula(limit.expression, scope);
              const by = Math.max(
                0,
                (limit.min ?? -Infinity) - value,
                value - (limit.max ?? Infinity),
              );
              const soft = program.penalties?.find((one) => one.name === limit.name);
              assert.ok(row === undefined && soft !== undefined, `"${limit.name}" is no penalty`);
              const cost = valueAt(results, soft.output);
              const onset = limit.price * 0.005 * Math.abs(limit.max ?? limit.min ?? NaN);
              assert.ok(cost >= limit.price * by && cost <= limit.price * by + onset * 1.0001);
              continue;
            }
            assert.ok(row !== undefined, `no row "${limit.name}"`);
            assert.deepEqual([row.lower, row.upper, row.rank], [
              limit.min ?? -Infinity,
              limit.max ?? Infinity,
              limit.rank,
            ]);
            assertNear(
              valueAt(results, row.output),
              evaluateFormula(limit.expression, scope),
              limit.name,
            );
          }
        }
      }
    } finally {
      await site.release();
    }
  });

  Deno.test(`compileProgram of ${folder} has exact derivatives in native code`, async () => {
    const site = await loadSite(folder);
    const solver = new NativeSolver();
    try {
      const { strategy, models } = site;
      const program = compileProgram(strategy, name, models);
      const loaded = await solver.load(program);
      const random = fractions();
      const n = program.variables.length;
      for (let run = 0; run < 10; run++) {
        const state = randomState(strategy, random);
        const x = pointOf(program, state.values);
        const p = fillParameters(program, state);
        const direction = program.variables.map(({ scale }) =>
          scale * (2 * random.next().value - 1)
        );
        const line = Array.from(x, (value, i): Taylor => [value, direction[i] ?? 0, 0]);
        const taylor = taylorOfTape(program.tape, { x: line, p: Array.from(p, constant) });
        const along = ({ node, element }: TapeElement) => taylor[node]?.[element] ?? constant(NaN);
        const sigma = 0.7;
        const lambda = Float64Array.from(program.rows, () => 2 * random.next().value - 1);
        const native = await solver.evaluateNative(loaded, { x, p, sigma, lambda });

        assertClose(dot(native.gradient, direction), along(program.objective)[1], "gradient");
        const slopes = new Float64Array(program.rows.length);
        const { jacobianRows, jacobianColumns, hessianRows, hessianColumns } = loaded.structure;
        native.jacobian.forEach((value, k) => {
          const row = jacobianRows[k] ?? -1;
          slopes[row] = (slopes[row] ?? NaN) +
            value * (direction[jacobianColumns[k] ?? -1] ?? NaN);
        });
        program.rows.forEach((row, i) => {
          assertClose(slopes[i] ?? NaN, along(row.output)[1], row.name);
        });
        let curvature = 0;
        native.hessian.forEach((value, k) => {
          const [i, j] = [hessianRows[k] ?? -1, hessianColumns[k] ?? -1];
          const twice = i === j ? 1 : 2;
          curvature += twice * value * (direction[i] ?? NaN) * (direction[j] ?? NaN);
        });
        const parts = [
          sigma * along(program.objective)[2],
          ...program.rows.map((row, i) => (lambda[i] ?? NaN) * along(row.output)[2]),
        ];
        const size = parts.reduce((sum, part) => sum + Math.abs(part), 1e-6);
        const expected = parts.reduce((sum, part) => sum + part, 0);
        assert.ok(
          Math.abs(curvature - expected) <= 1e-9 * size,
          `curvature ${curvature}, ${expected} by dual numbers, n = ${n}`,
        );
      }
    } finally {
      await solver.close();
      await site.release();
    }
  });
}

Deno.test("compileProgram leaves a switched-off setting where it is measured", async () => {
  const site = await loadSite(
    "gas-turbine",
    (text) => text.replace("bounds: [511, 551]", "bounds: [511, 551]\n    enabled: false"),
  );
  try {
    const program = compileProgram(site.strategy, "optimum", site.models);
    assert.deepEqual(program.variables.map(({ name }) => name), ["TIT", "CDP", "GTEP"]);
    assert.ok(
      program.parameters.some(({ kind, variable }) => kind === "value" && variable === "TAT"),
    );
  } finally {
    await site.release();
  }
});

Deno.test("compileProgram leaves out settings without influence and limits that none can move", async () => {
  const site = await loadSite("gas-turbine", (text) =>
    text
      .replace(
        "variables:\n",
        [
          "variables:",
          "  Idle: { type: operative, unit: kg, bounds: [0, 1] }",
          "",
        ].join("\n"),
      )
      .replace(
        "    constraints:\n",
        "    constraints:\n      weather: { expression: AT, max: 40 }\n",
      ));
  try {
    const program = compileProgram(site.strategy, "optimum", site.models);
    assert.ok(!program.variables.some(({ name }) => name === "Idle"));
    assert.ok(!program.rows.some(({ name }) => name === "weather"));
    assert.ok(program.rows.some(({ name }) => name === "NOx permit"));
  } finally {
    await site.release();
  }
});

Deno.test("compileProgram keeps settings inside the range of every model that says keep", async () => {
  const site = await loadSite("gas-turbine");
  try {
    const program = compileProgram(site.strategy, "optimum", site.models);
    for (const { name, bounds: [lower, upper] } of program.variables) {
      for (const [skillName, model] of site.models) {
        const skill = site.strategy.skills.get(skillName);
        const range = model.trainedRange?.[model.inputs.indexOf(name)];
        if (skill?.type !== "model" || skill.domain !== "keep" || range === undefined) continue;
        assert.ok(lower >= range[0] && upper <= range[1], `${name} in ${skillName}`);
      }
      const variable = site.strategy.variables.get(name);
      assert.ok(variable?.type === "operative");
      assert.ok(lower >= variable.bounds[0] && upper <= variable.bounds[1]);
    }
  } finally {
    await site.release();
  }
});

Deno.test("compileProgram keeps calculated inputs of models by rows of their own", async () => {
  const site = await loadSite("cement-kiln");
  try {
    const program = compileProgram(site.strategy, "optimum", site.models);
    const row = program.rows.find(({ name }) => name === "trained range of combined_feed");
    assert.ok(row !== undefined);
    assert.ok(Number.isFinite(row.lower) && Number.isFinite(row.upper) && row.lower < row.upper);
    assert.equal(row.unit, "t/h");
  } finally {
    await site.release();
  }
});

Deno.test("compileProgram keeps a calculated input that is outside its range from going further out", async () => {
  const site = await loadSite("cement-kiln");
  try {
    const program = compileProgram(site.strategy, "optimum", site.models);
    const row = program.rows.find(({ name }) => name === "trained range of combined_feed")!;
    const feeders = ["Kiln_Feed_SFF_1_Feed_rate", "Kiln_Feed_SFF_2_Feed_rate"];
    const state = randomState(site.strategy, fractions());
    /** The row's value where each feeder was measured at `before` and is recommended at `after`. */
    const rowAt = ({ before, after }: { before: number; after: number }) => {
      const measured = new Map([...state.measured, ...feeders.map((f) => [f, before] as const)]);
      const values = new Map([...state.values, ...feeders.map((f) => [f, after] as const)]);
      const parameters = fillParameters(program, { ...state, measured });
      return valueAt(evaluate(program.tape, pointOf(program, values), parameters), row.output);
    };
    const { lower, upper } = row;
    const middle = (lower + upper) / 4;
    assertNear(rowAt({ before: middle, after: upper / 2 + 1 }), upper + 2, "inside: the range");
    const out = upper / 2 + 3;
    assertNear(rowAt({ before: out, after: out }), upper, "outside: it may stay");
    assertNear(rowAt({ before: out, after: out + 1 }), upper + 2, "outside: no further");
    assert.ok(rowAt({ before: out, after: middle }) > lower, "outside: it may come back");
    const under = lower / 2 - 3;
    assertNear(rowAt({ before: under, after: under }), lower, "below: it may stay");
    assertNear(rowAt({ before: under, after: under - 1 }), lower - 2, "below: no further");
  } finally {
    await site.release();
  }
});

Deno.test("compileProgram refuses bounds outside what the models know, and names them all", async () => {
  const site = await loadSite("gas-turbine", (text) =>
    text
      .replace("bounds: [1000, 1101]", "bounds: [900, 910]")
      .replace("bounds: [511, 551]", "bounds: [700, 710]")
      .replace("valid: [450, 600]", "valid: [450, 800]"));
  try {
    assert.throws(
      () => compileProgram(site.strategy, "optimum", site.models),
      (error) =>
        error instanceof CompileError && error.problems.length === 2 &&
        error.message.includes('"TIT"') && error.message.includes('"TAT"'),
    );
  } finally {
    await site.release();
  }
});

Deno.test("compileProgram refuses domain: keep where nobody knows the trained range", async () => {
  const site = await loadSite("gas-turbine");
  try {
    const models = new Map([...site.models].map(([name, model]) => [
      name,
      name === "energy" ? { ...model, trainedRange: undefined, ellipsoid: undefined } : model,
    ]));
    assert.throws(
      () => compileProgram(site.strategy, "optimum", models),
      (error) => error instanceof CompileError && /trained_range/.test(error.message),
    );
  } finally {
    await site.release();
  }
});

Deno.test("fillParameters names every value that is missing", async () => {
  const site = await loadSite("gas-turbine");
  try {
    const program = compileProgram(site.strategy, "optimum", site.models);
    const state = randomState(site.strategy, fractions());
    state.values.delete("AT");
    state.values.set("AP", NaN);
    state.measured.delete("AT");
    assert.throws(
      () => fillParameters(program, state),
      (error) =>
        error instanceof MissingValueError &&
        error.variables.includes("AT") && error.variables.includes("AP"),
    );
  } finally {
    await site.release();
  }
});

/** The networks are float32 in ONNX Runtime, float64 on the tape. */
function assertNear(actual: number, expected: number, what: string): void {
  assert.ok(
    Math.abs(actual - expected) <= 2e-5 * Math.max(1, Math.abs(expected)),
    `${what}: ${actual} on the tape, ${expected} by ONNX Runtime`,
  );
}

function assertClose(actual: number, expected: number, what: string): void {
  assert.ok(
    Math.abs(actual - expected) <= 1e-9 * Math.max(1, Math.abs(expected)),
    `${what}: ${actual} in native code, ${expected} by dual numbers`,
  );
}

function dot(a: Float64Array, b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] ?? NaN), 0);
}
