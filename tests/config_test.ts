import assert from "node:assert/strict";
import fc from "fast-check";
import { ConfigError, configPath, loadConfig, parseConfig } from "../src/config.ts";
import { parseVersionPointer } from "../src/version_pointer.ts";

const path = "/site/config.yaml";

function problemsOf(text: string, env: Record<string, string> = {}) {
  try {
    parseConfig(text, { path, env });
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.problems;
  }
  return assert.fail("the text was accepted");
}

Deno.test("parseConfig gives every default for an empty file", () => {
  const config = parseConfig("", { path, env: {} });
  assert.deepEqual(config, {
    path,
    app: { mode: "hybrid" },
    api: {
      host: "127.0.0.1",
      port: 8005,
      isOpen: false,
      tokens: [],
      requestsPerMinute: 600,
      maxConnections: 4096,
      tls: undefined,
    },
    optimization: {
      intervalSeconds: 300,
      cron: undefined,
      zone: "UTC",
      configFile: "process-optimization-strategy-config.yaml",
      mode: "advisory",
      runAtStart: true,
    },
    storage: { kind: "folder", folder: "/site" },
    bundles: {
      trustedKeyFiles: [],
      site: undefined,
      pollSeconds: 30,
      dwellSeconds: 60,
      memoryBytes: 1024 * 1024 * 1024,
      diskBytes: 4096 * 1024 * 1024,
      keep: 5,
    },
    database: { kind: "pglite", folder: "/site/state/database" },
    values: {
      table: "process_data",
      form: "auto",
      query: undefined,
      columns: { time: undefined, tag: "tag", value: "value", quality: "quality" },
      zone: "UTC",
      tags: {},
      quality: new Map(),
    },
    retentionDays: 30,
    state: {
      folder: "/site/state",
      maxBytes: 512 * 1024 * 1024,
      records: 8_640,
      outboxDays: 90,
    },
    feed: undefined,
    log: { level: "info", file: undefined },
  });
});

Deno.test("parseConfig reads the keys that existing sites have", () => {
  const config = parseConfig(
    `
app: { mode: continuous }
api: { host: 0.0.0.0, port: 8006, auth: none }
optimization: { interval_seconds: 60, config_file: process-optimization-strategy-config.yaml }
storage: { minio: { endpoint: "localhost:9002", bucket: process-optimization } }
database: { host: localhost, port: 5433, dbname: process_db }
log: { level: WARNING }
`,
    { path, env: { MINIO_ACCESS_KEY: "k", MINIO_SECRET_KEY: "s", PGUSER: "box" } },
  );
  assert.equal(config.app.mode, "continuous");
  assert.deepEqual([config.api.host, config.api.port, config.api.isOpen], ["0.0.0.0", 8006, true]);
  assert.equal(config.optimization.intervalSeconds, 60);
  assert.equal(config.log.level, "warning");
  assert.deepEqual(config.storage, {
    kind: "minio",
    host: "localhost",
    port: 9002,
    useSsl: false,
    region: "us-east-1",
    bucket: "process-optimization",
    accessKey: { kind: "text", secret: "k" },
    secretKey: { kind: "text", secret: "s" },
    caFile: undefined,
  });
  assert.equal(config.database.kind === "postgres" && config.database.user, "box");
  assert.equal(config.database.kind === "postgres" && config.database.port, 5433);
});

Deno.test("parseConfig reports every wrong and unknown key at its line and column", () => {
  const problems = problemsOf(
    `app: { mode: hybird }
api:
  port: eight
  hots: 127.0.0.1
optimisation: { interval_seconds: 5 }
database:
  host: db
storage:
  # either
  minio: { endpoint: "x:1", bucket: Models }
`,
  );
  const found = problems.map(({ line, column, key }) => [line, column, key]);
  assert.deepEqual(found, [
    [1, 14, "app.mode"],
    [3, 9, "api.port"],
    [4, 3, "api.hots"],
    [5, 1, "optimisation"],
    [7, 3, "database.dbname"],
    [10, 37, "storage.minio.bucket"],
  ]);
  const message = (key: string) => problems.find((problem) => problem.key === key)?.message ?? "";
  assert.match(message("app.mode"), /continuous, api, hybrid, got "hybird"/);
  assert.match(message("api.port"), /a number, got "eight"/);
  assert.match(message("api.hots"), /did you mean host\?/);
  assert.match(message("optimisation"), /did you mean optimization\?/);
  assert.match(message("database.dbname"), /Missing; expected the server.s database/);
});

