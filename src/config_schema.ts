/** The keys of the configuration file, with their defaults. */

import { z } from "zod";

// A value from the environment is text; where a number or a switch is wanted, it may be read as one.
const fromText = (value: unknown) =>
  typeof value !== "string"
    ? value
    : value === "true" || value === "false"
    ? value === "true"
    : value.trim() !== "" && Number.isFinite(Number(value))
    ? Number(value)
    : value;
const number = (schema: z.ZodNumber) => z.preprocess(fromText, schema);
const flag = (fallback: boolean) => z.preprocess(fromText, z.boolean()).default(fallback);
const positive = number(z.number().positive());
const port = number(z.number().int().min(1).max(65535));
const portOrAny = number(z.number().int().min(0).max(65535));
const text = z.string().min(1);
const zone = text.refine(
  isZone,
  'Expected a time zone of the IANA database, such as "UTC" or "Europe/Berlin"',
);

const logLevel = z.preprocess(
  (value) => typeof value === "string" ? value.toLowerCase() : value,
  z.enum(["trace", "debug", "info", "warn", "warning", "error", "critical", "fatal"]),
);

const minioSchema = z.strictObject({
  endpoint: text.refine(
    (endpoint) => URL.canParse(endpoint.includes("://") ? endpoint : `http://${endpoint}`),
    'Expected host:port or a URL, such as "localhost:9002"',
  ),
  // Amazon S3 user guide, "Bucket naming rules".
  bucket: text.regex(
    /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
    "Expected a bucket's name: 3 to 63 lower-case letters, digits, dots and hyphens",
  ),
  access_key: text.optional(),
  secret_key: text.optional(),
  secret_key_file: text.optional(),
  use_ssl: z.preprocess(fromText, z.boolean()).optional(),
  region: text.default("us-east-1"),
  ca_file: text.optional(),
});

const storageSchema = z.strictObject({ folder: text.optional(), minio: minioSchema.optional() })
  .refine((storage) => !(storage.folder && storage.minio), "Expected folder or minio, not both");

/** A table's name, with its schema where it is not in the search path. */
const table = text.regex(/^[^."]+(\.[^."]+)?$/, 'Expected a table, such as "process_data"');
const codes = z.array(z.union([text, z.number(), z.boolean()])).default([]);

const valuesSchema = z.strictObject({
  table: table.default("process_data"),
  form: z.enum(["auto", "long", "wide"]).default("auto"),
  query: text.optional(),
  columns: z.strictObject({
    time: text.optional(),
    tag: text.default("tag"),
    value: text.default("value"),
    quality: text.default("quality"),
  }).prefault({}),
  zone: zone.default("UTC"),
  tags: z.record(text, text).default({}),
  quality: z.strictObject({ good: codes, uncertain: codes, bad: codes }).prefault({}),
});

const databaseSchema = z.strictObject({
  host: text.optional(),
  port: port.optional(),
  dbname: text.optional(),
  user: text.optional(),
  password: text.optional(),
  password_file: text.optional(),
  ssl: z.enum(["disable", "require", "verify-full"]).default("disable"),
  ca_file: text.optional(),
  max_connections: number(z.number().int().min(1).max(100)).default(4),
  connect_timeout_seconds: positive.default(5),
  query_timeout_seconds: positive.default(15),
  retention_days: positive.optional(),
  values: valuesSchema.prefault({}),
}).refine(
  ({ dbname, host, port, user }) => dbname !== undefined || (host ?? port ?? user) === undefined,
  { path: ["dbname"], message: "Missing; expected the server's database, such as process_db" },
);

const replaySchema = z.strictObject({
  file: text,
  columns: z.record(z.string(), text).optional(),
  row_seconds: positive.default(3600),
  pace: positive.default(1),
  start_row: number(z.number().int().min(1)).default(1),
});

const simulatorSchema = z.strictObject({
  module: text,
  seed: number(z.number().int()).default(1),
  period_seconds: positive.default(10),
  speed: positive.default(1),
  follow_recommendations: flag(false),
  warm_up_minutes: number(z.number().min(0).max(1440)).default(30),
});

const feedSchema = z.strictObject({
  replay: replaySchema.optional(),
  simulator: simulatorSchema.optional(),
}).refine(
  (feed) => (feed.replay === undefined) !== (feed.simulator === undefined),
  "Expected one of replay and simulator",
);

const bundlesSchema = z.strictObject({
  trusted_keys: z.array(text).max(20).default([]),
  site: text.optional(),
  poll_seconds: positive.default(30),
  memory_megabytes: positive.default(1024),
  disk_megabytes: positive.default(4096),
  keep: number(z.number().int().min(3).max(1000)).default(5),
});

