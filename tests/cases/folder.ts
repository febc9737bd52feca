/** Where the cases lie: the folder in CASES, else `cases` in the shared folder. */

import { fileURLToPath } from "node:url";

/** The folder of the cases; whether it is there is for the caller to see. */
export function casesFolder(): string {
  const shared = Deno.env.get("SETPOINT_SHARED") ??
    fileURLToPath(new URL("../../../shared", import.meta.url));
  return Deno.env.get("CASES") ?? `${shared}/cases`;
}
