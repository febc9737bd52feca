/** Sliders at the left, what the models expect beside them, and curves along one or two of them. */

import type { DeskView } from "../desk_view.ts";
import { changeText, clockText, numberText, unitText } from "../format.ts";
import { readable } from "../overview.ts";
import { limitsText } from "../parts/outcomes_table.tsx";
import { RangeBar } from "../parts/range_bar.tsx";
import { texts } from "../texts.ts";
import type { Expected, ExpectedState, Slider } from "../what_if_view.ts";
import { mayDo } from "../../access.ts";
import { Shell } from "./shell.tsx";

const { whatIf: words } = texts;

export function WhatIfPage({ view, sliders, expected }: {
  readonly view: DeskView;
  readonly sliders: readonly Slider[];
  readonly expected: ExpectedState;
}) {
  const settings = sliders.filter(({ isSetting }) => isSetting);
  const disturbances = sliders.filter(({ isSetting }) => !isSetting);
  return (
    <Shell
      title={words.title}
      view={view}
      here="/dashboard/what-if"
      scripts={["what_if.js"]}
      styles={["uplot.css"]}
    >
      <div class="page-head">
        <h1>{words.title}</h1>
        <span class="muted">{words.intro}</span>
        <span class="what-if-buttons">
          <button type="button" id="reset">{words.reset}</button>
          {mayDo(view.caller, "operate") && (
            <button type="button" id="optimise" class="act">{words.optimise}</button>
          )}
        </span>
      </div>
      <p id="what-if-said" class="refusal" role="alert"></p>
      <div class="what-if">
        <div class="what-if-sliders">
          <SliderPanel id="try-settings" title={words.settings} sliders={settings} />
          {disturbances.length > 0 && (
            <SliderPanel id="try-others" title={words.disturbances} sliders={disturbances} />
          )}
        </div>
        <div class="what-if-answers">
          <section id="optimum" class="panel" aria-labelledby="optimum-title" hidden>
            <header class="panel-head">
              <h2 id="optimum-title">{words.found}</h2>
              <button type="button" id="take">{words.optimum}</button>
            </header>
            <div id="optimum-answer" aria-live="polite"></div>
          </section>
          <ExpectedTable expected={expected} now={view.now} />
        </div>
        <ResponsePanel sliders={sliders} expected={expected} />
      </div>
    </Shell>
  );
}

function SliderPanel({ id, title, sliders }: {
  readonly id: string;
  readonly title: string;
  readonly sliders: readonly Slider[];
}) {
  return (
    <section class="panel" aria-labelledby={id}>
      <header class="panel-head">
        <h2 id={id}>{title}</h2>
      </header>
      <ul class="sliders">
        {sliders.map((slider) => <SliderRow slider={slider} />)}
      </ul>
    </section>
  );
}

function SliderRow({ slider }: { readonly slider: Slider }) {
  const { name, unit, from, to, step, decimals, live } = slider;
  const id = `slider-${name}`;
  return (
    <li class="slider" title={slider.description ?? ""}>
      <label for={id}>{readable(name)}</label>
      <span class="slider-value">
        <output for={id}>{numberText(live, decimals)}</output>{" "}
        <span class="unit">{unitText(unit)}</span>
      </span>
      <button
        type="button"
        class="quiet slider-reset"
        aria-label={words.resetOne(readable(name))}
        disabled
      >
        ↺
      </button>
      <input
        id={id}
        type="range"
        min={from}
        max={to}
        step={step}
        value={live ?? (from + to) / 2}
        data-name={name}
        data-decimals={decimals}
        data-live={live ?? ""}
        data-setting={slider.isSetting ? "1" : ""}
        aria-valuetext={`${numberText(live, decimals)} ${unitText(unit)}`}
        data-unit={unitText(unit)}
      />
      <span class="slider-ends" aria-hidden="true">
        <span>{numberText(from, decimals)}</span>
        <span>{numberText(to, decimals)}</span>
      </span>
    </li>
  );
}

