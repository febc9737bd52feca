/** Contents on disk under their own sha256: written once, never changed, verified at every reading. */

import { join } from "node:path";
import { isSha256, sha256 } from "./digest.ts";
import { writeDurably } from "./durable_file.ts";
import type { Log } from "../log.ts";

/** What became of looking at every blob. */
export interface BlobsVerified {
  readonly blobs: number;
  readonly bytes: number;
  /** Digests whose content was another, and that were set aside. */
  readonly damaged: readonly string[];
}

/** Damaged blobs that stay for whoever wants to know what happened to the disk. */
const keptDamaged = 20;

/** `<folder>/sha256/<digest>`; a damaged one moves to `<folder>/damaged/<digest>`. */
export class Blobs {
  readonly #folder: string;
  readonly #log: Log;

  constructor(folder: string, options: { log: Log }) {
    this.#folder = folder;
    this.#log = options.log;
  }

  /** The content, or undefined where there is none, where it cannot be read, or where it is damaged. */
  async get(digest: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    let bytes: Uint8Array<ArrayBuffer>;
    try {
      bytes = await Deno.readFile(this.#path(digest));
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) {
        this.#log.warn("Blob {digest} cannot be read", { digest, error });
      }
      return undefined;
    }
    if (sha256(bytes) === digest) return bytes;
    await this.#setAside(digest);
    return undefined;
  }

  /** Keeps a content whose sha256 is `digest`; does nothing where a whole one is there. */
  async put(digest: string, bytes: Uint8Array): Promise<void> {
    const kept = await Deno.stat(this.#path(digest)).catch(() => undefined);
    if (kept?.size === bytes.length && await this.get(digest) !== undefined) return;
    await writeDurably(this.#path(digest), bytes);
  }

  /** Every digest with its size in bytes. */
  async list(): Promise<ReadonlyMap<string, number>> {
    const sizes = new Map<string, number>();
    for (const name of await namesIn(join(this.#folder, "sha256"))) {
      if (!isSha256(name)) continue;
      const kept = await Deno.stat(this.#path(name)).catch(() => undefined);
      if (kept !== undefined) sizes.set(name, kept.size);
    }
    return sizes;
  }

  /** Removes what `isNeeded` does not name, and what an interrupted write left; returns how many. */
  async sweep(isNeeded: (digest: string) => boolean): Promise<number> {
    let removed = 0;
    for (const name of await namesIn(join(this.#folder, "sha256"))) {
      if (isSha256(name) && isNeeded(name)) continue;
      await Deno.remove(join(this.#folder, "sha256", name)).catch(() => undefined);
      removed++;
    }
    const damaged = await namesIn(join(this.#folder, "damaged"));
    for (const name of damaged.toSorted().slice(0, Math.max(0, damaged.length - keptDamaged))) {
      await Deno.remove(join(this.#folder, "damaged", name)).catch(() => undefined);
    }
    return removed;
  }

  /** Reads every blob; sets the damaged ones aside. */
  async verify(): Promise<BlobsVerified> {
    const sizes = await this.list();
    const damaged: string[] = [];
    for (const digest of sizes.keys()) {
      if (await this.get(digest) === undefined) damaged.push(digest);
    }
    const bytes = [...sizes.values()].reduce((sum, size) => sum + size, 0);
    return { blobs: sizes.size, bytes, damaged };
  }

  async #setAside(digest: string): Promise<void> {
    this.#log.error("Blob {digest} is damaged on disk and was set aside", { digest });
    const aside = join(this.#folder, "damaged", digest);
    try {
      await Deno.mkdir(join(this.#folder, "damaged"), { recursive: true });
      await Deno.rename(this.#path(digest), aside);
    } catch (error) {
      // On a disk that takes no writes it stays where it is, and is found damaged each time.
      this.#log.warn("Damaged blob {digest} cannot be moved", { digest, error });
    }
  }

  #path(digest: string): string {
    if (!isSha256(digest)) throw new TypeError(`Not a sha256: ${JSON.stringify(digest)}`);
    return join(this.#folder, "sha256", digest);
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
