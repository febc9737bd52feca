/** What the plant is expected to do: every limit with its value now and expected, then the rest. */

import type { OutcomeRow, Overview } from "../overview.ts";
import { readable } from "../overview.ts";
import { changeText, numberText, unitText } from "../format.ts";
import { texts } from "../texts.ts";
import { Name, Quality } from "./name.tsx";
import { RangeBar } from "./range_bar.tsx";
import { Sparkline } from "./sparkline.tsx";

const { outcomes: words } = texts;

export function OutcomesTable({ overview }: { readonly overview: Overview }) {
  const { outcomes, trendSpan } = overview;
  if (outcomes.length === 0) return null;
  return (
    <section class="panel" aria-labelledby="outcomes-title">
      <header class="panel-head">
        <h2 id="outcomes-title">{words.title}</h2>
      </header>
      <table class="grid outcomes" role="table">
        <caption class="unseen">{words.caption}</caption>
        <thead role="rowgroup">
          <tr role="row">
            <th scope="col" role="columnheader">{words.variable}</th>
            <th scope="col" role="columnheader" class="num">{words.now}</th>
            <th scope="col" role="columnheader" class="num">{words.expected}</th>
            <th scope="col" role="columnheader">{texts.settings.unit}</th>
            <th scope="col" role="columnheader">{words.limits}</th>
            <th scope="col" role="columnheader" class="wide">{words.within}</th>
            <th scope="col" role="columnheader" class="num wide">{words.bias}</th>
            <th scope="col" role="columnheader" class="wide">{texts.settings.trend}</th>
          </tr>
        </thead>
        <tbody role="rowgroup">
          {outcomes.map((row) => <Row row={row} span={trendSpan} />)}
        </tbody>
      </table>
    </section>
  );
}

function Row({ row, span }: { readonly row: OutcomeRow; readonly span: Overview["trendSpan"] }) {
  const { name, decimals, now, expected, min, max, inner, bias, violation, atLimit } = row;
  const outside = violation > 0.5 * 10 ** -decimals;
  return (
    <tr
      id={`outcome-${name}`}
      role="row"
      class={outside ? row.isSoft ? "is-over" : "is-outside" : ""}
    >
      <th scope="row" role="rowheader">
        {row.variable === undefined
          ? <span class="name">{readable(name)}</span>
          : <OutcomeName row={row} variable={row.variable} />}
      </th>
      <td role="cell" class="num">
        {numberText(now, decimals)}
        <Quality quality={row.quality} word={texts.quality[row.quality]} />
      </td>
      <td role="cell" class="num expected">{numberText(expected, decimals)}</td>
      <td role="cell" class="unit">{unitText(row.unit)}</td>
      <td role="cell" class="limits">
        <span class="limit-text">{limitsText(row)}</span>
        {inner !== undefined && (
          <span class="limit-text inner">{words.inner(limitsText({ ...inner, decimals }))}</span>
        )}
        {outside
          ? (
            <span class={`mark mark-${row.isSoft ? "uncertain" : "bad"}`}>
              {words.outside(numberText(violation, decimals))}
            </span>
          )
          : atLimit !== undefined && (
            <span class={`at-limit ${row.isLimitNew ? "limit-new" : ""}`}>
              {inner?.name === atLimit ? words.atInner : words.atLimit}
            </span>
          )}
      </td>
      <td role="cell" class="wide">
        <RangeBar
          label={limitsText(row)}
          lower={min}
          upper={max}
          now={now}
          next={expected}
          inner={inner}
          state={outside && !row.isSoft ? "outside" : undefined}
        />
      </td>
      <td role="cell" class="num wide muted">
        {bias === null ? "" : changeText(bias, decimals)}
      </td>
      <td role="cell" class="wide">
        <Sparkline
          label={texts.settings.trendLabel(readable(name))}
          span={span}
          line={row.trend}
          bounds={[min, max]}
        />
      </td>
    </tr>
  );
}

/** The limit's own name, with the variable that it is about below. */
function OutcomeName({ row, variable }: { readonly row: OutcomeRow; readonly variable: string }) {
  return (
    <>
      <a
        class="name"
        href={`/dashboard/trends?show=${encodeURIComponent(variable)}`}
        title={variable}
      >
        {readable(row.name)}
      </a>
      {row.description !== undefined && <span class="about">{row.description}</span>}
    </>
  );
}

/** `0.5 to 1.4`, `at most 1.4`, `at least 0.5`. */
export function limitsText(
  { min, max, decimals }: Pick<OutcomeRow, "min" | "max" | "decimals">,
): string {
  if (min !== null && max !== null) {
    return words.range(numberText(min, decimals), numberText(max, decimals));
  }
  if (max !== null) return `${words.below} ${numberText(max, decimals)}`;
  return min === null ? "" : `${words.above} ${numberText(min, decimals)}`;
}

/** Values without limits of their own, folded away: they explain, nobody acts on them. */
export function OtherOutcomes({ overview }: { readonly overview: Overview }) {
  const { others, trendSpan } = overview;
  if (others.length === 0) return null;
  return (
    <section class="panel" aria-labelledby="others-title">
      <header class="panel-head">
        <h2 id="others-title">{words.others}</h2>
      </header>
      <table class="grid others" role="table">
        <caption class="unseen">{words.othersCaption}</caption>
        <thead role="rowgroup">
          <tr role="row">
            <th scope="col" role="columnheader">{words.variable}</th>
            <th scope="col" role="columnheader" class="num">{words.now}</th>
            <th scope="col" role="columnheader" class="num">{words.expected}</th>
            <th scope="col" role="columnheader">{texts.settings.unit}</th>
            <th scope="col" role="columnheader" class="wide">{texts.settings.trend}</th>
          </tr>
        </thead>
        <tbody role="rowgroup">
          {others.map((row) => (
            <tr id={`other-${row.name}`} role="row">
              <th scope="row" role="rowheader">
                <Name tag={row.name} about={row.description} />
              </th>
              <td role="cell" class="num">{numberText(row.now, row.decimals)}</td>
              <td role="cell" class="num expected">{numberText(row.expected, row.decimals)}</td>
              <td role="cell" class="unit">{unitText(row.unit)}</td>
              <td role="cell" class="wide">
                <Sparkline
                  label={texts.settings.trendLabel(readable(row.name))}
                  span={trendSpan}
                  line={row.trend}
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
