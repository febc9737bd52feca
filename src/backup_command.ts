/** `deno task backup FOLDER`: a copy of the box's state, while it runs. */

import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { runCommand } from "./command.ts";
import type { Terminal } from "./command.ts";
import { configPath, loadConfig, readEnvironment } from "./config.ts";
import { logOf } from "./log.ts";
import { backUpState, readBackup } from "./storage/backup.ts";
import { StateLock, StateLockedError } from "./storage/state_lock.ts";

const HELP = `deno task backup FOLDER [--check] [--config PATH]

Copies the state folder of a box, which may be running, to a new folder: cycles and what still waits
for the database, bias and last values, versions, audit log. To restore, stop the box and put the copy
in the place of its state folder.

The embedded database comes along only while the box is stopped; what it holds beyond the journal is
live values and older cycles.

  --check         read a copy that was made before: exit code 1 where it is damaged
  --config PATH   the site's configuration (else SETPOINT_CONFIG, else the cement kiln)
  --help          print this
`;

/** The exit code; `stateFolder` is asked for only where a copy is made. */
export async function backupCommand(
  args: readonly string[],
  { say, stateFolder }: Terminal & { readonly stateFolder: (config?: string) => string },
): Promise<number> {
  const { values, positionals: [folder] } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      check: { type: "boolean" },
      config: { type: "string" },
      help: { type: "boolean" },
    },
  });
  if (values.help === true || folder === undefined) {
    say(HELP);
    return values.help === true ? 0 : 2;
  }
  const to = resolve(folder);
  const log = logOf("backup");
  const content = values.check === true
    ? await readBackup(to, { log })
    : await withLock(stateFolder(values.config), (from, isRunning) => {
      if (isRunning) say("the box runs: without its embedded database, if it has one");
      return backUpState(from, { to, isRunning, log });
    });
  say(
    `${to}: ${content.cycles} cycles, ${content.waiting} of them not delivered yet, versions ` +
      `${content.versions.join(", ") || "none"}, ${content.auditLines} lines of the audit log, ` +
      `${(content.bytes / 1e6).toFixed(1)} MB`,
  );
  return 0;
}

/** Keeps a box from starting while its folder is copied; one that runs already goes on. */
async function withLock<T>(
  folder: string,
  work: (folder: string, isRunning: boolean) => Promise<T>,
): Promise<T> {
  const lock = await StateLock.take(folder).catch((error) => {
    if (error instanceof StateLockedError) return undefined;
    throw error;
  });
  try {
    return await work(folder, lock === undefined);
  } finally {
    await lock?.release();
  }
}

if (import.meta.main) {
  const code = await runCommand(() => {
    const env = readEnvironment();
    return backupCommand(Deno.args, {
      say: (line) => console.log(line),
      stateFolder: (path) => loadConfig({ path: path ?? configPath([], env), env }).state.folder,
    });
  }, { help: HELP });
  Deno.exit(code);
}
