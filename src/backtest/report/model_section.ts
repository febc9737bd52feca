/** How far the models can be trusted: what they predicted against what was measured. */

import type { ModelFigures } from "../model_figures.ts";
import { stretchesOf } from "../statistics.ts";
import type { Summary } from "../summary.ts";
import { seriesChart } from "./charts.ts";
import { html } from "./html.ts";
import type { Html } from "./html.ts";
import { countText, decimalsOf, numberText, signedText } from "./numbers.ts";
import { named, table } from "./tables.ts";

/** Says so where nothing predicted is measured. */
export function modelSection({ models, span: [from, to] }: Summary, side: string): Html {
  const measured = models.filter(({ count }) => count > 0);
  if (measured.length === 0) {
    return html`<h2 id="${side}-models">Models against measurements</h2>
<p>No predicted variable of this strategy has a measurement in the record, so nothing says how far its
models can be trusted.</p>`;
  }
  return html`
    <h2 id="${side}-models">Models against measurements</h2>
    <p>Each new measurement at the recorded settings against what the model said before it came: alone, and
    with the bias learned until then, as a cycle uses it. The gains above are no better than these models.</p>
    ${table(measured, {
      caption: "Predicted minus measured, in the variable's unit",
      columns: [
        {
          title: "Predicted",
          cell: ({ variable: { name, unit, measuredBy } }) =>
            named(name, { unit, about: `measured by ${measuredBy}` }),
        },
        { title: "Measurements", cell: ({ count }) => countText(count) },
        { title: "They vary by", cell: (row) => number(row, row.spread) },
        { title: "Mean error, alone", cell: (row) => signedText(row.plain.mean, decimals(row)) },
        { title: "Mean size, alone", cell: (row) => number(row, row.plain.meanSize) },
        {
          title: "Mean error, with bias",
          cell: (row) => signedText(row.corrected.mean, decimals(row)),
        },
        { title: "Mean size, with bias", cell: (row) => number(row, row.corrected.meanSize) },
        {
          title: "Explained, with bias",
          cell: ({ corrected: { explained } }) =>
            explained === undefined
              ? ""
              : `${numberText(100 * Math.max(explained, -9.99), 1)}\u00a0%`,
        },
      ],
    })}
    <p
      class="soft">They vary by: the standard deviation of the measurements. Explained: how much of that variance the
    prediction follows (R²); below zero the measurements' own mean would be nearer.</p>
    <div class="pair">${measured.map(({ variable, plainErrors, correctedErrors }) =>
      seriesChart([
        {
          name: "model alone",
          look: "second",
          stretches: stretchesOf(plainErrors, { from, to, wanted: 120 }),
        },
        {
          name: "with bias",
          look: "first",
          stretches: stretchesOf(correctedErrors, { from, to, wanted: 120 }),
        },
      ], {
        title: `${variable.name}: predicted minus measured`,
        unit: variable.unit,
        summary: `Error of ${variable.name} over time, alone and with bias`,
        from,
        to,
      })
    )}</div>
  `;
}

function decimals({ spread, plain, corrected }: ModelFigures): number {
  return decimalsOf(Math.max(spread, plain.meanSize, corrected.meanSize) / 3);
}

function number(row: ModelFigures, value: number): string {
  return numberText(value, decimals(row));
}
