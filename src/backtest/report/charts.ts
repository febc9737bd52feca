/**
 * Charts without script: the drawing stretches with the page (SVG without aspect ratio), the labels
 * are HTML beside it and keep their size. Values show where the pointer rests.
 */

import type { HistogramBar, Stretch } from "../statistics.ts";
import { numberAxis, timeTicks } from "./axes.ts";
import type { NumberAxis, Tick } from "./axes.ts";
import { Html, html } from "./html.ts";
import { countText, decimalsOf, numberText, shareText, timeText, withUnit } from "./numbers.ts";

/** The drawing's own coordinates: both axes run from 0 to this. */
const SIZE = 1000;

/** What a chart shows, in words. */
export interface ChartWords {
  readonly title: string;
  readonly unit: string;
  /** For those who do not see it. */
  readonly summary: string;
}

/** How often values fall into each bar. */
export function histogramChart(bars: readonly HistogramBar[], words: ChartWords): Html {
  const first = bars[0]?.from ?? 0;
  const last = bars.at(-1)?.to ?? 1;
  const total = bars.reduce((sum, { count }) => sum + count, 0);
  const decimals = decimalsOf((last - first) / 5);
  const counts = numberAxis(bars.map(({ count }) => count), 4);
  const x = (value: number) => SIZE * (value - first) / (last - first);
  const drawn = bars.map(({ from, to, count }, i) => {
    const height = SIZE * count / counts.high;
    const below = i === 0 ? "below " : "";
    const range = i === bars.length - 1 && i > 0
      ? `above ${numberText(from, decimals)}`
      : `${below}${i === 0 ? "" : `${numberText(from, decimals)} to `}${numberText(to, decimals)}`;
    return html`
      <rect class="${to <= 0 ? "bar worse" : "bar"}" x="${x(from)}" y="${SIZE - height}"
        width="${x(to) - x(from)}" height="${height}">
        <title>${withUnit(range, words.unit)}: ${countText(count)} moments, ${shareText(
          count,
          total,
        )}</title>
      </rect>
    `;
  });
  const inside = numberAxis([first, last], 6).ticks.filter((tick) => tick >= first && tick <= last);
  const across = inside.map((tick) => ({
    at: x(tick) / SIZE,
    text: numberText(tick, Math.max(...inside.map(decimalsNeeded))),
  }));
  return chart(words, { drawn, up: counts, across, left: "moments", bottom: words.unit });
}

/** One curve of a series chart. */
export interface Curve {
  readonly name: string;
  readonly stretches: readonly Stretch[];
  /** The class that colours it. */
  readonly look: "first" | "second";
}

/** Means over time, each with the range that holds eight of ten values. */
export function seriesChart(
  curves: readonly Curve[],
  { from, to, ...words }: ChartWords & { readonly from: number; readonly to: number },
): Html {
  const stretches = curves.flatMap((curve) => curve.stretches);
  const axis = numberAxis(stretches.flatMap(({ mean, low, high }) => [mean, low, high]));
  const x = (time: number) => (SIZE * (time - from) / (to - from || 1)).toFixed(1);
  const y = (value: number) => (SIZE * (axis.high - value) / (axis.high - axis.low)).toFixed(1);
  const drawn = curves.map(({ stretches, look }) => {
    const runs = unbroken(stretches);
    const bands = runs.map((run) =>
      [
        ...run.map(({ time, high }) => `${x(time)},${y(high)}`),
        ...run.toReversed().map(({ time, low }) => `${x(time)},${y(low)}`),
      ].join(" ")
    );
    const lines = runs.map((run) => run.map(({ time, mean }) => `${x(time)},${y(mean)}`).join(" "));
    return html`${
      bands.map((points) =>
        html`
          <polygon class="band ${look}" points="${points}" />
        `
      )
    }${
      lines.map((points) =>
        html`
          <polyline class="line ${look}" points="${points}" />
        `
      )
    }`;
  });
  const decimals = decimalsOf(Math.max(Math.abs(axis.low), Math.abs(axis.high)));
  const zones = curves[0]?.stretches.map(({ time }, i) => {
    const said = curves.map(({ name, stretches }) => {
      const one = stretches.find((stretch) => stretch.time === time) ?? stretches[i];
      return one === undefined
        ? ""
        : `${name} ${numberText(one.mean, decimals)} (${numberText(one.low, decimals)} to ${
          numberText(one.high, decimals)
        })`;
    });
    const width = SIZE / (curves[0]!.stretches.length || 1);
    return html`
      <rect class="zone" x="${(Number(x(time)) - width / 2).toFixed(1)}" y="0"
        width="${width.toFixed(1)}" height="${SIZE}">
        <title>${timeText(time)}: ${withUnit(said.join("; "), words.unit)}</title>
      </rect>
    `;
  });
  const legend = curves.length < 2
    ? undefined
    : html`<p class="legend">${
      curves.map(({ name, look }) =>
        html`
          <span class="key ${look}"></span>${name}
        `
      )
    }</p>`;
  return chart(words, {
    drawn: [...drawn, ...zones ?? []],
    up: axis,
    across: timeTicks(from, to),
    left: words.unit,
    bottom: "",
    legend,
  });
}

