/** What doctor looks at, and how a check complains. */

import type { Config } from "../config.ts";

/** The box as it stands. */
export interface Patient {
  readonly config: Config;
  readonly now: Date;
  /** Whether a box runs on the same state folder. */
  readonly isRunning: boolean;
}

/** Gives what it found, or throws: a Complaint, or whatever went wrong. */
export type Check = (patient: Patient) => Promise<string> | string;

/** Something is wrong; the message says what, `cure` what to do. */
export class Complaint extends Error {
  override readonly name = "Complaint";

  constructor(message: string, readonly cure: string, cause?: unknown) {
    super(message, { cause });
  }
}

/** What an error of any kind says, in one line. */
export function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replaceAll("\n", "; ");
}
