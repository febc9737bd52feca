/** What every command has in common: where it prints, and how it fails. */

import { nearName } from "./near_name.ts";

/** Where a command prints. */
export interface Terminal {
  readonly say: (line: string) => void;
}

/**
 * Runs a command and gives its exit code. What it throws becomes one message, with the cure where it
 * has one, and exit code 1; a flag that `help` does not name, and the help, exit code 2.
 */
export async function runCommand(
  command: () => Promise<number>,
  { help }: { readonly help: string },
): Promise<number> {
  try {
    return await command();
  } catch (error) {
    if (isWrongFlag(error)) {
      console.error(`${wrongFlag(error.message, help)}\n\n${help}`);
      return 2;
    }
    console.error(error instanceof Error ? error.message : String(error));
    if (error instanceof Error && "hint" in error) console.error(error.hint);
    return 1;
  }
}

/** Node's `parseArgs` gives its errors codes of their own. */
function isWrongFlag(error: unknown): error is Error {
  return error instanceof Error && "code" in error &&
    String(error.code).startsWith("ERR_PARSE_ARGS");
}

/** The message of `parseArgs` in short, with the flag of `help` that was most likely meant. */
export function wrongFlag(message: string, help: string): string {
  const [told = message] = message.split(/\n|\. To specify/);
  const flag = /'(--?[\w-]+)/.exec(told)?.[1];
  const near = flag === undefined ? undefined : nearName(flag, help.match(/--[a-z][\w-]*/g) ?? []);
  return near === undefined || near === flag ? told : `${told}: did you mean ${near}?`;
}
