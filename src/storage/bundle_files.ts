/** One version of a strategy with all its files, fetched whole from an object store. */

import { createHash } from "node:crypto";
import { parseVersionPointer, type VersionPointer } from "../config.ts";
import type { CacheShelf } from "./memory_cache.ts";
import { ObjectNotFound, type ObjectStore } from "./object_store.ts";

/** The object that names the version in force. */
export const pointerPath = "strategy_version.yaml";
/** The version of a folder or bucket that has no `strategy_version.yaml`. */
export const localVersion = "local";
// In a flat bucket or a site's own folder, what belongs to the bundle beside the strategy itself.
const flatFolders = ["models/", "scalers/"] as const;
// How often to start again when the pointer moves while files are fetched.
const maxAttempts = 3;

/** There is no whole bundle to be had; the message says what is missing. */
export class BundleError extends Error {
  override readonly name = "BundleError";
}

interface BundleFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly digest: string;
}

/** A bundle's files, all in memory; paths are relative to the bundle's own folder. */
export class Bundle {
  readonly version: string;
  /** The sha256 over all paths and contents: equal digests are equal bundles. */
  readonly digest: string;
  readonly #files: ReadonlyMap<string, BundleFile>;

  constructor(version: string, files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>) {
    this.version = version;
    const paths = [...files.keys()].toSorted();
    const digested = new Map<string, BundleFile>();
    for (const path of paths) {
      const bytes = files.get(path) ?? new Uint8Array();
      digested.set(path, { bytes, digest: sha256(bytes) });
    }
    this.#files = digested;
    this.digest = sha256(paths.map((path) => `${digested.get(path)?.digest}  ${path}\n`).join(""));
  }

  /** Every path with the sha256 of its content. */
  digests(): ReadonlyMap<string, string> {
    return new Map([...this.#files].map(([path, { digest }]) => [path, digest]));
  }

  has(path: string): boolean {
    return this.#files.has(path);
  }

  bytes(path: string): Uint8Array<ArrayBuffer> {
    return this.#file(path).bytes;
  }

  /** A UTF-8 file; throws `BundleError` where it is not UTF-8. */
  text(path: string): string {
    try {
      return new TextDecoder("utf-8", { fatal: true }).decode(this.bytes(path));
    } catch (cause) {
      if (cause instanceof BundleError) throw cause;
      throw new BundleError(`"${path}" of version ${this.version} is not UTF-8 text`, { cause });
    }
  }

  /** The object that `make` gives for a file, from the shelf when the same bytes were made before. */
  load<T>(
    path: string,
    options: { shelf: CacheShelf<T>; make: (bytes: Uint8Array<ArrayBuffer>) => T | Promise<T> },
  ): Promise<T> {
    const { bytes, digest } = this.#file(path);
    const load = async () => ({ value: await options.make(bytes), bytes: bytes.length });
    return options.shelf.get(path, { digest, load });
  }

  #file(path: string): BundleFile {
    const file = this.#files.get(path);
    if (file) return file;
    const where = `version ${this.version}, which has ${[...this.#files.keys()].join(", ")}`;
    throw new BundleError(
      `No file "${path}" in ${where}. Models and scalers lie in models/ and scalers/`,
    );
  }
}

/**
 * Fetches the bundle in force. `entry` is the strategy's path inside it. All of it is fetched before
 * anything is returned; a pointer that moves meanwhile starts the fetch again.
 */
export async function fetchBundle(store: ObjectStore, options: { entry: string }): Promise<Bundle> {
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    const before = await readPointer(store);
    const bundle = await fetchVersion(store, { ...options, pointer: before.pointer });
    const after = await readPointer(store);
    if (after.etag === before.etag) return bundle;
  }
  throw new BundleError(
    `${pointerPath} in ${store.place} changed ${maxAttempts} times while reading`,
  );
}

/** What the pointer says now, with its etag for polling; both undefined where there is none. */
export async function readPointer(
  store: ObjectStore,
): Promise<{ pointer: VersionPointer | undefined; etag: string | undefined }> {
  try {
    const { bytes, etag } = await store.read(pointerPath);
    return { pointer: parseVersionPointer(new TextDecoder().decode(bytes), pointerPath), etag };
  } catch (error) {
    if (!(error instanceof ObjectNotFound)) throw error;
    return { pointer: undefined, etag: undefined };
  }
}

async function fetchVersion(
  store: ObjectStore,
  options: { entry: string; pointer: VersionPointer | undefined },
): Promise<Bundle> {
  const { entry, pointer } = options;
  const version = pointer?.version ?? localVersion;
  const folder = `${(pointer?.folder ?? `versions/${version}`).replace(/\/+$/, "")}/`;
  const listed = pointer === undefined ? [] : await store.list(folder);
  const isFlat = listed.length === 0;
  if (isFlat && pointer?.folder !== undefined) {
    throw new BundleError(`${pointerPath} names the folder "${folder}", which is empty`);
  }
  const root = isFlat ? "" : folder;
  const paths = isFlat
    ? [
      entry,
      ...(await Promise.all(flatFolders.map((flat) => store.list(flat)))).flat()
        .map((object) => object.path),
    ]
    : listed.map((object) => object.path);
  if (!paths.includes(root + entry)) {
    throw new BundleError(`Version ${version} in ${store.place} has no "${root}${entry}"`);
  }
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const path of new Set(paths)) {
    files.set(path.slice(root.length), (await store.read(path)).bytes);
  }
  return new Bundle(version, files);
}

function sha256(content: Uint8Array | string): string {
  return createHash("sha256").update(content).digest("hex");
}
