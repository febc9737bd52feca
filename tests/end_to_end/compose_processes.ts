/** The services of the kiln's compose file as plain processes with the configuration that it gives them. */

import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import postgres from "postgres";
import { parse } from "yaml";
import type { LocalServices } from "./compose_file.ts";
import { until } from "./running_box.ts";
import { versitygwBinary } from "./versitygw_server.ts";
import { ANY_LANGUAGE, postgresBinaries } from "../storage/postgres_server.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** The server refuses to run as root; this is "nobody" on Debian. */
const ORDINARY_USER = Deno.uid() === 0 ? { uid: 65534, gid: 65534 } : {};

/** A service that runs, and everything that it has said. */
export class ServiceProcess {
  readonly name: string;
  readonly #child: Deno.ChildProcess;
  readonly #read: Promise<unknown>;
  readonly #signal: Deno.Signal;
  #output = "";
  #ended = false;

  constructor(name: string, command: Deno.Command, signal: Deno.Signal = "SIGTERM") {
    this.name = name;
    this.#child = command.spawn();
    this.#signal = signal;
    this.#read = Promise.all([
      this.#collect(this.#child.stdout),
      this.#collect(this.#child.stderr),
    ]);
    void this.#child.status.then(() => this.#ended = true);
  }

  get output(): string {
    return this.#output;
  }

  /** Waits until it does what it is asked for; throws with what it said where it does not. */
  async ready(asked: () => Promise<boolean>, seconds = 60): Promise<void> {
    try {
      await until(
        async () => {
          assert.ok(!this.#ended, "it ended");
          return await asked().catch(() => false);
        },
        Boolean,
        seconds,
      );
    } catch (cause) {
      await this.stop();
      throw new Error(`${this.name} does not serve:\n${this.#output.slice(-3000)}`, { cause });
    }
  }

  /** Its exit code. */
  async stop(): Promise<number> {
    if (!this.#ended) this.#child.kill(this.#signal);
    const { code } = await this.#child.status;
    await this.#read;
    return code;
  }

  async #collect(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    for await (const bytes of stream) this.#output += decoder.decode(bytes, { stream: true });
  }
}

const PIPES = { stdin: "null", stdout: "piped", stderr: "piped" } as const;

/** Does what the image's entry point does at a first start, then starts the server. */
export async function startPostgres(services: LocalServices): Promise<ServiceProcess> {
  const name = "database";
  await services.mount(name);
  const env = services.environment(name);
  const data = services.place(name, "/var/lib/postgresql/data") ?? "";
  const passwordFile = env.POSTGRES_PASSWORD_FILE ?? "";
  const user = env.POSTGRES_USER ?? "";
  const port = services.port(name, 5432);
  const binaries = postgresBinaries() ?? "";
  // The server's own copies: it runs as another user.
  const ownPassword = join(dirname(data), "postgres_password");
  await Deno.copyFile(passwordFile, ownPassword);
  for (const path of [data, ownPassword]) {
    if (ORDINARY_USER.uid !== undefined) {
      await Deno.chown(path, ORDINARY_USER.uid, ORDINARY_USER.gid);
    }
  }
  const made = await new Deno.Command(join(binaries, "initdb"), {
    args: [
      ...["-D", data, "-U", user, `--pwfile=${ownPassword}`, "-E", "UTF8", "-N"],
      ...(env.POSTGRES_INITDB_ARGS ?? "").split(" "),
    ],
    cwd: data,
    env: ANY_LANGUAGE,
    ...ORDINARY_USER,
  }).output();
  assert.ok(made.success, new TextDecoder().decode(made.stderr));
  const server = new ServiceProcess(
    name,
    new Deno.Command(join(binaries, "postgres"), {
      args: [
        ...["-D", data, "-p", String(port), "-c", "listen_addresses=127.0.0.1"],
        ...["-c", "unix_socket_directories="],
      ],
      cwd: data,
      ...PIPES,
      ...ORDINARY_USER,
    }),
    "SIGINT",
  );
  const check = services.service(name).healthcheck?.test ?? [];
  const [, command = "", ...args] = check;
  await server.ready(async () =>
    (await new Deno.Command(join(binaries, command), {
      args: [...args, "-h", "127.0.0.1", "-p", String(port)],
    }).output()).success
  );
  const password = (await Deno.readTextFile(passwordFile)).trim();
  const options = { host: "127.0.0.1", port, user, password, max: 1 };
  const sql = postgres({ ...options, database: "postgres" });
  await sql.unsafe(`create database ${env.POSTGRES_DB}`);
  await sql.end();
  return server;
}

/** As the user that the box has, into the database that it has. */
export async function openSql(services: LocalServices) {
  const env = services.environment("database");
  return postgres({
    host: "127.0.0.1",
    port: services.port("database", 5432),
    user: env.POSTGRES_USER ?? "",
    password: (await Deno.readTextFile(env.POSTGRES_PASSWORD_FILE ?? "")).trim(),
    database: env.POSTGRES_DB ?? "",
    max: 1,
    onnotice: () => {},
  });
}

/** The S3 server, by its entry point and command as they stand. */
export async function startStore(services: LocalServices): Promise<ServiceProcess> {
  const name = "store";
  await services.mount(name);
  const { entrypoint = [], command = [], healthcheck } = services.service(name);
  const [program = "", ...args] = [...entrypoint, ...command].map((word) =>
    services.local(name, word)
  );
  const server = new ServiceProcess(
    name,
    new Deno.Command(program, {
      args,
      env: { PATH: `${dirname(versitygwBinary() ?? "")}:${Deno.env.get("PATH")}` },
      ...PIPES,
    }),
  );
  const url = services.local(name, healthcheck?.test.at(-1) ?? "");
  await server.ready(async () => {
    const answer = await fetch(url);
    await answer.body?.cancel();
    return answer.ok;
  });
  return server;
}

/** The edge box, by the image's entry point and the environment of the compose file. */
export async function startBoxService(services: LocalServices): Promise<ServiceProcess> {
  const name = "setpoint";
  await services.mount(name);
  const state = services.place(name, "/var/lib/setpoint") ?? "";
  const box = new ServiceProcess(
    name,
    new Deno.Command(Deno.execPath(), {
      args: (await imageEntrypoint()).slice(1).flatMap((word) =>
        word.startsWith("--allow-run=")
          ? [`--allow-run=${Deno.execPath()}`, `--allow-write=${state}`]
          : [word]
      ),
      cwd: ROOT,
      env: services.environment(name),
      ...PIPES,
    }),
  );
  await box.ready(async () => {
    const answer = await fetch(`http://127.0.0.1:${services.port(name, 8005)}/health/live`);
    await answer.body?.cancel();
    return answer.ok;
  });
  return box;
}

/** Prometheus by its command. */
export async function startPrometheus(services: LocalServices): Promise<ServiceProcess> {
  const name = "prometheus";
  await services.mount(name);
  const { command = [], healthcheck } = services.service(name);
  const server = new ServiceProcess(
    name,
    new Deno.Command("prometheus", {
      args: command.map((word) => services.local(name, word)),
      ...PIPES,
    }),
  );
  const url = services.local(name, healthcheck?.test.at(-1) ?? "");
  await server.ready(async () => {
    const answer = await fetch(url);
    await answer.body?.cancel();
    return answer.ok;
  });
  return server;
}

/** What the image runs, word by word. */
export async function imageEntrypoint(): Promise<readonly string[]> {
  const text = await Deno.readTextFile(join(ROOT, "Dockerfile.edge"));
  const [, words = "[]"] = /^ENTRYPOINT (\[.*\])$/m.exec(text) ?? [];
  return parse(words);
}
