/** A real MinIO server for a test, where its binary is on this machine. */

import { join } from "node:path";
import type { MinioStorage } from "../../src/config_storage.ts";
import { freePort } from "./postgres_server.ts";

/** From SETPOINT_MINIO, the path, or where `go install` was told to put it; undefined: none here. */
export function minioBinary(): string | undefined {
  const home = Deno.env.get("HOME") ?? "";
  const candidates = [
    Deno.env.get("SETPOINT_MINIO"),
    ...(Deno.env.get("PATH") ?? "").split(":").map((folder) => join(folder, "minio")),
    join(home, ".cache/setpoint/minio/minio"),
    join(home, "go/bin/minio"),
  ];
  return candidates.find((path) => {
    try {
      return path !== undefined && Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });
}

export class MinioServer {
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
  static async start(binary: string): Promise<MinioServer> {
    const folder = await Deno.makeTempDir({ prefix: "setpoint-minio-" });
    // A folder in the server's folder is a bucket.
    await Deno.mkdir(join(folder, "process-optimization"));
    const port = freePort();
    const process = new Deno.Command(binary, {
      args: [
        "server",
        folder,
        "--address",
        `127.0.0.1:${port}`,
        "--console-address",
        `127.0.0.1:${freePort()}`,
      ],
      env: { MINIO_ROOT_USER: "setpoint-test", MINIO_ROOT_PASSWORD: "setpoint-test-secret" },
      stdout: "null",
      stderr: "null",
    }).spawn();
    const server = new MinioServer(process, folder, port);
    for (let attempt = 0; attempt < 300; attempt++) {
      const answer = await fetch(`http://127.0.0.1:${port}/minio/health/cluster`).catch(() =>
        undefined
      );
      await answer?.body?.cancel();
      if (answer?.ok) return server;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await server.remove();
    throw new Error("MinIO did not start within 30 s");
  }

  async remove(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#process.status;
    await Deno.remove(this.#folder, { recursive: true });
  }
}
