/** Named bytes in a bucket or a folder: what every object store can do, and how it can fail. */

/** Bytes with the tag that tells one content from another. */
export interface ObjectContent {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly etag: string;
}

export interface ObjectEntry {
  /** Relative to the bucket, parts separated by `/`. */
  readonly path: string;
  /** In bytes. */
  readonly size: number;
}

export interface ReadOptions {
  /** No more than this is read, whatever the store sends; the store's own bound where not given. */
  readonly maxBytes?: number;
}

/** Paths are relative, with `/`. Every call ends within the store's own deadlines. */
export interface ObjectStore {
  /** The store's name for messages, such as `minio://host:9000/bucket`; holds no secret. */
  readonly place: string;
  /** Throws `ObjectNotFound` or `ObjectStoreUnreachable`, which an object above `maxBytes` gives too. */
  read(path: string, options?: ReadOptions): Promise<ObjectContent>;
  /** The same; undefined when the object still has `etag`. */
  readIfChanged(
    path: string,
    etag: string | undefined,
    options?: ReadOptions,
  ): Promise<ObjectContent | undefined>;
  /** Every object whose path starts with `prefix`, in the order of their paths. */
  list(prefix: string): Promise<readonly ObjectEntry[]>;
  write(path: string, bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/** The store answered: there is no such object. */
export class ObjectNotFound extends Error {
  override readonly name = "ObjectNotFound";
  readonly path: string;

  constructor(path: string, options: { place: string; cause?: unknown }) {
    super(`No object "${path}" in ${options.place}`, { cause: options.cause });
    this.path = path;
  }
}

/** No whole answer came: the store is away, too slow, cut the transfer short, or refused us. */
export class ObjectStoreUnreachable extends Error {
  override readonly name = "ObjectStoreUnreachable";
  /** What the person on the box can do about it. */
  readonly hint: string;

  constructor(message: string, options: { hint: string; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.hint = options.hint;
  }
}

/** What an error says, with its hint where it has one. */
export function withHint(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error instanceof ObjectStoreUnreachable
    ? `${error.message}. ${error.hint}`
    : error.message;
}

/** Refuses a path that could leave the store or name two objects at once. */
export function checkObjectPath(path: string): void {
  const parts = path.split("/");
  const isWrong = path === "" || path.includes("\\") || path.includes("\0") ||
    parts.some((part) => part === "" || part === "." || part === "..");
  if (isWrong) throw new TypeError(`Not an object's path: ${JSON.stringify(path)}`);
}
