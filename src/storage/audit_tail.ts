/** The newest lines of an audit log, for people to read; whether its chain holds is not asked here. */

import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import type { AuditEntry } from "./audit_log.ts";

/** A line as it is shown. */
export interface AuditedLine extends AuditEntry {
  readonly number: number;
  /** UTC instant, ISO 8601. */
  readonly time: string;
}

/** What is read of the file's end: some ten thousand lines. */
const MOST_BYTES = 4 * 1024 * 1024;

/** The newest first, at most `limit`, with numbers below `before` where that is given. */
export function auditTail(
  path: string,
  { limit, before = Infinity }: { readonly limit: number; readonly before?: number },
): AuditedLine[] {
  const file = openSync(path, "r");
  try {
    const { size } = fstatSync(file);
    const bytes = new Uint8Array(Math.min(size, MOST_BYTES));
    readSync(file, bytes, 0, bytes.length, size - bytes.length);
    const lines = new TextDecoder().decode(bytes).split("\n");
    // The first may be the end of a longer one.
    if (size > bytes.length) lines.shift();
    const found: AuditedLine[] = [];
    for (const line of lines.toReversed()) {
      const parsed = auditedLine(line);
      if (parsed === undefined || parsed.number >= before) continue;
      found.push(parsed);
      if (found.length === limit) break;
    }
    return found;
  } finally {
    closeSync(file);
  }
}

function auditedLine(line: string): AuditedLine | undefined {
  try {
    const { number, time, who, role, address, what, before, after } = JSON.parse(line);
    return { number, time, who, role, address, what, before, after };
  } catch {
    return undefined;
  }
}
