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
import { S3Transfer, TRANSFER_DEADLINES } from "./s3_transfer.ts";
import type { TransferAnswer, TransferDeadlines } from "./s3_transfer.ts";
import { readSecret } from "./secret.ts";
import { TransferFault } from "./transfer_faults.ts";

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

/** One bucket of an S3-compatible server. */
export class MinioObjectStore implements ObjectStore {
  readonly place: string;
  readonly #storage: MinioStorage;
  readonly #transfer: S3Transfer;

  constructor(storage: MinioStorage, options: { deadlines?: TransferDeadlines } = {}) {
    this.#storage = storage;
    this.#transfer = new S3Transfer(storage, options.deadlines ?? TRANSFER_DEADLINES);
    this.place = `minio://${storage.host}:${storage.port}/${storage.bucket}`;
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
    this.#transfer.close();
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

  async #send(request: S3Request): Promise<TransferAnswer> {
    const where = `${this.place}, "${request.path}"`;
    let url: string;
    try {
      url = await this.#sign(request);
    } catch (cause) {
      throw new ObjectStoreUnreachable(`${where}: the request could not be signed`, {
        hint: "Correct the keys of storage.minio; files of keys must be there and readable",
        cause,
      });
    }
    try {
      return await this.#transfer.send({ ...request, url });
    } catch (cause) {
      if (!(cause instanceof TransferFault)) throw cause;
      throw new ObjectStoreUnreachable(`${where}: ${cause.message}`, { hint: cause.hint, cause });
    }
  }

  async #sign(request: S3Request): Promise<string> {
    const { host, port, useSsl, region, bucket } = this.#storage;
    const accessKey = await readSecret(this.#storage.accessKey);
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

  #failStatus(path: string, answer: TransferAnswer): never {
    const text = new TextDecoder().decode(answer.bytes.subarray(0, 4096));
    const code = /<Code>([A-Za-z]+)<\/Code>/.exec(text)?.[1] ?? "";
    if (answer.status === 404 && code !== "NoSuchBucket") {
      throw new ObjectNotFound(path, { place: this.place });
    }
    // As Go's servers word it, MinIO among them.
    const isTls = /HTTP request to an HTTPS server/.test(text);
    const hint = isTls ? "The server speaks TLS: set storage.minio.use_ssl: true" : hints[code];
    this.#fail(path, `Answered ${answer.status} ${code}`.trimEnd(), hint);
  }

  #fail(path: string, what: string, hint = "See the object store's log"): never {
    throw new ObjectStoreUnreachable(`${this.place}, "${path}": ${what}`, { hint });
  }
}

const hints: Readonly<Record<string, string>> = {
  NoSuchBucket: "Make the bucket, or correct storage.minio.bucket",
  AccessDenied: "Give this access key read rights on the bucket",
  InvalidAccessKeyId: "Correct MINIO_ACCESS_KEY or storage.minio.access_key(_file)",
  SignatureDoesNotMatch: "Correct MINIO_SECRET_KEY or storage.minio.secret_key(_file)",
  RequestTimeTooSkewed: "Set the box's clock",
};
