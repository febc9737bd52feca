/** Where live values come from and recommendations go: the section `database`. */

import { resolve } from "node:path";
import type { ConfigFile } from "./config_schema.ts";
import type { Secret, Surroundings } from "./config_storage.ts";

export interface PgliteDatabaseConfig {
  readonly kind: "pglite";
  readonly folder: string;
}

export interface PostgresDatabaseConfig {
  readonly kind: "postgres";
  readonly host: string;
  readonly port: number;
  readonly dbname: string;
  readonly user: string;
  /** Undefined: the server is asked without one (trust, peer). */
  readonly password: Secret | undefined;
  readonly ssl: "disable" | "require" | "verify-full";
  readonly caFile: string | undefined;
  readonly maxConnections: number;
  readonly connectTimeoutMs: number;
  readonly queryTimeoutMs: number;
}

/** Without the name of a database, an embedded one runs in the state folder. */
export function toDatabase(
  section: ConfigFile["database"],
  options: Surroundings & { stateFolder: string },
): PgliteDatabaseConfig | PostgresDatabaseConfig {
  const { dbname } = section;
  return dbname === undefined
    ? { kind: "pglite", folder: resolve(options.stateFolder, "database") }
    : toPostgres(section, { ...options, dbname });
}

function toPostgres(
  section: ConfigFile["database"],
  { dbname, place, env }: Surroundings & { dbname: string },
): PostgresDatabaseConfig {
  const password = section.password ?? env.PGPASSWORD;
  return {
    kind: "postgres",
    host: section.host ?? "localhost",
    port: section.port ?? 5432,
    dbname,
    user: section.user ?? env.PGUSER ?? "postgres",
    password: section.password_file
      ? { kind: "file", path: place(section.password_file) }
      : password === undefined
      ? undefined
      : { kind: "text", secret: password },
    ssl: section.ssl,
    caFile: section.ca_file && place(section.ca_file),
    maxConnections: section.max_connections,
    connectTimeoutMs: section.connect_timeout_seconds * 1000,
    queryTimeoutMs: section.query_timeout_seconds * 1000,
  };
}
