/**
 * Any S3-compatible store. The `minio` package signs the requests; `fetch` carries them, since the
 * package's own transfers have no way to be stopped when a server goes silent.
 */

import { Client } from "minio";
import type { MinioStorage } from "../config_storage.ts";
import {
  checkObjectPath,
  type ObjectContent,
  type ObjectEntry,
  ObjectNotFound,
  type ObjectStore,
  ObjectStoreUnreachable,
  type ReadOptions,
} from "./object_store.ts";
import { readListing } from "./s3_listing.ts";
import { readSecret } from "./secret.ts";

/** In milliseconds. */
export interface TransferDeadlines {
  /** From the start of a request to the answer's headers, connecting included. */
  readonly firstByteMs: number;
  /** Longest silence while the answer's body comes. */
  readonly idleMs: number;
  /** For the whole of a request, so that a server that drips cannot hold one for ever. */
  readonly totalMs: number;
}

const defaultDeadlines: TransferDeadlines = {
  firstByteMs: 10_000,
  idleMs: 15_000,
  totalMs: 600_000,
};

// Long enough for clocks that differ by minutes, short enough that a leaked address is soon worthless.
const signatureSeconds = 15 * 60;
// The smallest answers are bounded too: a listing or an error page larger than this is no S3 answer.
const maxListingBytes = 16 * 1024 * 1024;
const maxErrorBytes = 64 * 1024;
// ONNX stops at 2 GiB; a bundle's file beyond this is a mistake, or an endless answer.
const maxObjectBytes = 512 * 1024 * 1024;
// No bundle has as many files; a listing that goes on beyond this may have no end.
const maxListed = 100_000;

interface S3Request {
  readonly method: "GET" | "PUT";
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer>;
  readonly maxBytes: number;
}

interface S3Answer {
  readonly status: number;
  readonly etag: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** One bucket of an S3-compatible server. */
export class MinioObjectStore implements ObjectStore {
  readonly place: string;
  readonly #storage: MinioStorage;
  readonly #deadlines: TransferDeadlines;
  readonly #http: Deno.HttpClient | undefined;

  constructor(storage: MinioStorage, options: { deadlines?: TransferDeadlines } = {}) {
    this.#storage = storage;
    this.#deadlines = options.deadlines ?? defaultDeadlines;
    this.place = `minio://${storage.host}:${storage.port}/${storage.bucket}`;
    this.#http = storage.caFile === undefined
      ? undefined
      : Deno.createHttpClient({ caCerts: [Deno.readTextFileSync(storage.caFile)] });
  }

  async read(path: string, options: ReadOptions = {}): Promise<ObjectContent> {
    checkObjectPath(path);
    return await this.#get(path, { ...options, headers: {} }) ??
      this.#fail(path, "Answered 304 to an unconditional read");
  }

  async readIfChanged(
    path: string,
    etag: string | undefined,
    options: ReadOptions = {},
  ): Promise<ObjectContent | undefined> {
    checkObjectPath(path);
    const headers = etag === undefined ? {} : { "if-none-match": etag };
    const content = await this.#get(path, { ...options, headers });
    // A server may not know If-None-Match and send the same object again.
    return content?.etag === etag ? undefined : content;
  }

