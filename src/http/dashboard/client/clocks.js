/** Ages and times left, told anew each second by the box's clock and not by this screen's. */

import { texts } from "./texts.js";

let offsetMs = 0;

/** The box's time now, in UTC milliseconds. */
export function boxNow() {
  return Date.now() + offsetMs;
}

/** `serverMs` is the box's time as an answer of just now gave it. */
export function setBoxClock(serverMs) {
  if (Number.isFinite(serverMs)) offsetMs = serverMs - Date.now();
}

/** `4 min 05 s`; the same as the server writes it. */
export function spanText(ms) {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const two = (count) => String(count).padStart(2, "0");
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1440) return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
  return `${Math.floor(minutes / 1440)} d ${Math.floor(minutes / 60) % 24} h`;
}

/** Brings every clock of the page up to now. */
export function tick() {
  const now = boxNow();
  for (const element of document.querySelectorAll("[data-since]")) {
    write(element, `${spanText(now - Number(element.dataset.since))} ${texts.ago}`);
  }
  for (const element of document.querySelectorAll("[data-until]")) {
    const leftMs = Number(element.dataset.until) - now;
    if (element.dataset.word === "next") {
      write(element, leftMs > 0 ? `${texts.in} ${spanText(leftMs)}` : texts.due);
    } else {
      write(element, leftMs > 0 ? spanText(leftMs) : texts.expired);
      element.classList.toggle("mark", leftMs <= 0);
      element.classList.toggle("mark-bad", leftMs <= 0);
    }
  }
  for (const element of document.querySelectorAll("[data-valid-until]")) {
    if (Number(element.dataset.validUntil) <= now) element.classList.add("is-old");
  }
}

function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
