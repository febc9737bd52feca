/** The state of the box in one line: what is normal is grey, what is not stands out. */

import { mayDo } from "../../access.ts";
import type { DeskView } from "../desk_view.ts";
import { hasExpired } from "../desk_view.ts";
import { spanText } from "../format.ts";
import { texts } from "../texts.ts";

const { bar } = texts;

export function StatusBar({ view }: { readonly view: DeskView }) {
  const { health, now } = view;
  return (
    <div
      id="status"
      class="status"
      role="region"
      aria-label={bar.label}
      data-server={now.getTime()}
    >
      <dl class="status-cells">
        <CycleCell view={view} />
        <NextCell view={view} />
        <ValidCell view={view} />
        <ModeCell view={view} />
        <div class="cell">
          <dt>{bar.version}</dt>
          <dd>
            {health.version ?? <span class="mark mark-bad">{bar.noVersion}</span>}
          </dd>
        </div>
        <HealthCell view={view} />
        <div class="cell cell-link">
          <dt>{bar.link}</dt>
          <dd>
            <span class="link" data-link>{texts.link.connecting}</span>
          </dd>
        </div>
      </dl>
    </div>
  );
}

const ABNORMAL = { relaxed: "mark mark-uncertain", held: "mark mark-bad", failed: "mark mark-bad" };

function CycleCell({ view: { latest, now } }: { readonly view: DeskView }) {
  if (latest === undefined) {
    return (
      <div class="cell">
        <dt>{bar.lastCycle}</dt>
        <dd>{bar.noCycle}</dd>
      </div>
    );
  }
  const { status, time, cycle_id } = latest;
  const mark = Object.hasOwn(ABNORMAL, status) ? ABNORMAL[status as keyof typeof ABNORMAL] : "";
  return (
    <div class="cell">
      <dt>{bar.lastCycle}</dt>
      <dd>
        <a class={`status-word ${mark}`} href={`/dashboard/cycles/${cycle_id}`}>
          {texts.statuses[status].word}
        </a>{" "}
        <span class="sub" data-since={Date.parse(time)}>
          {spanText(now.getTime() - Date.parse(time))} {bar.ago}
        </span>
      </dd>
    </div>
  );
}

function NextCell({ view: { health, now } }: { readonly view: DeskView }) {
  const next = health.next_cycle;
  const untilMs = next === null ? 0 : Date.parse(next) - now.getTime();
  return (
    <div class="cell">
      <dt>{bar.nextCycle}</dt>
      <dd>
        {next === null ? bar.noNext : (
          <span data-until={Date.parse(next)} data-word="next">
            {untilMs > 0 ? `${bar.in} ${spanText(untilMs)}` : bar.due}
          </span>
        )}
      </dd>
    </div>
  );
}

function ValidCell({ view: { latest, now } }: { readonly view: DeskView }) {
  if (latest === undefined || latest.status === "held" || latest.status === "failed") return null;
  const untilMs = Date.parse(latest.valid_until);
  const expired = hasExpired(latest, now);
  return (
    <div class="cell">
      <dt>{bar.valid}</dt>
      <dd>
        <span data-until={untilMs} data-word="valid" class={expired ? "mark mark-bad" : ""}>
          {expired ? bar.expired : spanText(untilMs - now.getTime())}
        </span>
      </dd>
    </div>
  );
}

function ModeCell({ view: { health } }: { readonly view: DeskView }) {
  const { requested, achieved } = health.recommendations;
  const isOff = achieved !== null && achieved !== requested;
  const word = texts.modes[achieved ?? requested].word;
  return (
    <div class="cell">
      <dt>{bar.mode}</dt>
      <dd title={texts.modes[achieved ?? requested].means}>
        {isOff
          ? (
            <span class="mark mark-uncertain">
              {bar.modeOff(texts.modes[requested].word.toLowerCase(), word)}
            </span>
          )
          : word}
      </dd>
    </div>
  );
}

function HealthCell({ view: { health } }: { readonly view: DeskView }) {
  const states = Object.values(health.checks).flatMap((checks) =>
    checks.map(({ status }) => status)
  );
  const wrong = states.filter((status) => status !== "pass").length;
  const worst = health.status === "fail" || states.includes("fail") ? "bad" : "uncertain";
  return (
    <div class="cell">
      <dt>{bar.health}</dt>
      <dd>
        <a class={wrong === 0 ? "" : `mark mark-${worst}`} href="/#parts">
          {wrong === 0 ? bar.healthy(states.length) : bar.unhealthy(wrong)}
        </a>
      </dd>
    </div>
  );
}

/** The pages that the caller may see, and who he is. */
export function Navigation({ view, here }: { readonly view: DeskView; readonly here: string }) {
  const { nav, roles } = texts;
  const pages = [
    ["/", nav.overview],
    ["/dashboard/cycles", nav.cycles],
    ["/dashboard/trends", nav.trends],
    ["/dashboard/what-if", nav.whatIf],
    ["/dashboard/strategy", nav.strategy],
    ...(mayDo(view.caller, "engineer") ? [["/dashboard/engineer", nav.engineer] as const] : []),
  ] as const;
  return (
    <div class="top">
      <a class="brand" href="/">
        <svg viewBox="0 0 24 24" aria-hidden="true" class="brand-sign">
          <path d="M3 17h5l4-10h9" />
          <circle cx="12" cy="7" r="2.4" />
        </svg>
        <span class="brand-site">{view.health.strategy ?? texts.product}</span>
      </a>
      <nav aria-label={nav.label}>
        <ul>
          {pages.map(([path, word]) => (
            <li>
              <a href={path} {...(path === here ? { "aria-current": "page" } : {})}>{word}</a>
            </li>
          ))}
        </ul>
      </nav>
      {view.secured && (
        <form class="who" method="post" action="/dashboard/sign-out">
          <span class="muted">{bar.signedIn(view.caller.name, roles[view.caller.role])}</span>
          <button type="submit" class="quiet">{bar.signOut}</button>
        </form>
      )}
    </div>
  );
}
