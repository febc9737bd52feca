/** The report: one HTML file that needs nothing else, neither script nor network. */

import type { MomentResult } from "../moment_result.ts";
import type { Summary } from "../summary.ts";
import { caseSections } from "./case_sections.ts";
import { compareSection } from "./compare_section.ts";
import { gainSection } from "./gain_section.ts";
import { coverage, headlineOf, tiles } from "./headline.ts";
import { html } from "./html.ts";
import type { Html } from "./html.ts";
import { bindingSection, limitSection } from "./limit_sections.ts";
import { modelSection } from "./model_section.ts";
import { moveSection } from "./move_section.ts";
import { originSection } from "./origin_section.ts";
import type { Origin } from "./origin_section.ts";
import { statusSection } from "./status_section.ts";
import { STYLE } from "./style.ts";

/** One strategy's part of the report. */
export interface ReportSide {
  /** As the reader knows it. */
  readonly name: string;
  /** Unique in the report; part of its anchors. */
  readonly side: string;
  readonly summary: Summary;
  readonly resultAt: (time: number) => MomentResult;
}

/** One side, or two side by side. */
export function reportPage(sides: readonly [ReportSide, ...ReportSide[]], origin: Origin): string {
  const [first, second] = sides;
  const title = `Backtest of ${sides.map(({ name }) => name).join(" and ")}`;
  const { description } = first.summary.layout.strategy;
  const page = html`
    <!doctype html>
    <html lang="en">
      <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
    <title>${title}</title>
    ${STYLE}
      </head>
      <body>
        <main>
    <h1>${title}</h1>
    ${second === undefined ? headlineOf(first.summary) : compareSection(first, second)}
    <p class="soft">${description === undefined ? "" : `${description}. `}${coverage(
      first.summary,
    )}.</p>
    ${second === undefined ? tiles(first.summary) : undefined}
    <div class="honest"><p><strong>What the gain is, and what it is not.</strong> Every moment starts from the settings
    that were recorded there, and the gain is that of one move within its move limits, as the strategy's own
    models predict it. Gains are not accumulated over moves that follow one another, and the plant was not moved:
    how far the models can be trusted stands under <a href="#${first
      .side}-models">Models</a>.</p></div>
    ${sides.map((side) => chapters(side, { isOneOfTwo: second !== undefined }))}
    ${originSection(sides.map(({ summary }) => summary), origin)}
        </main>
      </body>
    </html>
  `;
  return page.text;
}

function chapters(side: ReportSide, { isOneOfTwo }: { readonly isOneOfTwo: boolean }): Html {
  const { summary, name, side: at } = side;
  const all: readonly (readonly [string, string, Html])[] = [
    ["gain", "Gain", gainSection(summary, at)],
    ["limits", "Limits", limitSection(summary, at)],
    ["binding", "What holds it back", bindingSection(summary, at)],
    ["moves", "Moves", moveSection(summary, at)],
    ["models", "Models", modelSection(summary, at)],
    ["statuses", "How cycles ended", statusSection(summary, at)],
    ["cases", "Moments worth a look", caseSections(summary, side)],
  ];
  const told = all.filter(([, , { text }]) => text !== "");
  const heading = isOneOfTwo
    ? html`<h2 id="${at}-top">${name}</h2>${headlineOf(summary)}${tiles(summary)}`
    : undefined;
  return html`<section aria-label="${name}">${heading}
<nav aria-label="Contents of ${name}">${
    told.map(([id, title]) => html`<a href="#${at}-${id}">${title}</a>`)
  }<a href="#origin">How these figures came about</a></nav>${
    told.map(([, , part]) => part)
  }</section>`;
}
