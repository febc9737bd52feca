/** `deno task doctor`: everything that this box stands on, one line each, with the cure. */

import { statfsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { runCommand } from "./command.ts";
import type { Terminal } from "./command.ts";
import { configPath, loadConfig, readEnvironment } from "./config.ts";
import type { Config } from "./config.ts";
import { checkForPublishing } from "./cycle/publish.ts";
import { logOf } from "./log.ts";
import { SolverProcess } from "./solve/solver_process.ts";
import { fetchBundle, pointerPath, readPointer } from "./storage/bundle_files.ts";
import { writeDurably } from "./storage/durable_file.ts";
import { bundlesFolder, Generations } from "./storage/generations.ts";
import { openDatabase, openObjectStore } from "./storage/open_storage.ts";
import { readTrustedKeys } from "./storage/signature.ts";
import { StateLock, StateLockedError } from "./storage/state_lock.ts";
import { RUNTIME_VERSION } from "./version.ts";

const HELP = `deno task doctor [--config PATH]

Checks every dependency, permission, the disk, the clock and the versions: one line each, with the
cure where something is wrong. Exit code 1 where anything is. Safe beside a running box.
`;

/** What a check looks at. */
interface Patient {
  readonly config: Config;
  readonly now: Date;
  /** Whether a box runs on the same state folder. */
  readonly isRunning: boolean;
}

/** Something is wrong; the message says what, `cure` what to do. */
class Complaint extends Error {
  override readonly name = "Complaint";

  constructor(message: string, readonly cure: string, cause?: unknown) {
    super(message, { cause });
  }
}

/** By name; each gives what it found, or throws. */
const CHECKS: Readonly<Record<string, (patient: Patient) => Promise<string>>> = {
  "runtime": () => Promise.resolve(`Setpoint ${RUNTIME_VERSION}, Deno ${Deno.version.deno}`),
  "configuration": ({ config }) => Promise.resolve(config.path),
  "solver": checkSolver,
  "state folder": checkStateFolder,
  "disk": checkDisk,
  "clock": checkClock,
  "trusted keys": checkKeys,
  "object store": checkStore,
  "bundle": checkBundle,
  "bundles on disk": checkGenerations,
  "database": checkDatabase,
  "service": checkService,
};

export async function doctorCommand(args: readonly string[], { say }: Terminal): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { config: { type: "string" }, help: { type: "boolean" } },
  });
  if (values.help === true) {
    say(HELP);
    return 0;
  }
  const env = readEnvironment();
  const config = loadConfig({ path: values.config ?? configPath([], env), env });
  const patient = { config, now: new Date(), isRunning: await isRunning(config) };
  let wrong = 0;
  for (const [name, check] of Object.entries(CHECKS)) {
    try {
      say(`ok    ${name.padEnd(16)} ${await check(patient)}`);
    } catch (error) {
      wrong++;
      say(`WRONG ${name.padEnd(16)} ${complaintOf(error)}`);
    }
  }
  say(wrong === 0 ? "Nothing is wrong" : `${wrong} of ${Object.keys(CHECKS).length} are wrong`);
  return wrong === 0 ? 0 : 1;
}

function complaintOf(error: unknown): string {
  const message = (error instanceof Error ? error.message : String(error)).replaceAll("\n", "; ");
  const cure = error instanceof Error && "cure" in error
    ? error.cure
    : error instanceof Error && "hint" in error
    ? error.hint
    : undefined;
  return typeof cure === "string" ? `${message}. Cure: ${cure}` : message;
}

async function isRunning({ state }: Config): Promise<boolean> {
  try {
    const lock = await StateLock.take(state.folder);
    await lock.release();
    return false;
  } catch (error) {
    if (error instanceof StateLockedError) return true;
    // The check of the folder says what is wrong with it.
    return false;
  }
}

async function checkSolver(): Promise<string> {
  try {
    const solver = await SolverProcess.start();
    await solver.close();
    return "IPOPT answers in its child process";
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new Complaint(message, "deno task native:build", cause);
  }
}

