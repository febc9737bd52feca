/** `deno task doctor`: everything that this box stands on, one line each, with the cure. */

import { parseArgs } from "node:util";
import { runCommand } from "./command.ts";
import type { Terminal } from "./command.ts";
import { type Config, configPath, loadConfig, readEnvironment } from "./config.ts";
import {
  checkCertificate,
  checkDisk,
  checkSolver,
  checkStateFolder,
  checkTokens,
} from "./doctor/box_checks.ts";
import {
  checkBundle,
  checkClockOfBundles,
  checkGenerations,
  checkKeys,
  checkStore,
} from "./doctor/bundle_checks.ts";
import { checkLastCycle, checkOutbox } from "./doctor/cycle_checks.ts";
import { type Check, Complaint, messageOf, type Patient } from "./doctor/patient.ts";
import { checkDatabase, checkValues } from "./doctor/plant_checks.ts";
import { healthCommand, ownAddress } from "./health_command.ts";
import { StateLock, StateLockedError } from "./storage/state_lock.ts";
import { RUNTIME_VERSION } from "./version.ts";

const HELP = `deno task doctor [--config PATH]

Checks every dependency, permission, the disk, the clock, live values, the last cycle and versions:
one line each, with the cure where something is wrong. Exit code 1 where anything is. Safe beside a
running box.

  --config PATH   the site's configuration (else SETPOINT_CONFIG, else the cement kiln)
  --help          print this
`;

/** By name; what others stand on comes first. */
const CHECKS: Readonly<Record<string, Check>> = {
  "runtime": () => `Setpoint ${RUNTIME_VERSION}, Deno ${Deno.version.deno}`,
  "configuration": ({ config }) => config.path,
  "solver": checkSolver,
  "state folder": checkStateFolder,
  "disk": checkDisk,
  "clock": checkClockOfBundles,
  "trusted keys": checkKeys,
  "object store": checkStore,
  "bundle": checkBundle,
  "bundles on disk": checkGenerations,
  "database": checkDatabase,
  "live values": checkValues,
  "last cycle": checkLastCycle,
  "outbox": checkOutbox,
  "certificate": checkCertificate,
  "tokens": checkTokens,
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

async function checkService({ config: { api }, isRunning }: Patient): Promise<string> {
  const at = `${ownAddress(api.host)}:${api.port}`;
  const { code, text } = await healthCommand([], { api: () => api });
  if (!isRunning) {
    if (!(await isTaken(api))) return `does not run; port ${api.port} is free`;
    throw new Complaint(`something else listens at ${at}`, "stop it, or set api.port");
  }
  if (code !== 0) {
    throw new Complaint(
      `a box runs and does not answer: ${text.trim()}`,
      "see its log, restart it",
    );
  }
  const isEverywhere = api.host === "0.0.0.0" || api.host === "::";
  return `answers at ${at}; ${
    isEverywhere ? "the network reaches it" : `who reaches ${api.host} reaches it`
  }`;
}

async function isTaken({ host, port }: Config["api"]): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: ownAddress(host), port })).close();
    return true;
  } catch {
    return false;
  }
}

function complaintOf(error: unknown): string {
  const cure = error instanceof Error && "cure" in error
    ? error.cure
    : error instanceof Error && "hint" in error
    ? error.hint
    : undefined;
  return typeof cure === "string" ? `${messageOf(error)}. Cure: ${cure}` : messageOf(error);
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

if (import.meta.main) {
  Deno.exit(
    await runCommand(() => doctorCommand(Deno.args, { say: console.log }), { help: HELP }),
  );
}
