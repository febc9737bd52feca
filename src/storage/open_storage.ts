/** The object store and the database that the configuration names. */

import { resolve } from "node:path";
import type { Config } from "../config.ts";
import { logOf } from "../log.ts";
import type { Database } from "./database.ts";
import { FolderObjectStore } from "./folder_object_store.ts";
import { MinioObjectStore } from "./minio_object_store.ts";
import type { ObjectStore } from "./object_store.ts";
import { PgliteDatabase } from "./pglite_database.ts";
import { PostgresDatabase } from "./postgres_database.ts";

/** Does not connect yet. */
export function openObjectStore(storage: Config["storage"]): ObjectStore {
  return storage.kind === "folder"
    ? new FolderObjectStore(storage.folder)
    : new MinioObjectStore(storage);
}

/** `to`, a folder, or else the configured store, which must not be the site's own folder. */
export function openTarget(
  storage: Config["storage"],
  { site, to }: { readonly site: string; readonly to: string | undefined },
): ObjectStore {
  if (to !== undefined) return new FolderObjectStore(resolve(to));
  if (storage.kind === "folder" && storage.folder === resolve(site)) {
    throw new TypeError(
      "The configuration names no object store beside the site's own folder: " +
        "give --to FOLDER, or set storage",
    );
  }
  return openObjectStore(storage);
}

/** A server is not connected to yet; the embedded one is opened. */
export async function openDatabase(database: Config["database"]): Promise<Database> {
  return database.kind === "pglite"
    ? await PgliteDatabase.open(database.folder, { log: logOf("storage") })
    : new PostgresDatabase(database);
}
