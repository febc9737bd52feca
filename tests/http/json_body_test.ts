import assert from "node:assert/strict";
import { posted, sampleApp } from "./sample_app.ts";

async function statusOf(
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
) {
  const { app, faults } = sampleApp();
  const response = await app.request("/optimize", { ...posted("", headers), body });
  const { status, detail } = await response.json();
  assert.equal(faults.length, 0);
  return { status, detail };
}

Deno.test("a hundred thousand nested brackets are refused before they are parsed", async () => {
  for (const text of ["[".repeat(100_000), '{"a":'.repeat(100_000)]) {
    const { status, detail } = await statusOf(text);
    assert.equal(status, 400);
    assert.match(detail, /nested deeper/);
  }
});

Deno.test("brackets inside a string are no nesting", async () => {
  const { status } = await statusOf(JSON.stringify({ input_data: { ["[".repeat(100)]: 1 } }));
  assert.equal(status, 422);
});

Deno.test("a body that is not UTF-8 is refused", async () => {
  const { status, detail } = await statusOf(Uint8Array.of(0x7b, 0xff, 0xfe, 0x7d));
  assert.equal(status, 400);
  assert.match(detail, /UTF-8/);
});

Deno.test("a compressed body is refused, so that none can grow", async () => {
  const { status } = await statusOf("{}", { "content-encoding": "gzip" });
  assert.equal(status, 415);
});

Deno.test("numbers beyond a double, prototypes and null are refused at their place", async () => {
  for (
    const text of [
      '{"input_data": {"Kiln_Coal_PV": 1e999}}',
      '{"input_data": {"__proto__": 1}}',
      '{"__proto__": {}}',
      '{"input_data": {"constructor": 1}}',
      '{"input_data": {"Kiln_Coal_PV": null}}',
      "null",
      "3",
      '"text"',
    ]
  ) assert.equal((await statusOf(text)).status, 422, text);
});
