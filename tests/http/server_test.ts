import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { get } from "node:https";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Hono } from "hono";
import { listen } from "../../src/http/server.ts";
import type { ListenOptions, ServerLimits } from "../../src/http/server.ts";
import { TlsFiles } from "../../src/http/tls_files.ts";
import type { HttpEnv } from "../../src/http/route.ts";

const FAST: ServerLimits = {
  headersMs: 200,
  bodyMs: 300,
  totalMs: 600,
  idleMs: 300,
  stopMs: 200,
  tlsCheckMs: 1_000,
};

/** For what is ended by something else than a limit of time, however busy the machine. */
const PATIENT: ServerLimits = {
  ...FAST,
  headersMs: 60_000,
  bodyMs: 60_000,
  totalMs: 60_000,
  idleMs: 60_000,
};

const LOCAL: ListenOptions = {
  host: "127.0.0.1",
  port: 0,
  maxConnections: 100,
  tls: undefined,
  tlsFailed: (error) => assert.fail(String(error)),
  limits: FAST,
};

/** `asked` hears of each request that will not be answered. */
function echoApp(asked: () => void = () => {}): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>();
  app.get("/", (c) => c.text("here"));
  app.post("/echo", async (c) => c.text(await c.req.text()));
  app.get("/never", () => {
    asked();
    return new Promise<Response>(() => {});
  });
  app.onError((_, c) => c.text("broken off", 400));
  return app;
}

/** All that a socket receives until it is closed by the other side. */
function untilClosed(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    socket.on("data", (bytes) => text += String(bytes));
    socket.on("error", () => {});
    socket.on("close", () => resolve(text));
  });
}

function opened(port: number): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => resolve(socket));
  });
}

Deno.test("listen ends headers, bodies and answers that never come, each with its reason", async () => {
  const server = await listen(echoApp(), LOCAL);
  const slow = [
    ["GET / HTTP/1.1\r\nHost: a\r\nX-", /408/],
    ["POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc", /408/],
    ["POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", /408/],
    ["GET /never HTTP/1.1\r\nHost: a\r\n\r\n", /408/],
  ] as const;
  await Promise.all(slow.map(async ([text, reason]) => {
    const socket = await opened(server.port);
    const closed = untilClosed(socket);
    socket.write(text);
    assert.match(await closed, reason, text);
  }));
  // And serves on; a connection that is new to a busy machine may be late as well.
  let text = "";
  for (let i = 0; i < 10 && text !== "here"; i++) {
    text = await (await fetch(`http://127.0.0.1:${server.port}/`)).text();
  }
  assert.equal(text, "here");
  await server.stop();
});

Deno.test("listen lets the one go that has waited longest when the bound is reached", async () => {
  const server = await listen(echoApp(), { ...LOCAL, limits: PATIENT, maxConnections: 3 });
  const idle: Socket[] = [];
  for (let i = 0; i < 3; i++) idle.push(await opened(server.port));
  const oldest = untilClosed(idle[0]!);
  const response = await fetch(`http://127.0.0.1:${server.port}/`);
  assert.equal(await response.text(), "here");
  await oldest;
  for (const socket of idle) socket.destroy();
  await server.stop();
});

Deno.test("listen refuses a connection with 503 when all are being answered", async () => {
  const both = Promise.withResolvers<void>();
  let asked = 0;
  const app = echoApp(() => ++asked === 2 && both.resolve());
  const server = await listen(app, { ...LOCAL, limits: PATIENT, maxConnections: 2 });
  const busy = [0, 1].map(async () => {
    const socket = await opened(server.port);
    socket.write("GET /never HTTP/1.1\r\nHost: a\r\n\r\n");
    return await untilClosed(socket);
  });
  await both.promise;
  assert.match(await untilClosed(await opened(server.port)), /^HTTP\/1.1 503 .*Retry-After: 5/s);
  await server.stop();
  await Promise.all(busy);
});

Deno.test("listen names the address and the cure when the port is taken", async () => {
  const server = await listen(echoApp(), LOCAL);
  await assert.rejects(listen(echoApp(), { ...LOCAL, port: server.port }), /api\.port/);
  await server.stop();
});

Deno.test("listen serves TLS from files and takes a renewed certificate without a restart", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tls-"));
  const certFile = join(folder, "cert.pem");
  const keyFile = join(folder, "key.pem");
  const renew = (name: string) =>
    execFileSync("openssl", [
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"],
      ...["-keyout", keyFile, "-out", certFile, "-days", "2", "-subj", `/CN=${name}`],
      ...["-addext", "subjectAltName=IP:127.0.0.1"],
    ], { stdio: "ignore" });
  try {
    renew("first");
    const paths = { certFile, keyFile, clientCaFile: undefined };
    const server = await listen(echoApp(), { ...LOCAL, limits: PATIENT, tls: paths });
    const subject = () =>
      new Promise((resolve, reject) =>
        get({
          host: "127.0.0.1",
          port: server.port,
          ca: readFileSync(certFile),
          agent: false,
        }, (response) => {
          response.resume();
          response.on("end", () => resolve(response.statusCode));
        }).on("error", reject)
      );
    assert.equal(await subject(), 200);
    await server.stop();

    const files = TlsFiles.open(paths, { failed: (error) => assert.fail(String(error)) });
    const taken: unknown[] = [];
    const take = ({ cert }: { readonly cert: string }) => void taken.push(cert);
    files.check(take);
    assert.equal(taken.length, 0, "nothing has changed yet");
    renew("second");
    files.check(take);
    files.check(take);
    assert.deepEqual(taken, [readFileSync(certFile, "utf8")]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
