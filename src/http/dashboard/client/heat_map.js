/** An outcome over two settings: shades with lines of equal value, hatched where a limit is broken. */

import { colours, shortText } from "./chart.js";
import { unitText } from "./numbers.js";

const EDGE = { left: 74, right: 16, top: 12, bottom: 46 };
const LEVELS = 8;

/** `axes` as the box sent them, the last running fastest; `wanted` are the variables of x and y. */
export function drawMap(place, { curve, axes, wanted, at, limits }) {
  const x = axes.find(({ variable }) => variable === wanted[0]);
  const y = axes.find(({ variable }) => variable === wanted[1]);
  const isTurned = axes[0] === y;
  const valueAt = (values, i, j) =>
    isTurned ? values[j * x.values.length + i] : values[i * y.values.length + j];
  const canvas = document.createElement("canvas");
  const scale = devicePixelRatio;
  const [width, height] = [place.clientWidth, place.clientHeight];
  canvas.width = width * scale;
  canvas.height = height * scale;
  canvas.className = "map";
  place.append(canvas);
  const drawing = canvas.getContext("2d");
  drawing.scale(scale, scale);
  const area = {
    left: EDGE.left,
    top: EDGE.top,
    width: width - EDGE.left - EDGE.right,
    height: height - EDGE.top - EDGE.bottom,
  };
  const known = curve.values.filter((value) => value !== null);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const map = { drawing, area, x, y, at, low, high, valueAt };
  shade(map, curve.values);
  hatch(map, limits);
  levels(map, curve.values);
  frame(map);
}

/** Cells between the points, each in the shade of its middle. */
function shade({ drawing, area, x, y, low, high, valueAt }, values) {
  const { act, panel } = colours();
  const [columns, rows] = [x.values.length - 1, y.values.length - 1];
  for (let i = 0; i < columns; i++) {
    for (let j = 0; j < rows; j++) {
      const corners = [[i, j], [i + 1, j], [i, j + 1], [i + 1, j + 1]]
        .map(([a, b]) => valueAt(values, a, b));
      if (corners.includes(null)) continue;
      const share = (mean(corners) - low) / Math.max(high - low, 1e-12);
      drawing.fillStyle = `color-mix(in srgb, ${act} ${(6 + share * 52).toFixed(1)}%, ${panel})`;
      drawing.fillRect(
        area.left + area.width * i / columns,
        area.top + area.height * (rows - 1 - j) / rows,
        area.width / columns + 0.7,
        area.height / rows + 0.7,
      );
    }
  }
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Where any limit is broken. */
function hatch({ drawing, area, x, y, valueAt }, limits) {
  const { bad } = colours();
  const [columns, rows] = [x.values.length - 1, y.values.length - 1];
  drawing.save();
  drawing.beginPath();
  for (let i = 0; i < columns; i++) {
    for (let j = 0; j < rows; j++) {
      const isBroken = limits.some(({ values, min, max }) => {
        const value = valueAt(values, i, j);
        return value !== null &&
          ((min !== null && value < min) || (max !== null && value > max));
      });
      if (!isBroken) continue;
      drawing.rect(
        area.left + area.width * i / columns,
        area.top + area.height * (rows - 1 - j) / rows,
        area.width / columns,
        area.height / rows,
      );
    }
  }
  drawing.clip();
  drawing.strokeStyle = bad;
  drawing.globalAlpha = 0.55;
  drawing.lineWidth = 1;
  drawing.beginPath();
  for (let offset = -area.height; offset < area.width; offset += 8) {
    drawing.moveTo(area.left + offset, area.top + area.height);
    drawing.lineTo(area.left + offset + area.height, area.top);
  }
  drawing.stroke();
  drawing.restore();
}

/** Lines of equal value, each cell cut where the level crosses its sides (marching squares). */
function levels({ drawing, area, x, y, low, high, valueAt }, values) {
  const { text } = colours();
  const [columns, rows] = [x.values.length - 1, y.values.length - 1];
  const place = (i, j) => [
    area.left + area.width * i / columns,
    area.top + area.height * (rows - j) / rows,
  ];
  drawing.strokeStyle = text;
  drawing.fillStyle = text;
  drawing.lineWidth = 1;
  drawing.font = "11px system-ui, sans-serif";
  for (let k = 1; k < LEVELS; k++) {
    const level = low + (high - low) * k / LEVELS;
    let label;
    drawing.globalAlpha = 0.55;
    drawing.beginPath();
    for (let i = 0; i < columns; i++) {
      for (let j = 0; j < rows; j++) {
        const corners = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]];
        const at = corners.map(([a, b]) => valueAt(values, a, b));
        if (at.includes(null)) continue;
        const cuts = corners.flatMap((from, c) => {
          const to = corners[(c + 1) % 4];
          const [a, b] = [at[c], at[(c + 1) % 4]];
          if ((a < level) === (b < level)) return [];
          const share = (level - a) / (b - a);
          return [place(from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share)];
        });
        for (let c = 0; c + 1 < cuts.length; c += 2) {
          drawing.moveTo(...cuts[c]);
          drawing.lineTo(...cuts[c + 1]);
          if (Math.abs(i - columns * (0.2 + 0.6 * k / LEVELS)) < 0.6) label = cuts[c];
        }
      }
    }
    drawing.stroke();
    drawing.globalAlpha = 0.9;
    if (label !== undefined) drawing.fillText(shortText(level), label[0] + 3, label[1] - 3);
  }
  drawing.globalAlpha = 1;
}

function frame({ drawing, area, x, y, at }) {
  const { muted, line, act, panel } = colours();
  drawing.strokeStyle = line;
  drawing.strokeRect(area.left, area.top, area.width, area.height);
  drawing.fillStyle = muted;
  drawing.font = "12px system-ui, sans-serif";
  drawing.textAlign = "center";
  const ends = (axis) => [axis.values[0], axis.values.at(-1)];
  const [x0, x1] = ends(x);
  const [y0, y1] = ends(y);
  for (const share of [0, 0.25, 0.5, 0.75, 1]) {
    drawing.textAlign = share === 0 ? "left" : share === 1 ? "right" : "center";
    drawing.fillText(
      shortText(x0 + (x1 - x0) * share),
      area.left + area.width * share,
      area.top + area.height + 16,
    );
    drawing.textAlign = "right";
    drawing.fillText(
      shortText(y0 + (y1 - y0) * share),
      area.left - 8,
      area.top + area.height * (1 - share) + (share === 1 ? 10 : share === 0 ? 0 : 4),
    );
  }
  drawing.textAlign = "center";
  drawing.fillText(nameOf(x), area.left + area.width / 2, area.top + area.height + 36);
  drawing.save();
  drawing.translate(13, area.top + area.height / 2);
  drawing.rotate(-Math.PI / 2);
  drawing.fillText(nameOf(y), 0, 0);
  drawing.restore();
  // Where the sliders stand.
  const left = area.left + area.width * (at[0] - x0) / (x1 - x0);
  const top = area.top + area.height * (1 - (at[1] - y0) / (y1 - y0));
  drawing.beginPath();
  drawing.arc(left, top, 6, 0, 2 * Math.PI);
  drawing.fillStyle = act;
  drawing.strokeStyle = panel;
  drawing.lineWidth = 2.5;
  drawing.fill();
  drawing.stroke();
}

function nameOf({ variable, unit }) {
  return `${variable.replaceAll("_", " ")}${unit === "" ? "" : ` (${unitText(unit)})`}`;
}
