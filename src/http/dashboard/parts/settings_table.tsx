/** Every setting in its place: measured, recommended, what limits it. Only what is to move has colour. */

import type { Overview, SettingRow } from "../overview.ts";
import { readable } from "../overview.ts";
import { changeText, numberText, unitText } from "../format.ts";
import { limitedByText, texts } from "../texts.ts";
import { Name, Quality } from "./name.tsx";
import { RangeBar } from "./range_bar.tsx";
import { Sparkline } from "./sparkline.tsx";

const { settings: words } = texts;

export function SettingsTable({ overview }: { readonly overview: Overview }) {
  const { settings, trendSpan } = overview;
  const moves = settings.filter(({ change }) => change !== 0).length;
  return (
    <section class="panel" aria-labelledby="settings-title">
      <header class="panel-head">
        <h2 id="settings-title">{words.title}</h2>
        <p class="panel-note">{words.toMove(moves, settings.length)}</p>
      </header>
      <table class="grid settings" role="table">
        <caption class="unseen">{words.caption}</caption>
        <thead role="rowgroup">
          <tr role="row">
            <th scope="col" role="columnheader">{words.variable}</th>
            <th scope="col" role="columnheader" class="num">{words.measured}</th>
            <th scope="col" role="columnheader" class="num">{words.recommended}</th>
            <th scope="col" role="columnheader" class="num">{words.change}</th>
            <th scope="col" role="columnheader">{words.unit}</th>
            <th scope="col" role="columnheader">{words.limitedBy}</th>
            <th scope="col" role="columnheader" class="wide">{words.range}</th>
            <th scope="col" role="columnheader" class="wide">{words.trend}</th>
          </tr>
        </thead>
        <tbody role="rowgroup">
          {settings.map((row) => <Row row={row} span={trendSpan} />)}
        </tbody>
      </table>
    </section>
  );
}

function Row({ row, span }: { readonly row: SettingRow; readonly span: Overview["trendSpan"] }) {
  const { variable, decimals, bounds, change, measured, recommended, before } = row;
  const unit = unitText(row.unit);
  const off = row.limited_by === "switched off";
  const direction = change > 0 ? "up" : change < 0 ? "down" : "same";
  return (
    <tr
      id={`setting-${variable}`}
      role="row"
      class={`${change === 0 ? "still" : "moves"}${off ? " is-off" : ""}`}
    >
      <th scope="row" role="rowheader">
        <Name tag={variable} about={row.description} />
      </th>
      <td role="cell" class="num measured">
        {numberText(measured, decimals)}
        <Quality quality={row.quality} word={texts.quality[row.quality]} />
      </td>
      <td role="cell" class="num recommended">
        {before !== undefined && (
          <span class="fresh" title={texts.since.was(numberText(before, decimals))}>
            <span class="unseen">{texts.since.changed}</span>
          </span>
        )}
        {numberText(recommended, decimals)}
      </td>
      <td role="cell" class={`num change change-${direction}`}>
        {change === 0 ? "" : changeText(change, decimals)}
      </td>
      <td role="cell" class="unit">{unit}</td>
      <td role="cell" class="limited">
        <span class={row.isLimitNew ? "limit-new" : ""}>{limitedByText(row.limited_by)}</span>
      </td>
      <td role="cell" class="wide">
        {bounds !== undefined && (
          <RangeBar
            label={words.rangeLabel(
              numberText(bounds[0], decimals),
              numberText(bounds[1], decimals),
            )}
            lower={bounds[0]}
            upper={bounds[1]}
            now={measured}
            next={recommended}
          />
        )}
      </td>
      <td role="cell" class="wide">
        <Sparkline
          label={words.trendLabel(readable(variable))}
          span={span}
          line={row.measuredTrend}
          steps={row.recommendedTrend}
          {...(bounds === undefined ? {} : { bounds })}
        />
      </td>
    </tr>
  );
}
