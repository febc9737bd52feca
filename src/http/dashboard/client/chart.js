/** Charts over time or over a setting, in the colours of the page, drawn by uPlot. */

import uPlot from "./uplot.js";

/** The page's colours now: they follow the reader's light or dark. */
export function colours() {
  const style = getComputedStyle(document.documentElement);
  const of = (name) => style.getPropertyValue(`--${name}`).trim();
  return {
    text: of("text"),
    muted: of("muted"),
    line: of("line-soft"),
    act: of("act"),
    bad: of("bad"),
    predicted: of("predicted"),
    faint: of("faint"),
    panel: of("panel"),
  };
}

/** A colour made see-through. */
export function faded(colour, share) {
  return `color-mix(in srgb, ${colour} ${share * 100}%, transparent)`;
}

/** Calls back when the reader changes between light and dark. */
export function onOtherColours(redraw) {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
}

export function axes({ unit, isTime = true, label }) {
  const { muted, line } = colours();
  const font = "12px system-ui, sans-serif";
  const common = {
    stroke: muted,
    font,
    grid: { stroke: line, width: 1 },
    ticks: { stroke: line, width: 1, size: 4 },
  };
  return [
    {
      ...common,
      ...(isTime ? { values: TIMES } : { label, labelFont: font, labelSize: 18 }),
    },
    { ...common, size: 66, label: unit, labelFont: font, labelSize: 16, values: NUMBERS },
  ];
}

/** 24 hours, day before month in words, as in the rest of the page. */
const TIMES = [
  [3600 * 24 * 365, "{YYYY}", null, null, null, null, null, null, 1],
  [3600 * 24 * 28, "{MMM}", "\n{YYYY}", null, null, null, null, null, 1],
  [3600 * 24, "{D} {MMM}", null, null, null, null, null, null, 1],
  [3600, "{HH}:{mm}", "\n{D} {MMM}", null, "\n{D} {MMM}", null, null, null, 1],
  [60, "{HH}:{mm}", "\n{D} {MMM}", null, "\n{D} {MMM}", null, null, null, 1],
  [1, "{HH}:{mm}:{ss}", "\n{D} {MMM}", null, "\n{D} {MMM}", null, null, null, 1],
  [0.001, ":{ss}.{fff}", null, null, null, null, null, null, 1],
];

const NUMBERS = (_, splits) => splits.map((value) => value === null ? "" : shortText(value, 9));

/** As few digits as tell neighbours apart, with the thousands spaced. */
export function shortText(value, digits = 4) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const rounded = Number(value.toPrecision(digits));
  const [whole, rest] = String(Math.abs(rounded)).split(".");
  const spaced = whole.length < 5 || whole.includes("e")
    ? whole
    : whole.replace(/\B(?=(\d{3})+$)/g, "\u202f");
  return `${rounded < 0 ? "\u2212" : ""}${spaced}${rest === undefined ? "" : `.${rest}`}`;
}

/**
 * Two points further apart than this many of the usual steps are not joined: nothing was known in
 * between.
 */
const GAP_STEPS = 6;

/** Joins points over empty buckets, and leaves real holes open. */
export function honestGaps(times, values) {
  const known = times.filter((_, i) => values[i] !== null);
  const steps = known.slice(1).map((time, i) => time - known[i]).sort((a, b) => a - b);
  const usual = steps[steps.length >> 1] ?? Infinity;
  return (chart, _series, _first, _last, gaps) =>
    gaps.filter(([from, to]) => {
      const span = chart.posToVal(to / devicePixelRatio, "x") -
        chart.posToVal(from / devicePixelRatio, "x");
      return span > GAP_STEPS * usual;
    });
}

export function newChart(options, values, place) {
  return new uPlot(options, values, place);
}

export { uPlot };
