/** What an engineer may change: version, mode, settings on and off; and who changed what before. */

import type { Mode } from "../../../cycle/recommendation.ts";
import type { KnownVersion } from "../../../cycle/known_versions.ts";
import type { Strategy } from "../../../strategy/strategy.ts";
import type { AuditedChange, Desk } from "../../desk.ts";
import type { DeskView } from "../desk_view.ts";
import { clockText } from "../format.ts";
import { readable } from "../overview.ts";
import { Name } from "../parts/name.tsx";
import { texts } from "../texts.ts";
import { Shell } from "./shell.tsx";

const { engineer: words } = texts;

export interface EngineerProps {
  readonly view: DeskView;
  readonly choices: Desk["choices"];
  readonly versions: readonly KnownVersion[];
  /** Newest first. */
  readonly audited: readonly AuditedChange[];
  readonly strategy: Strategy | undefined;
  readonly canActivate: boolean;
}

export function EngineerPage(props: EngineerProps) {
  const { view, choices, strategy, audited } = props;
  return (
    <Shell
      title={words.title}
      view={view}
      here="/dashboard/engineer"
      scripts={["engineer.js"]}
      isLive
    >
      <div class="page">
        <div class="page-head">
          <h1>{words.title}</h1>
          <span class="muted">{words.logged}</span>
        </div>
        <div class="engineer">
          <div>
            <Versions {...props} />
            <AuditLog audited={audited} view={view} />
          </div>
          <div>
            <ModePanel choices={choices} />
            {strategy !== undefined && <Switches strategy={strategy} choices={choices} />}
          </div>
        </div>
      </div>
    </Shell>
  );
}

/** A button that asks once and then sends; engineer.js does both. */
function Action({ word, path, body, ask, means, kind = "" }: {
  readonly word: string;
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly ask: string;
  readonly means: string;
  readonly kind?: string;
}) {
  return (
    <button
      type="button"
      class={kind}
      data-action={path}
      data-body={JSON.stringify(body)}
      data-ask={ask}
      data-means={means}
      data-close={texts.close}
    >
      {word}
    </button>
  );
}

