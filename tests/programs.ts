/** Programs that a machine may lack: where they are, so that a test can say loudly that it does not run. */

import { join } from "node:path";

/**
 * The path of a program: what the environment variable `named` says, a folder of PATH, or one of
 * `places`, which are relative to the user's home; undefined where it is nowhere.
 */
export function programPath(
  program: string,
  { named, places = [] }: { readonly named?: string; readonly places?: readonly string[] } = {},
): string | undefined {
  const home = Deno.env.get("HOME") ?? "/";
  const candidates = [
    named === undefined ? undefined : Deno.env.get(named),
    ...(Deno.env.get("PATH") ?? "").split(":").map((folder) => join(folder, program)),
    ...places.map((place) => join(home, place)),
  ];
  return candidates.find((path) => path !== undefined && isFile(path));
}

/** Whether PATH has the program. */
export function isInstalled(program: string): boolean {
  return programPath(program) !== undefined;
}

export function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
