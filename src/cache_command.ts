/** `deno task cache`: what the running box keeps in memory; `clear` drops it. */

import { configPath, loadConfig, readEnvironment } from "./config.ts";

const HELP = `deno task cache [stats | clear] [--config PATH] [--url URL]

Asks the running box what it keeps in memory, or has it dropped. The address comes from the
configuration; a token, where the box has them, from the variable SETPOINT_TOKEN.
`;

export interface CacheCommandParts {
  /** The box's address by its configuration. */
  readonly address: () => string;
  readonly token: string | undefined;
  readonly fetch: typeof fetch;
}

/** What to print, and the exit code. */
export async function cacheCommand(
  args: readonly string[],
  { address, token, fetch }: CacheCommandParts,
): Promise<{ readonly text: string; readonly code: number }> {
  const [verb = "stats"] = args.filter((arg, i) => !arg.startsWith("--") && !isValue(args, i));
  if (args.includes("--help")) return { text: HELP, code: 0 };
  if (verb !== "stats" && verb !== "clear") return { text: HELP, code: 2 };
  const at = args.indexOf("--url");
  const url = args[at + 1] !== undefined && at >= 0 ? args[at + 1]! : address();
  let response: Response;
  try {
    response = await fetch(`${url}/cache/${verb}`, {
      method: verb === "clear" ? "POST" : "GET",
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { text: `No box answers at ${url}: ${why}\n`, code: 1 };
  }
  const text = JSON.stringify(await response.json(), undefined, 2);
  return { text: `${text}\n`, code: response.ok ? 0 : 1 };
}

/** True for what follows a flag that takes a value. */
function isValue(args: readonly string[], i: number): boolean {
  return ["--config", "--url"].includes(args[i - 1] ?? "");
}

if (import.meta.main) {
  const env = readEnvironment();
  const { text, code } = await cacheCommand(Deno.args, {
    address: () => {
      const { api } = loadConfig({ path: configPath(Deno.args, env), env });
      const host = api.host === "0.0.0.0" ? "127.0.0.1" : api.host === "::" ? "[::1]" : api.host;
      return `${api.tls === undefined ? "http" : "https"}://${host}:${api.port}`;
    },
    token: env.SETPOINT_TOKEN,
    fetch,
  });
  await Deno.stdout.write(new TextEncoder().encode(text));
  Deno.exit(code);
}
