/** A local folder with the meaning of a bucket. */

import { createHash } from "node:crypto";
import { join, relative, sep } from "node:path";
import { writeDurably } from "./durable_file.ts";
import {
  checkObjectPath,
  type ObjectContent,
  type ObjectEntry,
  ObjectNotFound,
  type ObjectStore,
  ObjectStoreUnreachable,
  type ReadOptions,
} from "./object_store.ts";

/** Files are objects; names that start with a dot are not, nor are folders. */
export class FolderObjectStore implements ObjectStore {
  readonly place: string;
  readonly #folder: string;

  /** `folder` is an absolute path; it need not exist before the first write. */
  constructor(folder: string) {
    this.#folder = folder;
    this.place = folder;
  }

  async read(path: string, { maxBytes = Infinity }: ReadOptions = {}): Promise<ObjectContent> {
    checkObjectPath(path);
    try {
      const file = join(this.#folder, path);
      // Asked before reading, so that a pipe or an endless file is not read for ever.
      const { size, isFile, isDirectory } = await Deno.stat(file);
      if (!isDirectory && (!isFile || size > maxBytes)) {
        throw new RangeError(isFile ? `${size} bytes, ${maxBytes} are allowed` : "Not a file");
      }
      const bytes = await Deno.readFile(file);
      // By content, since a file's times are too coarse to tell two quick writes apart.
      return { bytes, etag: createHash("sha256").update(bytes).digest("hex") };
    } catch (cause) {
      throw await this.#faultOf(path, cause);
    }
  }

  async readIfChanged(
    path: string,
    etag: string | undefined,
    options: ReadOptions = {},
  ): Promise<ObjectContent | undefined> {
    const content = await this.read(path, options);
    return content.etag === etag ? undefined : content;
  }

  async list(prefix: string): Promise<readonly ObjectEntry[]> {
    // Only the deepest folder that the prefix names need be walked.
    const folder = prefix.slice(0, prefix.lastIndexOf("/") + 1);
    if (folder !== "") checkObjectPath(folder.slice(0, -1));
    const entries: ObjectEntry[] = [];
    try {
      for await (const file of filesUnder(join(this.#folder, folder))) {
        const path = relative(this.#folder, file).split(sep).join("/");
        if (path.startsWith(prefix)) entries.push({ path, size: (await Deno.stat(file)).size });
      }
    } catch (cause) {
      // A prefix without objects is an empty list; a store without a folder is away.
      if (!(cause instanceof Deno.errors.NotFound)) throw this.#unreachable(prefix, cause);
      const fault = await this.#faultOf(prefix, cause);
      if (fault instanceof ObjectStoreUnreachable) throw fault;
    }
    return entries.toSorted((a, b) => a.path < b.path ? -1 : 1);
  }

  async write(path: string, bytes: Uint8Array): Promise<void> {
    checkObjectPath(path);
    try {
      await writeDurably(join(this.#folder, path), bytes);
    } catch (cause) {
      throw this.#unreachable(path, cause);
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #faultOf(path: string, cause: unknown): Promise<Error> {
    const isMissing = cause instanceof Deno.errors.NotFound ||
      cause instanceof Deno.errors.IsADirectory || cause instanceof Deno.errors.NotADirectory;
    if (!isMissing) return this.#unreachable(path, cause);
    const folder = await Deno.stat(this.#folder).catch(() => undefined);
    return folder?.isDirectory
      ? new ObjectNotFound(path, { place: this.place, cause })
      : this.#unreachable(path, cause);
  }

  #unreachable(path: string, cause: unknown): ObjectStoreUnreachable {
    return new ObjectStoreUnreachable(`Cannot use "${path}" in folder ${this.#folder}`, {
      hint: "See that the folder exists, is mounted, and that this user may read and write it",
      cause,
    });
  }
}

async function* filesUnder(folder: string): AsyncIterable<string> {
  for await (const entry of Deno.readDir(folder)) {
    if (entry.name.startsWith(".")) continue;
    const path = join(folder, entry.name);
    // A link counts as what it points to: mounted configuration is often a link.
    const isFolder = entry.isSymlink ? (await Deno.stat(path)).isDirectory : entry.isDirectory;
    if (isFolder) yield* filesUnder(path);
    else yield path;
  }
}
