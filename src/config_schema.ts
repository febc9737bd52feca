/** The keys of the configuration file, with their defaults. */

import { z } from "zod";
import { STRATEGY_FILE } from "./strategy_file.ts";

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
  ).describe("Host and port, or a URL, of MinIO or another S3 server"),
  // Amazon S3 user guide, "Bucket naming rules".
  bucket: text.regex(
    /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
    "Expected a bucket's name: 3 to 63 lower-case letters, digits, dots and hyphens",
  ).describe("The bucket that holds strategy_version.yaml and versions/"),
  access_key: text.optional()
    .describe("Without it: MINIO_ACCESS_KEY, then AWS_ACCESS_KEY_ID of the environment"),
  access_key_file: text.optional()
    .describe("A file that holds the access key, read again at each use; in place of access_key"),
  secret_key: text.optional()
    .describe("Without it: MINIO_SECRET_KEY, then AWS_SECRET_ACCESS_KEY of the environment"),
  secret_key_file: text.optional()
    .describe("A file that holds the secret key, read again at each use; in place of secret_key"),
  use_ssl: z.preprocess(fromText, z.boolean()).optional()
    .describe("TLS; without it: true where the endpoint begins with https://"),
  region: text.default("us-east-1").describe("Region that requests are signed for"),
  ca_file: text.optional().describe("PEM file of a private certificate authority"),
});

const storageSchema = z.strictObject({
  folder: text.optional().describe(
    "A folder that holds bundles as a bucket would; without folder and minio: the site's own " +
      "folder, whose files are the bundle",
  ),
  minio: minioSchema.optional().describe("An S3 server that holds the bundles"),
})
  .refine((storage) => !(storage.folder && storage.minio), "Expected folder or minio, not both");

/** A table's name, with its schema where it is not in the search path. */
const table = text.regex(/^[^."]+(\.[^."]+)?$/, 'Expected a table, such as "process_data"');
const codes = z.array(z.union([text, z.number(), z.boolean()])).default([]);

const valuesSchema = z.strictObject({
  table: table.default("process_data")
    .describe("The table of live values, with its schema where it is not in the search path"),
  form: z.enum(["auto", "long", "wide"]).default("auto")
    .describe(
      "long: a row per value; wide: a row per time, a column per tag; auto: by its columns",
    ),
  query: text.optional().describe(
    "In place of a table: a query that gives rows of either form for the tags in $1 up to the time $2",
  ),
  columns: z.strictObject({
    time: text.optional()
      .describe("Column of times; without it: time in the long form, timestamp in the wide one"),
    tag: text.default("tag").describe("Column of tags, in the long form"),
    value: text.default("value").describe("Column of values, in the long form"),
    quality: text.default("quality")
      .describe("Column of qualities, in the long form; it may be missing"),
  }).prefault({}).describe("What the table's columns are called"),
  zone: zone.default("UTC").describe("Zone (IANA name) of times that are stored without one"),
  tags: z.record(text, text).default({})
    .describe("Variable to the site's own tag, where that has another name"),
  quality: z.strictObject({
    good: codes.describe("The site's codes for good values"),
    uncertain: codes.describe("The site's codes for uncertain values"),
    bad: codes.describe("The site's codes for bad values"),
  }).prefault({})
    .describe("Quality codes of the site; others are understood as words, OPC DA or OPC UA codes"),
});

const databaseSchema = z.strictObject({
  host: text.optional().describe("PostgreSQL server; without it: localhost"),
  port: port.optional().describe("Port of the server; without it: 5432"),
  dbname: text.optional()
    .describe("Database on the server; without it PGlite runs in the state folder"),
  user: text.optional().describe("Without it: PGUSER of the environment, then postgres"),
  password: text.optional().describe("Without it: PGPASSWORD of the environment"),
  password_file: text.optional()
    .describe(
      "A file that holds the password, read again at each connection; in place of password",
    ),
  ssl: z.enum(["disable", "require", "verify-full"]).default("disable")
    .describe("TLS to the server: none, not verified, or verified with its host's name"),
  ca_file: text.optional().describe("PEM file of a private certificate authority"),
  max_connections: number(z.number().int().min(1).max(100)).default(4)
    .describe("Connections to the server at once"),
  connect_timeout_seconds: positive.default(5)
    .meta({ description: "How long a connection may take to come about", unit: "s" }),
  query_timeout_seconds: positive.default(15)
    .meta({ description: "The server ends a statement that takes longer", unit: "s" }),
  retention_days: positive.optional().meta({
    description: "Age at which cycles and recommendations leave the database; without it: 365 on " +
      "a server, 30 embedded",
    unit: "d",
  }),
  values: valuesSchema.prefault({}).describe("Where live values are and what they look like there"),
}).refine(
  ({ dbname, host, port, user }) => dbname !== undefined || (host ?? port ?? user) === undefined,
  { path: ["dbname"], message: "Missing; expected the server's database, such as process_db" },
);

const replaySchema = z.strictObject({
  file: text.describe("CSV file: one line of names, then a row of numbers per time"),
  columns: z.record(z.string(), text).optional()
    .describe(
      "CSV column to tag; without it every column but time or timestamp is a tag of the same name",
    ),
  row_seconds: positive.default(3600)
    .meta({ description: "Time between two rows when they were recorded", unit: "s" }),
  pace: positive.default(1).describe("1: as recorded; 60: a recorded hour in a minute"),
  start_row: number(z.number().int().min(1)).default(1)
    .describe("The row to begin with; 1 is the first below the names"),
});

