/** What is refused before it is read, and connections that keep the box waiting. */

import assert from "node:assert/strict";
import { connect } from "node:net";
import type { AnsweredRequest } from "../../src/http/app_parts.ts";
import { admissionOf } from "../../src/http/admission.ts";
import { listen } from "../../src/http/server.ts";
import type { Listening } from "../../src/http/server.ts";
import { reading, sampleApp } from "./sample_app.ts";

const LOCAL = {
  host: "127.0.0.1",
  port: 0,
  maxConnections: 1_000,
  tls: undefined,
  tlsFailed: (error: unknown) => assert.fail(String(error)),
};

interface Full {
  readonly server: Listening;
  readonly answered: readonly AnsweredRequest[];
  /** Lets the cycle that runs go on. */
  readonly release: () => void;
}

/** An app whose queue is full until it is let go on. */
async function fullApp(): Promise<Full> {
  const gate = Promise.withResolvers<void>();
  const { app, cycles } = sampleApp({
    read: async () => {
      await gate.promise;
      return new Map([["Kiln_Coal_PV", reading(8.5)]]);
    },
  });
  const answered: AnsweredRequest[] = [];
  const admission = admissionOf({ cycles, answered: (request) => answered.push(request) });
  const server = await listen(app, { ...LOCAL, admission });
  while (!cycles.isFull) void cycles.run({ trigger: "request", given: new Map() });
  return { server, answered, release: gate.resolve };
}

/** All that comes back for raw text until the other side closes, or until a whole answer is there. */
function ask(port: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(text));
    socket.on("data", (bytes) => {
      answer += String(bytes);
      if (answer.includes("}")) socket.destroy();
    });
    socket.on("error", () => {});
    socket.on("close", () => resolve(answer));
  });
}

Deno.test("admissionOf refuses an optimum before its body is there while the queue is full", async () => {
  const { server, answered, release } = await fullApp();
  try {
    const head = "POST /optimize HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    const promised = await ask(server.port, `${head}Content-Length: 1000000000\r\n\r\n`);
    assert.match(promised, /^HTTP\/1\.1 503 /);
    assert.match(promised, /connection: close/i);
    const waits = new Set<number>();
    for (let i = 0; i < 40; i++) {
      const response = await fetch(`http://127.0.0.1:${server.port}/optimize?x=${i}`, {
        method: "POST",
        body: "{",
      });
      assert.equal(response.status, 503);
      assert.equal(response.headers.get("content-type"), "application/problem+json");
      assert.equal((await response.json()).type, "urn:setpoint:problem:busy");
      waits.add(Number(response.headers.get("retry-after")));
    }
    assert.ok(
      waits.size > 1 && [...waits].every((wait) => wait >= 5 && wait < 10),
      `${[...waits]}`,
    );
    assert.equal(answered.length, 41);
    assert.ok(answered.every(({ route, status }) => route === "/optimize" && status === 503));

    const other = await fetch(`http://127.0.0.1:${server.port}/health/live`);
    assert.equal((await other.json()).status, "pass");
    const keyed = await fetch(`http://127.0.0.1:${server.port}/optimize`, {
      method: "POST",
      headers: { "idempotency-key": "k" },
    });
    assert.equal(
      keyed.headers.get("retry-after"),
      "5",
      "a key may have its answer: the app decides",
    );
    await keyed.body?.cancel();
  } finally {
    release();
    await server.stop();
  }
});

Deno.test("admissionOf lets everything in again once there is room", async () => {
  const { server, release } = await fullApp();
  const url = `http://127.0.0.1:${server.port}/optimize`;
  const refused = await fetch(url, { method: "POST" });
  await refused.body?.cancel();
  assert.equal(refused.status, 503);
  release();
  let status = 503;
  for (let i = 0; i < 100 && status === 503; i++) {
    const response = await fetch(url, { method: "POST" });
    await response.body?.cancel();
    status = response.status;
  }
  assert.equal(status, 200);
  await server.stop();
});

Deno.test("listen ends connections that are due at the same time, all with a reason and a few at a time", async () => {
  const { app } = sampleApp();
  const server = await listen(app, { ...LOCAL, limits: { headersMs: 400 } });
  const count = 200;
  const ends = await Promise.all(Array.from({ length: count }, async () => {
    const text = await ask(server.port, "GET /health HTTP/1.1\r\nHost: localhost\r\nX-");
    return { text, atMs: performance.now() };
  }));
  assert.ok(ends.every(({ text }) => text.startsWith("HTTP/1.1 408 ")));
  const times = ends.map(({ atMs }) => atMs);
  const spread = Math.max(...times) - Math.min(...times);
  assert.ok(spread > 100, `all of them ended within ${spread} ms`);
  await server.stop();
});
