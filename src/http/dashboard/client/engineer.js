/** Actions of the engineer's page: each asks once, is sent, and tells how it went. */

import { ask } from "./ask.js";
import { refresh } from "./live.js";
import { texts } from "./texts.js";

const dialog = document.createElement("dialog");
dialog.className = "confirm";
dialog.setAttribute("aria-labelledby", "confirm-title");
document.body.append(dialog);

function line(tag, text, kind = "") {
  const element = document.createElement(tag);
  element.textContent = text;
  element.className = kind;
  return element;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-action]");
  if (button !== null) question(button.dataset, button.textContent);
});

function question({ action, body, ask: asked, means, close }, word) {
  const title = line("h2", asked);
  title.id = "confirm-title";
  const said = line("p", "", "refusal");
  said.setAttribute("role", "alert");
  const no = line("button", close);
  no.type = "button";
  no.addEventListener("click", () => dialog.close());
  const yes = line("button", word, "act");
  yes.type = "button";
  yes.addEventListener("click", async () => {
    yes.disabled = true;
    yes.textContent = `${texts.working} …`;
    said.textContent = "";
    const { problem, isUnderWay } = await ask(action, JSON.parse(body));
    yes.disabled = false;
    yes.textContent = word;
    if (isUnderWay) {
      // How it ends stands on the page later on; asking once more would be a second change.
      yes.hidden = true;
      said.textContent = texts.underWay;
    } else if (problem === undefined) {
      dialog.close();
      document.getElementById("announce").textContent = texts.done;
    } else said.textContent = problem;
    await refresh();
  });
  const buttons = document.createElement("p");
  buttons.className = "actions";
  buttons.append(no, yes);
  dialog.replaceChildren(title, line("p", means, "muted"), said, buttons);
  dialog.showModal();
}
