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

/** Letters of a message that are told; the log has the rest. */
const MOST_LETTERS = 400;

/** What an error of any kind says, in one line and without the stack of a child process. */
export function messageOf(error: unknown): string {
  const lines = (error instanceof Error ? error.message : String(error)).split("\n");
  return shortened(lines.filter((line) => !/^\s*(at |throw |\^|Caused by)/.test(line)).join("; "));
}

export function shortened(text: string): string {
  return text.length <= MOST_LETTERS ? text : `${text.slice(0, MOST_LETTERS)}…`;
}
