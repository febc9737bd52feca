/** Small JSON files that say themselves whether they are whole. */

import { sha256 } from "./digest.ts";
import { writeDurably } from "./durable_file.ts";

/** Writes `content`, which JSON can hold, with the sha256 of its text in front. */
export async function writeSealed(path: string, content: unknown): Promise<void> {
  const text = JSON.stringify(content, null, 2);
  await writeDurably(path, new TextEncoder().encode(`${sha256(text)}\n${text}\n`));
}

/** What was written; undefined where the file is missing, cut short or changed anywhere. */
export async function readSealed(path: string): Promise<unknown> {
  let whole: string;
  try {
    whole = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(
      await Deno.readFile(path),
    );
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof TypeError) return undefined;
    throw error;
  }
  const text = whole.slice(65, -1);
  const isWhole = whole[64] === "\n" && whole.endsWith("\n") && whole.slice(0, 64) === sha256(text);
  return isWhole ? JSON.parse(text) : undefined;
}
