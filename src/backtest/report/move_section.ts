/** How each setting would have been moved. */

import type { MoveFigures } from "../move_figures.ts";
import type { Summary } from "../summary.ts";
import { shareBar } from "./charts.ts";
import { html } from "./html.ts";
import type { Html } from "./html.ts";
import { decimalsOf, numberText, shareText, signedText } from "./numbers.ts";
import { named, table } from "./tables.ts";

/** Empty where no moment has an answer. */
export function moveSection({ moves, gain }: Summary, side: string): Html {
  if (gain === undefined) return html``;
  return html`<h2 id="${side}-moves">Moves</h2>
<p>Over the moments with an answer. A move is the change from the recorded to the recommended setting in
one cycle.</p>
${
    table(moves, {
      caption: "Changes per setting, in its unit",
      columns: [
        {
          title: "Setting",
          cell: ({ setting: { name, unit, description: about } }) => named(name, { unit, about }),
        },
        { title: "Moved", cell: ({ up, down, count }) => shareBar(up + down, count) },
        { title: "Up", cell: ({ up, count }) => shareText(up, count) },
        { title: "Down", cell: ({ down, count }) => shareText(down, count) },
        { title: "Mean change", cell: (row) => signedText(row.meanChange, decimals(row)) },
        { title: "Mean size", cell: (row) => numberText(row.meanSize, decimals(row)) },
        { title: "Furthest down", cell: (row) => numberText(row.mostDown, decimals(row)) },
        { title: "Furthest up", cell: (row) => signedText(row.mostUp, decimals(row)) },
        {
          title: "Stopped most often by",
          cell: ({ stoppedBy, count }) =>
            stoppedBy.slice(0, 2).map(({ by, count: times }) =>
              `${by.replace(/^constraint /, "")} ${shareText(times, count)}`
            ).join(", "),
          look: "text",
        },
      ],
    })
  }`;
}

function decimals({ mostDown, mostUp }: MoveFigures): number {
  return decimalsOf(Math.max(-mostDown, mostUp));
}
