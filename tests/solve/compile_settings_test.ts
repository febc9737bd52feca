import assert from "node:assert/strict";
import fc from "fast-check";
import { evaluate } from "../../src/model/evaluate.ts";
import { compileProgram } from "../../src/solve/compile.ts";
import { NativeSolver } from "../../src/solve/native_solver.ts";
import type { Program } from "../../src/solve/program.ts";
import { parseStrategy } from "../../src/strategy/parse.ts";
import { type Member, reachOfGroup, shareOut } from "../../src/strategy/share_out.ts";
import { fullStrategy } from "../strategy/full_strategy.ts";
import { linearModels } from "../strategy/linear_models.ts";
import { settingsProgram } from "./settings_strategy.ts";
import { constant, type Taylor, taylorOfTape } from "./taylor.ts";

const measured: Readonly<Record<string, number>> = { Fan_1: 20, Fan_2: 30, Fan_3: 40, Coal: 8 };

function parametersOf(program: Program): Float64Array {
  return Float64Array.from(program.parameters, ({ variable }) => measured[variable] ?? NaN);
}

/** Calculated variables and the parts of the objective at a point. */
function at(program: Program, point: readonly number[]) {
  const results = evaluate(program.tape, Float64Array.from(point), parametersOf(program));
  const read = ({ node, element }: { node: number; element: number }) =>
    results[node]?.[element] ?? NaN;
  return {
    watched: (name: string) => {
      const place = program.watched.get(name);
      return place === undefined ? assert.fail(`${name} is not watched`) : read(place);
    },
    objective: read(program.objective),
    stated: program.stated === undefined ? NaN : read(program.stated),
    penalties: (program.penalties ?? []).map(({ kind, name, output }) => ({
      kind,
      name,
      cost: read(output),
    })),
  };
}

/** The optimum inside the program's own bounds. */
async function optimumOf(program: Program): Promise<readonly number[]> {
  const solver = new NativeSolver();
  try {
    const outcome = await solver.solve(await solver.load(program), {
      start: Float64Array.from(program.variables, ({ bounds: [low, high] }) => (low + high) / 2),
      parameters: parametersOf(program),
      lower: Float64Array.from(program.variables, ({ bounds }) => bounds[0]),
      upper: Float64Array.from(program.variables, ({ bounds }) => bounds[1]),
      rowLower: Float64Array.from(program.rows, ({ lower }) => lower),
      rowUpper: Float64Array.from(program.rows, ({ upper }) => upper),
      tolerance: 1e-8,
      maxIterations: 200,
      timeLimitMs: 5000,
      warm: undefined,
    });
    assert.ok(outcome.kind === "solved", outcome.kind);
    return [...outcome.point];
  } finally {
    await solver.close();
  }
}

function assertNear(actual: number | undefined, expected: number, tolerance = 1e-6): void {
  assert.ok(
    actual !== undefined && Math.abs(actual - expected) <= tolerance,
    `${actual}, not ${expected}`,
  );
}

const fans = "  fans: { members: [Fan_1, Fan_2, Fan_3], share: SHARE }";
const objective = "minimize: 1 * (air - 100)^2 + 1 * (Coal - 9)^2";

Deno.test("compileProgram makes one decision variable of a group, the total of its members", () => {
  const program = settingsProgram({ groups: fans.replace("SHARE", "equal"), objective });
  assert.deepEqual(program.variables, [
    {
      name: "fans",
      unit: "m3/h",
      bounds: [50, 160],
      scale: 20,
      group: { members: ["Fan_1", "Fan_2", "Fan_3"], share: "equal" },
    },
    { name: "Coal", unit: "t/h", bounds: [5, 12], scale: 7 },
  ]);
  assert.deepEqual(
    program.parameters.map(({ kind, variable }) => `${kind} ${variable}`),
    ["measured Fan_1", "measured Fan_2", "measured Fan_3"],
  );
});

for (
  const { share, members } of [
    { share: "proportional", members: [200 / 9, 300 / 9, 400 / 9] },
    { share: "equal", members: [20 + 10 / 3, 30 + 10 / 3, 40 + 10 / 3] },
  ] as const
) {
  Deno.test(`compileProgram shares the total of a group out: ${share}`, async () => {
    const program = settingsProgram({ groups: fans.replace("SHARE", share), objective });
    const point = await optimumOf(program);
    assertNear(point[0], 100);
    const { watched } = at(program, point);
    ["first", "second", "third"].forEach((name, i) => assertNear(watched(name), members[i] ?? NaN));
    assertNear(watched("air"), 100);
  });
}

