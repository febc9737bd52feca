/** A Postgres server, through a small pool that is thrown away when it stops answering. */

import postgres from "postgres";
import type { PostgresDatabaseConfig } from "../config_database.ts";
import {
  type Database,
  DatabaseError,
  databaseErrorOf,
  type DatabaseParameter,
  type DatabaseRow,
  type Queries,
} from "./database.ts";
import { readSecret } from "./secret.ts";

type Connection = Pick<postgres.Sql, "unsafe">;

/**
 * The server ends a statement that takes too long (`statement_timeout`), which keeps the connection.
 * When even that gives no answer, the link is half open: the pool is dropped and the next statement
 * opens another.
 */
export class PostgresDatabase implements Database {
  readonly place: string;
  readonly #config: PostgresDatabaseConfig;
  #pool: postgres.Sql | undefined;
  #isClosed = false;

  /** Connects at the first statement, not before. */
  constructor(config: PostgresDatabaseConfig) {
    this.#config = config;
    this.place = `postgres://${config.host}:${config.port}/${config.dbname}`;
  }

  query(
    text: string,
    parameters: readonly DatabaseParameter[] = [],
  ): Promise<readonly DatabaseRow[]> {
    return this.#within((pool) => run(pool, { text, parameters, place: this.place }));
  }

  /** The deadline is for the transaction as a whole. */
  transaction<T>(work: (queries: Queries) => Promise<T>): Promise<T> {
    return this.#within(async (pool) => {
      let result: { value: T } | undefined;
      await pool.begin(async (connection) => {
        const query: Queries["query"] = (text, parameters = []) =>
          run(connection, { text, parameters, place: this.place });
        result = { value: await work({ query }) };
      });
      if (!result) throw new Error(`${this.place}: the transaction ended without its work`);
      return result.value;
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const pool = this.#pool;
    this.#pool = undefined;
    await pool?.end({ timeout: 2 });
  }

  async #within<T>(work: (pool: postgres.Sql) => Promise<T>): Promise<T> {
    if (this.#isClosed) {
      throw new DatabaseError(`${this.place}: closed`, { fault: "unreachable" });
    }
    const pool = this.#pool ??= this.#open();
    const { connectTimeoutMs, queryTimeoutMs } = this.#config;
    // Past the server's own limit and the time to connect nothing can be expected any more.
    const deadlineMs = connectTimeoutMs + queryTimeoutMs + 1000;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const deadline = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        this.#drop(pool);
        const message = `${this.place}: no answer within ${deadlineMs} ms`;
        reject(new DatabaseError(message, { fault: "timeout" }));
      }, deadlineMs);
    });
    try {
      return await Promise.race([work(pool), deadline]);
    } catch (error) {
      const known = isFromDriver(error) ? databaseErrorOf(error, this.place) : error;
      // After a failover the name may lead to another server by now; this connection does not.
      if (known instanceof DatabaseError && known.fault === "read_only") this.#leave(pool);
      throw known;
    } finally {
      clearTimeout(timer);
    }
  }

  #open(): postgres.Sql {
    const { host, port, dbname, user, password, ssl, caFile, maxConnections } = this.#config;
    const ca = caFile === undefined ? undefined : readAuthority(caFile, this.place);
    // Without the host the driver holds the certificate of an IP address against "localhost".
    const tls = ssl === "disable" ? false : { rejectUnauthorized: ssl === "verify-full", ca, host };
    return postgres({
      host,
      port,
      database: dbname,
      user,
      // A function, so that a renewed password file counts at the next connection.
      password: password === undefined ? "" : () => readSecret(password),
      ssl: tls,
      max: maxConnections,
      connect_timeout: this.#config.connectTimeoutMs / 1000,
      idle_timeout: 60,
      // A connection that failed is tried again when the next statement comes, at once.
      backoff: false,
      onnotice: () => undefined,
      connection: {
        application_name: "setpoint",
        statement_timeout: this.#config.queryTimeoutMs,
      },
    });
  }

  /** The next statement opens another pool; those under way on this one may still end. */
  #leave(pool: postgres.Sql): void {
    if (this.#pool === pool) this.#pool = undefined;
    pool.end({ timeout: this.#config.queryTimeoutMs / 1000 }).catch(() => undefined);
  }

  #drop(pool: postgres.Sql): void {
    if (this.#pool === pool) this.#pool = undefined;
    // What still waits on the old pool is rejected with CONNECTION_DESTROYED; nobody waits for this end.
    pool.end({ timeout: 0 }).catch(() => undefined);
  }
}

function readAuthority(path: string, place: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (cause) {
    const message = `${place}: the file of the certificate authority cannot be read`;
    throw new DatabaseError(message, { fault: "certificate", cause });
  }
}

async function run(
  connection: Connection,
  statement: { text: string; parameters: readonly DatabaseParameter[]; place: string },
): Promise<readonly DatabaseRow[]> {
  try {
    const parameters = statement.parameters.map((value) => isList(value) ? [...value] : value);
    return [...await connection.unsafe(statement.text, parameters, { prepare: true })];
  } catch (error) {
    throw databaseErrorOf(error, statement.place);
  }
}

function isList(value: DatabaseParameter): value is Extract<DatabaseParameter, readonly unknown[]> {
  return Array.isArray(value);
}

/** Begin and commit may fail in the driver itself; what the caller's own work throws stays as it is. */
function isFromDriver(error: unknown): boolean {
  return error instanceof Error && "code" in error && typeof error.code === "string" &&
    !(error instanceof DatabaseError);
}

/**
 * True for what the driver throws where nobody can catch it when a connection breaks at a bad moment:
 * postgres 3.4 writes to a socket that has gone (connection.js, nextWrite), and asks for the types of
 * arrays in a promise of its own (fetchArrayTypes). The statement meets its deadline, the pool is
 * dropped, and the process need not end.
 */
export function isStrayOfDriver(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = "code" in error ? String(error.code) : "";
  return /\/postgres\/src\//.test(error.stack ?? "") ||
    ["ECONNREFUSED", "ECONNRESET", "ECONNABORTED", "EPIPE", "ETIMEDOUT"].includes(code);
}
