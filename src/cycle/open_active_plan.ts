/** The plan in force, with the store that bundles come from and the disk that they stay on. */

import type { Config } from "../config.ts";
import type { Log } from "../log.ts";
import type { Solver } from "../solve/solver.ts";
import { BundleSource } from "../storage/bundle_source.ts";
import type { Trust } from "../storage/bundle_files.ts";
import { bundlesFolder, Generations } from "../storage/generations.ts";
import type { ObjectStore } from "../storage/object_store.ts";
import { readTrustedKeys } from "../storage/signature.ts";
import type { TrustedKey } from "../storage/signature.ts";
import { ActivePlan } from "./active_plan.ts";
import type { ActivePlanParts } from "./activation.ts";
import { preparePlan } from "./plan.ts";
import type { PlanShelves } from "./plan.ts";
import type { CycleRecord } from "./recommendation.ts";
import { rehearseInChild } from "./rehearsal.ts";
import type { PastSnapshot } from "./rehearsal_message.ts";

export interface OpenActivePlanParts
  extends Pick<ActivePlanParts, "between" | "activated" | "now"> {
  readonly store: ObjectStore;
  readonly solver: Solver;
  readonly shelves: PlanShelves;
  /** The newest cycle records, which new bundles are tried on. */
  readonly records: () => readonly CycleRecord[];
  readonly log: Log;
}

/** Nothing is in force yet: `start` looks on the disk, `refresh` asks the store. */
export async function openActivePlan(
  { optimization, bundles, state }: Pick<Config, "optimization" | "bundles" | "state">,
  parts: OpenActivePlanParts,
): Promise<ActivePlan> {
  const entry = optimization.configFile;
  const { store, solver, shelves, log, records, now } = parts;
  const keys = await readTrustedKeys(bundles.trustedKeyFiles);
  const generations = await Generations.open(bundlesFolder(state.folder), {
    log,
    keep: bundles.keep,
    budgetBytes: bundles.diskBytes,
    now,
  });
  const source = new BundleSource(store, {
    entry,
    kept: generations.blobs,
    trust: () => trustOf(generations, { keys, site: bundles.site, now: now() }),
  });
  return new ActivePlan({
    source,
    generations,
    rehearse: async (bundle) => {
      const snapshots = records().map(pastSnapshot);
      const verdict = await rehearseInChild({ bundle, entry, snapshots });
      if (verdict.kind === "passed" && verdict.unlimited !== null) {
        log.warn("The rehearsal ran without a memory limit: {unlimited}", { ...verdict });
      }
      return verdict;
    },
    prepare: (bundle) => preparePlan(bundle, { entry, solver, shelves }),
    between: parts.between,
    activated: parts.activated,
    storeFault: (fault) =>
      fault === undefined
        ? log.info("{place} answers again", { place: store.place })
        : log.warn("No version can be fetched, what is in force stays: {fault}", { fault }),
    diskFault: (error) => log.error("The disk cache of bundles: {error}", { error }),
    now,
    dwellMs: bundles.dwellSeconds * 1000,
  });
}

/** What the next bundle is held against. */
function trustOf(
  { record, all }: Generations,
  { keys, site, now }: {
    readonly keys: readonly TrustedKey[];
    readonly site: string | undefined;
    readonly now: Date;
  },
): Trust {
  // A clock that was set back, or that begins in 1970 after a power cut, must not revive a bundle.
  const latest = Math.max(now.getTime(), ...all.map(({ kept }) => Date.parse(kept)));
  const known = keys.length > 0 ? record.site ?? undefined : undefined;
  return { keys, site: site ?? known, highest: record.highest ?? undefined, now: new Date(latest) };
}

function pastSnapshot({ snapshot }: CycleRecord): PastSnapshot {
  return Object.fromEntries(snapshot.map(({ variable, value }) => [variable, value]));
}
