/** The past of any variables, one chart each under one time axis. The charts are drawn in the browser. */

import type { Strategy, Variable } from "../../../strategy/strategy.ts";
import { OBJECTIVE } from "../../cycle_history.ts";
import type { DeskView } from "../desk_view.ts";
import { unitText } from "../format.ts";
import { readable } from "../overview.ts";
import { texts } from "../texts.ts";
import { Shell } from "./shell.tsx";

const { trends: words } = texts;

const SPANS = [
  ["h1", 1],
  ["h6", 6],
  ["d1", 24],
  ["d7", 168],
  ["d30", 720],
] as const;

export function TrendsPage({ view, strategy, shown, hours }: {
  readonly view: DeskView;
  readonly strategy: Strategy | undefined;
  readonly shown: readonly string[];
  readonly hours: number;
}) {
  const variables = [...strategy?.variables.values() ?? []];
  const groups = [
    [words.settings, variables.filter(({ type }) => type === "operative")],
    [words.predicted, variables.filter(({ type }) => type === "predicted")],
    [words.calculated, variables.filter(({ type }) => type === "calculated")],
    [words.read, variables.filter(({ type }) => type === "informative")],
  ] as const;
  return (
    <Shell
      title={words.title}
      view={view}
      here="/dashboard/trends"
      scripts={["trends.js"]}
      styles={["uplot.css"]}
    >
      <div class="page">
        <h1>{words.title}</h1>
        <div class="tools panel" data-trends data-shown={JSON.stringify(shown)} data-hours={hours}>
          <label>
            <span class="tool-word">{words.add}</span>
            <select id="add-variable">
              <option value=""></option>
              <optgroup label={words.objective}>
                <option value={OBJECTIVE}>{words.objective}</option>
              </optgroup>
              {groups.map(([label, members]) =>
                members.length === 0 ? null : (
                  <optgroup label={label}>
                    {members.map((variable) => <Choice variable={variable} />)}
                  </optgroup>
                )
              )}
            </select>
          </label>
          <div role="group" aria-label={words.span} class="spans">
            {SPANS.map(([key, length]) => (
              <button type="button" data-hours={length} aria-pressed={String(length === hours)}>
                {words.spans[key]}
              </button>
            ))}
          </div>
          <p class="muted tools-note">{words.note}</p>
        </div>
        <p id="trends-said" class="muted" role="status" aria-live="polite"></p>
        <div id="charts" data-empty={words.choose}></div>
      </div>
    </Shell>
  );
}

function Choice({ variable: { name, unit } }: { readonly variable: Variable }) {
  return (
    <option value={name}>{`${readable(name)}${unit === "" ? "" : ` (${unitText(unit)})`}`}</option>
  );
}
