/** The charts of the trends page: one per variable under one time axis, zoomed and read together. */

import { ask } from "./ask.js";
import {
  axes,
  colours,
  faded,
  honestGaps,
  newChart,
  onOtherColours,
  shortText,
  uPlot,
} from "./chart.js";
import { button, swatch } from "./chart_head.js";
import { boxNow } from "./clocks.js";
import { csvOf, pictureOf, save } from "./export.js";
import { unitText } from "./numbers.js";
import { texts } from "./texts.js";

const HOUR_MS = 3_600_000;
const MOST_CHARTS = 6;
const HEIGHT = 240;
const AGAIN_MS = 2_500;
const MOST_BUCKETS = 1000;
/** A chart that follows the present is fetched again this often. */
const FOLLOW_MS = 10_000;

const tools = document.querySelector("[data-trends]");
const place = document.getElementById("charts");
const said = document.getElementById("trends-said");
const sync = uPlot.sync("trends");

/** By variable: its panel, the newest answer, the chart. */
const shown = new Map();
let hours = Number(tools.dataset.hours);
/** [from, to] in UTC milliseconds while zoomed in; undefined: the span up to now. */
let zoom;

function span() {
  if (zoom !== undefined) return zoom;
  const to = boxNow();
  return [to - hours * HOUR_MS, to];
}

function show(variable) {
  if (variable === "" || shown.has(variable)) return;
  if (shown.size >= MOST_CHARTS) {
    said.textContent = texts.tooMany;
    return;
  }
  const panel = document.createElement("section");
  panel.className = "panel chart-panel";
  panel.setAttribute("aria-label", nameOf(variable));
  place.append(panel);
  shown.set(variable, { panel, answer: undefined, chart: undefined });
  remember();
  void load(variable);
}

function remove(variable) {
  const { panel, chart } = shown.get(variable);
  chart?.destroy();
  panel.remove();
  shown.delete(variable);
  remember();
}

/** The address says what is shown, so that it can be sent to a colleague. */
function remember() {
  place.dataset.count = String(shown.size);
  const query = new URLSearchParams([
    ...[...shown.keys()].map((name) => ["show", name]),
    ["hours", String(hours)],
  ]);
  history.replaceState(null, "", `?${query}`);
}

async function load(variable) {
  const [from, to] = span();
  const query = new URLSearchParams({
    variable,
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    buckets: String(Math.min(MOST_BUCKETS, Math.max(100, Math.round(place.clientWidth / 1.5)))),
  });
  const { answer, problem } = await ask(`/trends?${query}`);
  const entry = shown.get(variable);
  if (entry === undefined) return;
  if (problem !== undefined) {
    said.textContent = problem;
    return;
  }
  entry.answer = answer;
  entry.span = [from, to];
  draw(variable);
  said.textContent = answer.fault ?? (answer.is_complete ? "" : `${texts.filling} …`);
  if (!answer.is_complete) setTimeout(() => load(variable), AGAIN_MS);
}

function loadAll() {
  for (const variable of shown.keys()) void load(variable);
}

function draw(variable) {
  const entry = shown.get(variable);
  const { answer, panel, span: [from, to] } = entry;
  if (entry.chart !== undefined && entry.shape === shapeOf(answer)) {
    // Zooming is undone by nobody but the reader.
    entry.chart.setData(dataOf(answer), false);
    entry.chart.setScale("x", { min: from / 1000, max: to / 1000 });
    return;
  }
  entry.chart?.destroy();
  entry.shape = shapeOf(answer);
  panel.replaceChildren(head(variable, answer));
  if (answer.times.length === 0) {
    const empty = document.createElement("p");
    empty.className = "says muted";
    empty.textContent = texts.noValues;
    panel.append(empty);
    entry.chart = undefined;
    return;
  }
  const box = document.createElement("div");
  box.className = "chart";
  panel.append(box);
  entry.chart = newChart(
    optionsOf(answer, { from, to, width: box.clientWidth }),
    dataOf(answer),
    box,
  );
}

function shapeOf({ series, times, limits }) {
  return JSON.stringify([
    series.map(({ kind, source }) => kind + source),
    times.length === 0,
    limits,
  ]);
}

function dataOf({ times, series, limits }) {
  const level = (value) => times.map(() => value);
  return [
    times.map((time) => time / 1000),
    ...series.flatMap(({ mean, min, max }) => [mean, min, max]),
    ...limitLines(limits).map(({ value }) => level(value)),
  ];
}