function Versions({ view, versions, canActivate }: EngineerProps) {
  const activate = "/strategy/activate";
  return (
    <section class="panel" aria-labelledby="versions-title">
      <header class="panel-head">
        <h2 id="versions-title">{words.versions}</h2>
        {canActivate && (
          <span class="actions">
            <Action
              word={words.previous}
              path={activate}
              body={{ version: "previous" }}
              ask={words.previousAsk}
              means={words.activateMeans}
            />
            <Action
              word={words.newest}
              path={activate}
              body={{ version: "newest" }}
              ask={words.newestAsk}
              means={words.activateMeans}
            />
          </span>
        )}
      </header>
      {!canActivate && <p class="says muted">{words.noActivation}</p>}
      <div class="scrolls" tabindex={0} role="region" aria-label={words.versionsCaption}>
        <table class="grid small">
          <caption class="unseen">{words.versionsCaption}</caption>
          <thead>
            <tr>
              <th scope="col">{texts.bar.version}</th>
              <th scope="col">{words.state}</th>
              <th scope="col">{texts.cycle.digest}</th>
              <th scope="col">{words.diagnostics}</th>
              <th scope="col">
                <span class="unseen">{words.activate}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {versions.map((known) => (
              <tr>
                <th scope="row" class={known.active ? "strong" : ""}>{known.version}</th>
                <td class="nowrap">{stateOf(known, view)}</td>
                <td class="code">{known.digest?.slice(0, 12)}</td>
                <td>{diagnosticsOf(known, view)}</td>
                <td class="num">
                  {canActivate && !known.active && (
                    <Action
                      word={words.activate}
                      path={activate}
                      body={{ version: known.version }}
                      ask={words.activateAsk(known.version)}
                      means={words.activateMeans}
                    />
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function stateOf({ active, pinned, kept, refusal }: KnownVersion, { now }: DeskView): string {
  if (active) return pinned ? `${words.active}, ${words.pinned}` : words.active;
  if (refusal !== null) return words.refused;
  return kept === null ? words.inStore : `${words.kept} ${clockText(kept, { now })}`;
}

/** Why it was refused; of the one in force what its health says. */
function diagnosticsOf({ active, refusal }: KnownVersion, { health, now }: DeskView) {
  if (refusal !== null) {
    return <span class="refusal">{clockText(refusal.time, { now })}: {refusal.reason}</span>;
  }
  if (!active) return null;
  const said = [...health.checks.strategy ?? [], ...health.checks.bundle ?? []]
    .flatMap(({ output }) => output ?? []);
  return said.length === 0 ? <span class="muted">{texts.parts.pass}</span> : said.join("; ");
}

function ModePanel({ choices }: Pick<EngineerProps, "choices">) {
  const other: Mode = choices.mode === "active" ? "advisory" : "active";
  const { word, means } = texts.modes[choices.mode];
  return (
    <section class="panel" aria-labelledby="mode-title">
      <header class="panel-head">
        <h2 id="mode-title">{words.mode}</h2>
        <Action
          word={words.modeSet(texts.modes[other].word)}
          path="/controls/mode"
          body={{ mode: other }}
          ask={words.modeAsk(texts.modes[other].word)}
          means={`${texts.modes[other].means}. ${words.modeMeans}`}
        />
      </header>
      <p class="says">
        <strong>{words.modeNow(word)}</strong> {means}.{" "}
        {choices.mode !== choices.configured && (
          <span class="mark mark-uncertain">
            {words.modeConfigured(texts.modes[choices.configured].word)}
          </span>
        )}
      </p>
    </section>
  );
}

function Switches(
  { strategy, choices }: { readonly strategy: Strategy; readonly choices: Desk["choices"] },
) {
  const settings = [...strategy.variables.values()].filter((one) => one.type === "operative");
  return (
    <section class="panel" aria-labelledby="switches-title">
      <header class="panel-head">
        <h2 id="switches-title">{words.switches}</h2>
      </header>
      <table class="grid small">
        <caption class="unseen">{words.switchesCaption}</caption>
        <thead>
          <tr>
            <th scope="col">{texts.settings.variable}</th>
            <th scope="col">{words.state}</th>
            <th scope="col">
              <span class="unseen">{words.switchOff}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {settings.map(({ name, enabled }) => {
            const isOff = choices.switchedOff.has(name);
            const shown = readable(name);
            return (
              <tr id={`switch-${name}`}>
                <th scope="row">
                  <Name tag={name} />
                </th>
                <td>
                  {!enabled
                    ? <span class="muted">{words.offByStrategy}</span>
                    : isOff
                    ? <span class="mark mark-uncertain">{words.off}</span>
                    : <span class="muted">{words.on}</span>}
                </td>
                <td class="num">
                  {enabled && (
                    <Action
                      word={isOff ? words.switchOn : words.switchOff}
                      path="/controls/switch"
                      body={{ variable: name, on: isOff }}
                      ask={isOff ? words.switchOnAsk(shown) : words.switchOffAsk(shown)}
                      means={isOff ? words.switchOnMeans : words.switchMeans}
                      kind={isOff ? "" : "quiet"}
                    />
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

function AuditLog(
  { audited, view }: { readonly audited: readonly AuditedChange[]; readonly view: DeskView },
) {
  const oldest = audited.at(-1)?.number;
  return (
    <section class="panel" aria-labelledby="audit-title">
      <header class="panel-head">
        <h2 id="audit-title">{words.audit}</h2>
      </header>
      <div class="scrolls" tabindex={0} role="region" aria-label={words.auditCaption}>
        <table class="grid small">
          <caption class="unseen">{words.auditCaption}</caption>
          <thead>
            <tr>
              <th scope="col">{texts.cycles.time}</th>
              <th scope="col">{words.who}</th>
              <th scope="col">{words.what}</th>
              <th scope="col">{words.before}</th>
              <th scope="col">{words.after}</th>
            </tr>
          </thead>
          <tbody>
            {audited.map(({ number, time, who, role, address, what, before, after }) => (
              <tr id={`audit-${number}`}>
                <th scope="row" class="nowrap">{clockText(time, { now: view.now })}</th>
                <td title={[role, address].filter(Boolean).join(", ")}>{who}</td>
                <td>{what}</td>
                <td class="muted told">{toldText(before)}</td>
                <td class="told">{toldText(after)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {oldest !== undefined && oldest > 1 && (
        <p class="says padded-top">
          <a class="button" href={`/dashboard/engineer?before=${oldest}#audit-title`}>
            {words.older}
          </a>
        </p>
      )}
    </section>
  );
}

/** A value of the audit log in short: words as they are, several as `name: value`. */
function toldText(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value !== "object") return String(value);
  return Object.entries(value)
    .filter(([, one]) => one !== null)
    .map(([name, one]) => `${name}: ${typeof one === "object" ? JSON.stringify(one) : one}`)
    .join(", ");
}
