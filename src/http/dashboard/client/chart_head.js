/** What stands in the head of a chart: pieces of its lines, and buttons. */

/** A piece of a line as the chart draws it. */
export function swatch({ stroke, dash }) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 18 8");
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(space, "path");
  line.setAttribute("d", "M0 4H18");
  line.setAttribute("stroke", stroke);
  line.setAttribute("stroke-width", "2");
  if (dash !== undefined) line.setAttribute("stroke-dasharray", "5 4");
  svg.append(line);
  return svg;
}

/** A quiet button with a short word and a label that tells all. */
export function button(word, label, act) {
  const element = document.createElement("button");
  element.type = "button";
  element.className = "quiet";
  element.textContent = word;
  element.setAttribute("aria-label", label);
  element.addEventListener("click", act);
  return element;
}
