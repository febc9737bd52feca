/** What every page needs to know of the box and of who looks at it. */

import type { Caller } from "../access.ts";
import type { Health } from "../health.ts";
import type { Recommendation } from "../../cycle/recommendation.ts";

export interface DeskView {
  readonly health: Health;
  readonly latest: Recommendation | undefined;
  readonly caller: Caller;
  /** True: there are tokens, so that one signs in and out. */
  readonly secured: boolean;
  readonly now: Date;
}

/** Whether the recommendation may be used now. */
export function hasExpired({ valid_until }: Recommendation, now: Date): boolean {
  return Date.parse(valid_until) <= now.getTime();
}
