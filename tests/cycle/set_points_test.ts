import assert from "node:assert/strict";
import fc from "fast-check";
import { practicalSetPoints, reachOf, rowViolation } from "../../src/cycle/set_points.ts";
import type { Reach, SetPointSources } from "../../src/cycle/set_points.ts";
import { TapeBuilder } from "../../src/model/tape_builder.ts";
import type { Program } from "../../src/solve/program.ts";
import type { OperativeVariable } from "../../src/strategy/strategy.ts";
import { operative } from "./strategies.ts";

/** Variables in [0, 10] with one row: their sum must stay at most `limit`. */
function sumAtMost(limit: number, count: number): Program {
  const builder = new TapeBuilder();
  const x = builder.input(Array.from({ length: count }, (_, i) => i));
  const sum = builder.affine(x, new Float64Array(count).fill(1), new Float64Array(1));
  const { tape, outputs } = builder.finish([sum]);
  const output = { node: outputs[0]!, element: 0 };
  return {
    name: "test",
    tape,
    variables: Array.from({ length: count }, (_, i) => ({
      name: `x${i}`,
      unit: "t/h",
      bounds: [0, 10] as const,
      scale: 1,
    })),
    parameters: [],
    objective: output,
    sense: 1,
    objectiveScale: 1,
    rows: [{
      name: "sum",
      unit: "t/h",
      output,
      lower: -Infinity,
      upper: limit,
      rank: 1,
      scale: 1,
    }],
    watched: new Map(),
  };
}

function sources(program: Program, reaches: readonly Reach[]): SetPointSources {
  return {
    program,
    parameters: new Float64Array(),
    reaches,
    rowLower: Float64Array.of(-Infinity),
    rowUpper: Float64Array.of(program.rows[0]!.upper),
  };
}

function reach(measured: number, fields: Partial<OperativeVariable> = {}): Reach {
  const found = reachOf(operative("x0", fields), { measured, bounds: fields.bounds ?? [0, 10] });
  assert.ok(typeof found !== "string", String(found));
  return found;
}

function settle(exact: number, found: Reach) {
  const { point, limitedBy } = practicalSetPoints(
    Float64Array.of(exact),
    sources(sumAtMost(100, 1), [found]),
  );
  return [point[0], limitedBy[0]];
}

Deno.test("reachOf narrows the bounds by the move limit, which may differ up and down", () => {
  const { lower, upper } = reach(5, { maxMove: { up: 0.5, down: 2 } });
  assert.deepEqual([lower, upper], [3, 5.5]);
});

Deno.test("reachOf says why there is no reach when one move does not lead back into the bounds", () => {
  const found = reachOf(operative("x0", { maxMove: { up: 1, down: 1 } }), {
    measured: 12,
    bounds: [0, 10],
  });
  assert.match(
    String(found),
    /x0: measured 12 t\/h lies outside its bounds 0 to 10 by more than one move/,
  );
});

Deno.test("reachOf leads one move towards a trained range that is further away", () => {
  const variable = operative("x0", { maxMove: { up: 1, down: 1 } });
  const above = reachOf(variable, { measured: 9, bounds: [2, 6] }) as Reach;
  assert.deepEqual([above.lower, above.upper], [8, 8]);
  const below = reachOf(variable, { measured: 0.5, bounds: [2, 6] }) as Reach;
  assert.deepEqual([below.lower, below.upper], [1.5, 1.5]);
});

Deno.test("practicalSetPoints rounds to the resolution without a binary tail", () => {
  assert.deepEqual(settle(8.5061, reach(8, { resolution: 0.01 })), [8.51, "optimum"]);
});

Deno.test("practicalSetPoints keeps the measured value inside the deadband", () => {
  assert.deepEqual(settle(8.515, reach(8.5, { deadband: 0.02 })), [8.5, "deadband"]);
  assert.deepEqual(settle(8.525, reach(8.5, { deadband: 0.02 })), [8.525, "optimum"]);
});

Deno.test("practicalSetPoints calls a change of nothing the optimum, not a deadband", () => {
  assert.deepEqual(settle(8.5, reach(8.5)), [8.5, "optimum"]);
});