const simulatorSchema = z.strictObject({
  module: text.describe("TypeScript module of the site that simulates its plant"),
  seed: number(z.number().int()).default(1).describe("Seed of its disturbances and noise"),
  period_seconds: positive.default(10)
    .meta({ description: "Time between two sets of values", unit: "s" }),
  speed: positive.default(1).describe("Seconds of the plant's life per second"),
  follow_recommendations: flag(false)
    .describe("true: the simulated operator sets what is recommended"),
  warm_up_minutes: number(z.number().min(0).max(1440)).default(30)
    .meta({ description: "Minutes that the plant has run when the box starts", unit: "min" }),
});

const feedSchema = z.strictObject({
  replay: replaySchema.optional().describe("Recorded rows as live values"),
  simulator: simulatorSchema.optional().describe("A simulated plant's values as live values"),
}).refine(
  (feed) => (feed.replay === undefined) !== (feed.simulator === undefined),
  "Expected one of replay and simulator",
);

const bundlesSchema = z.strictObject({
  trusted_keys: z.array(text).max(20).default([])
    .describe("PEM files of public keys; with any, only bundles signed by one of them are taken"),
  site: text.optional().describe("Bundles of another site are refused"),
  poll_seconds: positive.default(30)
    .meta({ description: "How often the store is asked for a new version", unit: "s" }),
  dwell_seconds: number(z.number().min(0)).default(60).meta({
    description: "How long a version from the store stays at least before the store replaces it",
    unit: "s",
  }),
  memory_megabytes: positive.default(1024)
    .meta({ description: "Of models, scalers and configurations kept in memory", unit: "MiB" }),
  disk_megabytes: positive.default(4096)
    .meta({ description: "Of bundles kept in the state folder; three stay always", unit: "MiB" }),
  keep: number(z.number().int().min(3).max(1000)).default(5)
    .describe("Bundles kept in the state folder"),
});

const tokenSchema = z.strictObject({
  name: text.regex(/^[\w.-]+$/, "Expected a name of letters, digits, dots and hyphens")
    .describe("Who holds it; stands in the audit log"),
  role: z.enum(["read", "operate", "engineer", "admin"])
    .describe("What it may do; each role may do what those before it may"),
  sha256: text.regex(
    /^[0-9a-f]{64}$/,
    "Expected the 64 hexadecimal digits that deno task token prints, not the token itself",
  ).describe("Hash of the token, as deno task token prints it"),
  expires: z.union([z.iso.date(), z.iso.datetime()], "Expected a day, such as 2027-06-30")
    .optional().describe("Day from which it is refused"),
});

const tlsSchema = z.strictObject({
  cert_file: text.describe("PEM file of the certificate, with its chain"),
  key_file: text.describe("PEM file of its private key"),
  client_ca_file: text.optional()
    .describe("PEM file of an authority: only clients with a certificate of it may connect"),
});

export const fileSchema = z.strictObject({
  app: z.strictObject({
    mode: z.enum(["continuous", "api", "hybrid"]).default("hybrid").describe(
      "continuous: cycles by the clock alone; api: by requests alone; hybrid: both",
    ),
  }).prefault({}).describe("When it works"),
  api: z.strictObject({
    host: text.default("127.0.0.1").describe("Address to listen on; 0.0.0.0: all of the box's"),
    port: portOrAny.default(8005).describe("Port to listen on; 0: any that is free"),
    auth: z.enum(["none"]).optional()
      .describe("none: whoever can connect may do everything, on any host"),
    tokens: z.array(tokenSchema).max(1000).default([]).describe("Who may do what"),
    requests_per_minute: number(z.number().int().min(1)).default(600)
      .describe("Requests of one token; more are answered with 429"),
    max_connections: number(z.number().int().min(16).max(65535)).default(4096)
      .describe("Connections at once"),
    tls: tlsSchema.optional().describe("HTTPS; the files are read again when they change"),
  }).prefault({}).describe("The HTTP interface"),
  optimization: z.strictObject({
    interval_seconds: positive.default(300)
      .meta({ description: "Time between two cycles", unit: "s" }),
    cron: text.optional().describe(
      "In place of the interval: when cycles start, five fields, or six with seconds first",
    ),
    zone: zone.default("UTC").describe("Zone (IANA name) of cron"),
    config_file: text.default(STRATEGY_FILE)
      .describe("The strategy's path in the bundle"),
    mode: z.enum(["advisory", "active"]).default("advisory")
      .describe("advisory: computed and shown; active: also offered to SCADA for download"),
    run_at_start: flag(true).describe("A cycle that is due runs at the start"),
  }).prefault({}).describe("Cycles and the strategy"),
  storage: storageSchema.optional().describe("Where bundles come from"),
  bundles: bundlesSchema.prefault({}).describe("How bundles are taken and kept"),
  database: databaseSchema.prefault({}).describe("Live values in, recommendations out"),
  state: z.strictObject({
    folder: text.default("state").describe("Folder of all that must outlive a restart"),
    megabytes: positive.default(512)
      .meta({ description: "Of all cycle records in the state folder", unit: "MiB" }),
    records: number(z.number().int().min(1)).default(8_640)
      .describe("Cycle records that stay after their delivery"),
    outbox_days: positive.default(90).meta({
      description: "How long a record waits for the database before it is dropped",
      unit: "d",
    }),
  }).prefault({}).describe("What the box remembers"),
  feed: feedSchema.optional().describe("Live values for a site without a historian"),
  log: z.strictObject({
    level: logLevel.default("info").describe("Least severity that is written"),
    file: text.optional().describe("Without it: standard output"),
    max_megabytes: positive.default(10)
      .meta({ description: "A file of this size is set aside and a new one begun", unit: "MB" }),
    keep_files: number(z.number().int().min(1).max(100)).default(5)
      .describe("Log files kept, the present one included"),
  }).prefault({}).describe("The log, in JSON lines"),
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