const tokenSchema = z.strictObject({
  name: text.regex(/^[\w.-]+$/, "Expected a name of letters, digits, dots and hyphens"),
  role: z.enum(["read", "operate", "engineer", "admin"]),
  sha256: text.regex(
    /^[0-9a-f]{64}$/,
    "Expected the 64 hexadecimal digits that deno task token prints, not the token itself",
  ),
  expires: z.union([z.iso.date(), z.iso.datetime()], "Expected a day, such as 2027-06-30")
    .optional(),
});

const tlsSchema = z.strictObject({
  cert_file: text,
  key_file: text,
  client_ca_file: text.optional(),
});

export const fileSchema = z.strictObject({
  app: z.strictObject({ mode: z.enum(["continuous", "api", "hybrid"]).default("hybrid") })
    .prefault({}),
  api: z.strictObject({
    host: text.default("127.0.0.1"),
    port: portOrAny.default(8005),
    auth: z.enum(["none"]).optional(),
    tokens: z.array(tokenSchema).max(1000).default([]),
    requests_per_minute: number(z.number().int().min(1)).default(600),
    max_connections: number(z.number().int().min(16).max(65535)).default(4096),
    tls: tlsSchema.optional(),
  }).prefault({}),
  optimization: z.strictObject({
    interval_seconds: positive.default(300),
    cron: text.optional(),
    zone: zone.default("UTC"),
    config_file: text.default("process-optimization-strategy-config.yaml"),
    mode: z.enum(["advisory", "active"]).default("advisory"),
    run_at_start: flag(true),
  }).prefault({}),
  storage: storageSchema.optional(),
  bundles: bundlesSchema.prefault({}),
  database: databaseSchema.prefault({}),
  state: z.strictObject({
    folder: text.default("state"),
    megabytes: positive.default(512),
    records: number(z.number().int().min(1)).default(8_640),
    outbox_days: positive.default(90),
  }).prefault({}),
  feed: feedSchema.optional(),
  log: z.strictObject({
    level: logLevel.default("info"),
    file: text.optional(),
    max_megabytes: positive.default(10),
    keep_files: number(z.number().int().min(1).max(100)).default(5),
  }).prefault({}),
});

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** `strategy_version.yaml`; other keys (who published, when) may stand there too. */
export const pointerSchema = z.object({
  version: z.union([z.string().min(1), z.number()], 'Expected a version, such as "12"'),
  folder: z.string().min(1).optional(),
});

export type ConfigFile = z.infer<typeof fileSchema>;

/** The keys that may stand in the section at `path`; empty where there is no such section. */
export function knownKeys(path: readonly PropertyKey[]): readonly string[] {
  let schema: unknown = fileSchema;
  for (const key of path) {
    const section = withoutWrappers(schema);
    schema = section instanceof z.ZodObject ? section.shape[String(key)] : undefined;
  }
  const section = withoutWrappers(schema);
  return section instanceof z.ZodObject ? Object.keys(section.shape) : [];
}

function withoutWrappers(schema: unknown): unknown {
  let inner = schema;
  while (
    inner instanceof z.ZodOptional || inner instanceof z.ZodDefault ||
    inner instanceof z.ZodPrefault
  ) inner = inner.unwrap();
  return inner;
}

/** What is wrong with a value, and what was expected, as one sentence. */
export function wrongValue(issue: z.core.$ZodIssue): string {
  const key = String(issue.path.at(-1) ?? "");
  const isSecret = /password|secret|key/.test(key);
  const got = isSecret ? "another value" : JSON.stringify(issue.input) ?? "nothing";
  switch (issue.code) {
    case "invalid_type":
      return issue.input === undefined
        ? `Missing; expected ${nounOf(issue.expected)}`
        : `Expected ${nounOf(issue.expected)}, got ${got}`;
    case "invalid_value":
      return `Expected ${issue.values.map(String).join(", ")}, got ${got}`;
    case "too_small":
      return `Expected ${issue.inclusive ? "at least" : "more than"} ${issue.minimum}` +
        `${issue.origin === "string" ? " character" : ""}, got ${got}`;
    case "too_big":
      return `Expected ${issue.inclusive ? "at most" : "less than"} ${issue.maximum}, got ${got}`;
    default:
      return issue.message;
  }
}

const nouns: Readonly<Record<string, string>> = {
  object: "a section of keys",
  record: "a section of keys",
  string: "text (put numbers in quotes)",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
};

function nounOf(type: string): string {
  return nouns[type] ?? type;
}