function limitLines(limits) {
  return limits.flatMap(({ name, min, max }) =>
    [min, max].filter((value) => value !== null).map((value) => ({ name, value }))
  );
}

function strokes() {
  const { text, act, predicted } = colours();
  return {
    measured: { stroke: text },
    recommended: { stroke: act, isSteps: true },
    predicted: { stroke: predicted },
    expected: { stroke: predicted, dash: [5, 4] },
  };
}

function optionsOf(answer, { from, to, width }) {
  const { times, series, limits, unit } = answer;
  const paint = strokes();
  const seconds = times.map((time) => time / 1000);
  const lines = series.flatMap(({ kind, mean, source }, i) => {
    const { stroke, dash, isSteps = false } = paint[kind];
    const gaps = honestGaps(seconds, mean);
    const edge = { show: true, stroke: "transparent", points: { show: false }, gaps, width: 0 };
    return [
      {
        label: texts.kinds[kind],
        stroke,
        dash,
        width: 1.5,
        gaps,
        points: { show: mean.filter((value) => value !== null).length < 3 },
        value: (_, value) => shortText(value),
        ...(isSteps && source === "cycles" ? { paths: uPlot.paths.stepped({ align: 1 }) } : {}),
      },
      { ...edge, label: `min ${i}` },
      { ...edge, label: `max ${i}` },
    ];
  });
  const { bad, faint } = colours();
  return {
    width,
    height: HEIGHT,
    padding: [8, 14, 0, 0],
    scales: {
      x: { min: from / 1000, max: to / 1000, range: (_, min, max) => [min, max] },
      y: { range: (_, min, max) => reach(min, max, limits) },
    },
    series: [
      { value: (_, at) => at === null ? "–" : new Date(at * 1000).toLocaleString("en-GB") },
      ...lines,
      ...limitLines(limits).map(({ name }) => ({
        label: name,
        stroke: name === "bounds" ? faint : bad,
        width: 1,
        dash: [3, 4],
        points: { show: false },
        auto: false,
      })),
    ],
    bands: series.flatMap(({ kind }, i) => [{
      series: [3 * i + 3, 3 * i + 2],
      fill: faded(paint[kind].stroke, 0.14),
    }]),
    axes: axes({ unit: unitText(unit) }),
    legend: { show: false },
    cursor: {
      sync: { key: sync.key, setSeries: false },
      drag: { x: true, y: false, setScale: false },
      points: { size: 6 },
    },
    hooks: {
      setSelect: [(chart) => {
        const { left, width } = chart.select;
        if (width < 4) return;
        zoom = [chart.posToVal(left, "x") * 1000, chart.posToVal(left + width, "x") * 1000];
        chart.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
        loadAll();
      }],
      setCursor: [(chart) => read(answer.variable, chart)],
      ready: [(chart) => {
        chart.over.addEventListener("dblclick", () => {
          zoom = undefined;
          loadAll();
        });
        chart.over.tabIndex = 0;
        chart.over.setAttribute("role", "application");
        chart.over.setAttribute("aria-label", `${nameOf(answer.variable)}, ${unitText(unit)}`);
        chart.over.addEventListener("keydown", (event) => step(event, chart));
      }],
    },
  };
}

/** A limit near the values is shown; one far away would press them flat. */
function reach(min, max, limits) {
  if (min === null || max === null) return [0, 1];
  const width = Math.max(max - min, Math.abs(max) * 1e-3, 1e-9);
  let [low, high] = [min, max];
  for (const { value } of limitLines(limits)) {
    if (value < min && min - value < width) low = Math.min(low, value);
    if (value > max && value - max < width) high = Math.max(high, value);
  }
  const margin = (high - low + width) * 0.05;
  return [low - margin, high + margin];
}

/** Arrow keys move the cursor from point to point. */
function step(event, chart) {
  const direction = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (direction === undefined) return;
  event.preventDefault();
  const times = chart.data[0];
  const at = Math.max(
    0,
    Math.min(times.length - 1, (chart.cursor.idx ?? times.length) + direction),
  );
  chart.setCursor({ left: chart.valToPos(times[at], "x"), top: 10 });
}

