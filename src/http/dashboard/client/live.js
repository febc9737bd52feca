/**
 * Keeps a page live: the box tells when a cycle has ended, the page is fetched again and put in
 * place. Silence is told at once, for old numbers must never look like new ones.
 */

import { setBoxClock, spanText, tick } from "./clocks.js";
import { morph } from "./morph.js";
import { texts } from "./texts.js";

/** The box sends a pulse every 5 s; three of them missing is silence. */
const SILENT_MS = 15_000;
const STATUS_MS = 10_000;
const ANSWER_MS = 8_000;
const AGAIN_MS = 3_000;

let heardAt = performance.now();
/** True: the box did not take the last request at all. */
let isAway = false;
let source;
let isRefreshing = false;
let isWanted = false;
let retry;

function heard() {
  heardAt = performance.now();
  isAway = false;
}

function listen() {
  clearTimeout(retry);
  source?.close();
  source = new EventSource("/events");
  let isNew = true;
  source.addEventListener("open", () => {
    heard();
    // What came while nobody listened: the page as it is now says it all.
    if (!isNew || document.body.dataset.link === "lost") void refresh();
    isNew = false;
    showLink();
  });
  source.addEventListener("pulse", heard);
  source.addEventListener("cycle", () => {
    heard();
    void refresh();
  });
  source.addEventListener("error", () => {
    showLink();
    void refreshStatus();
    // A refused or ended stream is not opened again by the browser itself.
    if (source.readyState === EventSource.CLOSED) retry = setTimeout(listen, AGAIN_MS);
  });
}

/** The page's live parts as the box has them now; one fetch at a time, the last wish wins. */
export async function refresh() {
  if (isRefreshing) {
    isWanted = true;
    return;
  }
  isRefreshing = true;
  try {
    const isWhole = document.querySelector("main[data-live]") !== null;
    const text = await fetched(isWhole ? location.href : "/dashboard/status");
    if (text === undefined) return;
    const began = performance.now();
    const page = pageOf(text);
    put(page, "status");
    if (isWhole) {
      const before = document.querySelector("[data-cycle]")?.dataset.cycle;
      put(page, "content");
      const after = document.querySelector("[data-cycle]")?.dataset.cycle;
      if (before !== after) announce();
    }
    tick();
    showLink();
    // For who watches; what is measured is not kept, for this page stays open for weeks.
    performance.measure("setpoint-update", { start: began, end: performance.now() });
    performance.clearMeasures("setpoint-update");
  } finally {
    isRefreshing = false;
    if (isWanted) {
      isWanted = false;
      void refresh();
    }
  }
}

function pageOf(text) {
  const page = new DOMParser().parseFromString(text, "text/html");
  setBoxClock(Number(page.getElementById("status")?.dataset.server));
  return page;
}

async function fetched(path) {
  try {
    const response = await fetch(path, {
      headers: { accept: "text/html" },
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    if (response.redirected && new URL(response.url).pathname === "/dashboard/sign-in") {
      location.href = response.url;
      return undefined;
    }
    if (!response.ok) return undefined;
    const text = await response.text();
    heard();
    return text;
  } catch {
    // The link says it, and the next try comes by itself.
    isAway = true;
    return undefined;
  }
}

async function refreshStatus() {
  const text = await fetched("/dashboard/status");
  if (text !== undefined) put(pageOf(text), "status");
  tick();
  showLink();
}

function put(page, id) {
  const from = document.getElementById(id);
  const to = page.getElementById(id);
  if (from !== null && to !== null) morph(from, to);
}

/** For who does not see it: the state of the new cycle, and what changed. */
function announce() {
  const status = document.querySelector(".status-word")?.textContent ?? "";
  const since = document.getElementById("since")?.textContent ?? "";
  document.getElementById("announce").textContent = `${status}. ${since}`;
}

function showLink() {
  const silentMs = performance.now() - heardAt;
  const state = isAway || silentMs > SILENT_MS
    ? "lost"
    : source?.readyState === EventSource.OPEN
    ? "live"
    : "connecting";
  if (document.body.dataset.link === "lost" && state !== "lost") {
    document.getElementById("announce").textContent = texts.back;
  }
  document.body.dataset.link = state;
  const word = document.querySelector("[data-link]:not(body)");
  if (word !== null && word.textContent !== texts[state]) word.textContent = texts[state];
  const banner = document.getElementById("link-banner");
  banner.hidden = state !== "lost";
  banner.querySelector("[data-link-age]").textContent = state === "lost"
    ? `${texts.lastHeard} ${spanText(silentMs)} ${texts.ago}.`
    : "";
}

const server = document.getElementById("status")?.dataset.server;
if (server !== undefined) {
  // The page itself has come just now, give or take its way here.
  setBoxClock(Number(server));
  listen();
  tick();
  showLink();
  setInterval(() => {
    tick();
    showLink();
  }, 1_000);
  setInterval(refreshStatus, STATUS_MS);
  addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") void refresh();
  });
  addEventListener("pagehide", () => source?.close());
}
