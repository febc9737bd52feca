/** The cycles of the past: a strip that shows at a glance when it was not as usual, and a list. */

import type { CycleStatus, Recommendation } from "../../../cycle/recommendation.ts";
import type { PastCycle } from "../../cycle_history.ts";
import type { DeskView } from "../desk_view.ts";
import { changeText, clockText, decimalsOf, unitText } from "../format.ts";
import { texts } from "../texts.ts";
import { Shell } from "./shell.tsx";

const { cycles: words } = texts;

export function CyclesPage({ view, cycles, strip, older }: {
  readonly view: DeskView;
  /** Newest first. */
  readonly cycles: readonly Recommendation[];
  /** Oldest first. */
  readonly strip: readonly PastCycle[];
  /** Time that the next page ends before; undefined on the last one. */
  readonly older: string | undefined;
}) {
  const gains = cycles.map(({ objective }) => objective?.improvement);
  return (
    <Shell title={words.title} view={view} here="/dashboard/cycles" isLive>
      <div class="page">
        <h1>{words.title}</h1>
        <Strip strip={strip} now={view.now} />
        <section class="panel">
          {cycles.length === 0
            ? <p class="says padded">{words.empty}</p>
            : (
              <div class="scrolls" tabindex={0} role="region" aria-label={words.caption}>
                <table class="grid cycles">
                  <caption class="unseen">{words.caption}</caption>
                  <thead>
                    <tr>
                      <th scope="col">{words.time}</th>
                      <th scope="col">{words.status}</th>
                      <th scope="col" class="num">{words.moves}</th>
                      <th scope="col" class="num">{words.gain}</th>
                      <th scope="col">{words.trigger}</th>
                      <th scope="col">{words.version}</th>
                      <th scope="col">{words.reason}</th>
                    </tr>
                  </thead>
                  <tbody>
                    {cycles.map((cycle) => (
                      <Row cycle={cycle} decimals={decimalsOf(undefined, gains)} now={view.now} />
                    ))}
                  </tbody>
                </table>
              </div>
            )}
        </section>
        <p class="pager">
          <a class="button" href="/dashboard/cycles">{words.newest}</a>{" "}
          {older !== undefined && (
            <a class="button" href={`/dashboard/cycles?before=${encodeURIComponent(older)}`}>
              {words.older}
            </a>
          )}
        </p>
      </div>
    </Shell>
  );
}

function Row({ cycle, decimals, now }: {
  readonly cycle: Recommendation;
  readonly decimals: number;
  readonly now: Date;
}) {
  const { cycle_id, time, status, trigger, version, reason, objective, settings } = cycle;
  const moves = settings.filter(({ change }) => change !== 0).length;
  const gain = objective?.improvement ?? null;
  return (
    <tr id={`cycle-${cycle_id}`}>
      <th scope="row">
        <a href={`/dashboard/cycles/${cycle_id}`}>{clockText(time, { now })}</a>
      </th>
      <td>
        <StatusWord status={status} />
      </td>
      <td class="num">{moves === 0 ? "" : moves}</td>
      <td class="num">
        {gain === null ? "" : (
          <>
            {changeText(gain, decimals)} <span class="unit">{unitText(objective?.unit ?? "")}</span>
          </>
        )}
      </td>
      <td class="muted">{texts.triggers[trigger]}</td>
      <td class="muted">{version}</td>
      <td class="reason">{reason}</td>
    </tr>
  );
}

/** Colour only where somebody should look. */
export function StatusWord({ status }: { readonly status: CycleStatus }) {
  const { word, means } = texts.statuses[status];
  const marks: Readonly<Partial<Record<CycleStatus, string>>> = {
    relaxed: "mark mark-uncertain",
    held: "mark mark-bad",
    failed: "mark mark-bad",
  };
  return <span class={marks[status] ?? ""} title={means}>{word}</span>;
}

const STRIP_HEIGHTS: Readonly<Record<CycleStatus, number>> = {
  unchanged: 8,
  optimised: 14,
  relaxed: 20,
  held: 26,
  failed: 26,
};

/** One bar a cycle; higher and coloured where it was not as usual. */
function Strip({ strip, now }: { readonly strip: readonly PastCycle[]; readonly now: Date }) {
  if (strip.length === 0) return null;
  const counts = Object.keys(texts.statuses).map((status) =>
    [status as CycleStatus, strip.filter((cycle) => cycle.status === status).length] as const
  ).filter(([, count]) => count > 0);
  const said = counts.map(([status, count]) => `${count} ${texts.statuses[status].word}`).join(
    ", ",
  );
  const step = 8;
  const width = Math.max(strip.length, 60) * step;
  const from = new Date(strip[0]!.timeMs);
  return (
    <figure class="panel strip">
      <svg
        viewBox={`0 0 ${width} 30`}
        preserveAspectRatio="xMaxYMid meet"
        role="img"
        aria-label={`${words.strip}: ${said}`}
      >
        {strip.map(({ status }, i) => {
          const height = STRIP_HEIGHTS[status];
          const x = width - (strip.length - i) * step;
          return (
            <rect
              class={`bar bar-${status}`}
              x={x}
              y={28 - height}
              width={step - 2}
              height={height}
            />
          );
        })}
      </svg>
      <figcaption>
        <span>{clockText(from, { now })}</span>
        <span>{said}</span>
      </figcaption>
    </figure>
  );
}
