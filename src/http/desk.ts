/** What the people at the desk ask and set, beyond what machines do: `main.ts` hands it over. */

import type { Choices } from "../cycle/choices.ts";
import type { KnownVersion } from "../cycle/known_versions.ts";
import type { ReplayVerdict } from "../cycle/replay_apart.ts";
import type { AuditEntry } from "../storage/audit_log.ts";
import type { HistoryBucket, HistoryQuestion } from "../storage/read_history.ts";

/** One line of the audit log. */
export interface AuditedChange extends AuditEntry {
  readonly number: number;
  /** UTC instant, ISO 8601. */
  readonly time: string;
}

export interface Desk {
  readonly choices: Pick<
    Choices,
    "configured" | "mode" | "switchedOff" | "setMode" | "switch"
  >;
  /**
   * A tag's past in buckets; undefined where the site's values come from a query of its own. Throws
   * DatabaseError.
   */
  readonly history: (
    question: HistoryQuestion,
  ) => Promise<readonly HistoryBucket[] | undefined>;
  /** Of the store, as far as it answers, and of this box; the newest first. */
  readonly versions: () => Promise<readonly KnownVersion[]>;
  /** The newest first, older than line `before` where given. */
  readonly audited: (page: { limit: number; before?: number }) => readonly AuditedChange[];
  readonly replay: (cycleId: string) => Promise<ReplayVerdict>;
}
