import assert from "node:assert/strict";
import { cacheCommand } from "../src/cache_command.ts";
import { sampleApp } from "./http/sample_app.ts";

/** The sample app in the place of a box that listens. */
function partsOf(token?: string) {
  const { app } = sampleApp();
  const asked: string[] = [];
  const fetch = async (url: RequestInfo | URL, init?: RequestInit) => {
    asked.push(`${init?.method} ${url}`);
    return await app.request(String(url), init);
  };
  return { asked, address: () => "http://localhost:8005", token, fetch };
}

Deno.test("cacheCommand shows the statistics and clears, at the configured address or another", async () => {
  const parts = partsOf();
  assert.equal(JSON.parse((await cacheCommand([], parts)).text).items, 0);
  const cleared = await cacheCommand(["clear", "--url", "http://127.0.0.1:9"], parts);
  assert.deepEqual(JSON.parse(cleared.text), { cleared: 0 });
  assert.deepEqual(parts.asked, [
    "GET http://localhost:8005/cache/stats",
    "POST http://127.0.0.1:9/cache/clear",
  ]);
});

Deno.test("cacheCommand says where no box answers, and helps with what it does not know", async () => {
  const parts = { ...partsOf(), fetch: () => Promise.reject(new TypeError("connection refused")) };
  const { text, code } = await cacheCommand(["stats"], parts);
  assert.match(text, /No box answers at http:\/\/localhost:8005: connection refused/);
  assert.equal(code, 1);
  assert.equal((await cacheCommand(["drop"], parts)).code, 2);
  assert.match((await cacheCommand(["--help"], parts)).text, /SETPOINT_TOKEN/);
});
