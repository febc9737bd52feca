/** The operator's page: what to change, why, and what it is worth. */

import type { DeskView } from "../desk_view.ts";
import { hasExpired } from "../desk_view.ts";
import type { Overview } from "../overview.ts";
import { Banner } from "../parts/banner.tsx";
import { BoxParts } from "../parts/box_parts.tsx";
import { InfluencesCard, LimitsCard, RelaxedCard } from "../parts/limits_card.tsx";
import { ObjectiveCard } from "../parts/objective_card.tsx";
import { OtherOutcomes, OutcomesTable } from "../parts/outcomes_table.tsx";
import { SettingsTable } from "../parts/settings_table.tsx";
import { SinceBefore } from "../parts/since_before.tsx";
import { texts } from "../texts.ts";
import { Shell } from "./shell.tsx";

export function OverviewPage({ view, overview }: {
  readonly view: DeskView;
  readonly overview: Overview | undefined;
}) {
  const recommendation = overview?.latest.recommendation;
  const isOld = recommendation !== undefined &&
    (recommendation.status === "held" || recommendation.status === "failed" ||
      hasExpired(recommendation, view.now));
  return (
    <Shell title={texts.nav.overview} view={view} here="/" isLive>
      <h1 class="unseen">{texts.nav.overview}</h1>
      <Banner view={view} />
      {overview === undefined ? <BoxParts health={view.health} /> : (
        <div
          class={`overview ${isOld ? "is-old" : ""}`}
          data-cycle={recommendation?.cycle_id}
          data-valid-until={Date.parse(recommendation?.valid_until ?? "")}
        >
          <div class="overview-main">
            <SinceBefore overview={overview} />
            <SettingsTable overview={overview} />
            <OutcomesTable overview={overview} />
            <OtherOutcomes overview={overview} />
          </div>
          <div class="overview-side">
            <ObjectiveCard overview={overview} />
            <RelaxedCard overview={overview} />
            <LimitsCard overview={overview} />
            <InfluencesCard overview={overview} />
            <Notes warnings={overview.latest.recommendation.warnings} />
            <BoxParts health={view.health} />
          </div>
        </div>
      )}
    </Shell>
  );
}

export function Notes({ warnings }: { readonly warnings: readonly string[] }) {
  if (warnings.length === 0) return null;
  return (
    <section class="panel" aria-labelledby="notes-title">
      <header class="panel-head">
        <h2 id="notes-title">{texts.warnings.title}</h2>
      </header>
      <ul class="notes">{warnings.map((warning) => <li>{warning}</li>)}</ul>
    </section>
  );
}
