/**
 * A bound on open connections, and an end to those that keep us waiting. When the bound is reached,
 * the one that has waited longest without a whole request goes, so that a thousand clients that send
 * a byte a second (slow-loris) shut nobody out. Node's own limits end all that are due in one go,
 * which keeps everybody else waiting; here a few go at a time.
 */

import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Server as TlsServer } from "node:https";
import type { Socket } from "node:net";

export interface ConnectionLimits {
  readonly most: number;
  /** From a connection to the end of its first request's headers, a TLS handshake included. */
  readonly headersMs: number;
  /** From the end of the headers to the end of the body. */
  readonly bodyMs: number;
  /** Between two requests; node:http ends a connection at which nothing at all comes. */
  readonly idleMs: number;
}

interface Open {
  /** The one that the client can be told something on: that of TLS where there is TLS. */
  socket: Socket;
  /** When it has kept us waiting for too long, by the process's clock. */
  dueMs: number;
}

const SWEEP_MS = 50;
/** Ending one takes a fifth of a millisecond. */
const MOST_ENDED = 40;

export class Connections {
  readonly #limits: ConnectionLimits;
  /**
   * Without a whole request: new ones, those between two requests, those whose body still comes. By
   * the other side's address and port, since TLS puts a socket of its own over the first one.
   */
  readonly #waiting = new Map<string, Open>();
  /** Being answered. */
  readonly #busy = new Map<string, Open>();
  #sweeping: ReturnType<typeof setInterval> | undefined;

  constructor(limits: ConnectionLimits) {
    this.#limits = limits;
  }

  get open(): number {
    return this.#waiting.size + this.#busy.size;
  }

  bound(server: Server | TlsServer): void {
    const { bodyMs, headersMs, idleMs } = this.#limits;
    server.on("connection", (socket: Socket) => this.#add(socket));
    server.on("secureConnection", (socket: Socket) => this.#secure(socket));
    server.on("request", (request: IncomingMessage, response: ServerResponse) => {
      const peer = peerOf(request.socket);
      if (hasBody(request)) {
        this.#wait(peer, bodyMs);
        request.once("end", () => this.#work(peer));
      } else this.#work(peer);
      response.once("close", () => this.#wait(peer, idleMs + headersMs));
    });
    this.#sweeping = setInterval(() => this.#sweep(performance.now()), SWEEP_MS);
  }

  /** Ends every connection, whatever it is doing. */
  end(): void {
    for (const { socket } of [...this.#waiting.values(), ...this.#busy.values()]) socket.destroy();
  }

  /** No connection is watched any more. */
  close(): void {
    clearInterval(this.#sweeping);
  }

  #add(socket: Socket): void {
    socket.on("error", () => socket.destroy());
    if (this.open >= this.#limits.most) {
      const [longest] = this.#waiting;
      if (longest === undefined) {
        refuse(socket, "503 Service Unavailable\r\nRetry-After: 5");
        return;
      }
      this.#waiting.delete(longest[0]);
      longest[1].socket.destroy();
    }
    const peer = peerOf(socket);
    this.#waiting.set(peer, { socket, dueMs: performance.now() + this.#limits.headersMs });
    socket.once("close", () => {
      this.#waiting.delete(peer);
      this.#busy.delete(peer);
    });
  }

  #secure(socket: Socket): void {
    socket.on("error", () => socket.destroy());
    const open = this.#waiting.get(peerOf(socket));
    if (open !== undefined) open.socket = socket;
  }

  #work(peer: string): void {
    const open = this.#waiting.get(peer);
    if (open === undefined) return;
    this.#waiting.delete(peer);
    this.#busy.set(peer, open);
  }

  /** At the end of the waiting ones: it is now the youngest of them. */
  #wait(peer: string, ms: number): void {
    const open = this.#busy.get(peer) ?? this.#waiting.get(peer);
    if (open === undefined) return;
    this.#busy.delete(peer);
    this.#waiting.delete(peer);
    open.dueMs = performance.now() + ms;
    if (!open.socket.destroyed) this.#waiting.set(peer, open);
  }

  #sweep(nowMs: number): void {
    let ended = 0;
    for (const [peer, { socket, dueMs }] of this.#waiting) {
      if (dueMs > nowMs) continue;
      this.#waiting.delete(peer);
      refuse(socket, "408 Request Timeout");
      if (++ended === MOST_ENDED) return;
    }
  }
}

function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}

/** RFC 9112, section 6: a request has a body when one of these headers says so. */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined ||
    Number(headers["content-length"] ?? 0) > 0;
}

/** Says why on a connection that no request is answered on, and closes it. */
export function refuse(socket: Socket, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => {
    socket.destroy();
  });
}
