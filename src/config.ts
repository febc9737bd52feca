/** The configuration file and the environment, made one frozen `Config`; the only reader of `Deno.env`. */

import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { type BundlesConfig, toBundles } from "./config_bundles.ts";
import {
  type ConfigFile,
  fileSchema,
  knownKeys,
  pointerSchema,
  wrongValue,
} from "./config_schema.ts";
import { toValues, type ValuesConfig } from "./config_values.ts";
import { type ConfigProblem, type Environment, readText } from "./config_text.ts";
import { nearName } from "./near_name.ts";

export type LogLevel = "trace" | "debug" | "info" | "warning" | "error" | "fatal";

/** A secret's text, or the file that holds it and that is read at each use so that it can be renewed. */
export type Secret =
  | { readonly kind: "text"; readonly secret: string }
  | { readonly kind: "file"; readonly path: string };

export interface FolderStorage {
  readonly kind: "folder";
  readonly folder: string;
}

export interface MinioStorage {
  readonly kind: "minio";
  readonly host: string;
  readonly port: number;
  readonly useSsl: boolean;
  readonly region: string;
  readonly bucket: string;
  readonly accessKey: string;
  readonly secretKey: Secret;
  /** PEM file of a private certificate authority. */
  readonly caFile: string | undefined;
}

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

/** Replays the rows of a CSV file as live values. */
export interface ReplayFeedConfig {
  readonly kind: "replay";
  readonly file: string;
  /** CSV column to tag; undefined: every column is a tag of the same name. */
  readonly columns: Readonly<Record<string, string>> | undefined;
  /** Time between two rows when they were recorded. */
  readonly rowSeconds: number;
  /** 1: as recorded; 60: a recorded hour in a minute. */
  readonly pace: number;
  /** 1 is the first row below the header. */
  readonly startRow: number;
}

/** Lets a simulated plant, a module of the site, give live values. */
export interface SimulatorFeedConfig {
  readonly kind: "simulator";
  readonly module: string;
  readonly seed: number;
  /** Wall-clock time between two sets of values. */
  readonly periodSeconds: number;
  /** Simulated seconds per second. */
  readonly speed: number;
  /** True: the simulated operator sets what is recommended. */
  readonly followRecommendations: boolean;
  readonly warmUpMinutes: number;
}

export type FeedConfig = ReplayFeedConfig | SimulatorFeedConfig;

/** A bearer token by its hash; who holds the token itself is not known here. */
export interface TokenConfig {
  readonly name: string;
  readonly role: "read" | "operate" | "engineer" | "admin";
  /** 64 hexadecimal digits. */
  readonly sha256: string;
  readonly expires: Date | undefined;
}

/** PEM files, read again when they change. */
export interface TlsConfig {
  readonly certFile: string;
  readonly keyFile: string;
  /** Only clients with a certificate of this authority may connect. */
  readonly clientCaFile: string | undefined;
}

export interface ApiConfig {
  readonly host: string;
  readonly port: number;
  /** True: anybody who can connect may do everything, by `auth: none`. */
  readonly isOpen: boolean;
  readonly tokens: readonly TokenConfig[];
  /** Of one token. */
  readonly requestsPerMinute: number;
  readonly maxConnections: number;
  readonly tls: TlsConfig | undefined;
}

export interface LogConfig {
  readonly level: LogLevel;
  /** Undefined: standard output. */
  readonly file: {
    readonly path: string;
    /** A file of this size is set aside and a new one begun. */
    readonly maxBytes: number;
    /** Files that are kept, the present one included. */
    readonly keep: number;
  } | undefined;
}

export interface Config {
  /** The file that was read; its folder is what relative paths start from. */
  readonly path: string;
  readonly app: { readonly mode: "continuous" | "api" | "hybrid" };
  readonly api: ApiConfig;
  readonly optimization: {
    readonly intervalSeconds: number;
    /** In place of the interval: when cycles start, in `zone`. */
    readonly cron: string | undefined;
    /** IANA name. */
    readonly zone: string;
    /** The strategy's path inside the bundle. */
    readonly configFile: string;
    readonly mode: "advisory" | "active";
    readonly runAtStart: boolean;
  };
  readonly storage: FolderStorage | MinioStorage;
  readonly bundles: BundlesConfig;
  readonly database: PgliteDatabaseConfig | PostgresDatabaseConfig;
  readonly values: ValuesConfig;
  /** Age at which cycles and recommendations leave the database. */
  readonly retentionDays: number;
  readonly state: {
    readonly folder: string;
    /** Of all cycle records in the folder. */
    readonly maxBytes: number;
    /** Cycle records that stay after their delivery. */
    readonly records: number;
    /** How long a record waits for the database before it is dropped. */
    readonly outboxDays: number;
  };
  readonly feed: FeedConfig | undefined;
  readonly log: LogConfig;
}

