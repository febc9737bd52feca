/** What the strategy does: a graph with live values, and the same as a table. */

import type { CycleRecord } from "../../../cycle/recommendation.ts";
import type { Plan } from "../../../cycle/plan.ts";
import type { Variable } from "../../../strategy/strategy.ts";
import type { StrategyGraph } from "../../../strategy/strategy_graph.ts";
import type { DeskView } from "../desk_view.ts";
import { decimalsOf, numberText, unitText } from "../format.ts";
import type { Layout } from "../graph_layout.ts";
import { Graph } from "../parts/graph.tsx";
import { Name } from "../parts/name.tsx";
import { texts } from "../texts.ts";
import { Shell } from "./shell.tsx";

const { strategy: words } = texts;

export function StrategyPage({ view, plan, graph, layout, latest }: {
  readonly view: DeskView;
  readonly plan: Plan;
  readonly graph: StrategyGraph;
  readonly layout: Layout;
  readonly latest: CycleRecord | undefined;
}) {
  const { strategy } = plan;
  const makers = makersOf(plan);
  const values = new Map([
    ...latest?.snapshot.map(({ variable, value }) => [variable, value] as const) ?? [],
    ...latest?.recommendation.expectations.map(({ variable, now }) => [variable, now] as const) ??
      [],
  ]);
  return (
    <Shell
      title={words.title}
      view={view}
      here="/dashboard/strategy"
      scripts={["graph.js"]}
      isLive
    >
      <div class="page">
        <div class="page-head">
          <h1>{words.title}</h1>
          <span class="muted">{strategy.description ?? words.intro}</span>
        </div>
        <section class="panel">
          <p class="says padded-top muted">{words.intro}</p>
          <ul class="graph-key">
            {(["operative", "informative", "calculated", "predicted", "model", "limit"] as const)
              .map((shape) => (
                <li>
                  <svg viewBox="0 0 22 14" class="key" aria-hidden="true">
                    <g class={`node node-${shape}`}>
                      <rect x="1" y="1" width="20" height="12" rx={shape === "limit" ? 6 : 2} />
                    </g>
                  </svg>
                  {words.types[shape]}
                </li>
              ))}
          </ul>
          <div class="graph-place" tabindex={0} role="region" aria-label={words.graph}>
            <Graph graph={graph} layout={layout} strategy={strategy} latest={latest} />
          </div>
        </section>
        <section class="panel" aria-labelledby="words-title">
          <header class="panel-head">
            <h2 id="words-title">{words.tableTitle}</h2>
          </header>
          <div class="scrolls" tabindex={0} role="region" aria-label={words.caption}>
            <table class="grid small">
              <caption class="unseen">{words.caption}</caption>
              <thead>
                <tr>
                  <th scope="col">{words.name}</th>
                  <th scope="col">{words.type}</th>
                  <th scope="col" class="num">{words.value}</th>
                  <th scope="col">{texts.settings.unit}</th>
                  <th scope="col">{words.range}</th>
                  <th scope="col">{words.from}</th>
                </tr>
              </thead>
              <tbody>
                {[...strategy.variables.values()].map((variable) => (
                  <Row
                    variable={variable}
                    value={values.get(variable.name)}
                    maker={makers.get(variable.name)}
                  />
                ))}
              </tbody>
            </table>
          </div>
        </section>
      </div>
    </Shell>
  );
}

function Row({ variable, value, maker }: {
  readonly variable: Variable;
  readonly value: number | undefined;
  readonly maker: string | undefined;
}) {
  const { name, type, unit, description } = variable;
  const range = type === "operative"
    ? variable.bounds
    : "valid" in variable
    ? variable.valid
    : undefined;
  const decimals = decimalsOf(variable, [value]);
  return (
    <tr id={`variable-${name}`}>
      <th scope="row">
        <Name tag={name} about={description} />
      </th>
      <td>{words.types[type]}</td>
      <td class="num">{numberText(value, decimals)}</td>
      <td class="unit">{unitText(unit)}</td>
      <td class="nowrap">
        {range === undefined
          ? ""
          : texts.outcomes.range(numberText(range[0], decimals), numberText(range[1], decimals))}
      </td>
      <td class="muted">{maker}</td>
    </tr>
  );
}

/** By variable: the skill that computes it, or the tag that measures what it predicts. */
function makersOf({ strategy }: Plan): Map<string, string> {
  const makers = new Map<string, string>();
  for (const skill of strategy.skills.values()) {
    if (skill.type === "model") skill.outputs.forEach((name) => makers.set(name, skill.name));
    if (skill.type === "function") {
      skill.outputs.forEach(({ variable }) => makers.set(variable, skill.name));
    }
  }
  return makers;
}
