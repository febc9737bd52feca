/** Where the interface listens and who may use it: the section `api`. */

import type { ConfigFile } from "./config_schema.ts";

/** A bearer token by its hash; who holds the token itself is not known here. */
export interface TokenConfig {
  readonly name: string;
  readonly role: "read" | "operate" | "engineer" | "admin";
  /** 64 hexadecimal digits. */
  readonly sha256: string;
  readonly expires: Date | undefined;
}

/** PEM files, read again when they change. */
export interface TlsConfig {
  readonly certFile: string;
  readonly keyFile: string;
  /** Only clients with a certificate of this authority may connect. */
  readonly clientCaFile: string | undefined;
}

export interface ApiConfig {
  readonly host: string;
  readonly port: number;
  /** True: anybody who can connect may do everything, by `auth: none`. */
  readonly isOpen: boolean;
  readonly tokens: readonly TokenConfig[];
  /** Of one token. */
  readonly requestsPerMinute: number;
  readonly maxConnections: number;
  readonly tls: TlsConfig | undefined;
}

/** `place` resolves paths against the configuration file's folder. */
export function toApi(section: ConfigFile["api"], place: (path: string) => string): ApiConfig {
  const { tls } = section;
  return {
    host: section.host,
    port: section.port,
    isOpen: section.auth === "none",
    tokens: section.tokens.map(({ name, role, sha256, expires }) => ({
      name,
      role,
      sha256,
      expires: expires === undefined ? undefined : new Date(expires),
    })),
    requestsPerMinute: section.requests_per_minute,
    maxConnections: section.max_connections,
    tls: tls && {
      certFile: place(tls.cert_file),
      keyFile: place(tls.key_file),
      clientCaFile: tls.client_ca_file && place(tls.client_ca_file),
    },
  };
}

/** What no single key shows: who may reach the interface against who is asked for a token. */
export function apiProblems(
  api: ConfigFile["api"],
): { readonly path: readonly string[]; readonly message: string }[] {
  const problems = [];
  if (!isLoopback(api.host) && api.auth !== "none" && api.tokens.length === 0) {
    const message = `"${api.host}" is open to the network, and nobody is asked who he is: ` +
      "add api.tokens (deno task token makes one), use 127.0.0.1, or accept that with auth: none";
    problems.push({ path: ["host"], message });
  }
  if (api.auth === "none" && api.tokens.length > 0) {
    const message = "auth: none lets everybody in, so no token is asked for: drop one of them";
    problems.push({ path: ["tokens"], message });
  }
  const names = api.tokens.map(({ name }) => name);
  for (const [i, name] of names.entries()) {
    if (names.indexOf(name) === i) continue;
    const message = `The name "${name}" stands twice: the audit log could not tell them apart`;
    problems.push({ path: ["tokens", String(i), "name"], message });
  }
  return problems;
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}
