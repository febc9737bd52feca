/** A real PostgreSQL server for a test: its own folder, a free port, an ordinary user. */

import { join } from "node:path";
import type { PostgresDatabaseConfig } from "../../src/config_database.ts";
import { isFile } from "../programs.ts";
import type { Issued } from "./private_authority.ts";

/** The folder with initdb, postgres and pg_isready; undefined where there is no server on this machine. */
export function postgresBinaries(): string | undefined {
  const folders = (Deno.env.get("PATH") ?? "").split(":");
  try {
    const versions = [...Deno.readDirSync("/usr/lib/postgresql")].map((entry) => entry.name)
      .toSorted((a, b) => Number(b) - Number(a));
    folders.push(...versions.map((version) => `/usr/lib/postgresql/${version}/bin`));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const needed = ["initdb", "postgres", "pg_isready"];
  return folders.find((folder) => needed.every((name) => isFile(join(folder, name))));
}

/** From here on the system gives ports to whoever asks for any, connections out among them. */
const ANY_PORTS_FROM = 32_768;
const OWN_PORTS_FROM = 10_000;
const given = new Set<number>();

/**
 * A port for a server that cannot be told to take any, or for none at all. It lies below those that
 * the system gives away, or a connection of somebody else could have it before its server does.
 */
export function freePort(): number {
  for (let attempt = 0; attempt < 1_000; attempt++) {
    const port = OWN_PORTS_FROM + Math.floor(Math.random() * (ANY_PORTS_FROM - OWN_PORTS_FROM));
    if (given.has(port)) continue;
    try {
      Deno.listen({ hostname: "127.0.0.1", port }).close();
      given.add(port);
      return port;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
  throw new Error(`No port from ${OWN_PORTS_FROM} to ${ANY_PORTS_FROM} is free`);
}

/** How to reach a server of this file, with a test's own wishes. */
export function postgresConfig(
  port: number,
  changes: Partial<PostgresDatabaseConfig> = {},
): PostgresDatabaseConfig {
  return {
    kind: "postgres",
    host: "127.0.0.1",
    port,
    dbname: "postgres",
    user: "postgres",
    password: undefined,
    ssl: "disable",
    caFile: undefined,
    maxConnections: 4,
    connectTimeoutMs: 30_000,
    queryTimeoutMs: 120_000,
    ...changes,
  };
}

/** The machine's own language may not be installed, and the server would answer in it. */
export const ANY_LANGUAGE = { LC_ALL: "C" };

// The server refuses to run as root; this is "nobody" on Debian.
const ordinaryUser = Deno.uid() === 0 ? { uid: 65534, gid: 65534 } : {};

/** The key must be its user's own, and nobody else's to read. */
async function secure(folder: string, { certFile, keyFile }: Issued): Promise<void> {
  const [cert, key] = [join(folder, "server.crt"), join(folder, "server.key")];
  await Deno.copyFile(certFile, cert);
  await Deno.copyFile(keyFile, key);
  await Deno.chmod(key, 0o600);
  if (ordinaryUser.uid !== undefined) {
    for (const path of [cert, key]) await Deno.chown(path, ordinaryUser.uid, ordinaryUser.gid);
  }
  await Deno.writeTextFile(join(folder, "postgresql.conf"), "ssl = on\n", { append: true });
}

export class PostgresServer {
  readonly port: number;
  readonly #folder: string;
  readonly #binaries: string;
  #process: Deno.ChildProcess | undefined;

  private constructor(binaries: string, options: { folder: string; port: number }) {
    this.#binaries = binaries;
    this.#folder = options.folder;
    this.port = options.port;
  }

  /** With a certificate it also speaks TLS. */
  static async start(
    binaries: string,
    { tls }: { readonly tls?: Issued } = {},
  ): Promise<PostgresServer> {
    const folder = await Deno.makeTempDir({ prefix: "setpoint-postgres-" });
    if (ordinaryUser.uid !== undefined) {
      await Deno.chown(folder, ordinaryUser.uid, ordinaryUser.gid);
    }
    const initdb = await new Deno.Command(join(binaries, "initdb"), {
      args: ["-D", join(folder, "data"), "-U", "postgres", "-A", "trust", "-N", "-E", "UTF8"],
      cwd: folder,
      env: ANY_LANGUAGE,
      ...ordinaryUser,
    }).output();
    if (!initdb.success) throw new Error(new TextDecoder().decode(initdb.stderr));
    if (tls !== undefined) await secure(join(folder, "data"), tls);
    const server = new PostgresServer(binaries, { folder, port: freePort() });
    await server.resume();
    return server;
  }

  /** Starts the process, and waits until it takes connections. */
  async resume(): Promise<void> {
    const args = ["-D", join(this.#folder, "data"), "-p", String(this.port)];
    args.push("-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=");
    args.push("-c", "max_connections=20", "-c", "shared_buffers=16MB");
    this.#process = new Deno.Command(join(this.#binaries, "postgres"), {
      args,
      cwd: this.#folder,
      stdout: "null",
      stderr: "null",
      ...ordinaryUser,
    }).spawn();
    for (let attempt = 0; attempt < 1_200; attempt++) {
      const ready = await new Deno.Command(join(this.#binaries, "pg_isready"), {
        args: ["-q", "-h", "127.0.0.1", "-p", String(this.port)],
      }).output();
      if (ready.success) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await this.kill();
    throw new Error("PostgreSQL did not start within 120 s");
  }

  /** An immediate shutdown, as after a crash. */
  async kill(): Promise<void> {
    try {
      this.#process?.kill("SIGQUIT");
    } catch {
      // It has ended already.
    }
    await this.#process?.status;
  }

  async remove(): Promise<void> {
    await this.kill();
    await Deno.remove(this.#folder, { recursive: true });
  }
}
