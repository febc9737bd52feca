/** Every part of the box and how it is; what does not work says why and what helps. */

import type { Health } from "../../health.ts";
import { texts } from "../texts.ts";

const { parts: words } = texts;

export function BoxParts({ health }: { readonly health: Health }) {
  const rows = Object.entries(health.checks).flatMap(([name, checks]) =>
    checks.map((check) => ({ name: nameOf(name), check }))
  );
  const RANK = { fail: 0, warn: 1, pass: 2 } as const;
  rows.sort((a, b) => RANK[a.check.status] - RANK[b.check.status]);
  return (
    <section class="panel" id="parts" aria-labelledby="parts-title" tabindex={-1}>
      <header class="panel-head">
        <h2 id="parts-title">{words.title}</h2>
      </header>
      <ul class="parts">
        {rows.map(({ name, check }) => (
          <li class={`part part-${check.status}`}>
            <span class="part-name">{name}</span>
            <span class={check.status === "pass" ? "muted" : `mark mark-${MARKS[check.status]}`}>
              {words[check.status]}
            </span>
            {check.output !== undefined && <p class="part-why">{check.output}</p>}
          </li>
        ))}
      </ul>
    </section>
  );
}

const MARKS = { warn: "uncertain", fail: "bad" } as const;

function nameOf(name: string): string {
  return Object.hasOwn(words.names, name) ? words.names[name]! : name.replaceAll("_", " ");
}
