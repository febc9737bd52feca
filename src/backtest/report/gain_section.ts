/** What the moves are worth: distribution and course. */

import { histogramOf, stretchesOf } from "../statistics.ts";
import type { Distribution } from "../statistics.ts";
import type { Summary } from "../summary.ts";
import { histogramChart, seriesChart } from "./charts.ts";
import { aimText } from "./headline.ts";
import { html } from "./html.ts";
import type { Html } from "./html.ts";
import { countText, decimalsOf, numberText, shareText, signedText, withUnit } from "./numbers.ts";
import { table } from "./tables.ts";

/** Empty where no moment has an answer. */
export function gainSection(summary: Summary, side: string): Html {
  const { gain, gains, layout, span: [from, to], count } = summary;
  const unit = layout.objective?.unit ?? "";
  if (gain === undefined) return html``;
  const rows = [
    { name: "All moments with an answer", of: gain.all },
    { name: "The record kept every limit", of: gain.kept },
    { name: "The record broke a limit", of: gain.broken },
  ].filter((row): row is { name: string; of: Distribution } => row.of !== undefined);
  const decimals = decimalsOf(Math.max(...rows.map(({ of }) => Math.abs(of.mean))));
  const number = (value: number) => numberText(value, decimals);
  const quantile = (share: number) => ({ of }: { readonly of: Distribution }) =>
    number(of.quantiles.get(share)!);
  return html`
    <h2 id="${side}-gain">Gain of one move</h2>
    <p>The objective is to <strong>${aimText(layout)}</strong>${unit === ""
      ? ""
      : `, in ${unit}`}. A gain is positive where the recommended settings are better than the recorded ones, both as
    predicted at that moment. Mean objective: ${withUnit(
      numberText(gain.now),
      unit,
    )} at the recorded settings${gain.measured === undefined
      ? ""
      : ` (${withUnit(numberText(gain.measured), unit)} as measured)`}, ${withUnit(
        numberText(gain.expected),
        unit,
      )} at the recommended ones.</p>
    ${table(rows, {
      caption: unit === "" ? "Gain per move" : `Gain per move, ${unit}`,
      columns: [
        { title: "", cell: ({ name }) => name },
        { title: "Moments", cell: ({ of }) => countText(of.count) },
        { title: "Share", cell: ({ of }) => shareText(of.count, count) },
        { title: "Mean", cell: ({ of }) => signedText(of.mean, decimals) },
        { title: "Least", cell: ({ of }) => number(of.least) },
        { title: "5 %", cell: quantile(0.05) },
        { title: "25 %", cell: quantile(0.25) },
        { title: "Median", cell: quantile(0.5) },
        { title: "75 %", cell: quantile(0.75) },
        { title: "95 %", cell: quantile(0.95) },
        { title: "Most", cell: ({ of }) => number(of.most) },
      ],
    })}
    <p
      class="soft">Where the record broke a limit, the recommendation goes back inside first, which may cost: a
    gain below zero there is no fault. Penalties that the strategy pays beside its objective are not part of the gain.</p>
    <div class="pair">${histogramChart(histogramOf(gains.map(({ value }) => value)), {
      title: "How gains are spread",
      unit,
      summary: `Histogram of ${gains.length} gains: median ${
        numberText(gain.all.quantiles.get(0.5)!)
      } ${unit}, nine of ten between ${numberText(gain.all.quantiles.get(0.05)!)} and ${
        numberText(gain.all.quantiles.get(0.95)!)
      }`,
    })}${seriesChart([{
      name: "gain",
      look: "first",
      stretches: stretchesOf(gains, { from, to }),
    }], {
      title: "Gain over time: mean, and the range of eight in ten",
      unit,
      summary: `Gain over time, mean ${numberText(gain.all.mean)} ${unit}`,
      from,
      to,
    })}</div>
  `;
}
