/** Limits: broken by the record and by the recommendation, and what holds the plant back. */

import type { Broken, LimitFigures, LimitView } from "../limit_figures.ts";
import type { Summary } from "../summary.ts";
import { shareBar } from "./charts.ts";
import { html } from "./html.ts";
import type { Html } from "./html.ts";
import { numberText, shareText, withUnit } from "./numbers.ts";
import { table } from "./tables.ts";

/** Empty where the strategy has no limits. */
export function limitSection({ limits, anyLimit }: Summary, side: string): Html {
  if (limits.length === 0) return html``;
  const any = (view: LimitView) => shareText(anyLimit[view].count, anyLimit[view].known);
  return html`<h2 id="${side}-limits">Limits broken</h2>
<p>By the record as measured: any limit in ${
    any("measured")
  } of the moments; as predicted with bias at
the recorded settings: ${any("now")}; at the recommended settings: ${
    any("expected")
  }. A recommendation breaks a limit only where no settings within one move keep it and its rank lets it give, or where
the limit is soft and its price is worth paying.</p>
${
    table(limits, {
      caption: "Share of moments outside, and by how much on average and at most",
      columns: [
        { title: "Limit", cell: ({ limit }) => limit.name },
        { title: "Allowed", cell: ({ limit }) => allowedText(limit) },
        { title: "Record, as measured", cell: broken("measured") },
        { title: "Record, as predicted", cell: broken("now") },
        { title: "Recommended, as predicted", cell: broken("expected") },
      ],
    })
  }`;
}

function broken(view: LimitView): (figures: LimitFigures) => string | Html {
  return ({ broken, limit }) => {
    const found: Broken = broken[view];
    if (found.known === 0) return "not known";
    if (found.count === 0) return html`<span class="good">0\u00a0%</span>`;
    return html`
      <span class="${view === "expected" ? "bad" : ""}">${shareText(
        found.count,
        found.known,
      )}</span><span
        class="about">by ${numberText(found.mean)}, at most ${withUnit(
          numberText(found.worst),
          limit.unit,
        )}</span>
    `;
  };
}

/** `0.5 to 1.4 %`, `at most 900 ppm`. */
export function allowedText(
  { min, max, unit }: {
    readonly min: number | undefined;
    readonly max: number | undefined;
    readonly unit: string;
  },
): string {
  const plain = (value: number) => numberText(value, value.toString().split(".")[1]?.length ?? 0);
  if (min !== undefined && max !== undefined) {
    return withUnit(`${plain(min)} to ${plain(max)}`, unit);
  }
  return max === undefined
    ? withUnit(`at least ${plain(min ?? NaN)}`, unit)
    : withUnit(`at most ${plain(max)}`, unit);
}

/** Empty where nothing ever binds. */
export function bindingSection({ binding, gain }: Summary, side: string): Html {
  if (binding.length === 0 || gain === undefined) return html``;
  const columns = (title: string) =>
    [
      { title, cell: ({ limit }: (typeof binding)[number]) => limit },
      {
        title: "Binds",
        cell: ({ count }: (typeof binding)[number]) => shareBar(count, gain.all.count),
      },
      {
        title: "Mean price",
        cell: ({ meanPrice }: (typeof binding)[number]) =>
          meanPrice === undefined ? "none of its own" : numberText(meanPrice),
      },
      {
        title: "Highest",
        cell: ({ mostPrice }: (typeof binding)[number]) =>
          mostPrice === undefined ? "" : numberText(mostPrice),
      },
      {
        title: "Unit of price",
        cell: ({ priceUnit, meanPrice }: (typeof binding)[number]) =>
          meanPrice === undefined ? "" : priceUnit,
        look: "text",
      },
    ] as const;
  const constraints = binding.filter(({ of }) => of === "constraint");
  const settings = binding.filter(({ of }) => of === "setting");
  return html`<h2 id="${side}-binding">What holds it back</h2>
<p>Share of the moments with an answer in which the best settings lie on a limit. The price says what one
unit more of that limit would add to the gain of one move.</p>
${
    constraints.length === 0 ? undefined : table(constraints, {
      caption: "Limits of the strategy",
      columns: columns("Limit"),
    })
  }${
    settings.length === 0 ? undefined : table(settings, {
      caption:
        "Ends of a setting's reach: its bound, its move limit, the range its model was trained on",
      columns: columns("Setting"),
    })
  }`;
}
