import assert from "node:assert/strict";
import { posted, reading, sampleApp } from "./sample_app.ts";

/** A problem document, its media type and status held. */
async function problemOf(response: Response, status: number) {
  assert.equal(response.status, status);
  assert.equal(response.headers.get("content-type"), "application/problem+json");
  const body = await response.json();
  assert.equal(body.status, status);
  return body as { type: string; detail: string; errors?: { pointer: string; detail: string }[] };
}

Deno.test("POST /optimize answers with the recommendation, given values marked as given", async () => {
  const { app } = sampleApp();
  const response = await app.request(
    "/optimize",
    posted('{"input_data": {"Kiln_Coal_PV": 8.25}}'),
  );
  assert.equal(response.status, 200);
  const body = await response.json();
  assert.equal(body.status, "unchanged");
  assert.equal(body.version, "7");
  assert.deepEqual(
    body.settings.map((s: { variable: string; measured: number }) => [s.variable, s.measured]),
    [["Kiln_Coal_PV", 8.25]],
  );
});

Deno.test("POST /optimize leaves the settings where they are that it is told to switch off", async () => {
  const { app } = sampleApp();
  const response = await app.request("/optimize", posted('{"switch_off": ["Kiln_Coal_PV"]}'));
  assert.equal((await response.json()).settings[0].limited_by, "switched off");
});

Deno.test("POST /optimize with an empty body works from the live values", async () => {
  const { app } = sampleApp();
  const response = await app.request("/optimize", { method: "POST" });
  assert.equal((await response.json()).settings[0].measured, 8.5);
});

Deno.test("POST /optimize names every wrong place by its pointer, with the cure", async () => {
  const { app } = sampleApp();
  const cases: [string, number, string, RegExp][] = [
    ['{"input_data": {"Kiln_Coal_P": 8}}', 422, "/input_data/Kiln_Coal_P", /mean Kiln_Coal_PV/],
    ['{"input_data": {"Kiln_Coal_PV": "8"}}', 422, "/input_data/Kiln_Coal_PV", /number/],
    ['{"input_data": {"Kiln_Coal_PV": 99}}', 422, "/input_data/Kiln_Coal_PV", /4 to 13/],
    ['{"inputs": {}}', 422, "/inputs", /input_data/],
    ['{"switch_off": ["Coal"]}', 422, "/switch_off/0", /only settings can be switched off/],
    ["[1]", 422, "", /object|input/],
  ];
  for (const [text, status, pointer, detail] of cases) {
    const { errors } = await problemOf(await app.request("/optimize", posted(text)), status);
    assert.equal(errors?.[0]?.pointer, pointer, text);
    assert.match(errors?.[0]?.detail ?? "", detail, text);
  }
});

Deno.test("POST /optimize refuses broken JSON and what is no JSON", async () => {
  const { app } = sampleApp();
  const broken = await problemOf(await app.request("/optimize", posted('{"input_data": ')), 400);
  assert.equal(broken.type, "urn:setpoint:problem:not-json");
  const xml = posted("<a/>", { "content-type": "text/xml" });
  assert.match((await problemOf(await app.request("/optimize", xml), 415)).detail, /text\/xml/);
});

Deno.test("POST /optimize answers 503 with Retry-After when the queue is full, and the scheduled cycle is first", async () => {
  const gate = Promise.withResolvers<void>();
  const order: string[] = [];
  const { app, cycles } = sampleApp({
    read: async () => {
      await gate.promise;
      return new Map([["Kiln_Coal_PV", reading(8.5)]]);
    },
  });
  const requests = Array.from(
    { length: 20 },
    () => Promise.resolve(app.request("/optimize", { method: "POST" })),
  );
  for (const request of requests) request.then((r) => order.push(String(r.status)));
  // Requests reach the queue after some turns of the event loop.
  while (cycles.waiting < 16) await new Promise((turn) => setTimeout(turn, 0));
  const scheduled = cycles.run({ trigger: "schedule", given: new Map() })
    .then(() => order.push("scheduled"));
  gate.resolve();
  const answers = await Promise.all(requests);
  await scheduled;
  const refused = answers.filter(({ status }) => status === 503);
  assert.equal(refused.length, 3);
  assert.equal(refused[0]!.headers.get("retry-after"), "5");
  assert.equal(answers.filter(({ status }) => status === 200).length, 17);
  assert.ok(order.filter((o) => o !== "503").indexOf("scheduled") <= 1, order.join());
});