/** Also sent alone, each time a slider has moved. */
export function ExpectedTable({ expected, now }: {
  readonly expected: ExpectedState;
  readonly now: Date;
}) {
  const { rows, missing, snapshotTime } = expected;
  return (
    <section id="expected" class="panel" aria-labelledby="expected-title">
      <header class="panel-head">
        <h2 id="expected-title">{words.predictions}</h2>
        <p class="panel-note">
          {snapshotTime === null ? "" : words.from(clockText(snapshotTime, { now }))}
        </p>
      </header>
      {missing.length > 0 && (
        <p class="says muted">{words.missing(missing.map(readable).join(", "))}</p>
      )}
      <table class="grid tried" role="table">
        <caption class="unseen">{words.predictions}</caption>
        <thead role="rowgroup">
          <tr role="row">
            <th scope="col" role="columnheader">{texts.outcomes.variable}</th>
            <th scope="col" role="columnheader" class="num">{words.live}</th>
            <th scope="col" role="columnheader" class="num">{words.tried}</th>
            <th scope="col" role="columnheader" class="num">{texts.settings.change}</th>
            <th scope="col" role="columnheader">{texts.settings.unit}</th>
            <th scope="col" role="columnheader">{texts.outcomes.limits}</th>
            <th scope="col" role="columnheader" class="wide">{texts.outcomes.within}</th>
          </tr>
        </thead>
        <tbody role="rowgroup">{rows.map((row) => <ExpectedRow row={row} />)}</tbody>
      </table>
    </section>
  );
}

function ExpectedRow({ row }: { readonly row: Expected }) {
  const { name, kind, unit, decimals, live, tried, min, max, isOutside, sense } = row;
  const change = tried - live;
  const isSeen = Math.abs(change) >= 0.5 * 10 ** -decimals;
  const gain = sense === "minimize" ? -change : change;
  const judged = sense !== undefined && isSeen ? (gain > 0 ? "better" : "worse") : "";
  return (
    <tr
      id={`expected-${kind}-${name}`}
      role="row"
      class={`${isOutside ? "is-outside" : ""} tried-${kind} ${judged}`}
    >
      <th scope="row" role="rowheader">
        {kind === "objective" ? texts.objective.title : readable(name)}
      </th>
      <td role="cell" class="num muted">{numberText(live, decimals)}</td>
      <td role="cell" class="num expected">{numberText(tried, decimals)}</td>
      <td role="cell" class="num tried-change">{isSeen ? changeText(change, decimals) : ""}</td>
      <td role="cell" class="unit">{unitText(unit)}</td>
      <td role="cell" class="limits">
        {limitsText(row)}
        {isOutside && (
          <span class="mark mark-bad">
            {texts.outcomes.outside(
              numberText(max !== null && tried > max ? tried - max : (min ?? 0) - tried, decimals),
            )}
          </span>
        )}
      </td>
      <td role="cell" class="wide">
        {(min !== null || max !== null) && (
          <RangeBar
            label={limitsText(row)}
            lower={min}
            upper={max}
            now={live}
            next={tried}
            state={isOutside ? "outside" : undefined}
          />
        )}
      </td>
    </tr>
  );
}

function ResponsePanel({ sliders, expected }: {
  readonly sliders: readonly Slider[];
  readonly expected: ExpectedState;
}) {
  return (
    <section class="panel response" aria-labelledby="response-title">
      <header class="panel-head">
        <h2 id="response-title">{words.curves}</h2>
      </header>
      <div class="response-tools">
        <label>
          <span class="tool-word">{words.shown}</span>
          <select id="response-of">
            {expected.rows.map(({ name, kind }) => (
              <option value={`${kind} ${name}`}>
                {kind === "objective" ? texts.objective.title : readable(name)}
              </option>
            ))}
          </select>
        </label>
        <label>
          <span class="tool-word">{words.along}</span>
          <select id="response-x">
            {sliders.map(({ name }) => <option value={name}>{readable(name)}</option>)}
          </select>
        </label>
        <label>
          <span class="tool-word">{words.across}</span>
          <select id="response-y">
            <option value="">{words.nothing}</option>
            {sliders.map(({ name }) => <option value={name}>{readable(name)}</option>)}
          </select>
        </label>
      </div>
      <div id="response" class="response-place" role="img" aria-label={words.curves}></div>
      <p id="response-said" class="says muted" aria-live="polite"></p>
    </section>
  );
}
