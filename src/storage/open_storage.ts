/** The object store and the database that the configuration names. */

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

/** A server is not connected to yet; the embedded one is opened. */
export async function openDatabase(database: Config["database"]): Promise<Database> {
  return database.kind === "pglite"
    ? await PgliteDatabase.open(database.folder, { log: logOf("storage") })
    : new PostgresDatabase(database);
}
