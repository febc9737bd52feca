import assert from "node:assert/strict";
import { sampleApp } from "./sample_app.ts";

/** Reads a stream until it has `count` events, then lets it go. */
async function eventsOf(
  response: Response,
  count: number,
): Promise<{ id: string; data: string }[]> {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  let found: RegExpMatchArray[] = [];
  while (found.length < count) {
    const { value, done } = await reader.read();
    if (done) break;
    text += value;
    found = [...text.matchAll(/id: (\S+)\nevent: cycle\ndata: (.*)\n\n/g)];
  }
  await reader.cancel();
  return found.map(([, id, data]) => ({ id: id!, data: data! }));
}

Deno.test("GET /events sends each cycle as it ends, with the recommendation", async () => {
  const { app, cycles, events } = sampleApp();
  const response = await app.request("/events");
  assert.equal(response.headers.get("content-type"), "text/event-stream");
  const reading = eventsOf(response, 2);
  const first = await cycles.run({ trigger: "schedule", given: new Map() });
  const second = await cycles.run({ trigger: "schedule", given: new Map() });
  const [one, two] = await reading;
  assert.equal(one?.id, first.recommendation.cycle_id);
  assert.equal(JSON.parse(two!.data).cycle_id, second.recommendation.cycle_id);
  assert.equal(events.clients, 0, "the client that left is forgotten");
});

Deno.test("GET /events with Last-Event-ID sends what was missed first", async () => {
  const { app, cycles } = sampleApp();
  const ids: string[] = [];
  for (let i = 0; i < 3; i++) {
    const { recommendation } = await cycles.run({ trigger: "schedule", given: new Map() });
    ids.push(recommendation.cycle_id);
  }
  const response = await app.request("/events", { headers: { "last-event-id": ids[0]! } });
  const missed = await eventsOf(response, 2);
  assert.deepEqual(missed.map(({ id }) => id), ids.slice(1));
});

Deno.test("GET /events refuses the client beyond the bound and cuts off one that does not read", async () => {
  const { app, cycles, events } = sampleApp();
  const open = await Promise.all(Array.from({ length: 64 }, () => app.request("/events")));
  assert.equal(events.clients, 64);
  const refused = await app.request("/events");
  assert.equal(refused.status, 503);
  assert.equal(refused.headers.get("retry-after"), "30");
  const record = await cycles.run({ trigger: "schedule", given: new Map() });
  for (let i = 0; i < 300; i++) events.publish(record);
  assert.equal(events.clients, 0);
  await assert.rejects(async () => {
    const reader = open[0]!.body!.getReader();
    while (!(await reader.read()).done);
  }, /does not read/);
});

Deno.test("EventStream.close ends every stream", async () => {
  const { app, events } = sampleApp();
  const response = await app.request("/events");
  events.close();
  assert.match(await response.text(), /^retry: \d+/);
});
