/** Identities of cycles: UUIDs of version 7 (RFC 9562, 5.7), each greater than all before it. */

import { v7 as uuidv7 } from "uuid";

/**
 * Makes ids that sort in the order in which they were made, whatever the wall clock does: the time
 * in them never goes back, not even behind `last`, the newest id from before this start.
 */
export function cycleIds(now: () => Date, last: string | undefined): () => string {
  let lastMs = last === undefined ? 0 : timeOf(last);
  return () => {
    lastMs = Math.max(lastMs + 1, now().getTime());
    return uuidv7({ msecs: lastMs });
  };
}

/** The milliseconds in the first 48 bits; 0 for what is no such id. */
function timeOf(id: string): number {
  const digits = /^([0-9a-f]{8})-([0-9a-f]{4})-7/.exec(id);
  return digits === null ? 0 : parseInt(`${digits[1]}${digits[2]}`, 16);
}
