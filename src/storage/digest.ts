/** The names of contents. */

import { createHash } from "node:crypto";

/** The sha256 (FIPS 180-4) of bytes or of UTF-8 text, as 64 hexadecimal digits. */
export function sha256(content: Uint8Array | string): string {
  return createHash("sha256").update(content).digest("hex");
}

/** Whether a text can be a sha256 as `sha256` writes it. */
export function isSha256(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}
