/** A second S3 server of another make: s3s-fs, in Rust, over a folder (crates.io/crates/s3s-fs). */

import { join } from "node:path";
import type { MinioStorage } from "../../src/config_storage.ts";
import { programPath } from "../programs.ts";
import { freePort } from "./postgres_server.ts";

/** From SETPOINT_S3S, the path, or where `cargo install` was told to put it; undefined: none here. */
export function s3sBinary(): string | undefined {
  return programPath("s3s-fs", {
    named: "SETPOINT_S3S",
    places: [".cache/setpoint/s3s/bin/s3s-fs", ".cargo/bin/s3s-fs"],
  });
}

export class S3sServer {
  readonly storage: MinioStorage;
  readonly #folder: string;
  readonly #process: Deno.ChildProcess;

  private constructor(process: Deno.ChildProcess, folder: string, port: number) {
    this.#process = process;
    this.#folder = folder;
    this.storage = {
      kind: "minio",
      host: "127.0.0.1",
      port,
      useSsl: false,
      region: "us-east-1",
      bucket: "process-optimization",
      accessKey: { kind: "text", secret: "setpoint-test" },
      secretKey: { kind: "text", secret: "setpoint-test-secret" },
      caFile: undefined,
    };
  }

  /** Starts a server that has the bucket of `storage`. */
  static async start(binary: string): Promise<S3sServer> {
    const folder = await Deno.makeTempDir({ prefix: "setpoint-s3s-" });
    await Deno.mkdir(join(folder, "process-optimization"));
    const port = freePort();
    const process = new Deno.Command(binary, {
      args: [
        ...["--host", "127.0.0.1", "--port", String(port)],
        ...["--access-key", "setpoint-test", "--secret-key", "setpoint-test-secret", folder],
      ],
      stdout: "null",
      stderr: "null",
    }).spawn();
    const server = new S3sServer(process, folder, port);
    for (let attempt = 0; attempt < 1_200; attempt++) {
      try {
        (await Deno.connect({ hostname: "127.0.0.1", port })).close();
        return server;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
    await server.remove();
    throw new Error("s3s-fs did not start within 60 s");
  }

  async remove(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#process.status;
    await Deno.remove(this.#folder, { recursive: true });
  }
}
