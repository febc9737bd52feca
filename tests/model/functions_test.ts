import assert from "node:assert/strict";
import goldens from "../data/functions/functions.json" with { type: "json" };
import { type FunctionName, FUNCTIONS } from "../../src/model/functions.ts";

const NAMES = Object.keys(FUNCTIONS) as FunctionName[];

function close(actual: number, expected: number, what: string): void {
  const allowed = 2e-13 * Math.abs(expected) + 1e-15;
  assert.ok(Math.abs(actual - expected) <= allowed, `${what}: ${actual}, expected ${expected}`);
}

Deno.test("FUNCTIONS agrees with 60-digit values and both derivatives of every row", () => {
  for (
    const [name, constants, x, ...expected] of goldens as [FunctionName, number[], ...number[]][]
  ) {
    const row = FUNCTIONS[name];
    const c = [constants[0], constants[1]] as [number, number];
    const at = `(${x}; ${c})`;
    close(row.value(x as number, c), expected[0] as number, `${name}${at}`);
    close(row.first(x as number, c), expected[1] as number, `${name}'${at}`);
    close(row.second(x as number, c), expected[2] as number, `${name}"${at}`);
  }
  const covered = new Set(goldens.map(([name]) => name));
  assert.deepEqual(NAMES.filter((name) => !covered.has(name)), []);
});

Deno.test("FUNCTIONS numbers its opcodes 1 to 38 in order", () => {
  assert.deepEqual(NAMES.map((name) => FUNCTIONS[name].opcode), NAMES.map((_, i) => i + 1));
});

Deno.test("FUNCTIONS takes the left derivative at kinks", () => {
  const none = [0, 0] as const;
  const kinks: [FunctionName, readonly [number, number], number, number, number][] = [
    ["relu", none, 0, 0, 0],
    ["abs", none, 0, -1, 0],
    ["leaky_relu", [0.1, 0], 0, 0.1, 0],
    ["elu", [2, 0], 0, 2, 2],
    ["celu", [2, 0], 0, 1, 0.5],
    ["clip", [-1, 2], -1, 0, 0],
    ["clip", [-1, 2], 2, 1, 0],
    ["thresholded_relu", [0.5, 0], 0.5, 0, 0],
    ["softsign", none, 0, 1, 2],
    ["hard_swish", none, -3, 0, 0],
    ["hard_swish", none, 3, 1.5, 1 / 3],
    ["sign", none, 0, 0, 0],
    ["step", none, 0, 0, 0],
  ];
  for (const [name, c, x, first, second] of kinks) {
    assert.equal(FUNCTIONS[name].first(x, c), first, `${name}'(${x})`);
    assert.equal(FUNCTIONS[name].second(x, c), second, `${name}"(${x})`);
  }
});

Deno.test("FUNCTIONS gives the limit and not NaN where x is huge", () => {
  const bounded: FunctionName[] = [
    ...["tanh", "sigmoid", "relu", "softplus", "gelu", "gelu_tanh", "erf", "atan", "softsign"],
    ...["swish", "mish", "hard_swish", "asinh", "elu", "celu", "abs"],
  ] as FunctionName[];
  for (const name of bounded) {
    for (const x of [-1e300, -1e160, -1000, 1000, 1e160, 1e300]) {
      const { value, first, second } = FUNCTIONS[name];
      for (const f of [value, first, second]) {
        assert.ok(!Number.isNaN(f(x, [1, 0])), `${name} at ${x}`);
      }
    }
  }
  assert.equal(FUNCTIONS.softplus.value(1000), 1000);
  assert.equal(FUNCTIONS.sigmoid.value(-1000), 0);
  assert.equal(FUNCTIONS.gelu.value(-1000), -0);
});

Deno.test("FUNCTIONS lets NaN through every value", () => {
  for (const name of NAMES) {
    assert.ok(Number.isNaN(FUNCTIONS[name].value(NaN, [1, 2])), name);
  }
});
