/** How the cycles ended, and why. */

import type { CycleStatus } from "../../cycle/recommendation.ts";
import type { ReasonCount, Summary } from "../summary.ts";
import { shareBar } from "./charts.ts";
import { html } from "./html.ts";
import type { Html } from "./html.ts";
import { countText, timeText } from "./numbers.ts";
import { table } from "./tables.ts";

const MEANINGS: Readonly<Record<CycleStatus, string>> = {
  optimised: "new settings are recommended",
  unchanged: "the recorded settings are the best within deadband and resolution",
  relaxed: "limits were in conflict; those with a rank gave",
  held: "no trusted answer: the recorded settings stay",
  failed: "the cycle itself broke",
};

/** Reasons beyond these are counted, not shown. */
const MOST = 12;

export function statusSection(
  { statuses, reasons, warnings, count, gain }: Summary,
  side: string,
): Html {
  const rows = (Object.keys(MEANINGS) as CycleStatus[]).map((status) => ({
    status,
    times: statuses.get(status) ?? 0,
  }));
  const ended = ["optimised", "unchanged", "relaxed"] as const;
  const idle = ended.reduce((sum, status) => sum + (statuses.get(status) ?? 0), 0) -
    (gain?.all.count ?? 0);
  return html`<h2 id="${side}-statuses">How the cycles ended</h2>
${
    idle === 0
      ? undefined
      : html`<p>In ${
        countText(idle)
      } of the unchanged cycles no optimizer ran, as the strategy's condition
for it did not hold; they have no gain and are not counted as answers.</p>`
  }
${
    table(rows, {
      caption: `${countText(count)} cycles by status`,
      columns: [
        { title: "Status", cell: ({ status }) => status },
        { title: "Cycles", cell: ({ times }) => countText(times) },
        { title: "Share", cell: ({ times }) => shareBar(times, count) },
        { title: "Meaning", cell: ({ status }) => MEANINGS[status], look: "text" },
      ],
    })
  }${textTable(reasons, { caption: "Reasons", count })}${
    textTable(warnings, { caption: "Warnings beside an answer", count })
  }`;
}

function textTable(
  texts: readonly ReasonCount[],
  { caption, count }: { readonly caption: string; readonly count: number },
): Html | undefined {
  if (texts.length === 0) return undefined;
  const more = texts.length > MOST ? `; ${texts.length - MOST} rarer ones are in the CSV` : "";
  return table(texts.slice(0, MOST), {
    caption: `${caption}, with the numbers of the first moment that gave it${more}`,
    columns: [
      { title: "First at (UTC)", cell: ({ first }) => timeText(first) },
      { title: "Cycles", cell: (row) => shareBar(row.count, count) },
      { title: "Text", cell: ({ text }) => text, look: "text" },
    ],
  });
}
