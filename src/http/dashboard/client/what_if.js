/** The what-if page: each move of a slider asks the models anew; nothing is kept anywhere. */

import { ask } from "./ask.js";
import { morph } from "./morph.js";
import { changeText, numberText } from "./numbers.js";
import { showResponse } from "./response.js";
import { texts } from "./texts.js";

/** Between two requests while a slider moves: quicker than the eye, slower than the rate limit. */
const PAUSE_MS = 120;
const CURVE_MS = 250;

const sliders = [...document.querySelectorAll(".slider input")];
const said = document.getElementById("what-if-said");

/** Values that differ from the live ones, by variable. */
function tried() {
  return Object.fromEntries(
    sliders.filter((slider) => isMoved(slider)).map((slider) => [
      slider.dataset.name,
      Number(slider.value),
    ]),
  );
}

function isMoved({ value, dataset: { live, moved } }) {
  return moved === "1" && Number(value) !== Number(live);
}

function set(slider, value) {
  slider.value = String(value);
  tell(slider);
}

function tell(slider) {
  const { decimals, unit } = slider.dataset;
  const row = slider.closest(".slider");
  const text = numberText(Number(slider.value), Number(decimals));
  row.querySelector("output").textContent = text;
  slider.setAttribute("aria-valuetext", `${text} ${unit}`);
  row.classList.toggle("is-moved", isMoved(slider));
  row.querySelector(".slider-reset").disabled = !isMoved(slider);
}

let isAsking = false;
let isWanted = false;

/** One request at a time; while it runs, the newest wish waits. */
async function expect() {
  if (isAsking) {
    isWanted = true;
    return;
  }
  isAsking = true;
  const began = performance.now();
  try {
    const response = await fetch("/dashboard/what-if/expected", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ input_data: tried() }),
    });
    const text = await response.text();
    if (response.ok) {
      const page = new DOMParser().parseFromString(text, "text/html");
      morph(document.getElementById("expected"), page.getElementById("expected"));
      said.textContent = "";
    } else {
      said.textContent = JSON.parse(text).detail;
    }
  } catch {
    said.textContent = texts.unreachable;
  }
  await new Promise((done) =>
    setTimeout(done, Math.max(0, PAUSE_MS - (performance.now() - began)))
  );
  isAsking = false;
  if (isWanted) {
    isWanted = false;
    void expect();
  }
}

let curveTimer;

function curve() {
  clearTimeout(curveTimer);
  curveTimer = setTimeout(() => void showResponse({ sliders, tried: tried() }), CURVE_MS);
}

for (const slider of sliders) {
  slider.addEventListener("input", () => {
    slider.dataset.moved = "1";
    tell(slider);
    void expect();
    curve();
  });
  slider.closest(".slider").querySelector(".slider-reset").addEventListener("click", () => {
    back(slider);
    void expect();
    curve();
  });
}

function back(slider) {
  slider.dataset.moved = "";
  set(slider, slider.dataset.live);
}

document.getElementById("reset").addEventListener("click", () => {
  sliders.forEach(back);
  document.getElementById("optimum").hidden = true;
  void expect();
  curve();
});

let found;

document.getElementById("optimise")?.addEventListener("click", async ({ target }) => {
  target.disabled = true;
  said.textContent = "";
  const { answer, problem } = await ask("/what-if", { input_data: tried() });
  target.disabled = false;
  if (problem !== undefined) {
    said.textContent = problem;
    return;
  }
  found = answer.settings;
  showOptimum(answer);
});

document.getElementById("take").addEventListener("click", () => {
  for (const { variable, recommended } of found ?? []) {
    const slider = sliders.find(({ dataset }) => dataset.name === variable);
    if (slider === undefined) continue;
    slider.dataset.moved = "1";
    set(slider, recommended);
  }
  void expect();
  curve();
});

function showOptimum({ settings, status, reason, objective }) {
  const panel = document.getElementById("optimum");
  const place = document.getElementById("optimum-answer");
  panel.hidden = false;
  const moved = settings.filter(({ change }) => change !== 0);
  document.getElementById("take").disabled = moved.length === 0;
  if (moved.length === 0) {
    place.replaceChildren(line("p", reason ?? texts.noChange, "says"));
    return;
  }
  const table = document.createElement("table");
  table.className = "grid small";
  const caption = line("caption", panel.querySelector("h2").textContent, "unseen");
  const body = document.createElement("tbody");
  body.append(...moved.map(settingRow));
  table.append(caption, body);
  const gain = objective === null ? [] : [
    line(
      "p",
      `${changeText(objective.improvement, 1)} ${objective.unit}`,
      "says strong gain-seen",
    ),
  ];
  const held = status === "relaxed" && reason !== null ? [line("p", reason, "says refusal")] : [];
  place.replaceChildren(...gain, ...held, table);
}

function settingRow({ variable, measured, recommended, change }) {
  const slider = sliders.find(({ dataset }) => dataset.name === variable);
  const decimals = Number(slider?.dataset.decimals ?? 2);
  const row = document.createElement("tr");
  const name = line("th", variable.replaceAll("_", " "));
  name.scope = "row";
  row.append(
    name,
    line("td", numberText(measured, decimals), "num muted"),
    line("td", numberText(recommended, decimals), "num strong"),
    line("td", changeText(change, decimals), "num change"),
    line("td", slider?.dataset.unit ?? "", "unit"),
  );
  return row;
}

function line(tag, text, kind = "") {
  const element = document.createElement(tag);
  element.textContent = text;
  element.className = kind;
  return element;
}

for (const select of document.querySelectorAll(".response-tools select")) {
  select.addEventListener("change", curve);
}
curve();
