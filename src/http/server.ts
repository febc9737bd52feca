/**
 * Serves the app through node:http, whose limits on headers, idle connections and whole requests
 * are honoured; Deno.serve has none of them.
 */

import { serve } from "@hono/node-server";
import type { Hono } from "hono";

export interface Listening {
  readonly port: number;
  /** Ends idle connections at once and running requests within the grace time. */
  stop(): Promise<void>;
}

const LIMITS = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 15_000,
  maxHeaderSize: 16_384,
  connectionsCheckingInterval: 2_000,
} as const;

const MAX_CONNECTIONS = 512;
const STOP_GRACE_MS = 5_000;

/** Throws where the address cannot be had, naming it and the cure. */
export function listen(
  app: Hono,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<Listening> {
  return new Promise((resolve, reject) => {
    const server = serve(
      { fetch: app.fetch, hostname: host, port, serverOptions: LIMITS },
      (address) => resolve({ port: address.port, stop }),
    );
    server.once("error", (cause) =>
      reject(
        new Error(
          `Cannot listen on ${host}:${port}: ${cause.message}. ` +
            "Set another api.port, or end the process that holds it",
          { cause },
        ),
      ));
    if ("maxConnections" in server) server.maxConnections = MAX_CONNECTIONS;

    function stop(): Promise<void> {
      return new Promise((done) => {
        server.close(() => done());
        if (!("closeIdleConnections" in server)) return;
        server.closeIdleConnections();
        const grace = setTimeout(() => server.closeAllConnections(), STOP_GRACE_MS);
        server.once("close", () => clearTimeout(grace));
      });
    }
  });
}
