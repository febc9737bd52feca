/** Computes a cycle again on request, and tells what came out. */

import { ask } from "./ask.js";
import { texts } from "./texts.js";

const button = document.querySelector("[data-replay]");
const place = document.getElementById("replay-answer");

button?.addEventListener("click", async () => {
  button.disabled = true;
  place.textContent = `${texts.working} …`;
  const { answer, problem } = await ask(`/cycles/${button.dataset.replay}/replay`, {});
  button.disabled = false;
  place.replaceChildren(...told(answer, problem));
});

function told(answer, problem) {
  if (problem !== undefined) return [line("p", problem, "refusal")];
  if (answer.kind === "same") return [line("p", texts.replaySame, "strong")];
  if (answer.kind === "impossible") {
    return [line("p", `${texts.replayImpossible}: ${answer.reason}`, "refusal")];
  }
  const list = document.createElement("ul");
  list.className = "differences";
  list.append(...answer.differences.map((difference) => line("li", difference)));
  return [line("p", texts.replayDifferent, "strong"), list];
}

function line(tag, text, kind = "") {
  const element = document.createElement(tag);
  element.textContent = text;
  element.className = kind;
  return element;
}
