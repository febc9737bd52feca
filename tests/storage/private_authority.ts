/** A certificate authority of a plant of its own, made with openssl for a test. */

import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";

export interface Issued {
  readonly certFile: string;
  readonly keyFile: string;
}

export class PrivateAuthority {
  /** PEM file of the authority's own certificate. */
  readonly caFile: string;
  readonly #folder: string;
  #issued = 0;

  private constructor(folder: string) {
    this.#folder = folder;
    this.caFile = join(folder, "ca.pem");
  }

  static make(name = "plant authority"): PrivateAuthority {
    const authority = new PrivateAuthority(Deno.makeTempDirSync({ prefix: "setpoint-ca-" }));
    authority.#openssl(
      ...["req", "-x509", ...NEW_KEY, "-keyout", "ca.key", "-out", "ca.pem"],
      ...["-days", "2", "-subj", `/CN=${name}`],
    );
    return authority;
  }

  /** A certificate for these names, such as `DNS:localhost`; negative days: it has expired. */
  issue(names: readonly string[], { days = 2, subject = "test" } = {}): Issued {
    const base = `issued${++this.#issued}`;
    this.#openssl(
      ...["req", ...NEW_KEY, "-keyout", `${base}.key`, "-out", `${base}.csr`],
      ...["-subj", `/CN=${subject}`, "-addext", `subjectAltName=${names.join(",")}`],
    );
    this.#openssl(
      ...["x509", "-req", "-in", `${base}.csr`, "-CA", "ca.pem", "-CAkey", "ca.key"],
      ...["-CAcreateserial", "-out", `${base}.pem`, "-copy_extensions", "copyall"],
      ...(days < 0 && canDate() ? PAST : ["-days", String(days)]),
    );
    return {
      certFile: join(this.#folder, `${base}.pem`),
      keyFile: join(this.#folder, `${base}.key`),
    };
  }

  remove(): void {
    Deno.removeSync(this.#folder, { recursive: true });
  }

  #openssl(...args: readonly string[]): void {
    execFileSync("openssl", args, { cwd: this.#folder, stdio: "pipe" });
  }
}

const NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"] as const;

/** OpenSSL 3.4 and newer have it that a certificate ends after it begins; those before know no dates. */
const PAST = ["-not_before", "20200101000000Z", "-not_after", "20200102000000Z"] as const;

function canDate(): boolean {
  const { stderr, stdout } = spawnSync("openssl", ["x509", "-help"], { encoding: "utf8" });
  return `${stdout}${stderr}`.includes("-not_before");
}
