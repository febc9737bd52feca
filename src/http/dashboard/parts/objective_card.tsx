/** What it is worth: the objective now and expected, in its unit, and what it pays besides. */

import type { Overview } from "../overview.ts";
import { changeText, decimalsOfSize, numberText, unitText } from "../format.ts";
import { texts } from "../texts.ts";
import { Sparkline } from "./sparkline.tsx";

const { objective: words } = texts;

export function ObjectiveCard({ overview }: { readonly overview: Overview }) {
  const { objective } = overview.latest.recommendation;
  if (objective === null) return null;
  const { now, expected, improvement, sense, penalties } = objective;
  const unit = unitText(objective.unit);
  const decimals = decimalsOfSize(Math.max(Math.abs(now ?? 0), Math.abs(expected ?? 0)));
  const seen = Math.abs(improvement) >= 0.5 * 10 ** -decimals;
  const paid = penalties.filter((one) =>
    Math.max(Math.abs(one.now), Math.abs(one.expected)) >= 0.5 * 10 ** -decimals
  );
  return (
    <section class="panel objective" aria-labelledby="objective-title">
      <header class="panel-head">
        <h2 id="objective-title">{words.title}</h2>
        <p class="panel-note">{words[sense]}</p>
      </header>
      <div class="objective-body">
        <p class="gain">
          <span class={`gain-number ${seen ? "gain-seen" : ""}`}>
            {seen ? changeText(improvement, decimals) : "0"}
          </span>{" "}
          <span class="gain-unit">{unit}</span>{" "}
          <span class="gain-word">
            {!seen ? words.same : improvement > 0 ? words.better : words.worse}
          </span>
        </p>
        <dl class="pair">
          <dt>{words.now}</dt>
          <dd>{numberText(now, decimals)}</dd>
          <dt>{words.expected}</dt>
          <dd class="strong">{numberText(expected, decimals)}</dd>
        </dl>
        <Sparkline
          label={words.trend}
          span={overview.trendSpan}
          line={overview.objectiveTrend}
        />
      </div>
      {paid.length > 0 && (
        <table class="grid small">
          <caption class="unseen">{words.penaltiesCaption}</caption>
          <thead>
            <tr>
              <th scope="col">{words.penalties}</th>
              <th scope="col" class="num">{words.now}</th>
              <th scope="col" class="num">{words.expected}</th>
            </tr>
          </thead>
          <tbody>
            {paid.map((one) => (
              <tr>
                <th scope="row">{one.name}</th>
                <td class="num">{numberText(one.now, decimals)}</td>
                <td class="num">{numberText(one.expected, decimals)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
