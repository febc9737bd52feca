/** `deno task health`: whether the box of a configuration answers; what a container's health check runs. */

import { Buffer } from "node:buffer";
import { get } from "node:http";
import { get as getSecurely } from "node:https";
import { parseArgs } from "node:util";
import { runCommand } from "./command.ts";
import { configPath, loadConfig, readEnvironment } from "./config.ts";
import type { ApiConfig } from "./config_api.ts";

const HELP = `deno task health [--ready] [--config PATH]

Asks the box whether it lives; exit code 0 where it does, 1 where it does not.

  --ready         ask whether it is ready: a plan in force, the last cycle neither held nor failed
  --config PATH   the site's configuration (else SETPOINT_CONFIG, else the cement kiln)
  --help          print this
`;

/** A box that takes longer is as good as dead to those who wait for it. */
const ANSWER_MS = 4_000;

/** What to print, and the exit code. */
export async function healthCommand(
  args: readonly string[],
  { api }: {
    readonly api: (config: string | undefined) => Pick<ApiConfig, "host" | "port" | "tls">;
  },
): Promise<{ readonly text: string; readonly code: number }> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      ready: { type: "boolean" },
      config: { type: "string" },
      help: { type: "boolean" },
    },
  });
  if (values.help === true) return { text: HELP, code: 0 };
  const { host, port, tls } = api(values.config);
  const path = values.ready === true ? "/health/ready" : "/health/live";
  const place = { host: ownAddress(host), port, path };
  try {
    const { status, body } = await ask(place, { isSecure: tls !== undefined });
    return { text: `${body.trim()}\n`, code: status === 200 ? 0 : 1 };
  } catch (error) {
    // A box that asks its clients for certificates refuses this one, and lives.
    if (tls?.clientCaFile !== undefined && isTlsRefusal(error)) {
      return { text: "it takes connections, and asks for a client's certificate\n", code: 0 };
    }
    const why = error instanceof Error ? error.message || error.name : String(error);
    return { text: `No box answers at ${place.host}:${port}: ${why}\n`, code: 1 };
  }
}

/** Where a box that listens on `host` can be reached from its own machine. */
export function ownAddress(host: string): string {
  const any: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "::1" };
  return any[host] ?? host;
}

function ask(
  place: { readonly host: string; readonly port: number; readonly path: string },
  { isSecure }: { readonly isSecure: boolean },
): Promise<{ readonly status: number; readonly body: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: string }>();
  const signal = AbortSignal.timeout(ANSWER_MS);
  // The certificate names the box as others know it; here only its life is asked after.
  const request = (isSecure ? getSecurely : get)(
    { ...place, signal, agent: false, ...(isSecure ? { rejectUnauthorized: false } : {}) },
    (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on(
        "end",
        () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(parts).toString() }),
      );
      response.on("error", reject);
    },
  );
  request.on("error", reject);
  return promise;
}

function isTlsRefusal(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return !["ECONNREFUSED", "ENOTFOUND", "EHOSTUNREACH", "ABORT_ERR"].includes(code);
}

if (import.meta.main) {
  const code = await runCommand(async () => {
    const env = readEnvironment();
    const { text, code } = await healthCommand(Deno.args, {
      api: (path) => loadConfig({ path: path ?? configPath([], env), env }).api,
    });
    await Deno.stdout.write(new TextEncoder().encode(text));
    return code;
  }, { help: HELP });
  Deno.exit(code);
}
