/** The moments worth a look, each with a section of its own: inputs and answer. */

import type { Layout } from "../layout.ts";
import type { MomentResult } from "../moment_result.ts";
import type { Summary } from "../summary.ts";
import type { CaseFigure } from "../worst_cases.ts";
import { html } from "./html.ts";
import type { Html } from "./html.ts";
import { allowedText } from "./limit_sections.ts";
import { decimalsOf, exactText, numberText, signedText, timeText, withUnit } from "./numbers.ts";
import { named, table } from "./tables.ts";

export interface CasePlace {
  /** Sets the moments of two strategies apart. */
  readonly side: string;
  /** The moment as it was kept, whole. */
  readonly resultAt: (time: number) => MomentResult;
}

export function caseSections(summary: Summary, place: CasePlace): Html {
  const { cases, layout } = summary;
  if (cases.length === 0) return html``;
  const times = [...new Set(cases.flatMap((group) => group.cases.map(({ time }) => time)))]
    .toSorted((a, b) => a - b);
  return html`<h2 id="${place.side}-cases">Moments worth a look</h2>
<div class="pair">${
    cases.map(({ title, why, cases }) =>
      html`
        <div>
          <h3>${title}</h3>
          <p class="soft">${why}</p>
          <ul>${cases.map(({ time, what }) =>
            html`<li><a href="#${place.side}-${time}">${timeText(time)}</a>: ${
              typeof what === "string" ? what : figureText(what)
            }</li>`
          )}</ul>
        </div>
      `
    )
  }</div>
${times.map((time) => caseSection(place.resultAt(time), { layout, side: place.side }))}`;
}

function figureText({ name, value, unit }: CaseFigure): string {
  return `${name} ${withUnit(signedText(value), unit)}`;
}

function caseSection(
  result: MomentResult,
  { layout, side }: { readonly layout: Layout; readonly side: string },
): Html {
  const { time, status, reason, objective, warnings, outcome, iterations } = result;
  const unit = layout.objective?.unit ?? "";
  const worth = objective === null ? undefined : html`
    Objective ${numberText(objective.now)} now, ${withUnit(
      numberText(objective.expected),
      unit,
    )} expected: gain <strong>${withUnit(signedText(objective.gain), unit)}</strong>.
  `;
  return html`<section class="case" id="${side}-${time}">
<h3>${timeText(time)} UTC: ${status}</h3>
<p>${
    reason === null ? undefined : html`
      ${reason}.
    `
  }${worth}${
    outcome === null ? undefined : html`
      Solver: ${outcome}, ${iterations} iterations.
    `
  }</p>
${
    warnings.length === 0
      ? undefined
      : html`<ul class="soft">${warnings.map((warning) => html`<li>${warning}</li>`)}</ul>`
  }
<div class="pair">${settingsTable(result, layout)}${outputsTable(result, layout)}${
    limitsTable(result, layout)
  }${inputsTable(result, layout)}</div>
<p><a href="#${side}-cases">Back to the list</a></p>
</section>`;
}

function settingsTable({ settings }: MomentResult, layout: Layout): Html | undefined {
  const rows = layout.settings.flatMap((setting, i) => {
    const found = settings[i];
    return found === null || found === undefined ? [] : [{ setting, ...found }];
  });
  if (rows.length === 0) return undefined;
  const decimals = ({ setting: { resolution, bounds } }: (typeof rows)[number]) =>
    decimalsOf(resolution === undefined ? (bounds[1] - bounds[0]) / 100 : resolution * 100);
  return table(rows, {
    caption: "Settings",
    columns: [
      { title: "Setting", cell: ({ setting: { name, unit } }) => named(name, { unit }) },
      { title: "Recorded", cell: (row) => numberText(row.measured, decimals(row)) },
      { title: "Recommended", cell: (row) => numberText(row.recommended, decimals(row)) },
      {
        title: "Change",
        cell: (row) => signedText(row.recommended - row.measured, decimals(row)),
      },
      {
        title: "Limited by",
        cell: ({ limitedBy }) => limitedBy.replace(/^constraint /, ""),
        look: "text",
      },
    ],
  });
}

function outputsTable({ now, expected }: MomentResult, { outputs }: Layout): Html | undefined {
  const rows = outputs.map((output, i) => ({ output, now: now[i], expected: expected[i] }))
    .filter((row) => row.now !== null && row.now !== undefined);
  if (rows.length === 0) return undefined;
  return table(rows, {
    caption: "What follows from them, with bias",
    columns: [
      {
        title: "Variable",
        cell: ({ output: { name, unit, description: about } }) => named(name, { unit, about }),
      },
      { title: "Now", cell: ({ now }) => exactText(now!) },
      { title: "Expected", cell: ({ expected }) => valueText(expected) },
    ],
  });
}

function limitsTable(result: MomentResult, { limits }: Layout): Html | undefined {
  const rows = limits.map((limit, i) => ({ limit, ...result.limits[i]! }))
    .filter(({ measured, now }) => measured !== null || now !== null);
  if (rows.length === 0) return undefined;
  const bound = new Set(result.binding.map(({ limit }) => limit));
  return table(rows, {
    caption: "Limits",
    columns: [
      { title: "Limit", cell: ({ limit }) => limit.name },
      { title: "Allowed", cell: ({ limit }) => allowedText(limit) },
      { title: "As measured", cell: ({ measured }) => valueText(measured) },
      { title: "Now", cell: ({ now }) => valueText(now) },
      { title: "Expected", cell: ({ expected }) => valueText(expected) },
      { title: "Binds", cell: ({ limit }) => bound.has(limit.name) ? "yes" : "" },
    ],
  });
}

/** What was read beside the settings. */
function inputsTable({ inputs }: MomentResult, { settings }: Layout): Html | undefined {
  const moved = new Set(settings.map(({ name }) => name));
  const rows = inputs.filter(({ variable }) => !moved.has(variable));
  if (rows.length === 0) return undefined;
  return table(rows, {
    caption: "What was read",
    columns: [
      { title: "Variable", cell: ({ variable, unit }) => named(variable, { unit }) },
      { title: "Value", cell: ({ value }) => exactText(value) },
      {
        title: "From",
        cell: ({ source, note }) => note === null ? source : `${source}: ${note}`,
        look: "text",
      },
    ],
  });
}

function valueText(value: number | null | undefined): string {
  return value === null || value === undefined ? "" : exactText(value);
}
