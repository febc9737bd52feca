/** Secrets, read where they are used. */

import type { Secret } from "../config_storage.ts";

/** The secret's text; one in a file is read anew, so that it can be renewed without a restart. */
export async function readSecret(secret: Secret): Promise<string> {
  if (secret.kind === "text") return secret.secret;
  try {
    return (await Deno.readTextFile(secret.path)).trimEnd();
  } catch (cause) {
    throw new Error(`Cannot read the secret in ${secret.path}`, { cause });
  }
}
