import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { ABI, REQUEST_HEAD, RESULT_HEAD } from "deno-ipopt-ffi";
import { SYMBOLS } from "../../native/symbols.ts";
import { FUNCTIONS } from "../../src/model/functions.ts";
import { OPCODES, PACKED_FORMAT } from "../../src/solve/pack.ts";

const native = (file: string) =>
  readFileSync(new URL(`../../native/${file}`, import.meta.url), "utf8");

Deno.test("OPCODES of pack.ts are those of opcodes.h", () => {
  const text = native("opcodes.h");
  const rows = [...text.matchAll(/^ {2}(\w+) = (\d+),$/gm)].map(([, name, number]) =>
    [name, Number(number)] as const
  );
  assert.deepEqual(Object.fromEntries(rows), OPCODES);
  assert.equal(Number(/kPackedFormat = (\d+);/.exec(text)?.[1]), PACKED_FORMAT);
});

Deno.test("functions.h has the rows of functions.ts and no others", () => {
  const numbers = [...native("functions.h").matchAll(/static constexpr int opcode = (\d+);/g)]
    .map(([, number]) => Number(number));
  assert.deepEqual(numbers, Object.values(FUNCTIONS).map((row) => row.opcode));
});

Deno.test("the binding has the ABI and every function of optimizer.h with its parameters", () => {
  const text = native("optimizer.h");
  const define = (name: string) => Number(new RegExp(`#define ${name} (\\d+)`).exec(text)?.[1]);
  assert.equal(define("OPTIMIZER_ABI"), ABI);
  assert.equal(define("OPTIMIZER_REQUEST_HEAD"), REQUEST_HEAD);
  assert.equal(define("OPTIMIZER_RESULT_HEAD"), RESULT_HEAD);

  const declared = [...text.matchAll(/^(\w+) (optimizer_\w+)\(([^)]*)\);/gm)];
  assert.deepEqual(declared.map(([, , name]) => name), Object.keys(SYMBOLS));
  for (const [, result, name, parameters] of declared) {
    const symbol = SYMBOLS[name as keyof typeof SYMBOLS];
    assert.equal(symbol.result, RESULTS[result!], name);
    const types = parameters === "void"
      ? []
      : parameters!.split(",").map((parameter) => ffiType(parameter.trim()));
    assert.deepEqual(types, symbol.parameters, name);
  }
});

const RESULTS: Readonly<Record<string, string>> = { int32_t: "i32", uint32_t: "u32", void: "void" };

function ffiType(parameter: string): string {
  const type = parameter.replace(/\s*\b\w+$/, "").replace(/\s+/g, " ");
  if (/optimizer_program \*$/.test(type)) return "usize";
  if (type.endsWith("*")) return "buffer";
  return { "int32_t": "i32", "uint64_t": "u64", "double": "f64" }[type] ?? type;
}
