/** A real MinIO server for a test, where its binary is on this machine. */

import { join } from "node:path";
import type { MinioStorage } from "../../src/config_storage.ts";
import { programPath } from "../programs.ts";
import { freePort } from "./postgres_server.ts";
import type { Issued } from "./private_authority.ts";

/** From SETPOINT_MINIO, the path, or where `go install` was told to put it; undefined: none here. */
export function minioBinary(): string | undefined {
  return programPath("minio", {
    named: "SETPOINT_MINIO",
    places: [".cache/setpoint/minio/minio", "go/bin/minio"],
  });
}

export class MinioServer {
  readonly storage: MinioStorage;
  readonly #folder: string;
  readonly #process: Deno.ChildProcess;

  private constructor(
    process: Deno.ChildProcess,
    { folder, port, caFile }: {
      readonly folder: string;
      readonly port: number;
      readonly caFile: string | undefined;
    },
  ) {
    this.#process = process;
    this.#folder = folder;
    this.storage = {
      kind: "minio",
      host: "127.0.0.1",
      port,
      useSsl: caFile !== undefined,
      region: "us-east-1",
      bucket: "process-optimization",
      accessKey: { kind: "text", secret: "setpoint-test" },
      secretKey: { kind: "text", secret: "setpoint-test-secret" },
      caFile,
    };
  }

  /** Starts a server that has the bucket of `storage`; with a certificate it speaks TLS alone. */
  static async start(
    binary: string,
    secure?: { readonly tls: Issued; readonly caFile: string },
  ): Promise<MinioServer> {
    const folder = await Deno.makeTempDir({ prefix: "setpoint-minio-" });
    // A folder in the server's folder is a bucket.
    await Deno.mkdir(join(folder, "process-optimization"));
    const port = freePort();
    const certificates = join(folder, ".certificates");
    await Deno.mkdir(certificates);
    if (secure !== undefined) {
      await Deno.copyFile(secure.tls.certFile, join(certificates, "public.crt"));
      await Deno.copyFile(secure.tls.keyFile, join(certificates, "private.key"));
    }
    const process = new Deno.Command(binary, {
      args: [
        "server",
        folder,
        "--address",
        `127.0.0.1:${port}`,
        "--console-address",
        `127.0.0.1:${freePort()}`,
        "--certs-dir",
        certificates,
      ],
      env: { MINIO_ROOT_USER: "setpoint-test", MINIO_ROOT_PASSWORD: "setpoint-test-secret" },
      stdout: "null",
      stderr: "null",
    }).spawn();
    const caFile = secure?.caFile;
    const server = new MinioServer(process, { folder, port, caFile });
    const address = `${caFile === undefined ? "http" : "https"}://127.0.0.1:${port}`;
    const client = Deno.createHttpClient({
      caCerts: caFile === undefined ? [] : [await Deno.readTextFile(caFile)],
    });
    try {
      for (let attempt = 0; attempt < 1_200; attempt++) {
        const answer = await fetch(`${address}/minio/health/cluster`, { client }).catch(() =>
          undefined
        );
        await answer?.body?.cancel();
        if (answer?.ok) return server;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    } finally {
      client.close();
    }
    await server.remove();
    throw new Error("MinIO did not start within 120 s");
  }

  async remove(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#process.status;
    await Deno.remove(this.#folder, { recursive: true });
  }
}
