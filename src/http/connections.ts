/**
 * A bound on open connections. When it is reached, the one that has waited longest without a whole
 * request goes, so that a thousand clients that send a byte a second (slow-loris) shut nobody out.
 */

import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Server as TlsServer } from "node:https";
import type { Socket } from "node:net";

export class Connections {
  readonly #bound: number;
  /** Without a whole request: new ones, those between two requests, those whose body still comes. */
  readonly #waiting = new Set<Socket>();
  /** Being answered. */
  readonly #busy = new Set<Socket>();

  constructor(bound: number) {
    this.#bound = bound;
  }

  get open(): number {
    return this.#waiting.size + this.#busy.size;
  }

  bound(server: Server | TlsServer): void {
    server.on("connection", (socket: Socket) => this.#add(socket));
    server.on("request", (request: IncomingMessage, response: ServerResponse) => {
      const { socket } = request;
      if (hasBody(request)) request.once("end", () => this.#move(socket, this.#busy));
      else this.#move(socket, this.#busy);
      response.once("close", () => this.#move(socket, this.#waiting));
    });
  }

  /** Ends every connection, whatever it is doing. */
  end(): void {
    for (const socket of [...this.#waiting, ...this.#busy]) socket.destroy();
  }

  #add(socket: Socket): void {
    socket.on("error", () => socket.destroy());
    if (this.open >= this.#bound) {
      const longest = this.#waiting.values().next().value;
      if (longest === undefined) {
        refuse(socket, "503 Service Unavailable\r\nRetry-After: 5");
        return;
      }
      this.#waiting.delete(longest);
      longest.destroy();
    }
    this.#waiting.add(socket);
    socket.once("close", () => {
      this.#waiting.delete(socket);
      this.#busy.delete(socket);
    });
  }

  /** At the end of its new set: of the waiting ones it is now the youngest. */
  #move(socket: Socket, to: Set<Socket>): void {
    const isKnown = this.#waiting.delete(socket) || this.#busy.delete(socket);
    if (isKnown && !socket.destroyed) to.add(socket);
  }
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