Deno.test("practicalSetPoints tells which limit stopped a variable", () => {
  assert.deepEqual(settle(10, reach(9.5)), [10, "upper bound"]);
  assert.deepEqual(settle(0, reach(0.5)), [0, "lower bound"]);
  const maxMove = { up: 0.4, down: 0.4 };
  assert.deepEqual(settle(5.4, reach(5, { maxMove })), [5.4, "move limit up"]);
  assert.deepEqual(settle(4.6, reach(5, { maxMove })), [4.6, "move limit down"]);
  const trained = reachOf(operative("x0"), { measured: 5, bounds: [4, 6] }) as Reach;
  assert.deepEqual(settle(6, trained), [6, "trained range"]);
});

Deno.test("practicalSetPoints rounds inwards where rounding outwards would break a limit", () => {
  const program = sumAtMost(10.05, 2);
  const reaches = [reach(5, { resolution: 0.1 }), reach(5, { resolution: 0.1 })];
  const { point, warnings } = practicalSetPoints(
    Float64Array.of(5.06, 4.99),
    sources(program, reaches),
  );
  assert.ok(point[0]! + point[1]! <= 10.05, `${point}`);
  assert.deepEqual(warnings, []);
});

Deno.test("practicalSetPoints gives up the deadband before it breaks a limit", () => {
  const { point } = practicalSetPoints(
    Float64Array.of(4.95),
    sources(sumAtMost(4.95, 1), [reach(5, { deadband: 0.2 })]),
  );
  assert.equal(point[0], 4.95);
});

Deno.test("practicalSetPoints takes as few settings out of their deadbands as keep every limit", () => {
  const { point, limitedBy } = practicalSetPoints(
    Float64Array.of(4.99, 4.98, 4.85),
    sources(sumAtMost(14.851, 3), Array.from({ length: 3 }, () => reach(5, { deadband: 0.2 }))),
  );
  assert.deepEqual([...point], [5, 5, 4.85]);
  assert.deepEqual(limitedBy.slice(0, 2), ["deadband", "deadband"]);
});

Deno.test("practicalSetPoints leaves the grid with a warning where no step on it keeps every limit", () => {
  const program: Program = {
    ...sumAtMost(5.05, 1),
    rows: [{ ...sumAtMost(5.05, 1).rows[0]!, lower: 5.04 }],
  };
  const { point, warnings } = practicalSetPoints(Float64Array.of(5.045), {
    ...sources(program, [reach(5, { resolution: 1 })]),
    rowLower: Float64Array.of(5.04),
  });
  assert.equal(point[0], 5.045);
  assert.match(warnings.join(), /^x0 is recommended finer than its resolution of 1 t\/h/);
});

Deno.test("practicalSetPoints never leaves the reach and never breaks a limit that the exact optimum kept", () => {
  const variable = fc.record({
    measured: fc.double({ min: 0, max: 10, noNaN: true }),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    resolution: fc.constantFrom(undefined, 0.01, 0.1, 0.5, 3),
    deadband: fc.constantFrom(0, 0.02, 0.5),
    move: fc.constantFrom(undefined, { up: 0.4, down: 0.4 }, { up: 2, down: 0.1 }),
  });
  fc.assert(
    fc.property(fc.array(variable, { minLength: 1, maxLength: 5 }), (variables) => {
      const reaches = variables.map(({ measured, resolution, deadband, move }) =>
        reach(measured, { resolution, deadband, maxMove: move })
      );
      const exact = Float64Array.from(
        reaches,
        ({ lower, upper }, i) => lower + variables[i]!.share * (upper - lower),
      );
      const limit = exact.reduce((sum, value) => sum + value, 0);
      const all = sources(sumAtMost(limit, variables.length), reaches);
      const { point } = practicalSetPoints(exact, all);
      for (const [i, { lower, upper }] of reaches.entries()) {
        assert.ok(point[i]! >= lower && point[i]! <= upper);
      }
      assert.ok(rowViolation(point, all) <= 1.01e-6);
    }),
    { numRuns: 1000 },
  );
});
