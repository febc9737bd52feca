/**
 * Which format a state folder has: `format.json` in it. A folder of an older format is brought forward
 * at the start; one of a newer format is refused, and left as it is.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { RUNTIME_VERSION } from "../version.ts";
import { writeDurably } from "./durable_file.ts";

/** The state folder belongs to a newer Setpoint. */
export class StateFormatError extends Error {
  override readonly name = "StateFormatError";
}

/** What brings a folder from the format before to this one; each may be cut short and come again. */
interface FormatStep {
  readonly format: number;
  readonly migrate: (folder: string) => Promise<void>;
}

/** The oldest first; a format never changes once it has been released. */
const STEPS: readonly FormatStep[] = [
  // Folders of version 1.0.0 have no format.json; what they hold is the same.
  { format: 1, migrate: () => Promise.resolve() },
];

/** The format that this Setpoint writes. */
export const STATE_FORMAT: number = STEPS.at(-1)?.format ?? 0;

const formatSchema = z.object({
  format: z.number().int().min(1),
  /** The runtime that wrote it. */
  runtime: z.string(),
});

export type StateFormat = Readonly<z.infer<typeof formatSchema>>;

/** Undefined where the folder has none that can be read: an older one, or none of ours. */
export function readStateFormat(folder: string): StateFormat | undefined {
  try {
    return formatSchema.parse(JSON.parse(readFileSync(join(folder, "format.json"), "utf8")));
  } catch (error) {
    if (error instanceof z.ZodError || error instanceof SyntaxError || isMissing(error)) {
      return undefined;
    }
    throw error;
  }
}

/**
 * Brings a folder to this Setpoint's format; only the holder of its lock may ask for it. Returns the
 * format that was found, 0 for a folder without one.
 * @throws {StateFormatError} for a newer one.
 */
export async function migrateState(folder: string): Promise<number> {
  const found = readStateFormat(folder);
  const format = found?.format ?? 0;
  if (format > STATE_FORMAT) {
    throw new StateFormatError(
      `State folder ${folder} was written by a newer Setpoint (format ${format}, version ` +
        `${found?.runtime}; this one, ${RUNTIME_VERSION}, knows ${STATE_FORMAT}): start the newer ` +
        "one, restore the backup from before the upgrade, or give this one another state.folder",
    );
  }
  for (const step of STEPS) {
    if (step.format > format) await step.migrate(folder);
  }
  if (found?.format !== STATE_FORMAT || found.runtime !== RUNTIME_VERSION) {
    await noteFormat(folder);
  }
  return format;
}

/** A disk that takes nothing does not keep the box from running: the format is noted another time. */
async function noteFormat(folder: string): Promise<void> {
  const format: StateFormat = { format: STATE_FORMAT, runtime: RUNTIME_VERSION };
  try {
    const bytes = new TextEncoder().encode(`${JSON.stringify(format)}\n`);
    await writeDurably(join(folder, "format.json"), bytes);
  } catch (error) {
    if (!isDiskFault(error)) throw error;
  }
}

function isMissing(error: unknown): boolean {
  return codeOf(error) === "ENOENT";
}

/** Full, read-only or not ours to write. */
function isDiskFault(error: unknown): boolean {
  return ["ENOSPC", "EDQUOT", "EROFS", "EACCES", "EPERM"].includes(codeOf(error)) ||
    error instanceof Deno.errors.PermissionDenied;
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
