/** TLS of the running server: renewed certificates, client certificates, connections that are kept. */

import assert from "node:assert/strict";
import { copyFileSync, readFileSync } from "node:fs";
import { Agent, request } from "node:https";
import type { RequestOptions } from "node:https";
import { connect as connectPlain } from "node:net";
import type { TLSSocket } from "node:tls";
import { Hono } from "hono";
import type { HttpEnv } from "../../src/http/route.ts";
import { listen } from "../../src/http/server.ts";
import type { Listening, ListenOptions } from "../../src/http/server.ts";
import { PrivateAuthority } from "../storage/private_authority.ts";
import type { Issued } from "../storage/private_authority.ts";

/** Within this a whole handshake is done, on a busy machine too. */
const HEADERS_MS = 1_500;
const NAMES = ["DNS:localhost", "IP:127.0.0.1"];

interface Served {
  readonly server: Listening;
  readonly authority: PrivateAuthority;
  /** Puts another certificate into the server's files. */
  readonly renew: (issued: Issued) => void;
  readonly faults: unknown[];
}

async function withServer(
  { clientCaFile, limits = {} }: {
    readonly clientCaFile?: string;
    readonly limits?: ListenOptions["limits"];
  },
  work: (served: Served) => Promise<void>,
): Promise<void> {
  const authority = PrivateAuthority.make();
  const folder = await Deno.makeTempDir();
  const [certFile, keyFile] = [`${folder}/cert.pem`, `${folder}/key.pem`];
  const renew = (issued: Issued) => {
    copyFileSync(issued.certFile, certFile);
    copyFileSync(issued.keyFile, keyFile);
  };
  renew(authority.issue(NAMES, { subject: "first" }));
  const app = new Hono<HttpEnv>();
  app.get("/", (c) => c.text("here"));
  app.get("/slow", async (c) => {
    await new Promise((resolve) => setTimeout(resolve, HEADERS_MS + 300));
    return c.text("late");
  });
  const faults: unknown[] = [];
  const server = await listen(app, {
    host: "127.0.0.1",
    port: 0,
    maxConnections: 100,
    tls: { certFile, keyFile, clientCaFile },
    tlsFailed: (error) => faults.push(error),
    limits: { tlsCheckMs: 50, ...limits },
  });
  try {
    await work({ server, authority, renew, faults });
  } finally {
    await server.stop();
    authority.remove();
    await Deno.remove(folder, { recursive: true });
  }
}

/** The answer's text and the name in the server's certificate; throws where there is no answer. */
function get(options: RequestOptions): Promise<{ text: string; subject: string }> {
  return new Promise((resolve, reject) => {
    const asked = request(
      { host: "127.0.0.1", path: "/", agent: false, ...options },
      (response) => {
        const subject = String((response.socket as TLSSocket).getPeerCertificate()?.subject?.CN);
        let text = "";
        response.on("data", (bytes) => text += String(bytes));
        response.on("end", () => resolve({ text, subject }));
      },
    );
    asked.on("error", reject);
    asked.end();
  });
}

Deno.test("listen takes a renewed certificate while it runs, and keeps the one before where it is damaged", () =>
  withServer({}, async ({ server, authority, renew, faults }) => {
    const ca = readFileSync(authority.caFile);
    const subject = async () => (await get({ port: server.port, ca })).subject;
    assert.equal(await subject(), "first");
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    assert.equal((await get({ port: server.port, ca, agent })).subject, "first");

    renew(authority.issue(NAMES, { subject: "second" }));
    await becomes(subject, "second");
    const kept = await get({ port: server.port, ca, agent });
    assert.deepEqual(kept, { text: "here", subject: "first" }, "an open connection goes on");
    agent.destroy();

    // Between two files of a pair it may have looked before.
    const before = faults.length;
    const { keyFile } = authority.issue(NAMES);
    renew({ certFile: authority.issue(NAMES, { subject: "third" }).certFile, keyFile });
    await becomes(() => Promise.resolve(faults.length > before), true);
    assert.equal(await subject(), "second", "certificate and key do not fit together");

    renew(authority.issue(NAMES, { subject: "fourth" }));
    await becomes(subject, "fourth");
  }));

Deno.test("listen lets in only clients with a certificate of the client authority, after a renewal too", async () => {
  const clients = PrivateAuthority.make("clients");
  const others = PrivateAuthority.make("others");
  const credentials = ({ certFile, keyFile }: Issued) => ({
    cert: readFileSync(certFile),
    key: readFileSync(keyFile),
  });
  const known = credentials(clients.issue(["DNS:scada"], { subject: "scada" }));
  const unknown = credentials(others.issue(["DNS:scada"], { subject: "scada" }));
  const expired = credentials(clients.issue(["DNS:scada"], { days: -1 }));
  try {
    await withServer(
      { clientCaFile: clients.caFile },
      async ({ server, authority, renew }) => {
        const base = { port: server.port, ca: readFileSync(authority.caFile) };
        const letsInOnlyKnown = async () => {
          assert.equal((await get({ ...base, ...known })).text, "here");
          await assert.rejects(get(base), "no certificate");
          await assert.rejects(get({ ...base, ...unknown }), "another authority");
          await assert.rejects(get({ ...base, ...expired }), "expired");
        };
        await letsInOnlyKnown();
        renew(authority.issue(NAMES, { subject: "second" }));
        await becomes(async () => (await get({ ...base, ...known })).subject, "second");
        await letsInOnlyKnown();
      },
    );
  } finally {
    clients.remove();
    others.remove();
  }
});

Deno.test("listen ends handshakes and headers that never come over TLS, and no request that is being answered", () =>
  withServer({ limits: { headersMs: HEADERS_MS } }, async ({ server, authority }) => {
    const ca = readFileSync(authority.caFile);
    const silent = connectPlain(server.port, "127.0.0.1");
    silent.resume();
    const began = performance.now();
    const closed = new Promise<number>((resolve) => {
      silent.on("error", () => {});
      silent.on("close", () => resolve(performance.now() - began));
    });
    const slow = await get({ port: server.port, ca, path: "/slow" });
    assert.equal(slow.text, "late", "it took longer than headers may");
    const closedMs = await closed;
    assert.ok(closedMs >= HEADERS_MS && closedMs < 5_000, `${closedMs} ms`);
  }));

/** Asks until the answer is the one that is wanted, for a minute. */
async function becomes<Value>(ask: () => Promise<Value>, wanted: Value): Promise<void> {
  const end = performance.now() + 60_000;
  let last: Value | undefined;
  while (performance.now() < end) {
    last = await ask();
    if (last === wanted) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.equal(last, wanted);
}
