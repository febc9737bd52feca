/**
 * Who changed what, and when: a file of JSON lines, each holding the hash of the one before, so that
 * no line can be changed, left out or put in unseen. Each line is on disk before the change is
 * answered. The newest hash also goes to the log, so that a cut-off end shows too.
 */

import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import {
  closeSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";

/** One change of state. */
export interface AuditEntry {
  /** A token's name, `local`, or the part of the box that acted by itself. */
  readonly who: string;
  readonly role: string;
  /** Where the request came from; empty where there was none. */
  readonly address: string;
  readonly what: string;
  readonly before: unknown;
  readonly after: unknown;
}

interface AuditLine extends AuditEntry {
  readonly number: number;
  /** UTC instant, ISO 8601. */
  readonly time: string;
  readonly previous: string;
  readonly hash: string;
}

/** What a file of audit lines turned out to be. */
export interface AuditVerdict {
  readonly lines: number;
  /** Of the last line; of nothing: 64 zeros. */
  readonly head: string;
  /** Every place where the chain does not hold, in words. */
  readonly faults: readonly string[];
}

const START = "0".repeat(64);

/** The audit log of one state folder; only the holder of its `StateLock` may open it. */
export class AuditLog {
  readonly #file: number;
  readonly #now: () => Date;
  #number: number;
  #head: string;

  private constructor(file: number, verdict: AuditVerdict, now: () => Date) {
    this.#file = file;
    this.#now = now;
    this.#number = verdict.lines;
    this.#head = verdict.head;
  }

  /**
   * Opens or makes the file, and tells how its chain holds. A last line without its end was never
   * acknowledged, such as in a power cut, and goes.
   */
  static open(
    path: string,
    options: { now: () => Date },
  ): { log: AuditLog; verdict: AuditVerdict } {
    mkdirSync(dirname(path), { recursive: true });
    const file = openSync(path, "a+");
    const text = readFileSync(path, "utf8");
    const whole = text.slice(0, text.lastIndexOf("\n") + 1);
    if (whole.length < text.length) ftruncateSync(file, Buffer.byteLength(whole));
    const verdict = verifyAudit(whole);
    return { log: new AuditLog(file, verdict, options.now), verdict };
  }

  /** The hash of the newest line. */
  get head(): string {
    return this.#head;
  }

  /** Adds a line; it is on disk when this returns. */
  add(entry: AuditEntry): void {
    const { who, role, address, what, before, after } = entry;
    const line = {
      number: this.#number + 1,
      time: this.#now().toISOString(),
      ...{ who, role, address, what, before, after },
      previous: this.#head,
    };
    const hash = hashOf(line);
    writeSync(this.#file, `${JSON.stringify({ ...line, hash })}\n`);
    fsyncSync(this.#file);
    this.#number += 1;
    this.#head = hash;
  }

  close(): void {
    closeSync(this.#file);
  }
}

/** Checks every line of an audit file: form, number, link to the line before, own hash. */
export function verifyAudit(text: string): AuditVerdict {
  const faults: string[] = [];
  let head = START;
  const lines = text.split("\n").filter((line) => line !== "");
  for (const [i, line] of lines.entries()) {
    const place = `Line ${i + 1}`;
    const parsed = parsedLine(line);
    if (parsed === undefined) {
      faults.push(`${place} is not an audit line`);
      continue;
    }
    const { hash, ...rest } = parsed;
    if (parsed.number !== i + 1) faults.push(`${place} has the number ${parsed.number}`);
    if (parsed.previous !== head) faults.push(`${place} does not follow the one before it`);
    if (hashOf(rest) !== hash) faults.push(`${place} was changed: its hash is another`);
    head = hash;
  }
  if (text !== "" && !text.endsWith("\n")) faults.push(`Line ${lines.length} has no end`);
  return { lines: lines.length, head, faults };
}

function parsedLine(line: string): AuditLine | undefined {
  try {
    const value: unknown = JSON.parse(line);
    const isLine = typeof value === "object" && value !== null && "hash" in value &&
      typeof value.hash === "string" && "number" in value && "previous" in value;
    return isLine ? value as AuditLine : undefined;
  } catch {
    return undefined;
  }
}

/** Over the JSON text as it is written: the order of the fields is part of the form. */
function hashOf(line: Omit<AuditLine, "hash">): string {
  return createHash("sha256").update(JSON.stringify(line)).digest("hex");
}
