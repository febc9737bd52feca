/**
 * One HTTP request to an S3 server and its whole answer. `fetch` has no time limits of its own, so
 * each stage gets one here; what goes wrong is told with its cure.
 */

import { transferFault } from "./transfer_faults.ts";

/** In milliseconds. */
export interface TransferDeadlines {
  /** From the start of a request to a connection, finding the host's address included. */
  readonly connectMs: number;
  /** From the start of a request to the answer's headers, connecting included. */
  readonly firstByteMs: number;
  /** Longest silence while the answer's body comes. */
  readonly idleMs: number;
  /** For the whole of a request, so that a server that drips cannot hold one for ever. */
  readonly totalMs: number;
}

export const TRANSFER_DEADLINES: TransferDeadlines = {
  connectMs: 5_000,
  firstByteMs: 10_000,
  idleMs: 15_000,
  totalMs: 600_000,
};

/** An answer that is here by then needs no second look at the connection. */
const PROBE_AFTER_MS = 250;

export interface TransferRequest {
  readonly method: "GET" | "PUT";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer>;
  /** A longer answer is a fault. */
  readonly maxBytes: number;
}

export interface TransferAnswer {
  readonly status: number;
  readonly etag: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** The way to one server. */
export class S3Transfer {
  readonly #host: string;
  readonly #port: number;
  readonly #caFile: string | undefined;
  readonly #deadlines: TransferDeadlines;
  /** Keeps connections; made anew when the file of the authority changes. */
  #client: { readonly http: Deno.HttpClient; readonly authority: string } | undefined;

  constructor(
    { host, port, caFile }: {
      readonly host: string;
      readonly port: number;
      /** PEM file of a private certificate authority. */
      readonly caFile: string | undefined;
    },
    deadlines: TransferDeadlines,
  ) {
    this.#host = host;
    this.#port = port;
    this.#caFile = caFile;
    this.#deadlines = deadlines;
  }

  /** Only a whole answer returns. @throws {TransferFault} */
  async send(request: TransferRequest): Promise<TransferAnswer> {
    const abort = new AbortController();
    const { connectMs, firstByteMs, idleMs, totalMs } = this.#deadlines;
    let late = "";
    const giveUp = (why: string) => {
      late ||= why;
      abort.abort();
    };
    let timer = setTimeout(() => giveUp(`no answer within ${firstByteMs} ms`), firstByteMs);
    const total = setTimeout(() => giveUp(`not finished within ${totalMs} ms`), totalMs);
    const watch = this.#watchConnecting(
      abort.signal,
      () => giveUp(`no connection within ${connectMs} ms`),
    );
    try {
      const client = await this.#httpClient();
      const response = await fetch(request.url, {
        method: request.method,
        // A compressed answer could not be held against its announced length.
        headers: { "accept-encoding": "identity", ...request.headers },
        body: request.body ?? null,
        redirect: "manual",
        signal: abort.signal,
        ...(client === undefined ? {} : { client }),
      });
      watch.stop();
      const restart = () => {
        clearTimeout(timer);
        timer = setTimeout(() => giveUp(`the transfer stalled for ${idleMs} ms`), idleMs);
      };
      const bytes = await readBody(response, { maxBytes: request.maxBytes, onChunk: restart });
      return { status: response.status, etag: response.headers.get("etag") ?? "", bytes };
    } catch (cause) {
      throw transferFault(cause, { late, hasAuthority: this.#caFile !== undefined });
    } finally {
      watch.stop();
      clearTimeout(timer);
      clearTimeout(total);
    }
  }

  close(): void {
    this.#client?.http.close();
    this.#client = undefined;
  }

  /**
   * `fetch` does not tell when it is connected, and it keeps connections. So where the answer takes
   * a while, a connection of our own shows whether the server takes any; a host whose packets
   * vanish does not. (A proxy in the environment is not asked.)
   */
  #watchConnecting(aborted: AbortSignal, late: () => void): { stop(): void } {
    const probing = new AbortController();
    let isOver = false;
    const probe = async () => {
      const signal = AbortSignal.any([probing.signal, aborted]);
      try {
        (await Deno.connect({ hostname: this.#host, port: this.#port, signal })).close();
        stop();
      } catch {
        // Refused or no such host: fetch says so itself.
        if (!signal.aborted) stop();
      }
    };
    const start = setTimeout(() => void probe(), PROBE_AFTER_MS);
    const end = setTimeout(() => {
      if (!isOver) late();
    }, this.#deadlines.connectMs);
    const stop = () => {
      isOver = true;
      clearTimeout(start);
      clearTimeout(end);
      probing.abort();
    };
    return { stop };
  }

  /** Undefined where the system's authorities are enough. */
  async #httpClient(): Promise<Deno.HttpClient | undefined> {
    if (this.#caFile === undefined) return undefined;
    const authority = await readAuthority(this.#caFile);
    if (this.#client?.authority !== authority) {
      // Transfers under way keep the one before, which goes when they have ended.
      this.#client = { http: Deno.createHttpClient({ caCerts: [authority] }), authority };
    }
    return this.#client.http;
  }
}

async function readAuthority(path: string): Promise<string> {
  const text = await Deno.readTextFile(path);
  if (text.includes("-----BEGIN CERTIFICATE-----")) return text;
  throw new TypeError(`${path} holds no certificate in PEM form`);
}

/** The whole body; throws where it is shorter than announced, or longer than allowed. */
async function readBody(
  response: Response,
  options: { maxBytes: number; onChunk: () => void },
): Promise<Uint8Array<ArrayBuffer>> {
  options.onChunk();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    options.onChunk();
    chunks.push(chunk);
    length += chunk.length;
    if (length > options.maxBytes) throw new RangeError(`More than ${options.maxBytes} bytes came`);
  }
  const announced = response.headers.get("content-length");
  const isWhole = announced === null || response.status === 304 || Number(announced) === length;
  if (!isWhole) throw new RangeError(`${length} of ${announced} bytes came`);
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
