/** One cycle with all that it read, decided and sent. */

import { mayDo } from "../../access.ts";
import type { CycleRecord, ReadValue } from "../../../cycle/recommendation.ts";
import type { DeskView } from "../desk_view.ts";
import {
  clockText,
  decimalsOf,
  decimalsOfSize,
  NO_NUMBER,
  numberText,
  unitText,
} from "../format.ts";
import type { Overview } from "../overview.ts";
import { InfluencesCard, LimitsCard, RelaxedCard } from "../parts/limits_card.tsx";
import { Name, Quality } from "../parts/name.tsx";
import { ObjectiveCard } from "../parts/objective_card.tsx";
import { OtherOutcomes, OutcomesTable } from "../parts/outcomes_table.tsx";
import { SettingsTable } from "../parts/settings_table.tsx";
import { SinceBefore } from "../parts/since_before.tsx";
import { texts } from "../texts.ts";
import { StatusWord } from "./cycles_page.tsx";
import { Notes } from "./overview_page.tsx";
import { Shell } from "./shell.tsx";
import type { Strategy } from "../../../strategy/strategy.ts";

const { cycle: words } = texts;

export function CyclePage({ view, overview, strategy }: {
  readonly view: DeskView;
  readonly overview: Overview;
  readonly strategy: Strategy | undefined;
}) {
  const record = overview.latest;
  const { time, status, reason } = record.recommendation;
  const clock = clockText(time, { now: view.now });
  return (
    <Shell
      title={words.title(clock)}
      view={view}
      here="/dashboard/cycles"
      scripts={["replay.js"]}
    >
      <div class="page-head">
        <h1>{words.title(clock)}</h1>
        <StatusWord status={status} />
        <span class="muted">{reason ?? texts.statuses[status].means}</span>
      </div>
      <div class="overview">
        <div class="overview-main">
          <SinceBefore overview={overview} />
          <SettingsTable overview={overview} />
          <OutcomesTable overview={overview} />
          <OtherOutcomes overview={overview} />
          <Inputs snapshot={record.snapshot} strategy={strategy} now={view.now} />
        </div>
        <div class="overview-side">
          <ObjectiveCard overview={overview} />
          <RelaxedCard overview={overview} />
          <LimitsCard overview={overview} />
          <InfluencesCard overview={overview} />
          <Notes warnings={record.recommendation.warnings} />
          <SolverCard record={record} />
          <RefereeCard record={record} />
          <TimesCard record={record} />
          <FactsCard record={record} view={view} />
          {mayDo(view.caller, "operate") && <ReplayCard record={record} />}
        </div>
      </div>
    </Shell>
  );
}

