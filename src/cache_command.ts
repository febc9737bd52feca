/** `deno task cache`: the running box's memory cache, and the bundles on its disk. */

import { parseArgs } from "node:util";
import { runCommand } from "./command.ts";
import { configPath, loadConfig, readEnvironment } from "./config.ts";
import { logOf } from "./log.ts";
import { bundlesFolder, GenerationError, Generations } from "./storage/generations.ts";
import { StateLock, StateLockedError } from "./storage/state_lock.ts";

const HELP = `deno task cache [stats | clear | verify] [--config PATH] [--url URL]

stats   what the running box keeps in memory: hits, misses, bytes, ages
clear   have it dropped; the next activation reads it anew
verify  read every bundle on disk and hold it against its digests; exit code 1 where one is damaged.
        Of a box that does not run, damaged contents are set aside

The words may be written as flags too: --stats. The address comes from the configuration; a token,
where the box has them, from the variable SETPOINT_TOKEN.
`;

const VERBS = ["stats", "clear", "verify"] as const;

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
  const asked = readArgs(args);
  if (asked.help) return { text: HELP, code: 0 };
  const { verb } = asked;
  if (verb !== "stats" && verb !== "clear") {
    return { text: `"${verb}" is none of ${VERBS.join(", ")}\n\n${HELP}`, code: 2 };
  }
  const url = asked.url ?? address();
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

/** The verb is the first word, or a flag of that name. */
function readArgs(args: readonly string[]) {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      config: { type: "string" },
      url: { type: "string" },
      stats: { type: "boolean" },
      clear: { type: "boolean" },
      verify: { type: "boolean" },
      help: { type: "boolean" },
    },
  });
  const flag = VERBS.find((verb) => values[verb] === true);
  return {
    verb: positionals[0] ?? flag ?? "stats",
    config: values.config,
    url: values.url,
    help: values.help === true,
  };
}

/** Every generation in a state folder, whole or damaged. */
export async function verifyBundles(
  stateFolder: string,
): Promise<{ readonly text: string; readonly code: number }> {
  // A running box sets damaged contents aside itself, when it reads them.
  const lock = await StateLock.take(stateFolder).catch((error) => {
    if (error instanceof StateLockedError) return undefined;
    throw error;
  });
  try {
    const kept = await Generations.open(bundlesFolder(stateFolder), { log: logOf("cache") });
    const lines: string[] = [];
    let damaged = 0;
    for (const generation of kept.all) {
      const mark = generation.id === kept.record.active ? "*" : " ";
      try {
        await kept.load(generation);
        lines.push(`${mark} ${generation.version}  ${generation.bytes} bytes, whole`);
      } catch (error) {
        if (!(error instanceof GenerationError)) throw error;
        damaged++;
        lines.push(`${mark} ${generation.version}  ${error.message}: the store gives it again`);
      }
    }
    lines.push(`${kept.all.length} generations in ${stateFolder}, ${damaged} damaged`);
    return { text: `${lines.join("\n")}\n`, code: damaged === 0 ? 0 : 1 };
  } finally {
    await lock?.release();
  }
}

if (import.meta.main) {
  const code = await runCommand(async () => {
    const env = readEnvironment();
    const asked = readArgs(Deno.args);
    const config = () => loadConfig({ path: asked.config ?? configPath([], env), env });
    const { text, code } = asked.verb === "verify" && !asked.help
      ? await verifyBundles(config().state.folder)
      : await cacheCommand(Deno.args, {
        address: () => {
          const { api } = config();
          const host = api.host === "0.0.0.0"
            ? "127.0.0.1"
            : api.host === "::"
            ? "[::1]"
            : api.host;
          return `${api.tls === undefined ? "http" : "https"}://${host}:${api.port}`;
        },
        token: env.SETPOINT_TOKEN,
        fetch,
      });
    await Deno.stdout.write(new TextEncoder().encode(text));
    return code;
  }, { help: HELP });
  Deno.exit(code);
}