/** Stretches that follow one another; a gap of more than three usual steps ends a run. */
function unbroken(stretches: readonly Stretch[]): Stretch[][] {
  const steps = stretches.slice(1).map(({ time }, i) => time - stretches[i]!.time)
    .toSorted((a, b) => a - b);
  const usual = steps[steps.length >> 1] ?? 0;
  const runs: Stretch[][] = [];
  for (const stretch of stretches) {
    const last = runs.at(-1)?.at(-1);
    if (last !== undefined && stretch.time - last.time <= 3 * usual) runs.at(-1)!.push(stretch);
    else runs.push([stretch]);
  }
  return runs;
}

function chart(
  { title, summary }: ChartWords,
  { drawn, up, across, left, bottom, legend }: {
    readonly drawn: readonly Html[];
    readonly up: NumberAxis;
    readonly across: readonly Tick[];
    readonly left: string;
    readonly bottom: string;
    readonly legend?: Html | undefined;
  },
): Html {
  const shown = Math.max(...up.ticks.map(decimalsNeeded));
  const atUp = (tick: number) => (tick - up.low) / (up.high - up.low);
  const lines = up.ticks.map((tick) =>
    html`
      <line class="${tick === 0
        ? "grid zero"
        : "grid"}" x1="0" x2="${SIZE}" y1="${(SIZE * (1 - atUp(tick))).toFixed(
          1,
        )}" y2="${(SIZE * (1 - atUp(tick))).toFixed(1)}" />
    `
  );
  return html`<figure class="chart">
<figcaption>${title}</figcaption>${legend}
<div class="plot">
<div class="left" aria-hidden="true"><span class="unit">${left}</span>${
    up.ticks.map((tick) =>
      html`<span style="bottom:${(100 * atUp(tick)).toFixed(2)}%">${numberText(tick, shown)}</span>`
    )
  }</div>
<svg class="area" role="img" aria-label="${summary}" viewBox="0 0 ${SIZE} ${SIZE}" preserveAspectRatio="none">${lines}${drawn}</svg>
<div class="bottom" aria-hidden="true">${
    across.map(({ at, text }) => html`<span style="left:${(100 * at).toFixed(2)}%">${text}</span>`)
  }</div>${bottom === "" ? undefined : html`<div class="below" aria-hidden="true">${bottom}</div>`}
</div>
</figure>`;
}

/** Of a round number. */
function decimalsNeeded(tick: number): number {
  return tick.toFixed(8).replace(/\.?0+$/, "").split(".")[1]?.length ?? 0;
}

/** A share as a bar in a table's cell, with its text. */
export function shareBar(count: number, of: number): Html {
  const width = of === 0 ? 0 : 100 * count / of;
  return html`
    <span class="share"><span style="width:${width.toFixed(1)}%"></span></span><span
      class="percent">${shareText(count, of)}</span>
  `;
}