function Inputs({ snapshot, strategy, now }: {
  readonly snapshot: readonly ReadValue[];
  readonly strategy: Strategy | undefined;
  readonly now: Date;
}) {
  if (snapshot.length === 0) return null;
  const RANK = { bad: 0, uncertain: 1, good: 2 } as const;
  // A measurement of a predicted variable stands in it once more.
  const once = new Map(snapshot.map((read) => [read.variable, read]));
  const rows = [...once.values()].toSorted((a, b) => RANK[a.quality] - RANK[b.quality]);
  return (
    <section class="panel" aria-labelledby="inputs-title">
      <header class="panel-head">
        <h2 id="inputs-title">{words.inputs}</h2>
      </header>
      <div class="scrolls" tabindex={0} role="region" aria-label={words.inputsCaption}>
        <table class="grid small">
          <caption class="unseen">{words.inputsCaption}</caption>
          <thead>
            <tr>
              <th scope="col">{texts.strategy.name}</th>
              <th scope="col" class="num">{words.value}</th>
              <th scope="col">{texts.settings.unit}</th>
              <th scope="col">{texts.outcomes.quality}</th>
              <th scope="col">{words.source}</th>
              <th scope="col">{words.measuredAt}</th>
              <th scope="col">{words.note}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ variable, value, unit, quality, source, source_time, note }) => (
              <tr>
                <th scope="row">
                  <Name tag={variable} />
                </th>
                <td class="num">
                  {numberText(value, decimalsOf(strategy?.variables.get(variable), [value]))}
                </td>
                <td class="unit">{unitText(unit)}</td>
                <td>
                  {quality === "good"
                    ? <span class="muted">{texts.quality.good}</span>
                    : <Quality quality={quality} word={texts.quality[quality]} />}
                </td>
                <td class="muted">{texts.sources[source]}</td>
                <td class="muted nowrap">
                  {source_time === null ? NO_NUMBER : clockText(source_time, { now })}
                </td>
                <td>{note}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function SolverCard({ record }: { readonly record: CycleRecord }) {
  const { solver } = record.recommendation;
  if (solver === null) return null;
  return (
    <section class="panel" aria-labelledby="solver-title">
      <header class="panel-head">
        <h2 id="solver-title">{words.solver}</h2>
        <p class="panel-note">{solver.outcome.replaceAll("_", " ")}</p>
      </header>
      <table class="grid small">
        <caption class="unseen">{words.solverCaption}</caption>
        <thead>
          <tr>
            <th scope="col">{words.rung}</th>
            <th scope="col">{words.outcome}</th>
            <th scope="col" class="num">{words.iterations}</th>
            <th scope="col" class="num">{words.ms}</th>
          </tr>
        </thead>
        <tbody>
          {solver.rungs.map(({ rung, outcome, iterations, ms }) => (
            <tr>
              <th scope="row">{words.rungs[rung] ?? rung}</th>
              <td>{outcome.replaceAll("_", " ")}</td>
              <td class="num">{iterations}</td>
              <td class="num">
                {numberText(ms, 1)} <span class="unit">ms</span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function RefereeCard({ record }: { readonly record: CycleRecord }) {
  const { referee } = record.recommendation;
  return (
    <section class="panel" aria-labelledby="referee-title">
      <header class="panel-head">
        <h2 id="referee-title">{words.refereeTitle}</h2>
      </header>
      <p class="says">
        {referee === null || referee.variable === null ? words.refereeNone : words.refereeSays(
          partsText(referee.worst_difference),
          referee.variable.replaceAll("_", " "),
          partsText(referee.tolerance),
        )}
      </p>
    </section>
  );
}

/** A small share as a power of ten that can be compared: `3 × 10⁻⁸`. */
function partsText(share: number): string {
  if (!(share > 0)) return "0";
  const exponent = Math.floor(Math.log10(share));
  const digits = [...String(Math.abs(exponent))].map((digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(digit)]);
  return `${(share / 10 ** exponent).toFixed(1)} × 10${exponent < 0 ? "⁻" : ""}${digits.join("")}`;
}

function TimesCard({ record: { times } }: { readonly record: CycleRecord }) {
  const rows = [
    [words.read, times.read_ms],
    [words.predict, times.predict_ms],
    [words.solve, times.solve_ms],
    [words.referee, times.referee_ms],
    [words.total, times.total_ms],
  ] as const;
  return (
    <section class="panel" aria-labelledby="times-title">
      <header class="panel-head">
        <h2 id="times-title">{words.times}</h2>
      </header>
      <table class="grid small">
        <caption class="unseen">{words.timesCaption}</caption>
        <tbody>
          {rows.map(([word, ms]) => (
            <tr>
              <th scope="row">{word}</th>
              <td class="num">
                {numberText(ms, decimalsOfSize(Math.max(1, ms)))} <span class="unit">ms</span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function FactsCard({ record, view }: { readonly record: CycleRecord; readonly view: DeskView }) {
  const { cycle_id, version, digest, valid_until, trigger, mode, last_answer } =
    record.recommendation;
  return (
    <section class="panel" aria-labelledby="facts-title">
      <header class="panel-head">
        <h2 id="facts-title">{words.facts}</h2>
      </header>
      <dl class="facts">
        <dt>{texts.cycles.trigger}</dt>
        <dd>{texts.triggers[trigger]}</dd>
        <dt>{texts.bar.mode}</dt>
        <dd>
          {mode.achieved === mode.requested ? texts.modes[mode.achieved].word : texts.bar.modeOff(
            texts.modes[mode.requested].word.toLowerCase(),
            texts.modes[mode.achieved].word,
          )}
        </dd>
        <dt>{words.validUntil}</dt>
        <dd>{clockText(valid_until, { now: view.now })}</dd>
        {last_answer !== null && (
          <>
            <dt>{words.lastAnswer}</dt>
            <dd>
              <a href={`/dashboard/cycles/${last_answer.cycle_id}`}>
                {clockText(last_answer.time, { now: view.now })}
              </a>
            </dd>
          </>
        )}
        <dt>{texts.bar.version}</dt>
        <dd>{version}</dd>
        <dt>{words.digest}</dt>
        <dd class="code">{digest.slice(0, 16)}</dd>
        <dt>{words.id}</dt>
        <dd class="code">{cycle_id}</dd>
      </dl>
      <p class="says">
        <a href={`/cycles/${cycle_id}`}>{words.json}</a>
      </p>
    </section>
  );
}

function ReplayCard({ record }: { readonly record: CycleRecord }) {
  return (
    <section class="panel" aria-labelledby="replay-title">
      <header class="panel-head">
        <h2 id="replay-title">{words.replay}</h2>
      </header>
      <div class="says">
        <p class="muted">{words.replayMeans}</p>
        <p class="padded-top">
          <button type="button" data-replay={record.recommendation.cycle_id}>
            {words.replayButton}
          </button>
        </p>
        <div id="replay-answer" role="status" aria-live="polite"></div>
      </div>
    </section>
  );
}
