/** Two strategies on the same moments. */

import { distributionOf, histogramOf } from "../statistics.ts";
import type { Summary } from "../summary.ts";
import { histogramChart } from "./charts.ts";
import { html } from "./html.ts";
import type { Html } from "./html.ts";
import { countText, decimalsOf, numberText, shareText, signedText, withUnit } from "./numbers.ts";
import type { ReportSide } from "./page.ts";
import { table } from "./tables.ts";

/** The headline of a comparison, and the figures side by side. */
export function compareSection(first: ReportSide, second: ReportSide): Html {
  const unit = first.summary.layout.objective?.unit ?? "";
  const isComparable = unit === (second.summary.layout.objective?.unit ?? "");
  const both = isComparable ? differencesOf(first.summary, second.summary) : [];
  const difference = distributionOf(both);
  return html`
    ${difference === undefined
      ? html`<p class="headline">${first.name} and ${second.name} on the same moments</p>
<p class="lead">${
        isComparable
          ? "No moment has an answer of both."
          : "Their objectives have different units, so their gains cannot be set against each other."
      }</p>`
      : headline({ first, second, unit, both, mean: difference.mean })}
    ${table(ROWS, {
      caption: "Side by side",
      columns: [
        { title: "", cell: ({ name }) => name },
        { title: first.name, cell: ({ text }) => text(first.summary) },
        { title: second.name, cell: ({ text }) => text(second.summary) },
      ],
    })}
    ${difference === undefined ? undefined : histogramChart(histogramOf(both), {
      title: `Gain of ${second.name} minus gain of ${first.name}, moment by moment`,
      unit,
      summary: `Histogram of ${both.length} differences, median ${
        numberText(difference.quantiles.get(0.5)!)
      } ${unit}`,
    })}
    <p
      class="soft">Each strategy is judged by its own models: a larger gain may also be a larger promise. Compare
    how far the models of both are from the measurements.</p>
    <nav
      aria-label="The two parts"><a href="#${first.side}-top">${first.name}</a><a href="#${second
        .side}-top">${second.name}</a></nav>
  `;
}

function headline({ first, second, unit, both, mean }: {
  readonly first: ReportSide;
  readonly second: ReportSide;
  readonly unit: string;
  readonly both: readonly number[];
  readonly mean: number;
}): Html {
  const [better, worse] = mean >= 0 ? [second, first] : [first, second];
  const wins = both.filter((value) => mean >= 0 ? value > 0 : value < 0).length;
  const size = withUnit(numberText(Math.abs(mean)), unit);
  return mean === 0
    ? html`<p class="headline">${first.name} and ${second.name} gain the same on average</p>
<p class="lead">Over ${countText(both.length)} moments with an answer of both.</p>`
    : html`
      <p
        class="headline">A move of ${better
          .name} would have gained ${size} more on average than one of ${worse.name}</p>
      <p class="lead">It gains more in ${shareText(wins, both.length)} of the ${countText(
        both.length,
      )} moments with an answer of both.</p>
    `;
}

/** The second's gain minus the first's, where both have one. */
function differencesOf(first: Summary, second: Summary): number[] {
  const gains = new Map(first.gains.map(({ time, value }) => [time, value]));
  return second.gains.flatMap(({ time, value }) => {
    const other = gains.get(time);
    return other === undefined ? [] : [value - other];
  });
}

const ROWS: readonly { readonly name: string; readonly text: (summary: Summary) => string }[] = [
  {
    name: "Mean gain of a move",
    text: ({ gain, layout }) =>
      gain === undefined
        ? "none"
        : withUnit(signedText(gain.all.mean), layout.objective?.unit ?? ""),
  },
  {
    name: "Half of the gains lie between",
    text: ({ gain }) => {
      if (gain === undefined) return "";
      const decimals = decimalsOf(gain.all.mean);
      return [0.25, 0.75].map((share) => numberText(gain.all.quantiles.get(share)!, decimals))
        .join(" and ");
    },
  },
  {
    name: "Moments with an answer",
    text: ({ gain, count }) => shareText(gain?.all.count ?? 0, count),
  },
  {
    name: "Limits had to give",
    text: ({ statuses, count }) => shareText(statuses.get("relaxed") ?? 0, count),
  },
  {
    name: "Any limit broken at the recorded settings, as predicted",
    text: ({ anyLimit: { now } }) => shareText(now.count, now.known),
  },
  {
    name: "Any limit broken at the recommended settings",
    text: ({ anyLimit: { expected } }) => shareText(expected.count, expected.known),
  },
  {
    name: "Settings moved per answer",
    text: ({ moves, gain }) => {
      const moved = moves.reduce((sum, { up, down }) => sum + up + down, 0);
      return gain === undefined
        ? ""
        : `${numberText(moved / gain.all.count, 1)} of ${moves.length}`;
    },
  },
  {
    name: "Mean error of the models, bias included",
    text: ({ models }) =>
      models.filter(({ count }) => count > 0).map(({ variable, corrected }) =>
        `${variable.name} ${withUnit(numberText(corrected.meanSize), variable.unit)}`
      ).join("; "),
  },
];
