/** A site of this repository as a plan, made from its folder as the service makes it. */

import { fileURLToPath } from "node:url";
import { preparePlan } from "../../src/cycle/plan.ts";
import type { ModelFile, Plan } from "../../src/cycle/plan.ts";
import { logOf } from "../../src/log.ts";
import type { Scaler } from "../../src/model/scaler.ts";
import type { Solver } from "../../src/solve/solver.ts";
import { fetchBundle } from "../../src/storage/bundle_files.ts";
import { FolderObjectStore } from "../../src/storage/folder_object_store.ts";
import { MemoryCache } from "../../src/storage/memory_cache.ts";
import type { Strategy } from "../../src/strategy/strategy.ts";

export const ENTRY = "process-optimization-strategy-config.yaml";

export function siteFolder(site: string): string {
  return fileURLToPath(new URL(`../../strategies/${site}`, import.meta.url));
}

/** The plan, and what closes the models behind it. */
export async function sitePlan(
  site: string,
  solver: Solver,
): Promise<{ readonly plan: Plan; readonly close: () => Promise<void> }> {
  const cache = new MemoryCache({ log: logOf("test") });
  const shelf = cache.shelf<ModelFile>("models");
  const bundle = await fetchBundle(new FolderObjectStore(siteFolder(site)), { entry: ENTRY });
  const plan = await preparePlan(bundle, {
    entry: ENTRY,
    solver,
    shelves: {
      models: shelf,
      scalers: cache.shelf<Scaler>("scalers"),
      configurations: cache.shelf<Strategy>("configurations"),
    },
  });
  return {
    plan,
    async close() {
      await plan.release();
      for (const skill of plan.strategy.skills.values()) {
        if (skill.type !== "model") continue;
        const { runtime } = await bundle.load(skill.file, {
          shelf,
          make: () => {
            throw new Error(`${skill.file} is no longer in the cache`);
          },
        });
        await runtime.release();
      }
    },
  };
}
