/** What an operator must not miss: held, failed, expired, in conflict. Nothing where all is well. */

import type { Child } from "hono/jsx";
import type { DeskView } from "../desk_view.ts";
import { hasExpired } from "../desk_view.ts";
import { clockText } from "../format.ts";
import { texts } from "../texts.ts";

const { banners } = texts;

export function Banner({ view }: { readonly view: DeskView }) {
  const { latest, health, now } = view;
  if (health.version === null) {
    return <Says kind="bad" title={banners.noPlan} reason={health.output ?? null} />;
  }
  if (latest === undefined) {
    return <Says kind="plain" title={banners.none} reason={banners.noneMeans} />;
  }
  const { status, reason, last_answer } = latest;
  if (status === "held" || status === "failed") {
    return (
      <Says kind="bad" title={banners[status]} reason={reason}>
        {last_answer !== null && (
          <p>
            {banners.lastAnswer(clockText(last_answer.time, { now }))},{" "}
            <a href={`/dashboard/cycles/${last_answer.cycle_id}`}>{banners.showIt}</a>
          </p>
        )}
      </Says>
    );
  }
  if (hasExpired(latest, now)) return <Says kind="bad" title={banners.expired} reason={reason} />;
  return status === "relaxed" ? <Says kind="warn" title={banners.relaxed} reason={reason} /> : null;
}

function Says({ kind, title, reason, children }: {
  readonly kind: "bad" | "warn" | "plain";
  readonly title: string;
  readonly reason: string | null;
  readonly children?: Child;
}) {
  return (
    <div class={`banner banner-${kind}`}>
      <p class="banner-title">{title}</p>
      {reason !== null && <p>{reason}</p>}
      {children}
    </div>
  );
}
