import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { healthCommand, ownAddress } from "../src/health_command.ts";
import { freePort } from "./storage/postgres_server.ts";

Deno.test("healthCommand asks the configured box whether it lives or is ready", async () => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    response.writeHead(request.url === "/health/live" ? 200 : 503).end('{"status":"fail"}');
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const api = () => ({ host: "0.0.0.0", port, tls: undefined });
  try {
    assert.deepEqual(await healthCommand([], { api }), { text: '{"status":"fail"}\n', code: 0 });
    assert.equal((await healthCommand(["--ready"], { api })).code, 1);
    assert.deepEqual(asked, ["/health/live", "/health/ready"]);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

Deno.test("healthCommand says that nobody answers, with TLS and without", async () => {
  const port = freePort();
  for (const clientCaFile of [undefined, "ca.pem"]) {
    const tls = { certFile: "cert.pem", keyFile: "key.pem", clientCaFile };
    const { text, code } = await healthCommand([], {
      api: () => ({ host: "127.0.0.1", port, tls }),
    });
    assert.match(text, new RegExp(`No box answers at 127.0.0.1:${port}`));
    assert.equal(code, 1);
  }
});

Deno.test("ownAddress is one that can be connected to, whatever the box listens on", () => {
  assert.deepEqual(["0.0.0.0", "::", "10.0.0.5"].map(ownAddress), ["127.0.0.1", "::1", "10.0.0.5"]);
});
