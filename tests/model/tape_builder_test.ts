import assert from "node:assert/strict";
import { evaluate } from "../../src/model/evaluate.ts";
import { TapeBuilder, TapeError } from "../../src/model/tape_builder.ts";
import { secondOrder } from "../native/second_order.ts";

function run(builder: TapeBuilder, outputs: number[], x: number[], p: number[] = []) {
  const { tape, outputs: places } = builder.finish(outputs);
  const results = evaluate(tape, Float64Array.from(x), Float64Array.from(p));
  return { tape, values: places.map((place) => [...results[place] as Float64Array]) };
}

const OPS = (tape: { instructions: readonly { op: string }[] }) =>
  tape.instructions.map(({ op }) => op);

Deno.test("TapeBuilder computes constants at once", () => {
  const b = new TapeBuilder();
  const three = b.add(b.constant([1, 2]), b.constant([2, 1]));
  const { tape, values } = run(b, [b.map("square", three)], []);
  assert.deepEqual(OPS(tape), ["constant"]);
  assert.deepEqual(values, [[9, 9]]);
});

Deno.test("TapeBuilder shares what was said before and tells -0 from 0", () => {
  const b = new TapeBuilder();
  const x = b.input([0, 1]);
  assert.equal(b.map("tanh", x), b.map("tanh", b.input([0, 1])));
  assert.equal(b.product(x, b.map("tanh", x)), b.product(b.map("tanh", x), x));
  assert.notEqual(b.constant([0]), b.constant([-0]));
  assert.equal(b.constant([NaN]), b.constant([NaN]));
});

Deno.test("TapeBuilder fuses scale into affine on both sides", () => {
  const b = new TapeBuilder();
  const scaled = b.scale(b.input([0, 1]), Float64Array.of(2, 3), Float64Array.of(1, -1));
  const y = b.affine(scaled, Float64Array.of(1, 2, 3, 4), Float64Array.of(10, 20));
  const out = b.scale(y, Float64Array.of(-1, 2), Float64Array.of(0, 5));
  const { tape, values } = run(b, [out], [7, 9]);
  assert.deepEqual(OPS(tape), ["input", "affine"]);
  // scaled = (15, 26): rows 15 + 52 + 10 = 77 and 45 + 104 + 20 = 169
  assert.deepEqual(values, [[-77, 343]]);
});

Deno.test("TapeBuilder keeps an affine that is also read elsewhere", () => {
  const b = new TapeBuilder();
  const y = b.affine(b.input([0]), Float64Array.of(2), Float64Array.of(1));
  const { values } = run(b, [b.scaleBy(y, 3), y], [4]);
  assert.deepEqual(values, [[27], [9]]);
});

Deno.test("TapeBuilder reads through gathers, concatenations and inputs", () => {
  const b = new TapeBuilder();
  const whole = b.concat([b.input([3, 1]), b.input([0]), b.map("sin", b.input([2]))]);
  const part = b.gather(b.gather(whole, [2, 1, 0]), [0, 2]);
  const { tape, values } = run(b, [part], [10, 11, 12, 13]);
  assert.deepEqual(OPS(tape), ["input"]);
  assert.deepEqual(values, [[10, 13]]);
});

Deno.test("TapeBuilder.finish drops what no output needs but keeps the counts asked for", () => {
  const b = new TapeBuilder();
  const x = b.input([0]);
  b.map("exp", b.input([5]));
  const { tape } = b.finish([b.map("cos", x)], { inputs: 8, parameters: 2 });
  assert.deepEqual(OPS(tape), ["input", "map"]);
  assert.equal(tape.inputs, 8);
  assert.equal(tape.parameters, 2);
});

Deno.test("TapeBuilder's derived operations give their values and derivatives", () => {
  const b = new TapeBuilder();
  const [x, y] = [b.input([0]), b.input([1])];
  const cases: [number, number, number[], number][] = [
    [b.divide(x, y), 0.75, [0.25, -0.1875], 0],
    [b.power(x, y), 81, [108, 81 * Math.log(3)], 108],
    [b.power(x, b.constant([3])), 27, [27, 0], 18],
    [b.maximum(x, y), 4, [0, 1], 0],
    [b.minimum(x, y), 3, [1, 0], 0],
    [b.maximum(x, b.constant([3])), 3, [0, 0], 0],
    [b.minimum(x, b.constant([3])), 3, [1, 0], 0],
    [b.subtract(x, y), -1, [1, -1], 0],
  ];
  const { tape, outputs } = b.finish(cases.map(([node]) => node));
  const results = secondOrder(tape, { x: Float64Array.of(3, 4), p: new Float64Array() });
  cases.forEach(([, value, gradient, hessian], i) => {
    const result = results[outputs[i] as number]?.[0];
    assert.ok(result !== undefined);
    assert.ok(Math.abs(result.value - value) < 1e-12 * Math.abs(value), `value of case ${i}`);
    gradient.forEach((g, k) =>
      assert.ok(Math.abs(g - (result.gradient[k] as number)) < 1e-11, `gradient of case ${i}`)
    );
    assert.ok(Math.abs(hessian - (result.hessian[0] as number)) < 1e-11, `hessian of case ${i}`);
  });
});