Deno.test("POST /optimize answers 409 where the box works by its schedule alone", async () => {
  const { app } = sampleApp({ parts: { takesRequests: false } });
  const { detail } = await problemOf(await app.request("/optimize", { method: "POST" }), 409);
  assert.match(detail, /app\.mode/);
});

Deno.test("POST /optimize answers 503 until a strategy is active", async () => {
  const { app } = sampleApp({ parts: { activePlan: () => undefined } });
  const response = await app.request("/optimize", { method: "POST" });
  assert.equal(response.headers.get("retry-after"), "5");
  await problemOf(response, 503);
});

Deno.test("POST /optimize refuses a body beyond the limit", async () => {
  const { app } = sampleApp();
  const long = posted(`{"input_data": {}, "x": "${"a".repeat(1_100_000)}"}`);
  await problemOf(await app.request("/optimize", long), 413);
});

Deno.test("GET /recommendations/latest is the last scheduled cycle, GET /cycles/:id any stored one", async () => {
  const { app, cycles } = sampleApp();
  await problemOf(await app.request("/recommendations/latest"), 404);
  const { recommendation } = await cycles.run({ trigger: "schedule", given: new Map() });
  const asked = await cycles.run({ trigger: "request", given: new Map() });
  const latest = await (await app.request("/recommendations/latest")).json();
  assert.equal(latest.cycle_id, recommendation.cycle_id);
  const { cycle_id } = asked.recommendation;
  const stored = await (await app.request(`/cycles/${cycle_id}`)).json();
  assert.equal(stored.recommendation.cycle_id, cycle_id);
  await problemOf(await app.request("/cycles/0190"), 404);
});

Deno.test("GET /cache/stats shows what is cached and POST /cache/clear how much went", async () => {
  const { app } = sampleApp();
  const stats = await (await app.request("/cache/stats")).json();
  assert.deepEqual([stats.items, stats.hits], [0, 0]);
  const cleared = await app.request("/cache/clear", { method: "POST" });
  assert.deepEqual(await cleared.json(), { cleared: 0 });
});

Deno.test("POST /strategy/activate answers 202 where a trial takes long, and notes how it ended", async () => {
  const gates: PromiseWithResolvers<void>[] = [];
  const { app, audited } = sampleApp({
    parts: {
      answerMs: 20,
      activate: async (version) => {
        const gate = Promise.withResolvers<void>();
        gates.push(gate);
        // The last one is there at once, however busy the machine.
        if (version !== "17") await gate.promise;
        const refusal = version === "13" ? "its rehearsal ended" : null;
        return { version, digest: "d", time: new Date(), refusal };
      },
    },
  });
  const ask = (version: string) =>
    Promise.resolve(app.request("/strategy/activate", posted(JSON.stringify({ version }))));
  const first = await ask("12");
  assert.equal(first.status, 202);
  assert.deepEqual(await first.json(), { wanted: "12", state: "being tried" });
  const others = await Promise.all(["13", "14", "15"].map(ask));
  assert.deepEqual(others.map(({ status }) => status), [202, 202, 202]);
  const fifth = await problemOf(await ask("16"), 503);
  assert.match(fifth.detail, /4 changes/);
  assert.equal(audited.length, 0);
  for (const gate of gates) gate.resolve();
  while (audited.length < 4) await new Promise((turn) => setTimeout(turn, 0));
  assert.deepEqual(audited.map(({ what }) => what).toSorted(), [
    "version activated",
    "version activated",
    "version activated",
    "version refused",
  ]);
  assert.equal((await ask("17")).status, 200, "there is room again");
});

Deno.test("GET /metrics is Prometheus text", async () => {
  const { app, metrics } = sampleApp();
  metrics.counter("setpoint_test_total", "A count").add(3);
  const response = await app.request("/metrics");
  assert.match(response.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
  assert.match(await response.text(), /^setpoint_test_total 3$/m);
});

Deno.test("An error in a route becomes a problem without its text, and goes to the log", async () => {
  const { app, faults } = sampleApp({
    parts: {
      cycle: () => {
        throw new Error("SQLITE_IOERR in /var/lib/setpoint");
      },
    },
  });
  const { detail } = await problemOf(await app.request("/cycles/1"), 500);
  assert.doesNotMatch(detail, /SQLITE|\/var/);
  assert.equal(faults.length, 1);
});

Deno.test("GET of a route that is not there is a problem that names it", async () => {
  const { app } = sampleApp();
  assert.match((await problemOf(await app.request("/nothing"), 404)).detail, /GET \/nothing/);
});
