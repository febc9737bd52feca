/**
 * Serves the app through node:http, whose limits on headers and idle connections are honoured;
 * Deno.serve has none of them. What Deno's node:http leaves out is added here: a bound on
 * connections, and an end to a request whose body never comes or whose answer is never read.
 */

import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { Server as TlsServer } from "node:https";
import { createAdaptorServer } from "@hono/node-server";
import type { Hono } from "hono";
import { Connections, hasBody, refuse } from "./connections.ts";
import type { HttpEnv } from "./route.ts";
import { TlsFiles } from "./tls_files.ts";
import type { TlsPaths } from "./tls_files.ts";

export interface Listening {
  readonly port: number;
  /** Ends idle connections at once and running requests within the grace time. */
  stop(): Promise<void>;
}

export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  readonly maxConnections: number;
  readonly tls: TlsPaths | undefined;
  /** A changed certificate could not be taken; the one before stays in use. */
  readonly tlsFailed: (error: unknown) => void;
  readonly limits?: Partial<ServerLimits>;
}

/** All in milliseconds. */
export interface ServerLimits {
  readonly headersMs: number;
  readonly bodyMs: number;
  /** For the whole request with its answer; a stream of events has no end and no such limit. */
  readonly totalMs: number;
  readonly idleMs: number;
  readonly checkMs: number;
  readonly stopMs: number;
}

const LIMITS: ServerLimits = {
  headersMs: 10_000,
  bodyMs: 20_000,
  totalMs: 120_000,
  idleMs: 15_000,
  checkMs: 2_000,
  stopMs: 5_000,
};

const MAX_HEADER_BYTES = 16_384;
/** Connections that the kernel holds until they are taken; beyond, clients try again after seconds. */
const BACKLOG = 4_096;

/** Throws where the address cannot be had, naming it and the cure. */
export async function listen(app: Hono<HttpEnv>, options: ListenOptions): Promise<Listening> {
  const { host, port, tls } = options;
  const limits = { ...LIMITS, ...options.limits };
  const files = tls === undefined ? undefined : TlsFiles.open(tls, { failed: options.tlsFailed });
  const settings = {
    headersTimeout: limits.headersMs,
    requestTimeout: limits.bodyMs,
    keepAliveTimeout: limits.idleMs,
    maxHeaderSize: MAX_HEADER_BYTES,
    connectionsCheckingInterval: limits.checkMs,
  };
  // Of the server kinds that the adaptor may return, these two are what is asked for here.
  const server = createAdaptorServer(
    files === undefined ? { fetch: app.fetch, serverOptions: settings } : {
      fetch: app.fetch,
      createServer: createTlsServer,
      serverOptions: { ...settings, ...files.context() },
    },
  ) as Server | TlsServer;
  const connections = new Connections(options.maxConnections);
  connections.bound(server);
  endSlowRequests(server, limits);
  if (files !== undefined && "setSecureContext" in server) {
    files.watch((context) => server.setSecureContext(context));
  }
  await started(server, { host, port });
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : port,
    stop: () =>
      new Promise((done) => {
        files?.close();
        const grace = setTimeout(
          () => connections.end(),
          limits.stopMs,
        );
        server.close(() => {
          clearTimeout(grace);
          done();
        });
        server.closeIdleConnections();
      }),
  };
}

function started(
  server: Server | TlsServer,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: Error) =>
      reject(
        new Error(
          `Cannot listen on ${host}:${port}: ${cause.message}. ` +
            "Set another api.port, or end the process that holds it",
          { cause },
        ),
      ));
    server.listen({ port, host, backlog: BACKLOG }, resolve);
  });
}

function endSlowRequests(server: Server | TlsServer, limits: ServerLimits): void {
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    const end = () => {
      if (response.headersSent) request.socket.destroy();
      else refuse(request.socket, "408 Request Timeout");
    };
    const body = hasBody(request) ? setTimeout(end, limits.bodyMs) : undefined;
    const total = setTimeout(() => {
      if (response.getHeader("content-type") !== "text/event-stream") end();
    }, limits.totalMs);
    request.once("end", () => clearTimeout(body));
    response.once("close", () => {
      clearTimeout(body);
      clearTimeout(total);
    });
  });
}
