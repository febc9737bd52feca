/** SQL on a Postgres server or on the embedded one: what both can do, and how they can fail. */

/** A row by column name. Times come as `Date`, `double precision` as number, `jsonb` parsed. */
export type DatabaseRow = Readonly<Record<string, unknown>>;

/**
 * What may stand for `$1`, `$2`, … in a statement. No list of times or switches: the driver for
 * servers takes such a list for one of its elements.
 */
export type DatabaseParameter =
  | string
  | number
  | boolean
  | Date
  | null
  | readonly (string | number | null)[];

export interface Queries {
  /** One statement; throws `DatabaseError` within the database's own deadline. */
  query(text: string, parameters?: readonly DatabaseParameter[]): Promise<readonly DatabaseRow[]>;
}

export interface Database extends Queries {
  /** The database's name for messages, such as `postgres://db:5432/process_db`; holds no secret. */
  readonly place: string;
  /** All statements of `work`, or none when it throws. */
  transaction<T>(work: (queries: Queries) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export type DatabaseFault =
  /** No connection, or it broke: the same statement may work later. */
  | "unreachable"
  /** No answer within the deadline. */
  | "timeout"
  /** A standby or a read-only server: nothing can be written until it changes. */
  | "read_only"
  /** Out of connections, shutting down, disk full, deadlock: later may be better. */
  | "busy"
  /** The server's certificate is not one to trust under database.ssl: verify-full. */
  | "certificate"
  /** The server does not speak TLS, and database.ssl wants it. */
  | "unencrypted"
  /** User, password or database name are not accepted. */
  | "access"
  /** Table, column or type are not as the statement wants them: no value's fault, and it can be mended. */
  | "schema"
  /** A value in the statement is not accepted; it will not be later either. */
  | "refused";

/** A statement that did not come to its end. */
export class DatabaseError extends Error {
  override readonly name = "DatabaseError";
  readonly fault: DatabaseFault;
  /** Postgres' SQLSTATE or the system's error code; empty where there is none. */
  readonly code: string;
  /** What the person on the box can do about it. */
  readonly hint: string;

  constructor(message: string, options: { fault: DatabaseFault; code?: string; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.fault = options.fault;
    this.code = options.code ?? "";
    this.hint = faultHints[options.fault];
  }

  /** True: the same statement may be tried again. */
  get isPassing(): boolean {
    return this.fault !== "refused";
  }
}

const faultHints: Readonly<Record<DatabaseFault, string>> = {
  unreachable: "See that the database runs and that database.host and port are right",
  timeout: "See what the database is busy with, and whether the network drops packets",
  read_only: "Point database.host at the primary server, or wait for the failover to end",
  busy: "See the database's connections, locks and disk",
  certificate:
    "See the server's certificate: the file of its authority belongs into database.ca_file, " +
    "its name must be database.host, and it must not have expired",
  unencrypted: "Let the server speak TLS (ssl = on), or set database.ssl: disable",
  access: "Correct database.user, password and dbname, or the rights that the user has",
  schema: "See that nobody changed the tables, or name the site's own in database.values",
  refused: "See the message: the table or the value does not fit",
};

// SQLSTATE classes and codes (PostgreSQL manual, appendix A), and codes of the driver's own. What is
// not here may pass: only a value's own fault is final.
const faultsByCode: Readonly<Record<string, DatabaseFault>> = {
  "08": "unreachable",
  "21": "refused",
  "22": "refused",
  "23": "refused",
  "25006": "read_only",
  "28": "access",
  "3D": "access",
  "3F": "schema",
  "42": "schema",
  "42501": "access",
  "44": "refused",
  "54": "refused",
  "57014": "timeout",
  "57P01": "unreachable",
  "57P02": "unreachable",
  "57P03": "unreachable",
  "P0": "refused",
  // Of OpenSSL, as node:tls gives them.
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "certificate",
  UNABLE_TO_GET_ISSUER_CERT: "certificate",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "certificate",
  SELF_SIGNED_CERT_IN_CHAIN: "certificate",
  DEPTH_ZERO_SELF_SIGNED_CERT: "certificate",
  CERT_HAS_EXPIRED: "certificate",
  CERT_NOT_YET_VALID: "certificate",
  ERR_TLS_CERT_ALTNAME_INVALID: "certificate",
  CONNECT_TIMEOUT: "unreachable",
  CONNECTION_CLOSED: "unreachable",
  CONNECTION_DESTROYED: "unreachable",
  CONNECTION_ENDED: "unreachable",
};

/** The `DatabaseError` for what a driver threw. */
export function databaseErrorOf(cause: unknown, place: string): DatabaseError {
  if (cause instanceof DatabaseError) return cause;
  const error = cause instanceof Error ? cause : new Error(String(cause));
  const code = "code" in error ? String(error.code) : "";
  // The driver closes the connection of a server that declines to encrypt it.
  if (/before secure TLS connection/.test(error.message)) {
    const message = `${place}: the server does not speak TLS, or broke the connection off`;
    return new DatabaseError(message, { fault: "unencrypted", code, cause });
  }
  // Every SQLSTATE has a digit; EPIPE and its like have none.
  const isSqlState = /^(?=.*\d)[0-9A-Z]{5}$/.test(code);
  const fault = faultsByCode[code] ?? (isSqlState ? faultsByCode[code.slice(0, 2)] : undefined) ??
    (isSqlState ? "busy" : "unreachable");
  const what = code === "" ? error.message : `${error.message} (${code})`;
  return new DatabaseError(`${place}: ${what}`, { fault, code, cause });
}
