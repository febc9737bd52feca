/** What `deno task start` takes: answered before anything is opened. */

import { parseArgs } from "node:util";
import { runCommand } from "./command.ts";

const HELP = `deno task start [--config PATH]

Runs the service until SIGINT or SIGTERM.

  --config PATH   the site's configuration (else SETPOINT_CONFIG, else the cement kiln)
  --help          print this

deno task config-reference prints every key of the configuration.
Exit code: 0 stopped as asked, 1 it could not start, 2 a word or flag that it does not know.
`;

/** The exit code where help was asked for or a flag is wrong; undefined: start. */
export async function answeredAtOnce(
  args: readonly string[],
  say: (text: string) => void,
): Promise<number | undefined> {
  let isHelp = false;
  const code = await runCommand(() => {
    const { values } = parseArgs({
      args: [...args],
      options: { config: { type: "string" }, help: { type: "boolean" } },
    });
    isHelp = values.help === true;
    if (isHelp) say(HELP);
    return Promise.resolve(0);
  }, { help: HELP });
  return isHelp || code !== 0 ? code : undefined;
}

/** Why the service could not start, with the cure where the error itself names none. */
export function startFault(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof Deno.errors.NotCapable)) {
    return error instanceof Error && error.cause instanceof Error
      ? `${message}: ${error.cause.message}`
      : message;
  }
  return `${message.split(", run again")[0]}: the box may write ./state, ./logs and ` +
    "/var/lib/setpoint; name one of them in the configuration, or add the folder to " +
    "permissions.start in deno.json";
}