Deno.test("compileProgram leaves members that are switched off out of the group and its total", () => {
  const program = settingsProgram({
    groups: "  pair: { members: [Fan_1, Fan_2] }",
    objective,
    optimizer: ", moves: [pair]",
  });
  assert.deepEqual(program.variables.map(({ name, bounds }) => [name, bounds]), [
    ["pair", [30, 100]],
  ]);
  assertNear(at(program, [55]).watched("first"), 22);
  assertNear(at(program, [55]).watched("third"), 40);
});

const member = fc.record({
  lower: fc.double({ min: 0, max: 50, noNaN: true }),
  width: fc.double({ min: 0.1, max: 50, noNaN: true }),
  part: fc.double({ min: 0.01, max: 0.99, noNaN: true }),
}).map(({ lower, width, part }) => ({
  lower,
  upper: lower + width,
  measured: lower + part * width,
}));

for (const share of ["proportional", "equal"] as const) {
  Deno.test(`shareOut keeps every member inside its limits over the reach of the group: ${share}`, () => {
    fc.assert(
      fc.property(
        fc.array(member, { minLength: 1, maxLength: 6 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (boxes, part) => {
          const members = boxes.map((box, i): Member => ({ name: `m${i}`, ...box }));
          const reach = reachOfGroup(share, members);
          assert.ok(typeof reach !== "string", String(reach));
          const before = members.reduce((sum, { measured }) => sum + measured, 0);
          assert.ok(reach[0] <= before + 1e-9 && before <= reach[1] + 1e-9, `${reach}: ${before}`);
          for (const total of [reach[0], reach[0] + part * (reach[1] - reach[0]), reach[1]]) {
            const shared = shareOut(share, { total, members });
            let sum = 0;
            let slack = Infinity;
            for (const { name, lower, upper } of members) {
              const value = shared.get(name) ?? NaN;
              assert.ok(value >= lower && value <= upper, `${name}: ${value}`);
              sum += value;
              slack = Math.min(slack, value - lower, upper - value);
            }
            // Nothing had to be clipped, and at its ends the reach is as wide as it can be.
            assertNear(sum, total, 1e-8 * Math.max(1, total));
            if (total === reach[0] || total === reach[1]) assertNear(slack, 0, 1e-8 * before);
          }
          const same = shareOut(share, { total: before, members });
          for (const { name, measured } of members) assertNear(same.get(name), measured, 1e-9);
        },
      ),
      { numRuns: 1000, seed: 3 },
    );
  });
}

Deno.test("reachOfGroup says why a group cannot move", () => {
  const still = { name: "Fan_1", measured: 0, lower: 0, upper: 10 };
  const out = { name: "Fan_2", measured: 30, lower: 0, upper: 10 };
  const low = { name: "Fan_3", measured: 5, lower: 8, upper: 10 };
  assert.match(String(reachOfGroup("proportional", [still, low])), /^Fan_1: measured 0/);
  assert.match(String(reachOfGroup("equal", [out, low])), /^Fan_2, Fan_3: no common move/);
});

Deno.test("compileProgram lets a penalty grow from the operating band's edge to the bound", async () => {
  const program = settingsProgram({
    coal: ", operating_band: { range: [7, 9], penalty: 40 }",
    objective: "minimize: -5 * Coal",
  });
  for (const [coal, cost] of [[5, 40], [6, 10], [7, 0], [8.5, 0], [9, 0], [10.5, 10], [12, 40]]) {
    assertNear(at(program, [coal ?? NaN]).penalties[0]?.cost, cost ?? NaN, 1e-9);
  }
  assert.equal(program.penalties?.[0]?.kind, "operating band");
  // −5 + 80 (x − 9) / 9 = 0
  assertNear((await optimumOf(program))[0], 9 + 45 / 80);
});

for (
  const { price, optimum, what } of [
    { price: 3, optimum: 12, what: "breaks a soft limit that costs less than it is worth" },
    // The slope reaches 5 at 5/8 of the last 1 % before the limit.
    { price: 8, optimum: 9 - 0.09 * 3 / 8, what: "keeps a soft limit that is worth its price" },
  ]
) {
  Deno.test(`compileProgram ${what}`, async () => {
    const program = settingsProgram({
      objective: "maximize: 5 * Coal",
      limits: `coal: { expression: Coal, max: 9, price: ${price} }`,
    });
    assert.deepEqual(program.rows, []);
    const point = await optimumOf(program);
    assertNear(point[0], optimum, 1e-5);
    const { stated, objective, penalties } = at(program, point);
    assertNear(program.sense * stated, 5 * optimum, 1e-4);
    assertNear(objective, stated + (penalties[0]?.cost ?? NaN));
    assertNear(at(program, [11]).penalties[0]?.cost, price * (2 + 0.045), 1e-9);
    assertNear(at(program, [8.9]).penalties[0]?.cost, 0, 1e-12);
  });
}

Deno.test("compileProgram prices both sides of a soft limit, also where it asks for one value", async () => {
  const between = settingsProgram({
    objective: "minimize: 0.001 * Fan_1",
    limits: "air: { expression: air, between: [100, 110], price: 2 }",
    optimizer: ", moves: [Fan_1, Fan_2, Fan_3]",
  });
  assertNear(at(between, [20, 30, 40]).penalties[0]?.cost, 2 * (10 + 0.05), 1e-9);
  assertNear(at(between, [40, 40, 40]).penalties[0]?.cost, 2 * (10 + 0.05), 1e-9);
  assertNear(at(between, [35, 35, 35]).penalties[0]?.cost, 0, 1e-12);
  const equals = settingsProgram({
    objective: "minimize: 0.1 * (Coal - 5)",
    limits: "coal: { expression: Coal, equals: 8, price: 4 }",
  });
  assertNear((await optimumOf(equals))[0], 8, 0.01);
});

Deno.test("compileProgram adds penalties to a minimum and takes them from a maximum", () => {
  const penalty = ', penalties: { rising: "10 * above(change(Coal), 0, 0.5) * Coal" }';
  for (const sense of ["minimize", "maximize"]) {
    const program = settingsProgram({ objective: `${sense}: Coal`, optimizer: penalty });
    const { stated, objective, penalties } = at(program, [8]);
    assertNear(program.sense * stated, 8);
    assert.deepEqual(penalties, [{ kind: "penalty", name: "rising", cost: 40 }]);
    assertNear(objective, stated + 40);
  }
});

Deno.test("compileProgram gives groups, bands, prices and soft steps exact derivatives in native code", async () => {
  const parsed = parseStrategy(fullStrategy, { file: "full.yaml" });
  assert.ok(parsed.kind === "strategy");
  const program = compileProgram(parsed.strategy, "optimum", linearModels(parsed.strategy));
  const solver = new NativeSolver();
  try {
    const loaded = await solver.load(program);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.double({ min: 0.01, max: 0.99, noNaN: true }), {
          minLength: program.variables.length,
          maxLength: program.variables.length,
        }),
        fc.double({ min: 1, max: 90, noNaN: true }),
        async (parts, size) => {
          const x = Float64Array.from(
            program.variables,
            ({ bounds: [low, high] }, i) => low + (parts[i] ?? 0) * (high - low),
          );
          const p = Float64Array.from(program.parameters, (_, i) => size + i);
          const lambda = Float64Array.from(program.rows, (_, i) => 1 - 0.3 * i);
          const direction = program.variables.map(({ scale }, i) => scale * (i % 2 - 0.4));
          const taylor = taylorOfTape(program.tape, {
            x: Array.from(x, (value, i): Taylor => [value, direction[i] ?? 0, 0]),
            p: Array.from(p, constant),
          });
          const along = ({ node, element }: { node: number; element: number }) =>
            taylor[node]?.[element] ?? constant(NaN);
          const native = await solver.evaluateNative(loaded, { x, p, sigma: 1, lambda });
          const slope = native.gradient.reduce((sum, g, i) => sum + g * (direction[i] ?? 0), 0);
          const [, first, second] = along(program.objective);
          assertNear(slope, first, 1e-8 * Math.max(1, Math.abs(first)));
          let curvature = 0;
          native.hessian.forEach((value, k) => {
            const i = loaded.structure.hessianRows[k] ?? 0;
            const j = loaded.structure.hessianColumns[k] ?? 0;
            curvature += (i === j ? 1 : 2) * value * (direction[i] ?? 0) * (direction[j] ?? 0);
          });
          const rows = program.rows.map(({ output }, i) => (lambda[i] ?? 0) * along(output)[2]);
          const seconds = [second, ...rows];
          const expected = seconds.reduce((sum, part) => sum + part, 0);
          const all = seconds.reduce((sum, part) => sum + Math.abs(part), 1);
          assertNear(curvature, expected, 1e-8 * all);
        },
      ),
      { numRuns: 200, seed: 6 },
    );
  } finally {
    await solver.close();
  }
});
