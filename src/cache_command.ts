/** `deno task cache`: the running box's memory cache, and the bundles on its disk. */

import { parseArgs } from "node:util";
import { runCommand } from "./command.ts";
import type { Terminal } from "./command.ts";
import { configPath, loadConfig, readEnvironment } from "./config.ts";
import type { Config } from "./config.ts";
import { logOf } from "./log.ts";
import { bundlesFolder, GenerationError, Generations } from "./storage/generations.ts";
import { StateLock, StateLockedError } from "./storage/state_lock.ts";

const HELP = `deno task cache -- [--stats | --clear | --verify] [--config PATH] [--token-file FILE]

  --stats    what the running box keeps in memory: hits, misses, bytes, ages (this is the default)
  --clear    drop it; the next activation reads it anew
  --verify   read every bundle on disk and hold it against its digests; exit code 1 where one is
             damaged. Of a box that does not run, damaged contents are set aside
  --token-file FILE   holds a bearer token, where the box wants one
`;

export async function cacheCommand(args: readonly string[], { say }: Terminal): Promise<number> {
  const { values } = parseArgs({
    args: args.filter((arg) => arg !== "--"),
    options: {
      stats: { type: "boolean" },
      clear: { type: "boolean" },
      verify: { type: "boolean" },
      config: { type: "string" },
      "token-file": { type: "string" },
      help: { type: "boolean" },
    },
  });
  if (values.help === true) {
    say(HELP);
    return 0;
  }
  const env = readEnvironment();
  const config = loadConfig({ path: values.config ?? configPath([], env), env });
  if (values.verify === true) return await verify(config, { say });
  const tokenFile = values["token-file"];
  const token = tokenFile === undefined ? undefined : (await Deno.readTextFile(tokenFile)).trim();
  const [method, path] = values.clear === true
    ? ["POST", "/cache/clear"] as const
    : ["GET", "/cache/stats"] as const;
  const answer = await ask(config, { method, path, token });
  say(JSON.stringify(answer, null, 2));
  return 0;
}

/** One request to the box that runs with this configuration. */
async function ask(
  { api }: Config,
  { method, path, token }: {
    readonly method: "GET" | "POST";
    readonly path: string;
    readonly token: string | undefined;
  },
): Promise<unknown> {
  const host = api.host === "0.0.0.0" || api.host === "::" ? "127.0.0.1" : api.host;
  const address = `${api.tls === undefined ? "http" : "https"}://${host}:${api.port}${path}`;
  let response: Response;
  try {
    response = await fetch(address, {
      method,
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(10_000),
    });
  } catch (cause) {
    throw new Error(`No box answers at ${address}: start it, or name its --config`, { cause });
  }
  const text = await response.text();
  if (!response.ok) throw new Error(`${address} answers ${response.status}: ${text}`);
  return JSON.parse(text);
}

async function verify({ state }: Config, { say }: Terminal): Promise<number> {
  // A running box sets damaged contents aside itself, when it reads them.
  const lock = await StateLock.take(state.folder).catch((error) => {
    if (error instanceof StateLockedError) return undefined;
    throw error;
  });
  try {
    const kept = await Generations.open(bundlesFolder(state.folder), { log: logOf("cache") });
    let damaged = 0;
    for (const generation of kept.all) {
      const mark = generation.id === kept.record.active ? "*" : " ";
      try {
        await kept.load(generation);
        say(`${mark} ${generation.version}  ${generation.bytes} bytes, whole`);
      } catch (error) {
        if (!(error instanceof GenerationError)) throw error;
        damaged++;
        say(`${mark} ${generation.version}  ${error.message}: it is fetched again from the store`);
      }
    }
    say(`${kept.all.length} generations in ${state.folder}, ${damaged} damaged`);
    return damaged === 0 ? 0 : 1;
  } finally {
    await lock?.release();
  }
}

if (import.meta.main) {
  Deno.exit(await runCommand(() => cacheCommand(Deno.args, { say: console.log })));
}
