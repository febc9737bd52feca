/** The whole report in a sentence and a few figures. */

import { printFormula } from "../../strategy/print_formula.ts";
import type { Layout } from "../layout.ts";
import type { GainFigures, Summary } from "../summary.ts";
import { html } from "./html.ts";
import type { Html } from "./html.ts";
import {
  countText,
  decimalsOf,
  lengthText,
  numberText,
  shareText,
  signedText,
  timeText,
  withUnit,
} from "./numbers.ts";

/** `EUR/h`: money that flows; `EUR`: money; undefined: something else. ISO 4217 has the codes. */
export function moneyOf(
  unit: string,
): { readonly currency: string; readonly perHour: boolean } | undefined {
  const [, currency = "", rate = ""] = /^([A-Z]{3})(\/h)?$/.exec(unit) ?? [];
  const isMoney = Intl.supportedValuesOf("currency").includes(currency);
  return isMoney ? { currency, perHour: rate !== "" } : undefined;
}

/** `least emissions`, `most clinker_margin - fuel_cost`. */
export function aimText({ objective }: Layout): string {
  if (objective === undefined) return "no objective";
  return `${objective.sense} ${printFormula(objective.formula)}`;
}

/** Of the objective's mean at the recorded settings. */
function relativeGain({ all, now }: GainFigures): string | undefined {
  if (now === 0) return undefined;
  const percent = Math.abs(100 * all.mean / now);
  return `${numberText(percent, Math.min(decimalsOf(percent), 2))}\u00a0%`;
}

/** The report's first words. */
export function headlineOf(summary: Summary): Html {
  const { layout: { objective }, gain, count } = summary;
  if (gain === undefined || objective === undefined) {
    return html`<p class="headline">No recorded moment came to an answer</p>
<p class="lead">All ${countText(count)} cycles were held or failed; the reasons stand below.</p>`;
  }
  const answered = gain.all.count;
  return html`
    <p class="headline">${headlineText(summary, gain)}</p>
    <p
      class="lead">In ${shareText(
        Math.round(gain.betterShare * answered),
        answered,
      )} of the ${countText(
        answered,
      )} recorded moments with an answer Setpoint found better settings within one move. ${totalText(
        summary,
        gain,
      )}</p>
  `;
}

/** Money is worth something, other objectives rise or fall. */
function headlineText({ layout: { objective } }: Summary, gain: GainFigures): string {
  const { unit, sense, formula } = objective!;
  const size = withUnit(numberText(Math.abs(gain.all.mean)), unit);
  const relative = relativeGain(gain);
  const share = relative === undefined ? "" : ` (${relative})`;
  const from = "One move from the recorded settings would have";
  if (moneyOf(unit) !== undefined) {
    return gain.all.mean < 0
      ? `${from} cost ${size} on average${share}`
      : `${from} been worth ${size} on average${share}`;
  }
  const name = formula.kind === "variable" ? formula.name.replaceAll("_", " ") : "the objective";
  const verb = (sense === "minimize") === (gain.all.mean >= 0) ? "lowered" : "raised";
  return `${from} ${verb} ${name} by ${size} on average${share}`;
}

/** What all moves come to, where the objective is money or anything else per hour. */
function totalText({ hours, layout }: Summary, { gainHours }: GainFigures): string {
  const unit = layout.objective?.unit ?? "";
  if (!unit.endsWith("/h")) return "";
  const total = withUnit(numberText(gainHours), unit.slice(0, -2));
  return `Each move held until the next recorded moment, that is ${total} over ${
    numberText(hours, hours < 100 && hours % 1 !== 0 ? 1 : 0)
  } hours.`;
}

/** The figures beside the headline. */
export function tiles(summary: Summary): Html {
  const { layout: { objective }, gain, count, anyLimit, models } = summary;
  const unit = objective?.unit ?? "";
  const answered = gain?.all.count ?? 0;
  const worst = models.toSorted((a, b) => share(b) - share(a))[0];
  const tile = (name: string, figure: string, more: string) =>
    html`
      <div
        class="tile"><span class="name">${name}</span><b>${figure}</b><span class="more">${more}</span></div>
    `;
  return html`<div class="tiles">${[
    ...gain === undefined ? [] : [tile(
      moneyOf(unit) === undefined ? "Mean gain of a move" : "Mean gain of a move, in money",
      withUnit(signedText(gain.all.mean), unit),
      `half of all between ${
        numberText(gain.all.quantiles.get(0.25)!, decimalsOf(gain.all.mean))
      } and ${numberText(gain.all.quantiles.get(0.75)!, decimalsOf(gain.all.mean))}`,
    )],
    tile(
      "Moments with an answer",
      shareText(answered, count),
      `${countText(answered)} of ${countText(count)}`,
    ),
    tile(
      "Any limit broken, as predicted",
      `${shareText(anyLimit.now.count, anyLimit.now.known)} \u2192 ${
        shareText(anyLimit.expected.count, anyLimit.expected.known)
      }`,
      "at the recorded, then at the recommended settings",
    ),
    ...worst === undefined ? [] : [tile(
      "Furthest model, with bias",
      withUnit(`\u00b1${numberText(worst.corrected.meanSize)}`, worst.variable.unit),
      `${worst.variable.name}, mean error; it varies by ${
        withUnit(numberText(worst.spread), worst.variable.unit)
      }`,
    )],
  ]}</div>`;
}

function share({ corrected, spread }: Summary["models"][number]): number {
  return spread === 0 ? 0 : corrected.meanSize / spread;
}

/** What was looked at. */
export function coverage({ span: [from, to], stepMs, count }: Summary): string {
  return `${countText(count)} moments, one every ${lengthText(stepMs)}, ${timeText(from)} to ${
    timeText(to)
  } UTC`;
}