/** Everything that is wrong with a configuration file. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly ConfigProblem[];

  constructor(path: string, problems: readonly ConfigProblem[], options?: ErrorOptions) {
    const lines = problems.map((problem) =>
      `  ${path}:${problem.line}:${problem.column}  ${problem.key ? `${problem.key}: ` : ""}` +
      problem.message
    );
    const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
    super(`Configuration has ${count}:\n${lines.join("\n")}`, options);
    this.problems = problems;
  }
}

/** The process's environment, read once by `main.ts` and passed on. */
export function readEnvironment(): Environment {
  return Object.freeze(Deno.env.toObject());
}

/** The configuration file to use: `--config PATH`, then `SETPOINT_CONFIG`, then the cement kiln. */
export function configPath(args: readonly string[], env: Environment): string {
  const at = args.findIndex((arg) => arg === "--config" || arg.startsWith("--config="));
  const flag = args[at];
  if (flag !== undefined) {
    const path = flag === "--config" ? args[at + 1] : flag.slice("--config=".length);
    if (!path) {
      throw new TypeError("--config needs a path, as in: --config strategies/x/config.yaml");
    }
    return path;
  }
  return env.SETPOINT_CONFIG || "strategies/cement-kiln/config.yaml";
}

/** Reads and checks a configuration file; throws `ConfigError` with every problem in it. */
export function loadConfig(options: { path: string; env: Environment }): Config {
  const path = resolve(options.path);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    const message = "Cannot be read; name another with --config PATH or SETPOINT_CONFIG";
    throw new ConfigError(options.path, [{ line: 1, column: 1, key: "", message }], { cause });
  }
  return parseConfig(text, { path, env: options.env });
}

/** The same from a text; `path` names the file in messages and anchors relative paths. */
export function parseConfig(text: string, options: { path: string; env: Environment }): Config {
  const placed = readText(text, options.env);
  if (placed.problems.length > 0 && placed.value === undefined) {
    throw new ConfigError(options.path, placed.problems);
  }
  const problems = [...placed.problems];
  const reported = new Set(problems.map((problem) => problem.key));
  const checked = fileSchema.safeParse(placed.value ?? {}, { reportInput: true });
  for (const issue of checked.error?.issues ?? []) {
    if (issue.code === "unrecognized_keys") {
      const known = knownKeys(issue.path);
      for (const key of issue.keys) {
        problems.push(placed.problemAtKey([...issue.path, key], unknownKey(key, known)));
      }
    } else if (!reported.has(issue.path.join("."))) {
      problems.push(placed.problemAt(issue.path, wrongValue(issue)));
    }
  }
  const api = checked.data?.api;
  if (api && !isLoopback(api.host) && api.auth !== "none" && api.tokens.length === 0) {
    const message = `"${api.host}" is open to the network, and nobody is asked who he is: ` +
      "add api.tokens (deno task token makes one), use 127.0.0.1, or accept that with auth: none";
    problems.push(placed.problemAt(["api", "host"], message));
  }
  if (api?.auth === "none" && api.tokens.length > 0) {
    const message = "auth: none lets everybody in, so no token is asked for: drop one of them";
    problems.push(placed.problemAt(["api", "tokens"], message));
  }
  const names = api?.tokens.map(({ name }) => name) ?? [];
  for (const [i, name] of names.entries()) {
    if (names.indexOf(name) === i) continue;
    const message = `The name "${name}" stands twice: the audit log could not tell them apart`;
    problems.push(placed.problemAt(["api", "tokens", String(i), "name"], message));
  }
  if (problems.length > 0 || !checked.data) {
    const inPlace = (a: ConfigProblem, b: ConfigProblem) => a.line - b.line || a.column - b.column;
    throw new ConfigError(options.path, problems.toSorted(inPlace));
  }
  return deepFreeze(toConfig(checked.data, options));
}

function unknownKey(key: string, known: readonly string[]): string {
  const nearest = nearName(key, known);
  return nearest === undefined
    ? `Unknown key "${key}"; expected ${known.join(", ")}`
    : `Unknown key "${key}"; did you mean ${nearest}?`;
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}

function toConfig(file: ConfigFile, options: { path: string; env: Environment }): Config {
  const anchor = dirname(options.path);
  const place = (path: string) => resolve(anchor, path);
  const stateFolder = place(file.state.folder);
  const { dbname } = file.database;
  return {
    path: options.path,
    app: file.app,
    api: toApi(file.api, place),
    optimization: {
      intervalSeconds: file.optimization.interval_seconds,
      cron: file.optimization.cron,
      zone: file.optimization.zone,
      configFile: file.optimization.config_file,
      mode: file.optimization.mode,
      runAtStart: file.optimization.run_at_start,
    },
    storage: file.storage?.minio
      ? toMinio(file.storage.minio, { place, env: options.env })
      : { kind: "folder", folder: place(file.storage?.folder ?? ".") },
    bundles: toBundles(file.bundles, place),
    database: dbname === undefined
      ? { kind: "pglite", folder: resolve(stateFolder, "database") }
      : toPostgres(file.database, { dbname, place, env: options.env }),
    values: toValues(file.database.values),
    // A server is backed up and has room; the embedded database shares the box's disk.
    retentionDays: file.database.retention_days ?? (dbname === undefined ? 30 : 365),
    state: {
      folder: stateFolder,
      maxBytes: file.state.megabytes * 1024 * 1024,
      records: file.state.records,
      outboxDays: file.state.outbox_days,
    },
    feed: file.feed ? toFeed(file.feed, place) : undefined,
    log: toLog(file.log, place),
  };
}