Deno.test("TapeBuilder.maximum and minimum keep infinite and differing constant bounds exact", () => {
  const b = new TapeBuilder();
  const x = b.input([0, 1, 2]);
  const bounds = b.constant([-Infinity, 1, Infinity]);
  const infinite = b.maximum(b.fill(-Infinity, 1), b.fill(-Infinity, 1));
  const { values } = run(b, [b.maximum(x, bounds), b.minimum(bounds, x), infinite], [5, 0, 7]);
  assert.deepEqual(values, [[5, 1, Infinity], [-Infinity, 0, 7], [-Infinity]]);
});

Deno.test("TapeBuilder.maximum and minimum take the left derivative in a at a tie", () => {
  const b = new TapeBuilder();
  const [x, y] = [b.input([0]), b.input([1])];
  const { tape, outputs } = b.finish([b.maximum(x, y), b.minimum(x, y)]);
  const results = secondOrder(tape, { x: Float64Array.of(2, 2), p: new Float64Array() });
  const gradients = outputs.map((output) => [...results[output]?.[0]?.gradient ?? []]);
  assert.deepEqual(gradients, [[0, 1], [1, 0]]);
});

Deno.test("TapeBuilder.finish joins equal steps that only one concatenation reads", () => {
  const b = new TapeBuilder();
  const x = b.input([0, 1]);
  const step = (center: number) => {
    const apart = b.scaleBy(x, 1, -center);
    return b.sum(b.map("square", apart), 2);
  };
  const { tape, values } = run(b, [b.concat([step(1), step(2), step(3)])], [3, 4]);
  assert.deepEqual(OPS(tape), ["input", "gather", "scale", "map", "sum"]);
  assert.deepEqual(values, [[13, 5, 1]]);
});

Deno.test("TapeBuilder.finish joins affines of one vector, but not what others read too", () => {
  const b = new TapeBuilder();
  const x = b.input([0, 1]);
  const heads = [1, 2].map((w) => b.affine(x, Float64Array.of(w, -w), Float64Array.of(w)));
  const joined = run(b, [b.concat(heads)], [5, 3]);
  assert.deepEqual(OPS(joined.tape), ["input", "affine"]);
  assert.deepEqual(joined.values, [[3, 6]]);
  const shared = run(b, [b.concat(heads), heads[0] as number], [5, 3]);
  assert.deepEqual(OPS(shared.tape), ["input", "affine", "affine", "concat"]);
  assert.deepEqual(shared.values, [[3, 6], [3]]);
});

Deno.test("TapeBuilder.power takes each constant exponent for itself", () => {
  const b = new TapeBuilder();
  const x = b.input([0, 1, 2]);
  const { values } = run(b, [b.power(x, b.constant([2, 0, -1]))], [-3, -5, -4]);
  assert.deepEqual(values, [[9, 1, -0.25]]);
});

Deno.test("TapeBuilder refuses sizes that do not fit and nodes it never gave", () => {
  const b = new TapeBuilder();
  const x = b.input([0, 1, 2]);
  assert.throws(() => b.add(x, b.input([0])), TapeError);
  assert.throws(() => b.gather(x, [3]), TapeError);
  assert.throws(() => b.sum(x, 2), TapeError);
  assert.throws(() => b.affine(x, Float64Array.of(1, 2), Float64Array.of(0)), TapeError);
  assert.throws(() => b.scale(x, Float64Array.of(1), Float64Array.of(0)), TapeError);
  assert.throws(() => b.finish([99]), TapeError);
});

Deno.test("evaluate refuses a point that is shorter than the tape's inputs", () => {
  const b = new TapeBuilder();
  const { tape } = b.finish([b.input([4])]);
  assert.throws(() => evaluate(tape, new Float64Array(4), new Float64Array()), RangeError);
});
