/** Where the cases lie: the folder or file in CASES, else the folder `cases` in the shared one. */

import { fileURLToPath } from "node:url";

/** The place of the cases; whether it is there, and a folder, is for the caller to see. */
export function casesFolder(): string {
  const shared = Deno.env.get("SETPOINT_SHARED") ??
    fileURLToPath(new URL("../../../shared", import.meta.url));
  return Deno.env.get("CASES") ?? `${shared}/cases`;
}