function toApi(section: ConfigFile["api"], place: (path: string) => string): ApiConfig {
  const { tls } = section;
  return {
    host: section.host,
    port: section.port,
    isOpen: section.auth === "none",
    tokens: section.tokens.map(({ name, role, sha256, expires }) => ({
      name,
      role,
      sha256,
      expires: expires === undefined ? undefined : new Date(expires),
    })),
    requestsPerMinute: section.requests_per_minute,
    maxConnections: section.max_connections,
    tls: tls && {
      certFile: place(tls.cert_file),
      keyFile: place(tls.key_file),
      clientCaFile: tls.client_ca_file && place(tls.client_ca_file),
    },
  };
}

function toLog(section: ConfigFile["log"], place: (path: string) => string): LogConfig {
  return {
    level: logLevels[section.level],
    file: section.file === undefined ? undefined : {
      path: place(section.file),
      maxBytes: section.max_megabytes * 1_000_000,
      keep: section.keep_files,
    },
  };
}

const logLevels: Readonly<Record<ConfigFile["log"]["level"], LogLevel>> = {
  trace: "trace",
  debug: "debug",
  info: "info",
  warn: "warning",
  warning: "warning",
  error: "error",
  critical: "fatal",
  fatal: "fatal",
};

interface Surroundings {
  readonly place: (path: string) => string;
  readonly env: Environment;
}

type MinioSection = NonNullable<NonNullable<ConfigFile["storage"]>["minio"]>;

function toMinio(section: MinioSection, { place, env }: Surroundings): MinioStorage {
  const url = new URL(
    section.endpoint.includes("://") ? section.endpoint : `http://${section.endpoint}`,
  );
  const useSsl = section.use_ssl ?? url.protocol === "https:";
  const fallbackPort = useSsl ? 443 : 80;
  return {
    kind: "minio",
    host: url.hostname,
    port: url.port === "" ? fallbackPort : Number(url.port),
    useSsl,
    region: section.region,
    bucket: section.bucket,
    accessKey: section.access_key ?? env.MINIO_ACCESS_KEY ?? env.AWS_ACCESS_KEY_ID ?? "",
    secretKey: section.secret_key_file ? { kind: "file", path: place(section.secret_key_file) } : {
      kind: "text",
      secret: section.secret_key ?? env.MINIO_SECRET_KEY ?? env.AWS_SECRET_ACCESS_KEY ?? "",
    },
    caFile: section.ca_file && place(section.ca_file),
  };
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

function toFeed(
  section: NonNullable<ConfigFile["feed"]>,
  place: (path: string) => string,
): FeedConfig | undefined {
  const { replay, simulator } = section;
  if (replay) {
    return {
      kind: "replay",
      file: place(replay.file),
      columns: replay.columns,
      rowSeconds: replay.row_seconds,
      pace: replay.pace,
      startRow: replay.start_row,
    };
  }
  return simulator && {
    kind: "simulator",
    module: place(simulator.module),
    seed: simulator.seed,
    periodSeconds: simulator.period_seconds,
    speed: simulator.speed,
    followRecommendations: simulator.follow_recommendations,
    warmUpMinutes: simulator.warm_up_minutes,
  };
}

function deepFreeze<T extends object>(value: T): Readonly<T> {
  for (const part of Object.values(value)) {
    if (typeof part === "object" && part !== null) deepFreeze(part);
  }
  return Object.freeze(value);
}

/** What `strategy_version.yaml` says: the version in force, and the folder that holds it if it names one. */
export interface VersionPointer {
  readonly version: string;
  readonly folder: string | undefined;
}

/** Reads `strategy_version.yaml`; throws `ConfigError` when there is no version in it. */
export function parseVersionPointer(text: string, path: string): VersionPointer {
  const placed = readText(text, {});
  const checked = pointerSchema.safeParse(placed.value, { reportInput: true });
  const problems = [
    ...placed.problems,
    ...(placed.problems.length > 0 ? [] : checked.error?.issues ?? []).map((issue) =>
      placed.problemAt(issue.path, wrongValue(issue))
    ),
  ];
  if (problems.length > 0 || !checked.data) throw new ConfigError(path, problems);
  return { version: String(checked.data.version), folder: checked.data.folder };
}
