import assert from "node:assert/strict";
import { IpoptLibrary, IpoptLibraryError } from "deno-ipopt-ffi";
import { FUNCTIONS } from "../../src/model/functions.ts";

/** Around every kink and threshold of the table, far out, and evenly between. */
const POINTS = Float64Array.from([
  ...Array.from({ length: 401 }, (_, i) => (i - 200) / 20),
  ...[0, -0, 1, -1, 0.5, -0.5, 2, 3, -3, 6, -6, 8, -8].flatMap((x) => [
    x,
    x + 1e-9,
    x - 1e-9,
  ]),
  ...[1e-300, 1e-20, 20, 30, 39, 41, 100, 600, 709, 710, 1000, 1e10, 1e100].flatMap((x) => [x, -x]),
  NaN,
]);
const CONSTANTS: readonly (readonly [number, number])[] = [[0.5, 2], [1, 3], [2, 2.5], [-0.5, 1]];

for (const [name, row] of Object.entries(FUNCTIONS)) {
  Deno.test(`native ${name} equals the table of src/model/functions.ts`, () => {
    const library = IpoptLibrary.open();
    try {
      for (const constants of CONSTANTS) {
        const native = library.functionValues(row.opcode, { constants, x: POINTS });
        for (const order of ["value", "first", "second"] as const) {
          for (const [i, x] of POINTS.entries()) {
            const expected = row[order](x, constants);
            assertSame(native[order][i]!, expected, `${name} ${order} at ${x} with ${constants}`);
          }
        }
      }
    } finally {
      library.close();
    }
  });
}

Deno.test("native functions give the same for one element, whole vectors and the rest", () => {
  const library = IpoptLibrary.open();
  try {
    for (const { opcode } of Object.values(FUNCTIONS)) {
      const long = library.functionValues(opcode, { constants: [0.5, 2], x: POINTS });
      for (const count of [1, 2, 3, 5, 7, 9, 17]) {
        const x = POINTS.slice(190, 190 + count);
        const short = library.functionValues(opcode, { constants: [0.5, 2], x });
        for (const order of ["value", "first", "second"] as const) {
          for (const [i, value] of short[order].entries()) {
            assertSame(value, long[order][190 + i]!, `opcode ${opcode} ${order} at ${x[i]}`);
          }
        }
      }
    }
  } finally {
    library.close();
  }
});

Deno.test("functionValues refuses an opcode that is not in the table", () => {
  const library = IpoptLibrary.open();
  try {
    assert.throws(
      () => library.functionValues(999, { constants: [0, 0], x: Float64Array.of(1) }),
      IpoptLibraryError,
    );
  } finally {
    library.close();
  }
});

function assertSame(native: number, expected: number, name: string): void {
  if (Object.is(native, expected) || native === expected) return;
  if (Number.isNaN(native) && Number.isNaN(expected)) return;
  const allowed = 1e-14 * Math.max(1, Math.abs(expected));
  assert(Math.abs(native - expected) <= allowed, `${name}: native ${native}, table ${expected}`);
}
