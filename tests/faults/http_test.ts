/** Rows 26 to 28 of the fault list: bodies without an end, slow clients, a flood of requests. */

import assert from "node:assert/strict";
import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { askLive, floodOptimize, metricOf, slowLoris } from "../campaigns/http_load.ts";
import { RunningBox } from "./running_box.ts";
import { writeSmallSite } from "./small_site.ts";

const REQUEST: RequestInit = {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: '{"input_data": {"Valve": 30, "Load": 100}}',
};

Deno.test("the service stays up and within its memory under hostile bodies, slow clients and a flood", async (t) => {
  const site = await writeSmallSite({ yaml: "" });
  const box = await RunningBox.start(site, { startMs: 120_000 });
  const url = `http://127.0.0.1:${box.port}`;
  try {
    await box.healthBecomes(({ version }) => version !== null, 30_000);
    const before = await metricOf(url, "setpoint_memory_bytes");

    await t.step("a body of a gigabyte in chunks is refused after a megabyte or so", async () => {
      const { status, sentMegabytes } = await sendGigabyte(box.port);
      assert.match(status, /^HTTP\/1\.1 413/);
      assert.ok(sentMegabytes < 100, `${sentMegabytes} MB were taken`);
    });

    await t.step("a length of a gigabyte is refused before it is sent", async () => {
      const text = await ask(
        box.port,
        "POST /optimize HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" +
          "Content-Length: 1000000000\r\n\r\n{",
      );
      assert.match(text, /^HTTP\/1\.1 413/);
    });

    await t.step("nesting, zip bombs and bytes that are no text are 4xx", async () => {
      const bomb = gzipSync(new Uint8Array(50_000_000));
      const bodies: [BodyInit, Record<string, string>, number][] = [
        ["[".repeat(100_000), {}, 400],
        [Uint8Array.from(bomb), { "content-encoding": "gzip" }, 415],
        [Uint8Array.of(0x22, 0xc3, 0x28, 0x22), {}, 400],
      ];
      for (const [body, headers, wanted] of bodies) {
        const response = await fetch(`${url}/optimize`, {
          method: "POST",
          body,
          headers: { "content-type": "application/json", ...headers },
        });
        await response.body?.cancel();
        assert.equal(response.status, wanted);
      }
    });

    await t.step("a flood beside slow clients is answered or refused with its reason", async () => {
      const until = performance.now() + 3_000;
      const [flood, , live] = await Promise.all([
        floodOptimize(url, { until, atOnce: 60, request: REQUEST }),
        slowLoris(box.port, { until, count: 60 }),
        askLive(url, until),
      ]);
      assert.deepEqual(Object.keys(flood.optimize).toSorted(), ["200", "503"]);
      assert.equal(flood.withoutReason, 0);
      assert.equal(live.liveFailed, 0);
      assert.ok(live.liveAsked > 0);
    });

    const grown = await metricOf(url, "setpoint_memory_bytes") - before;
    assert.ok(grown < 300e6, `memory has grown by ${Math.round(grown / 1e6)} MB`);
    assert.ok(!box.lines.some((line) => line.includes("broke")), "no request broke a route");
  } finally {
    await box.kill();
    await Deno.remove(site.folder, { recursive: true });
  }
});

/** Sends a chunked body until the box has had enough. */
function sendGigabyte(port: number): Promise<{ status: string; sentMegabytes: number }> {
  return new Promise((resolve) => {
    const chunk = `10000\r\n${"a".repeat(0x10000)}\r\n`;
    let sent = 0;
    let answer = "";
    const socket = connect(port, "127.0.0.1", () => {
      socket.write(
        "POST /optimize HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" +
          "Transfer-Encoding: chunked\r\n\r\n",
      );
      more();
    });
    const more = () => {
      while (answer === "" && sent < 1e9 && !socket.destroyed) {
        sent += chunk.length;
        if (!socket.write(chunk)) return void socket.once("drain", more);
      }
      if (answer !== "" || sent >= 1e9) socket.destroy();
    };
    socket.on("data", (bytes) => {
      answer += String(bytes);
      socket.destroy();
    });
    socket.on("error", () => {});
    socket.on("close", () => resolve({ status: answer, sentMegabytes: sent / 1e6 }));
  });
}

/** What comes back for raw text, up to the first bytes. */
function ask(port: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(text));
    socket.on("data", (bytes) => {
      answer += String(bytes);
      socket.destroy();
    });
    socket.on("error", () => {});
    socket.on("close", () => resolve(answer));
  });
}
