/** How the figures came about: what was assumed, from what, with what, and how long it took. */

import type { Fingerprint, RunTime } from "../../storage/kept_results.ts";
import { durationText } from "../progress.ts";
import type { Summary } from "../summary.ts";
import { html } from "./html.ts";
import type { Html } from "./html.ts";
import { countText, numberText } from "./numbers.ts";

export interface Origin {
  readonly fingerprint: Fingerprint;
  readonly runs: readonly RunTime[];
  /** Things to know about this record, such as tags that it lacks. */
  readonly notes: readonly string[];
  readonly madeAt: Date;
}

export function originSection(summaries: readonly Summary[], origin: Origin): Html {
  return html`
    <h2 id="origin">How these figures came about</h2>
    <h3>What was assumed</h3>
    <ul>${assumptions(summaries, origin).map((text) => html`<li>${text}</li>`)}</ul>
    <h3>From what</h3>
    <dl>${Object.entries(origin.fingerprint).map(([name, value]) =>
      html`
        <dt>${name}</dt>
        <dd><code>${value}</code></dd>
      `
    )}</dl>
    <p
      class="soft">The same command on the same record gives these figures again with the same build of Setpoint, with any number
    of solver children and however busy the machine is. What follows is of the machine.</p>
    <h3>Run time</h3>
    <dl>${runTexts(summaries, origin).map(([name, value]) =>
      html`
        <dt>${name}</dt>
        <dd>${value}</dd>
      `
    )}</dl>
  `;
}

function assumptions(summaries: readonly Summary[], { notes }: Origin): string[] {
  const gates = summaries.map(({ layout: { strategy } }) => strategy.steadyState !== undefined);
  return [
    "Each moment starts from the settings that were recorded: gains are those of one move within its " +
    "move limits, not accumulated over moves that follow one another.",
    "Gains and limits at the recommended settings are predicted by the strategy's own models with " +
    "their bias; the plant was not moved, so nobody measured them.",
    "A cycle sees nothing that was recorded after its moment. Averages, ages, valid ranges, frozen and " +
    "jumping sensors and replacements go by the strategy's rules, as on the box.",
    "Bias, last good values and sensor doubts are carried from moment to moment in the order of the " +
    "record, from up to a day before the first moment.",
    gates.every((gate) => gate)
      ? "Cycles in which the plant had not settled were held, as the strategy says."
      : "Cycles did not wait for the plant to settle, as the strategy has no such rule" +
        (gates.some((gate) => gate) ? " in one of the two versions." : "."),
    "Every search began anew, without the warm start that the box takes from its last cycle, and with " +
    "twenty times the strategy's time limit: so no figure depends on the order or on the machine's load.",
    "The gain is that of the objective as it is stated; penalties, operating bands and prices of soft " +
    "limits, which the optimizer pays beside it, are not part of it.",
    "A limit counts as broken where it is exceeded by more than a hundred thousandth of its scale.",
    ...notes,
  ];
}

function runTexts(
  summaries: readonly Summary[],
  { runs, madeAt }: Origin,
): [string, string][] {
  const seconds = runs.reduce((sum, run) => sum + run.seconds, 0);
  const results = runs.reduce((sum, run) => sum + run.results, 0);
  const notes = [...new Set(runs.map(({ note }) => note))].join("; ");
  const times = summaries.flatMap(({ solverMs }) => solverMs ?? []);
  return [
    [
      "cycles computed",
      `${countText(results)} in ${runs.length} ${runs.length === 1 ? "run" : "runs"}`,
    ],
    ["time", durationText(seconds)],
    ["speed", `${numberText(results / Math.max(seconds, 1e-3))} cycles per second (${notes})`],
    ...times.map(({ mean, quantiles, most }): [string, string] => [
      "solver time of a cycle",
      `mean ${numberText(mean)} ms, 95 % below ${numberText(quantiles.get(0.95)!)} ms, longest ${
        numberText(most)
      } ms`,
    ]),
    ["report made", `${madeAt.toISOString().slice(0, 19).replace("T", " ")} UTC`],
  ];
}
