/** How an outcome answers to one setting, as a curve, or to two, as a map. */

import { ask } from "./ask.js";
import { axes, colours, newChart, onOtherColours, shortText } from "./chart.js";
import { drawMap } from "./heat_map.js";
import { unitText } from "./numbers.js";
import { texts } from "./texts.js";

const POINTS = 41;
const MAP_POINTS = 25;

const place = document.getElementById("response");
const said = document.getElementById("response-said");
let chart;
let running;
let last;

/** Asks for the sweep that is chosen and draws it; a newer wish ends an older one. */
export async function showResponse(state) {
  last = state;
  const { sliders, tried } = state;
  const chosen = (id) => document.getElementById(id).value;
  const of = chosen("response-of");
  const names = [...new Set([chosen("response-x"), chosen("response-y")])].filter(Boolean);
  const points = names.length === 1 ? POINTS : MAP_POINTS;
  running?.abort();
  running = new AbortController();
  const sweep = Object.fromEntries(names.map((name) => [name, endsOf(name, { sliders, points })]));
  const input_data = Object.fromEntries(
    Object.entries(tried).filter(([name]) => !names.includes(name)),
  );
  const { answer, problem, isAborted } = await ask(
    "/predict",
    { input_data, sweep },
    running,
  );
  if (isAborted) return;
  said.textContent = problem ?? "";
  if (problem !== undefined) return;
  const curve = answer.curves.find(({ kind, name }) => `${kind} ${name}` === of);
  if (curve === undefined) return;
  chart?.destroy();
  chart = undefined;
  place.replaceChildren();
  // The sweep's axes may come in another order than they were asked for.
  const at = names.map((name) => Number(sliderOf(name, sliders).value));
  const ordered = names.map((name) => answer.axes.find(({ variable }) => variable === name));
  if (names.length === 1) chart = drawCurve({ curve, axis: ordered[0], at: at[0] });
  else {
    const limits = answer.curves.filter(({ kind }) => kind === "limit");
    said.textContent = texts.outside;
    drawMap(place, { curve, axes: answer.axes, wanted: names, at, limits });
  }
}

function sliderOf(name, sliders) {
  return sliders.find(({ dataset }) => dataset.name === name);
}

function endsOf(name, { sliders, points }) {
  const { min, max } = sliderOf(name, sliders);
  return { from: Number(min), to: Number(max), points };
}

function drawCurve({ curve, axis, at }) {
  const { text, act, bad } = colours();
  const { values, min, max, unit, name } = curve;
  const level = (value) => axis.values.map(() => value);
  const limits = [min, max].filter((value) => value !== null);
  return newChart(
    {
      width: place.clientWidth,
      height: place.clientHeight,
      padding: [10, 16, 0, 0],
      scales: {
        x: { time: false },
        y: {
          range: (_, low, high) => {
            const lows = [low, ...limits].filter(Number.isFinite);
            const highs = [high, ...limits].filter(Number.isFinite);
            const [least, most] = [Math.min(...lows), Math.max(...highs)];
            const margin = Math.max((most - least) * 0.08, Math.abs(most) * 1e-4, 1e-9);
            return [least - margin, most + margin];
          },
        },
      },
      series: [
        { label: axis.variable, value: (_, value) => shortText(value) },
        { label: name, stroke: text, width: 2, value: (_, value) => shortText(value) },
        ...limits.map(() => ({
          label: texts.limit,
          stroke: bad,
          width: 1,
          dash: [4, 4],
          points: { show: false },
        })),
      ],
      axes: axes({
        unit: unitText(unit),
        isTime: false,
        label: `${axis.variable.replaceAll("_", " ")} (${unitText(axis.unit)})`,
      }),
      legend: { show: false },
      cursor: { drag: { x: false, y: false } },
      hooks: {
        draw: [(drawn) => {
          const { ctx, bbox } = drawn;
          const x = drawn.valToPos(at, "x", true);
          ctx.save();
          ctx.strokeStyle = act;
          ctx.lineWidth = 2 * devicePixelRatio;
          ctx.beginPath();
          ctx.moveTo(x, bbox.top);
          ctx.lineTo(x, bbox.top + bbox.height);
          ctx.stroke();
          ctx.restore();
        }],
        setCursor: [({ cursor: { idx } }) => {
          said.textContent = idx === null || idx === undefined
            ? ""
            : `${shortText(axis.values[idx])} ${unitText(axis.unit)} → ${shortText(values[idx])} ${
              unitText(unit)
            }`;
        }],
      },
      bands: [],
    },
    [axis.values, values, ...limits.map(level)],
    place,
  );
}

onOtherColours(() => last !== undefined && void showResponse(last));
new ResizeObserver(() => {
  if (chart !== undefined && chart.width !== place.clientWidth) {
    chart.setSize({ width: place.clientWidth, height: place.clientHeight });
  }
}).observe(place);
