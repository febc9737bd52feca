/** One version of a strategy with all its files, in memory. */

import type { CacheShelf } from "./memory_cache.ts";
import { sha256 } from "./digest.ts";
import type { Manifest } from "./manifest.ts";

/** There is no whole bundle to be had; the message says what is missing. */
export class BundleError extends Error {
  override readonly name = "BundleError";
}

interface BundleFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly digest: string;
}

/** A manifest with its exact bytes. */
export interface BundleManifest {
  readonly content: Manifest;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly sha256: string;
}

/** A bundle's files, all in memory; paths are relative to the bundle's own folder. */
export class Bundle {
  readonly version: string;
  /** The sha256 over all paths and contents: equal digests are equal bundles. */
  readonly digest: string;
  /** What its publisher says of it; undefined for a bundle without a manifest. */
  readonly manifest: BundleManifest | undefined;
  readonly #files: ReadonlyMap<string, BundleFile>;

  constructor(
    version: string,
    files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>,
    options: { manifest?: BundleManifest | undefined } = {},
  ) {
    this.version = version;
    this.manifest = options.manifest;
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

  /** Of all files, in bytes. */
  get size(): number {
    return [...this.#files.values()].reduce((sum, { bytes }) => sum + bytes.length, 0);
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