async function checkStateFolder({ config, isRunning }: Patient): Promise<string> {
  const { folder } = config.state;
  const path = join(folder, ".doctor");
  try {
    await writeDurably(path, new TextEncoder().encode("can be written\n"));
    await Deno.remove(path);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new Complaint(
      `${folder} cannot be written: ${message}`,
      "give this user the folder, mount it for writing, or set state.folder",
      cause,
    );
  }
  return `${folder} can be written${isRunning ? ", a box runs on it" : ""}`;
}

const LEAST_FREE_BYTES = 500_000_000;

function checkDisk({ config }: Patient): Promise<string> {
  const { bavail, bsize } = statfsSync(config.state.folder);
  const free = bavail * bsize;
  const shown = `${Math.round(free / 1e6)} MB free`;
  if (free >= LEAST_FREE_BYTES) return Promise.resolve(shown);
  throw new Complaint(shown, "make room: below 500 MB a database's log may not fit");
}

async function checkClock({ config, now }: Patient): Promise<string> {
  const { all } = await openGenerations(config);
  const newest = Math.max(0, ...all.map(({ kept }) => Date.parse(kept)));
  if (newest <= now.getTime()) return now.toISOString();
  throw new Complaint(
    `${now.toISOString()} is before the newest bundle was kept (${new Date(newest).toISOString()})`,
    "set the clock, and let chrony or systemd-timesyncd keep it",
  );
}

async function checkKeys({ config }: Patient): Promise<string> {
  const keys = await readTrustedKeys(config.bundles.trustedKeyFiles);
  return keys.length === 0
    ? "none: bundles are taken unsigned"
    : `bundles must be signed by one of ${keys.map(({ id }) => id).join(", ")}`;
}

async function checkStore({ config }: Patient): Promise<string> {
  const store = openObjectStore(config.storage);
  try {
    const { pointer } = await readPointer(store);
    return `${store.place}, ${
      pointer === undefined ? `no ${pointerPath}` : `version ${pointer.version} is in force`
    }`;
  } finally {
    await store.close();
  }
}

async function checkBundle({ config, now }: Patient): Promise<string> {
  const store = openObjectStore(config.storage);
  const entry = config.optimization.configFile;
  try {
    const keys = await readTrustedKeys(config.bundles.trustedKeyFiles);
    const trust = { keys, site: config.bundles.site, highest: undefined, now };
    const bundle = await fetchBundle(store, { entry, trust });
    const { files } = await checkForPublishing(bundle, entry);
    return `version ${bundle.version}: ${files.size} files parse, lower, agree with ONNX Runtime, compile`;
  } finally {
    await store.close();
  }
}

async function checkGenerations({ config }: Patient): Promise<string> {
  const kept = await openGenerations(config);
  for (const generation of kept.all) await kept.load(generation);
  return `${kept.all.length} generations, all whole`;
}

function openGenerations({ state }: Config): Promise<Generations> {
  return Generations.open(bundlesFolder(state.folder), { log: logOf("doctor") });
}

async function checkDatabase({ config, isRunning }: Patient): Promise<string> {
  if (config.database.kind === "pglite" && isRunning) {
    return `embedded, in ${config.database.folder}; the running box has it open`;
  }
  const database = await openDatabase(config.database);
  try {
    const [row] = await database.query("select version() as version");
    return `${database.place}: ${String(row?.version).slice(0, 40)}`;
  } finally {
    await database.close();
  }
}

async function checkService({ config: { api }, isRunning }: Patient): Promise<string> {
  const host = api.host === "0.0.0.0" || api.host === "::" ? "127.0.0.1" : api.host;
  const address = `${api.tls === undefined ? "http" : "https"}://${host}:${api.port}/health/live`;
  try {
    const answer = await fetch(address, { signal: AbortSignal.timeout(5_000) });
    await answer.body?.cancel();
    if (isRunning && answer.ok) return `answers at ${address}`;
    throw new Complaint(
      isRunning ? `${address} answers ${answer.status}` : `something else listens at ${address}`,
      isRunning ? "see the box's log" : "stop it, or set api.port",
    );
  } catch (error) {
    if (error instanceof Complaint) throw error;
    if (!isRunning) return `does not run; port ${api.port} is free`;
    throw new Complaint(`a box runs and does not answer at ${address}`, "see its log, restart it");
  }
}

if (import.meta.main) {
  Deno.exit(
    await runCommand(() => doctorCommand(Deno.args, { say: console.log }), { help: HELP }),
  );
}
