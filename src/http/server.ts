/**
 * Serves the app through node:http, whose limits on headers and idle connections are honoured;
 * Deno.serve has none of them. What Deno's node:http leaves out is added here: a bound on
 * connections, and an end to a request whose body never comes or whose answer is never read; so is
 * what must be refused before the app sees it.
 */

import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { Server as TlsServer } from "node:https";
import { getRequestListener } from "@hono/node-server";
import type { Hono } from "hono";
import { behind } from "./admission.ts";
import type { Admission } from "./admission.ts";
import { Connections, refuse } from "./connections.ts";
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
  /** What is refused before its body is read; everything is let in where not given. */
  readonly admission?: Admission;
  readonly limits?: Partial<ServerLimits>;
}

/** All in milliseconds. */
export interface ServerLimits {
  readonly headersMs: number;
  readonly bodyMs: number;
  /** For the whole request with its answer; a stream of events has no end and no such limit. */
  readonly totalMs: number;
  readonly idleMs: number;
  readonly stopMs: number;
  /** How often the files of the certificate are looked at. */
  readonly tlsCheckMs: number;
}

const LIMITS: ServerLimits = {
  headersMs: 10_000,
  bodyMs: 20_000,
  totalMs: 120_000,
  idleMs: 15_000,
  stopMs: 5_000,
  // Watching the folder would miss files on network shares and in mounted secrets.
  tlsCheckMs: 10_000,
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
    // Headers and bodies that do not come are ended by Connections.
    headersTimeout: 0,
    requestTimeout: 0,
    keepAliveTimeout: limits.idleMs,
    maxHeaderSize: MAX_HEADER_BYTES,
  };
  const { admission = () => undefined } = options;
  const listener = behind(admission, getRequestListener(app.fetch));
  const server = files === undefined
    ? createServer(settings, listener)
    : createTlsServer({ ...settings, ...files.context() }, listener);
  const connections = new Connections({ most: options.maxConnections, ...limits });
  connections.bound(server);
  endSlowRequests(server, limits);
  if (files !== undefined && "setSecureContext" in server) {
    files.watch((context) => server.setSecureContext(context), limits.tlsCheckMs);
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
          connections.close();
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
    const total = setTimeout(() => {
      if (response.getHeader("content-type") !== "text/event-stream") end();
    }, limits.totalMs);
    response.once("close", () => clearTimeout(total));
  });
}