Deno.test("parseConfig replaces variables, and takes numbers and switches from them", () => {
  const text = `
api: { port: "\${PORT:-8005}" }
database: { dbname: "\${DB}", password: "\${PASSWORD}" }
optimization: { run_at_start: "\${RUN:-true}" }
feed: { replay: { file: "\${SHARED:-../shared}/data/x.csv" } }
`;
  const config = parseConfig(text, { path, env: { DB: "plant", PASSWORD: "12345", RUN: "false" } });
  assert.equal(config.api.port, 8005);
  assert.equal(config.optimization.runAtStart, false);
  assert.equal(config.feed?.kind === "replay" && config.feed.file, "/shared/data/x.csv");
  assert.deepEqual(
    config.database.kind === "postgres" && config.database.password,
    { kind: "text", secret: "12345" },
  );
});

Deno.test("parseConfig names a variable that is not set, once and with the cure", () => {
  const problems = problemsOf('database:\n  dbname: "${DB}"\napi: { port: "${PORT}" }\n');
  assert.deepEqual(problems.map(({ line, column, key }) => [line, column, key]), [
    [2, 11, "database.dbname"],
    [3, 14, "api.port"],
  ]);
  assert.match(problems[0]?.message ?? "", /DB is not set: set it, or write \$\{DB:-default\}/);
});

Deno.test("parseConfig never reads a variable's text as YAML", () => {
  const config = parseConfig('database: { dbname: "${DB}" }', {
    path,
    env: { DB: "x }\napi: { host: 0.0.0.0, auth: none" },
  });
  assert.equal(config.api.host, "127.0.0.1");
  assert.match(config.database.kind === "postgres" ? config.database.dbname : "", /^x }/);
});

Deno.test("parseConfig refuses a host that the network reaches unless auth: none accepts it", () => {
  const [problem] = problemsOf("api:\n  host: 0.0.0.0\n");
  assert.deepEqual([problem?.line, problem?.column, problem?.key], [2, 9, "api.host"]);
  for (const host of ["localhost", "127.0.0.1", "127.1.2.3", '"::1"']) {
    parseConfig(`api: { host: ${host} }`, { path, env: {} });
  }
  for (const host of ["localhost.evil.example", "127.0.0.1.example", "10.0.0.1", '"::"']) {
    assert.equal(problemsOf(`api: { host: ${host} }`).length, 1, host);
  }
});

Deno.test("parseConfig tells what is wrong with the interface where another section is wrong too", () => {
  const problems = problemsOf("api: { host: 0.0.0.0 }\noptimization: { mode: activ }");
  assert.deepEqual(problems.map(({ key }) => key), ["api.host", "optimization.mode"]);
});

Deno.test("parseConfig refuses broken YAML, duplicate keys and aliases with their place", () => {
  assert.equal(problemsOf("app: { mode: hybrid\n")[0]?.line, 2);
  assert.equal(problemsOf("api: { port: 1 }\napi: { port: 2 }\n")[0]?.line, 2);
  assert.match(
    problemsOf("state: &a { folder: x }\nfeed: *a\n")[0]?.message ?? "",
    /got an alias/,
  );
  assert.equal(problemsOf("- a\n- b\n").length, 1);
});

Deno.test("parseConfig gives a feed, relative paths from the file's own folder", () => {
  const config = parseConfig("feed: { simulator: { module: simulator.ts, seed: 7 } }", {
    path,
    env: {},
  });
  assert.deepEqual(config.feed, {
    kind: "simulator",
    module: "/site/simulator.ts",
    seed: 7,
    periodSeconds: 10,
    speed: 1,
    followRecommendations: false,
    warmUpMinutes: 30,
  });
  assert.match(problemsOf("feed: {}")[0]?.message ?? "", /one of replay and simulator/);
});

