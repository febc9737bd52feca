import assert from "node:assert/strict";
import { heartbeatAt } from "../../src/http/scada_values.ts";
import { NOW, posted, sampleApp } from "./sample_app.ts";

Deno.test("GET /recommendations/latest has one value per tag with unit, quality and both times", async () => {
  const { app, cycles } = sampleApp();
  await cycles.run({ trigger: "schedule", given: new Map() });
  const latest = await (await app.request("/recommendations/latest")).json();
  assert.deepEqual(latest.values, [{
    tag: "Kiln_Coal_PV",
    value: 8.5,
    unit: "t/h",
    quality: "good",
    source_time: NOW.toISOString(),
    server_time: NOW.toISOString(),
  }]);
  assert.equal(latest.valid, true);
  assert.equal(latest.valid_until, "2026-03-01T12:07:30.000Z");
  assert.ok(latest.heartbeat >= 0 && latest.heartbeat < 1000);
});

Deno.test("GET /recommendations/latest answers 304 to the ETag of the same cycle, with the pulse", async () => {
  const { app, cycles } = sampleApp();
  await cycles.run({ trigger: "schedule", given: new Map() });
  const etag = (await app.request("/recommendations/latest")).headers.get("etag")!;
  const again = await app.request("/recommendations/latest", {
    headers: { "if-none-match": `"other", ${etag}` },
  });
  assert.equal(again.status, 304);
  assert.equal(await again.text(), "");
  assert.match(again.headers.get("setpoint-heartbeat") ?? "", /^\d{1,3}$/);
  await cycles.run({ trigger: "schedule", given: new Map() });
  const next = await app.request("/recommendations/latest", { headers: { "if-none-match": etag } });
  assert.equal(next.status, 200);
});

Deno.test("GET /recommendations/latest says bad, and has another ETag, once its time has run out", async () => {
  let now = NOW;
  const { app, cycles } = sampleApp({ parts: { now: () => now } });
  await cycles.run({ trigger: "schedule", given: new Map() });
  const fresh = await app.request("/recommendations/latest");
  now = new Date(NOW.getTime() + 450_000);
  const old = await app.request("/recommendations/latest", {
    headers: { "if-none-match": fresh.headers.get("etag")! },
  });
  const { valid, values } = await old.json();
  assert.equal(valid, false);
  assert.deepEqual(values.map((v: { quality: string }) => v.quality), ["bad"]);
});

Deno.test("GET /recommendations/latest says bad while the cycle is held", async () => {
  const { app, cycles } = sampleApp({ read: () => Promise.resolve(new Map()) });
  await cycles.run({ trigger: "schedule", given: new Map() });
  const latest = await (await app.request("/recommendations/latest")).json();
  assert.equal(latest.status, "held");
  assert.equal(latest.valid, false);
});

Deno.test("GET /recommendations/latest.csv has one line per tag for old clients", async () => {
  const { app, cycles } = sampleApp();
  await cycles.run({ trigger: "schedule", given: new Map() });
  const response = await app.request("/recommendations/latest.csv");
  assert.match(response.headers.get("content-type") ?? "", /^text\/csv/);
  const lines = (await response.text()).split("\r\n");
  const time = NOW.toISOString();
  assert.equal(lines[0], "tag,value,unit,quality,source_time,server_time");
  assert.ok(lines.includes(`Kiln_Coal_PV,8.5,t/h,good,${time},${time}`), lines.join("\n"));
  assert.ok(lines.includes(`_valid,1,,good,${time},${time}`));
  assert.ok(lines.includes(`_download,0,,good,${time},${time}`), "advisory: nothing to download");
});

Deno.test("heartbeatAt goes up each second and turns over", () => {
  assert.deepEqual([0, 999, 1_000, 999_999, 1_000_000].map(heartbeatAt), [0, 0, 1, 999, 0]);
});

Deno.test("POST /optimize with a repeated Idempotency-Key answers with the first cycle again", async () => {
  const { app, records } = sampleApp();
  const ask = async (body: string, key: string) => {
    const response = await app.request("/optimize", posted(body, { "idempotency-key": key }));
    return { status: response.status, id: (await response.json()).cycle_id };
  };
  const body = '{"input_data": {"Kiln_Coal_PV": 8.1}}';
  const [first, same] = await Promise.all([ask(body, "a"), ask(body, "a")]);
  assert.equal(first.id, same.id);
  assert.equal(records.size, 1);
  assert.notEqual((await ask(body, "b")).id, first.id);
  assert.equal((await ask("{}", "a")).status, 409);
});

Deno.test("GET /cycles lists the newest first, page by page", async () => {
  const { app, cycles, records } = sampleApp();
  for (let i = 0; i < 3; i++) await cycles.run({ trigger: "schedule", given: new Map() });
  const page = await (await app.request("/cycles?limit=2")).json();
  const ids = [...records.keys()].toReversed();
  assert.deepEqual(page.cycles.map((c: { cycle_id: string }) => c.cycle_id), ids.slice(0, 2));
  assert.match(page.next, /^\/cycles\?limit=2&before=/);
  const all = await (await app.request("/cycles")).json();
  assert.equal(all.cycles.length, 3);
  assert.equal(all.next, null);
  for (const query of ["limit=0", "limit=x", "limt=2", "before=yesterday", "limit=1&limit=2"]) {
    assert.equal((await app.request(`/cycles?${query}`)).status, 422, query);
  }
});
