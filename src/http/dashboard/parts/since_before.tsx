/** What changed since the cycle before, in one line. */

import type { Overview } from "../overview.ts";
import { readable } from "../overview.ts";
import { texts } from "../texts.ts";

export function SinceBefore({ overview }: { readonly overview: Overview }) {
  const { before, settings, newlyBinding, noLongerBinding } = overview;
  if (before === undefined) return null;
  const changed = settings.filter((row) => row.before !== undefined).length;
  const { since } = texts;
  const said = [
    ...(changed === 0 ? [] : [since.settings(changed)]),
    ...(newlyBinding.length === 0 ? [] : [since.binds(newlyBinding.map(readable).join(", "))]),
    ...(noLongerBinding.length === 0
      ? []
      : [since.frees(noLongerBinding.map(readable).join(", "))]),
  ];
  return (
    <p class="since" id="since">
      <span class="since-label">{since.label}</span>{" "}
      <span>{said.length === 0 ? since.nothing : said.join("; ")}</span>
    </p>
  );
}
