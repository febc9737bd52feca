/** Which build of the native library solves: two builds may differ in the last digits of an answer. */

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { defaultLibraryPath } from "deno-ipopt-ffi";

/** The sha256 of the library that children load unless they are told another. */
export async function libraryDigest(): Promise<string> {
  return createHash("sha256").update(await readFile(defaultLibraryPath())).digest("hex");
}
