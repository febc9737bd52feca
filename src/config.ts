/** The configuration file and the environment, made one frozen `Config`; the only reader of `Deno.env`. */

import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { type BundlesConfig, toBundles } from "./config_bundles.ts";
import { type ApiConfig, apiProblems, toApi } from "./config_api.ts";
import {
  type PgliteDatabaseConfig,
  type PostgresDatabaseConfig,
  toDatabase,
} from "./config_database.ts";
import { type FeedConfig, toFeed } from "./config_feed.ts";
import { type LogConfig, toLog } from "./config_log.ts";
import { knownKeys, wrongValue } from "./config_problems.ts";
import { type ConfigFile, fileSchema } from "./config_schema.ts";
import { type FolderStorage, type MinioStorage, toStorage } from "./config_storage.ts";
import { toValues, type ValuesConfig } from "./config_values.ts";
import { type ConfigProblem, type Environment, readText } from "./config_text.ts";
import { nearName } from "./near_name.ts";

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
  // On its own where another section is wrong, so that all problems come at once.
  const api = checked.data?.api ?? fileSchema.shape.api.safeParse(sectionOf(placed.value)).data;
  for (const { path, message } of api === undefined ? [] : apiProblems(api)) {
    problems.push(placed.problemAt(["api", ...path], message));
  }
  if (problems.length > 0 || !checked.data) {
    const inPlace = (a: ConfigProblem, b: ConfigProblem) => a.line - b.line || a.column - b.column;
    throw new ConfigError(options.path, problems.toSorted(inPlace));
  }
  return deepFreeze(toConfig(checked.data, options));
}

function sectionOf(file: unknown): unknown {
  return typeof file === "object" && file !== null && "api" in file ? file.api : undefined;
}

function unknownKey(key: string, known: readonly string[]): string {
  const nearest = nearName(key, known);
  return nearest === undefined
    ? `Unknown key "${key}"; expected ${known.join(", ")}`
    : `Unknown key "${key}"; did you mean ${nearest}?`;
}

function toConfig(file: ConfigFile, options: { path: string; env: Environment }): Config {
  const anchor = dirname(options.path);
  const place = (path: string) => resolve(anchor, path);
  const stateFolder = place(file.state.folder);
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
    storage: toStorage(file.storage, { place, env: options.env }),
    bundles: toBundles(file.bundles, place),
    database: toDatabase(file.database, { place, env: options.env, stateFolder }),
    values: toValues(file.database.values),
    // A server is backed up and has room; the embedded database shares the box's disk.
    retentionDays: file.database.retention_days ?? (file.database.dbname === undefined ? 30 : 365),
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

function deepFreeze<T extends object>(value: T): Readonly<T> {
  for (const part of Object.values(value)) {
    if (typeof part === "object" && part !== null) deepFreeze(part);
  }
  return Object.freeze(value);
}