Deno.test("parseConfig refuses a folder and a bucket at once", () => {
  const text = 'storage:\n  folder: a\n  minio: { endpoint: "x:1", bucket: models }\n';
  const [problem] = problemsOf(text);
  assert.deepEqual([problem?.key, problem?.message], [
    "storage",
    "Expected folder or minio, not both",
  ]);
});

Deno.test("parseConfig never shows a secret in what it reports", () => {
  const problems = problemsOf("database: { dbname: d, password: 8675309 }\n");
  assert.deepEqual(problems.map((problem) => problem.key), ["database.password"]);
  assert.match(problems[0]?.message ?? "", /put numbers in quotes/);
  assert.ok(!JSON.stringify(problems).includes("8675309"));
});

Deno.test("parseConfig gives a configuration or a ConfigError for any text", () => {
  const line = fc.tuple(
    fc.constantFrom("app", "api", "database", "storage", "feed", "log", "x", "api: {port", "- a"),
    fc.constantFrom(": ", ":\n  ", "", ": {", ": [", ": &a ", ": *a"),
    fc.constantFrom(
      "mode: hybrid",
      "port: 1",
      "folder: a",
      "${X}",
      "~",
      "}",
      "]",
      "1e999",
      "!!js x",
    ),
  ).map((parts) => parts.join(""));
  const text = fc.oneof(fc.string(), fc.array(line).map((lines) => lines.join("\n")));
  fc.assert(
    fc.property(text, (text) => {
      try {
        assert.ok(Object.isFrozen(parseConfig(text, { path, env: {} })));
      } catch (error) {
        assert.ok(error instanceof ConfigError, Deno.inspect(error));
        assert.ok(error.problems.length > 0);
        for (const problem of error.problems) assert.ok(problem.line >= 1 && problem.column >= 1);
      }
    }),
    { numRuns: 500 },
  );
});

Deno.test("parseConfig gives a frozen configuration", () => {
  const config = parseConfig("", { path, env: {} });
  assert.ok(Object.isFrozen(config) && Object.isFrozen(config.api));
});

Deno.test("loadConfig says which file it could not read", async () => {
  const folder = await Deno.makeTempDir();
  try {
    assert.throws(
      () => loadConfig({ path: `${folder}/none.yaml`, env: {} }),
      (error: unknown) => error instanceof ConfigError && error.message.includes("none.yaml"),
    );
    await Deno.writeTextFile(`${folder}/c.yaml`, "state: { folder: kept }\n");
    const config = loadConfig({ path: `${folder}/c.yaml`, env: {} });
    assert.equal(config.state.folder, `${folder}/kept`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("configPath prefers the flag to the environment to the cement kiln", () => {
  assert.equal(configPath(["--config", "a.yaml"], { SETPOINT_CONFIG: "b.yaml" }), "a.yaml");
  assert.equal(configPath(["--config=a.yaml"], {}), "a.yaml");
  assert.equal(configPath([], { SETPOINT_CONFIG: "b.yaml" }), "b.yaml");
  assert.equal(configPath([], {}), "strategies/cement-kiln/config.yaml");
  assert.throws(() => configPath(["--config"], {}), TypeError);
});

Deno.test("parseVersionPointer reads a version written as text or as a number", () => {
  const read = (text: string) => parseVersionPointer(text, "strategy_version.yaml");
  assert.deepEqual(read('version: "12"'), { version: "12", folder: undefined });
  assert.deepEqual(read("version: 12\nfolder: versions/12\npublished_by: x"), {
    version: "12",
    folder: "versions/12",
  });
  assert.throws(() => read("versoin: 12"), ConfigError);
  assert.throws(() => read(""), ConfigError);
  assert.throws(() => read("version: ["), ConfigError);
});
