/** Certificate and key from files, read again when they change, so that a renewal needs no restart. */

import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync, statSync } from "node:fs";

export interface TlsPaths {
  readonly certFile: string;
  readonly keyFile: string;
  /** Undefined: any client may connect. */
  readonly clientCaFile: string | undefined;
}

/** What node:tls takes. */
export interface TlsContext {
  readonly cert: string;
  readonly key: string;
  readonly ca?: string;
  readonly requestCert?: boolean;
  readonly rejectUnauthorized?: boolean;
  readonly minVersion: "TLSv1.2";
}

export class TlsFiles {
  readonly #paths: TlsPaths;
  readonly #failed: (error: unknown) => void;
  #seen: string;
  #timer: ReturnType<typeof setInterval> | undefined;

  private constructor(paths: TlsPaths, failed: (error: unknown) => void) {
    this.#paths = paths;
    this.#failed = failed;
    this.#seen = this.#stamp();
  }

  /** Throws where a file cannot be read. */
  static open(paths: TlsPaths, options: { failed: (error: unknown) => void }): TlsFiles {
    return new TlsFiles(paths, options.failed);
  }

  /** Throws where a file cannot be read, or where certificate and key do not fit together. */
  context(): TlsContext {
    const { certFile, keyFile, clientCaFile } = this.#paths;
    const [cert, key] = [certFile, keyFile].map((path) => readFileSync(path, "utf8"));
    // Deno takes any two, and then every handshake fails.
    if (!new X509Certificate(cert!).checkPrivateKey(createPrivateKey(key!))) {
      throw new TypeError(`${keyFile} is not the private key of the certificate in ${certFile}`);
    }
    return {
      cert: cert!,
      key: key!,
      ...(clientCaFile === undefined ? {} : {
        ca: readFileSync(clientCaFile, "utf8"),
        requestCert: true,
        rejectUnauthorized: true,
      }),
      minVersion: "TLSv1.2",
    };
  }

  /** Gives the new context each time the files have changed. */
  watch(changed: (context: TlsContext) => void, everyMs: number): void {
    this.#timer = setInterval(() => this.check(changed), everyMs);
  }

  /** Looks once. While only one of two files is renewed they do not fit; the next look takes both. */
  check(changed: (context: TlsContext) => void): void {
    try {
      const stamp = this.#stamp();
      if (stamp === this.#seen) return;
      changed(this.context());
      this.#seen = stamp;
    } catch (error) {
      this.#failed(error);
    }
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #stamp(): string {
    const { certFile, keyFile, clientCaFile } = this.#paths;
    return [certFile, keyFile, ...(clientCaFile === undefined ? [] : [clientCaFile])]
      .map((path) => {
        const { mtimeMs, size, ino } = statSync(path);
        return `${mtimeMs} ${size} ${ino}`;
      }).join("; ");
  }
}
