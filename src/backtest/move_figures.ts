/** How the settings would have been moved. */

import type { OperativeVariable } from "../strategy/strategy.ts";
import type { Layout } from "./layout.ts";
import type { MomentResult } from "./moment_result.ts";
import { meanOf } from "./statistics.ts";

/** In the setting's unit; over the moments with an answer. */
export interface MoveFigures {
  readonly setting: OperativeVariable;
  readonly count: number;
  readonly up: number;
  readonly down: number;
  readonly meanChange: number;
  readonly meanSize: number;
  readonly mostUp: number;
  readonly mostDown: number;
  /** As recorded, and as recommended. */
  readonly measured: number;
  readonly recommended: number;
  /** What stopped it, the most frequent first. */
  readonly stoppedBy: readonly { readonly by: string; readonly count: number }[];
}

export function moveFigures(
  { settings }: Layout,
  answered: readonly MomentResult[],
): MoveFigures[] {
  return settings.map((setting, i) => {
    const found = answered.flatMap((one) => one.settings[i] ?? []);
    const changes = found.map(({ measured, recommended }) => recommended - measured);
    return {
      setting,
      count: found.length,
      up: changes.filter((change) => change > 0).length,
      down: changes.filter((change) => change < 0).length,
      meanChange: meanOf(changes),
      meanSize: meanOf(changes.map(Math.abs)),
      mostUp: changes.reduce((most, change) => Math.max(most, change), 0),
      mostDown: changes.reduce((most, change) => Math.min(most, change), 0),
      measured: meanOf(found.map(({ measured }) => measured)),
      recommended: meanOf(found.map(({ recommended }) => recommended)),
      stoppedBy: [...Map.groupBy(found, ({ limitedBy }) => limitedBy)]
        .map(([by, of]) => ({ by, count: of.length }))
        .toSorted((a, b) => b.count - a.count || a.by.localeCompare(b.by, "en")),
    };
  });
}