  async list(prefix: string): Promise<readonly ObjectEntry[]> {
    const entries: ObjectEntry[] = [];
    for (let token: string | undefined = ""; token !== undefined;) {
      const query = {
        "list-type": "2",
        prefix,
        ...(token === "" ? {} : { "continuation-token": token }),
      };
      const answer = await this.#send({
        method: "GET",
        path: "",
        query,
        maxBytes: maxListingBytes,
      });
      if (answer.status !== 200) this.#failStatus(prefix, answer);
      const page = readListing(new TextDecoder().decode(answer.bytes));
      if (page === undefined) this.#fail(prefix, "The listing is not one of S3's");
      entries.push(...page.entries);
      if (entries.length > maxListed) this.#fail(prefix, `More than ${maxListed} objects`);
      token = page.next;
    }
    return entries.toSorted((a, b) => a.path < b.path ? -1 : 1);
  }

  async write(path: string, bytes: Uint8Array): Promise<void> {
    checkObjectPath(path);
    const body = new Uint8Array(bytes);
    const answer = await this.#send({ method: "PUT", path, body, maxBytes: maxListingBytes });
    if (answer.status !== 200) this.#failStatus(path, answer);
  }

  close(): Promise<void> {
    this.#http?.close();
    return Promise.resolve();
  }

  async #get(
    path: string,
    { maxBytes = maxObjectBytes, headers }: ReadOptions & {
      readonly headers: Readonly<Record<string, string>>;
    },
  ): Promise<ObjectContent | undefined> {
    // An error page may be longer than a small object.
    const bound = Math.max(maxBytes, maxErrorBytes);
    const answer = await this.#send({ method: "GET", path, headers, maxBytes: bound });
    if (answer.status === 304) return undefined;
    if (answer.status !== 200) this.#failStatus(path, answer);
    if (answer.bytes.length > maxBytes) {
      this.#fail(path, `${answer.bytes.length} bytes came, ${maxBytes} are allowed`);
    }
    return { bytes: answer.bytes, etag: answer.etag };
  }

  /** One request under its deadlines; only a whole answer returns. */
  async #send(request: S3Request): Promise<S3Answer> {
    const abort = new AbortController();
    const { firstByteMs, idleMs, totalMs } = this.#deadlines;
    let timer = setTimeout(() => abort.abort(), firstByteMs);
    const total = setTimeout(() => {
      stage = `not finished within ${totalMs} ms`;
      abort.abort();
    }, totalMs);
    let fault = "the request could not be signed";
    let stage = `no answer within ${firstByteMs} ms`;
    try {
      const url = await this.#sign(request);
      fault = "no whole answer";
      const response = await fetch(url, {
        method: request.method,
        // A compressed answer could not be held against its announced length.
        headers: { "accept-encoding": "identity", ...request.headers },
        body: request.body ?? null,
        redirect: "manual",
        signal: abort.signal,
        ...(this.#http ? { client: this.#http } : {}),
      });
      stage = `the transfer stalled for ${idleMs} ms`;
      const restart = () => {
        clearTimeout(timer);
        timer = setTimeout(() => abort.abort(), idleMs);
      };
      const bytes = await readBody(response, { maxBytes: request.maxBytes, onChunk: restart });
      return { status: response.status, etag: response.headers.get("etag") ?? "", bytes };
    } catch (cause) {
      const what = abort.signal.aborted ? stage : fault;
      throw new ObjectStoreUnreachable(`${this.place}, "${request.path}": ${what}`, {
        hint: "See that the object store runs and that endpoint, port and use_ssl are right",
        cause: withoutAddress(cause),
      });
    } finally {
      clearTimeout(timer);
      clearTimeout(total);
    }
  }

  async #sign(request: S3Request): Promise<string> {
    const { host, port, useSsl, region, bucket, accessKey } = this.#storage;
    const secretKey = await readSecret(this.#storage.secretKey);
    if (accessKey === "" && secretKey === "") {
      const address = new URL(`${useSsl ? "https" : "http"}://${host}:${port}`);
      address.pathname = `/${bucket}/${request.path}`;
      address.search = new URLSearchParams(request.query).toString();
      return address.href;
    }
    // With a region given, signing is pure computation; without one the package asks the server.
    const client = new Client({
      endPoint: host,
      port,
      useSSL: useSsl,
      region,
      accessKey,
      secretKey,
    });
    return client.presignedUrl(request.method, bucket, request.path, signatureSeconds, {
      ...request.query,
    });
  }

  #failStatus(path: string, answer: S3Answer): never {
    const text = new TextDecoder().decode(answer.bytes.subarray(0, 4096));
    const code = /<Code>([A-Za-z]+)<\/Code>/.exec(text)?.[1] ?? "";
    if (answer.status === 404 && code !== "NoSuchBucket") {
      throw new ObjectNotFound(path, { place: this.place });
    }
    this.#fail(path, `Answered ${answer.status} ${code}`.trimEnd(), hints[code]);
  }

  #fail(path: string, what: string, hint = "See the object store's log"): never {
    throw new ObjectStoreUnreachable(`${this.place}, "${path}": ${what}`, { hint });
  }
}

const hints: Readonly<Record<string, string>> = {
  NoSuchBucket: "Make the bucket, or correct storage.minio.bucket",
  AccessDenied: "Give this access key read rights on the bucket",
  InvalidAccessKeyId: "Correct MINIO_ACCESS_KEY or storage.minio.access_key",
  SignatureDoesNotMatch: "Correct MINIO_SECRET_KEY or storage.minio.secret_key",
  RequestTimeTooSkewed: "Set the box's clock",
};

/** What fetch says, and why, without the signed address that it quotes. */
function withoutAddress(cause: unknown): Error {
  if (!(cause instanceof Error)) return new Error(String(cause));
  const message = cause.message.replaceAll(/\bhttps?:\/\/[^\s"')]+/g, "the store");
  const options = cause.cause === undefined ? {} : { cause: withoutAddress(cause.cause) };
  return new Error(`${cause.name}: ${message}`, options);
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