/** The values under the cursor, in the panel's head. */
function read(variable, chart) {
  const entry = shown.get(variable);
  if (entry === undefined) return;
  const { idx } = chart.cursor;
  const { answer, panel } = entry;
  const at = idx ?? undefined;
  panel.querySelector("[data-at]").textContent = at === undefined
    ? ""
    : new Date(answer.times[at]).toLocaleString("en-GB");
  for (const element of panel.querySelectorAll("[data-kind]")) {
    const series = answer.series.find(({ kind }) => kind === element.dataset.kind);
    element.textContent = shortText(valueNear(series.mean, at));
  }
}

/** Of the bucket, or the newest known before it. */
function valueNear(values, at = values.length - 1) {
  for (let i = at; i >= 0; i--) if (values[i] !== null) return values[i];
  return null;
}

function head(variable, answer) {
  const header = document.createElement("header");
  header.className = "panel-head chart-head";
  const title = document.createElement("h2");
  title.textContent = nameOf(variable);
  const unit = document.createElement("span");
  unit.className = "unit";
  unit.textContent = unitText(answer.unit);
  title.append(" ", unit);
  const legend = document.createElement("ul");
  legend.className = "legend";
  const paint = strokes();
  for (const { kind, mean } of answer.series) {
    const entry = document.createElement("li");
    entry.className = `legend-${kind}`;
    const value = document.createElement("strong");
    value.dataset.kind = kind;
    value.textContent = shortText(valueNear(mean));
    entry.append(swatch(paint[kind]), `${texts.kinds[kind]} `, value);
    legend.append(entry);
  }
  const at = document.createElement("span");
  at.dataset.at = "";
  at.className = "muted chart-at";
  const buttons = document.createElement("span");
  buttons.className = "chart-buttons";
  buttons.append(
    button(texts.csv, `${texts.csv}: ${nameOf(variable)}`, () => saveTable(variable)),
    button(texts.png, `${texts.png}: ${nameOf(variable)}`, () => savePicture(variable)),
    button("×", `${texts.remove}: ${nameOf(variable)}`, () => remove(variable)),
  );
  header.append(title, legend, at, buttons);
  return header;
}

function saveTable(variable) {
  const { answer } = shown.get(variable);
  const columns = answer.series.flatMap(({ kind, mean, min, max }) => [
    { name: `${variable} ${kind}`, values: mean },
    { name: `${variable} ${kind} min`, values: min },
    { name: `${variable} ${kind} max`, values: max },
  ]);
  const text = csvOf(answer.times, columns);
  save(new Blob([text], { type: "text/csv" }), `${fileName(variable)}.csv`);
}

async function savePicture(variable) {
  const { chart, answer } = shown.get(variable);
  if (chart === undefined) return;
  const title = `${nameOf(variable)} (${unitText(answer.unit)})`;
  save(await pictureOf(chart.ctx.canvas, title), `${fileName(variable)}.png`);
}

function fileName(variable) {
  return variable.replaceAll(/[^\w-]+/g, "_").replaceAll(/^_+|_+$/g, "") || "trend";
}

const options = new Map(
  [...document.querySelectorAll("#add-variable option")].map(({ value, textContent }) => [
    value,
    textContent,
  ]),
);

function nameOf(variable) {
  return (options.get(variable) ?? variable).replace(/ \([^()]*\)$/, "");
}

document.getElementById("add-variable").addEventListener("change", (event) => {
  show(event.target.value);
  event.target.value = "";
});
for (const element of tools.querySelectorAll("button[data-hours]")) {
  element.addEventListener("click", () => {
    hours = Number(element.dataset.hours);
    zoom = undefined;
    for (const other of tools.querySelectorAll("button[data-hours]")) {
      other.setAttribute("aria-pressed", String(other === element));
    }
    remember();
    loadAll();
  });
}
for (const variable of JSON.parse(tools.dataset.shown)) show(variable);
onOtherColours(() => {
  for (const [variable, entry] of shown) {
    entry.shape = undefined;
    if (entry.answer !== undefined) draw(variable);
  }
});
new ResizeObserver(() => {
  for (const { chart } of shown.values()) {
    const width = chart?.root.parentElement.clientWidth;
    if (width > 0 && chart.width !== width) chart.setSize({ width, height: HEIGHT });
  }
}).observe(place);
setInterval(() => {
  if (zoom === undefined && document.visibilityState === "visible") loadAll();
}, FOLLOW_MS);
