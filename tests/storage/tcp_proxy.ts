/** A TCP proxy between a client and a real server, which can be told to misbehave. */

export type ProxyMode =
  | { readonly kind: "pass" }
  /** Takes connections and bytes, passes nothing on: a half-open link. */
  | { readonly kind: "silent" }
  /** Passes the server's answer slowly. */
  | { readonly kind: "drip"; readonly bytes: number; readonly everyMs: number }
  /** Passes this many bytes of the server's answer, then nothing. */
  | { readonly kind: "stall"; readonly afterBytes: number }
  /** Passes this many bytes of the server's answer, then closes. */
  | { readonly kind: "cut"; readonly afterBytes: number }
  /** Changes the lowest bit of one byte of the server's answers, counted over each connection. */
  | { readonly kind: "flip"; readonly atByte: number }
  /** Passes everything this much later. */
  | { readonly kind: "delay"; readonly ms: number }
  /** Closes each connection at once. */
  | { readonly kind: "refuse" }
  /** Closes with the request unread, which makes the system send RST. */
  | { readonly kind: "reset" };

export class TcpProxy {
  mode: ProxyMode = { kind: "pass" };
  readonly port: number;
  readonly #listener: Deno.TcpListener;
  readonly #targetPort: number;
  readonly #open = new Set<Deno.TcpConn>();
  readonly #work: Promise<void>[] = [];

  constructor(targetPort: number) {
    this.#targetPort = targetPort;
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.port = this.#listener.addr.port;
    this.#work.push(this.#accept());
  }

  /** Changes the mode for connections to come; those that are open end, as clients keep them. */
  become(mode: ProxyMode): void {
    this.mode = mode;
    for (const connection of this.#open) end(connection);
  }

  async close(): Promise<void> {
    this.#listener.close();
    for (const connection of this.#open) end(connection);
    await Promise.allSettled(this.#work);
  }

  async #accept(): Promise<void> {
    for await (const client of this.#listener) this.#work.push(this.#serve(client));
  }

  async #serve(client: Deno.TcpConn): Promise<void> {
    if (this.mode.kind === "refuse" || this.mode.kind === "reset") {
      if (this.mode.kind === "reset") await new Promise((resolve) => setTimeout(resolve, 5));
      end(client);
      return;
    }
    this.#open.add(client);
    let server: Deno.TcpConn;
    try {
      server = await Deno.connect({ hostname: "127.0.0.1", port: this.#targetPort });
    } catch {
      end(client);
      return;
    }
    this.#open.add(server);
    let answered = 0;
    const pump = async (from: Deno.TcpConn, to: Deno.TcpConn) => {
      const buffer = new Uint8Array(16 * 1024);
      try {
        for (let n = await from.read(buffer); n !== null; n = await from.read(buffer)) {
          const { mode } = this;
          let passed = mode.kind === "silent" ? 0 : n;
          if (from === server && (mode.kind === "stall" || mode.kind === "cut")) {
            passed = Math.min(n, Math.max(0, mode.afterBytes - answered));
            answered += n;
          }
          if (from === server && mode.kind === "flip") {
            const at = mode.atByte - answered;
            if (at >= 0 && at < n) buffer[at] = buffer[at]! ^ 1;
            answered += n;
          }
          if (mode.kind === "delay") await new Promise((resolve) => setTimeout(resolve, mode.ms));
          const step = mode.kind === "drip" && from === server ? mode.bytes : passed;
          for (let at = 0; at < passed;) {
            at += await to.write(buffer.subarray(at, Math.min(passed, at + step)));
            if (mode.kind === "drip" && from === server) {
              await new Promise((resolve) => setTimeout(resolve, mode.everyMs));
            }
          }
          if (mode.kind === "cut" && from === server && answered >= mode.afterBytes) break;
        }
      } catch {
        // Either side has gone; the other is told below.
      }
      end(from);
      end(to);
    };
    await Promise.all([pump(client, server), pump(server, client)]);
    this.#open.delete(client);
    this.#open.delete(server);
  }
}

function end(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch {
    // Closed already.
  }
}
