/** What holds the plant back, in words with money; limits that gave; what would move the answer. */

import type { BindingLimit } from "../../../cycle/recommendation.ts";
import type { Overview } from "../overview.ts";
import { readable } from "../overview.ts";
import {
  changeText,
  decimalsOfSize,
  decimalsOfStep,
  handyStep,
  numberText,
  unitText,
} from "../format.ts";
import { texts } from "../texts.ts";

const { binding: words } = texts;

export function LimitsCard({ overview }: { readonly overview: Overview }) {
  const { binding_limits, objective } = overview.latest.recommendation;
  const unit = unitText(objective?.unit ?? "");
  const byWorth = binding_limits.map((limit) => ({ limit, step: stepOf(limit, overview) }))
    .toSorted((a, b) => worth(b) - worth(a));
  const lasting = byWorth.filter(({ limit }) => !isMoveLimit(limit));
  const passing = byWorth.filter(({ limit }) => isMoveLimit(limit));
  return (
    <section class="panel" aria-labelledby="binding-title">
      <header class="panel-head">
        <h2 id="binding-title">{words.title}</h2>
      </header>
      {binding_limits.length === 0 && <p class="says muted">{words.nothing}</p>}
      <ul class="worths">
        {lasting.map((one) => <Worth {...one} unit={unit} />)}
      </ul>
      {passing.length > 0 && (
        <>
          <h3>{words.steps}</h3>
          <p class="says muted">{words.stepsMeans}</p>
          <ul class="worths">{passing.map((one) => <Worth {...one} unit={unit} />)}</ul>
        </>
      )}
    </section>
  );
}

function Worth({ limit, step, unit }: {
  readonly limit: BindingLimit;
  readonly step: number;
  readonly unit: string;
}) {
  const name = readable(subjectOf(limit));
  const { shadow_price: price, side } = limit;
  if (price === null) return <li class="worth muted">{words.noPrice(name)}</li>;
  const money = price * step;
  const told = `${numberText(step, decimalsOfStep(step))} ${unitText(limit.unit)}`.trim();
  const isNothing = Math.abs(money) < 5e-4;
  return (
    <li class="worth worth-priced">
      <span>
        {side === "upper" ? words.more(told, name) : words.less(told, name)}{" "}
        <span class="muted">{isNothing ? words.nothingWorth : words.worth}</span>
      </span>
      {!isNothing && <strong>{numberText(money, decimalsOfSize(Math.abs(money)))} {unit}</strong>}
    </li>
  );
}

interface Priced {
  readonly limit: BindingLimit;
  readonly step: number;
}

function worth({ limit, step }: Priced): number {
  return limit.shadow_price === null ? -1 : limit.shadow_price * step;
}

/** The setting or the constraint that a binding limit is about. */
function subjectOf({ limit, of }: BindingLimit): string {
  return of === "setting" ? limit.split(": ")[0] ?? limit : limit;
}

/** A move limit, a deadband: what ends with this cycle. */
function isMoveLimit({ limit, of }: BindingLimit): boolean {
  return of === "setting" && / (move limit (up|down)|deadband)$/.test(limit);
}

/** By what the limit spans: of a setting its bounds, of an outcome its two limits or its size. */
function stepOf(limit: BindingLimit, { settings, outcomes }: Overview): number {
  const subject = subjectOf(limit);
  if (limit.of === "setting") {
    const bounds = settings.find(({ variable }) => variable === subject)?.bounds;
    return handyStep(bounds === undefined ? Math.abs(limit.value) / 5 : bounds[1] - bounds[0]);
  }
  const outcome = outcomes.find(({ name }) => name === subject);
  const span = outcome !== undefined && outcome.min !== null && outcome.max !== null
    ? outcome.max - outcome.min
    : Math.abs(limit.value) / 3;
  return handyStep(span);
}

export function RelaxedCard({ overview }: { readonly overview: Overview }) {
  const { relaxed_limits } = overview.latest.recommendation;
  if (relaxed_limits.length === 0) return null;
  return (
    <section class="panel is-warn" aria-labelledby="relaxed-title">
      <header class="panel-head">
        <h2 id="relaxed-title">{texts.relaxed.title}</h2>
      </header>
      <ul class="worths">
        {relaxed_limits.map(({ limit, relaxed_by, unit, rank }) => (
          <li class="worth">
            {texts.relaxed.by(
              readable(limit),
              `${numberText(relaxed_by, decimalsOfSize(Math.abs(relaxed_by)))} ${unitText(unit)}`,
            )} <span class="muted">{texts.relaxed.rank(rank)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

const MOST_INFLUENCES = 6;
const MOST_MOVED = 3;

export function InfluencesCard({ overview }: { readonly overview: Overview }) {
  const { influences } = overview.latest.recommendation;
  if (influences === undefined || influences === null) return null;
  const { objective, settings, one_sided, reason } = influences;
  const unit = unitText(objective.unit);
  const number = (value: number) => changeText(value, decimalsOfSize(Math.abs(value)));
  return (
    <section class="panel" aria-labelledby="influences-title">
      <header class="panel-head">
        <h2 id="influences-title">{texts.influences.title}</h2>
      </header>
      {reason !== null && <p class="says muted">{reason}</p>}
      {reason === null && objective.moved_by.length === 0 && (
        <p class="says muted">{texts.influences.none}</p>
      )}
      <ul class="worths">
        {objective.moved_by.slice(0, MOST_INFLUENCES).map((cause) => (
          <li class="worth influence">
            <span>
              {texts.influences.cause(
                readable(cause.variable),
                `${number(cause.typical_change)} ${unitText(cause.unit)}`,
              )}
            </span>
            <strong>{number(cause.moves)} {unit}</strong>
            <ul class="moved">
              {settings.flatMap(({ variable, unit, moved_by }) => {
                const found = moved_by.find((one) => one.variable === cause.variable);
                return found === undefined ? [] : [{ variable, unit, moves: found.moves }];
              }).slice(0, MOST_MOVED).map(({ variable, unit, moves }) => (
                <li>{readable(variable)} {number(moves)} {unitText(unit)}</li>
              ))}
            </ul>
          </li>
        ))}
      </ul>
      {one_sided.length > 0 && (
        <p class="says muted">{texts.influences.oneSided(one_sided.map(readable).join(", "))}</p>
      )}
    </section>
  );
}
