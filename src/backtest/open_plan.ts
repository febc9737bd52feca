/** The strategies of a backtest, made ready as the box makes them. */

import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { preparePlan } from "../cycle/plan.ts";
import type { ModelFile, Plan } from "../cycle/plan.ts";
import type { Log } from "../log.ts";
import type { Scaler } from "../model/scaler.ts";
import type { Solver } from "../solve/solver.ts";
import { fetchBundle } from "../storage/bundle_files.ts";
import { FolderObjectStore } from "../storage/folder_object_store.ts";
import { MemoryCache } from "../storage/memory_cache.ts";
import type { ObjectStore } from "../storage/object_store.ts";
import type { Strategy } from "../strategy/strategy.ts";

export interface PlanSource {
  readonly store: ObjectStore;
  /** The strategy's path in the bundle. */
  readonly entry: string;
  /** Undefined: the one in force. */
  readonly version?: string;
}

/**
 * Closes the store when the bundle is there. Throws what fetching and preparing throw: `BundleError`,
 * `ManifestError`, `PlanError`.
 */
export async function openPlan(
  { store, entry, version }: PlanSource,
  { solver, log }: { readonly solver: Solver; readonly log: Log },
): Promise<Plan> {
  const bundle = await fetchBundle(
    store,
    version === undefined ? { entry } : { entry, version },
  ).finally(() => store.close());
  const cache = new MemoryCache({ log });
  return await preparePlan(bundle, {
    entry,
    solver,
    shelves: {
      models: cache.shelf<ModelFile>("models"),
      scalers: cache.shelf<Scaler>("scalers"),
      configurations: cache.shelf<Strategy>("configurations"),
    },
  });
}

/**
 * What `--compare` names: a folder with a strategy in it, or a version in the site's store; undefined
 * where it is neither.
 */
export async function otherSource(
  other: string,
  { entry, store }: { readonly entry: string; readonly store: () => ObjectStore },
): Promise<PlanSource | undefined> {
  const isThere = (path: string) => stat(path).then(() => true, () => false);
  if (await isThere(join(other, entry)) || await isThere(join(other, "strategy_version.yaml"))) {
    return { store: new FolderObjectStore(resolve(other)), entry };
  }
  if (await isThere(other) || /[/\\]/.test(other)) return undefined;
  return { store: store(), entry, version: other };
}
