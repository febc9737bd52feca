/** All of a box that deals with bundles, in this process: real store, disk, plans and solver; no cycles of its own. */

import { ActivePlan } from "../../src/cycle/active_plan.ts";
import type { Activation, ActivationCause } from "../../src/cycle/activation.ts";
import { preparePlan } from "../../src/cycle/plan.ts";
import type { PlanShelves } from "../../src/cycle/plan.ts";
import type { Verdict } from "../../src/cycle/rehearsal_message.ts";
import { logOf } from "../../src/log.ts";
import { NativeSolver } from "../../src/solve/native_solver.ts";
import type { Bundle } from "../../src/storage/bundle.ts";
import type { Trust } from "../../src/storage/bundle_files.ts";
import { BundleSource } from "../../src/storage/bundle_source.ts";
import { Generations } from "../../src/storage/generations.ts";
import { MemoryCache } from "../../src/storage/memory_cache.ts";
import type { ObjectStore } from "../../src/storage/object_store.ts";
import { ENTRY } from "./small_versions.ts";

export interface BundleBoxOptions {
  readonly store: ObjectStore;
  /** Where generations are kept. */
  readonly folder: string;
  readonly trust?: (generations: Generations) => Trust;
  /** In place of the child, which has tests of its own and takes a second. */
  readonly rehearse?: (bundle: Bundle) => Promise<Verdict>;
  readonly between?: (change: () => Promise<void>) => Promise<void>;
  readonly dwellMs?: number;
  readonly elapsedMs?: () => number;
}

export class BundleBox {
  readonly active: ActivePlan;
  readonly generations: Generations;
  readonly cache: MemoryCache;
  /** Everything that was put in force or refused, as `cause version` and `cause version: reason`. */
  readonly events: string[];
  /** What was said of the store, in order; undefined: that it answers again. */
  readonly storeFaults: (string | undefined)[];
  /** Versions that were made ready, in order. */
  readonly prepared: string[];
  readonly solver: NativeSolver;

  private constructor(parts: {
    active: ActivePlan;
    generations: Generations;
    cache: MemoryCache;
    events: string[];
    storeFaults: (string | undefined)[];
    prepared: string[];
    solver: NativeSolver;
  }) {
    this.active = parts.active;
    this.generations = parts.generations;
    this.cache = parts.cache;
    this.events = parts.events;
    this.storeFaults = parts.storeFaults;
    this.prepared = parts.prepared;
    this.solver = parts.solver;
  }

  /** Nothing is in force yet. */
  static async open(options: BundleBoxOptions): Promise<BundleBox> {
    const { store, folder, trust } = options;
    const solver = new NativeSolver();
    const cache = new MemoryCache({ log: logOf("test") });
    const shelves: PlanShelves = {
      models: cache.shelf("models"),
      scalers: cache.shelf("scalers"),
      configurations: cache.shelf("configurations"),
    };
    const generations = await Generations.open(folder, { log: logOf("test") });
    const events: string[] = [];
    const storeFaults: (string | undefined)[] = [];
    const prepared: string[] = [];
    const active = new ActivePlan({
      source: new BundleSource(store, {
        entry: ENTRY,
        kept: generations.blobs,
        trust: () => trust?.(generations),
      }),
      generations,
      rehearse: options.rehearse ??
        (() => Promise.resolve({ kind: "passed", statuses: [], unlimited: null })),
      prepare: (bundle) => {
        prepared.push(bundle.version);
        return preparePlan(bundle, { entry: ENTRY, solver, shelves });
      },
      between: options.between ?? ((change) => change()),
      activated: (activation, { cause, bundle }) => {
        if (bundle !== undefined) cache.useVersion(activation.version, bundle.digests());
        events.push(eventOf(activation, cause));
      },
      storeFault: (fault) => storeFaults.push(fault),
      diskFault: () => {},
      now: () => new Date(),
      dwellMs: options.dwellMs ?? 0,
      ...(options.elapsedMs === undefined ? {} : { elapsedMs: options.elapsedMs }),
    });
    return new BundleBox({ active, generations, cache, events, storeFaults, prepared, solver });
  }

  /** The version in force. */
  get version(): string | undefined {
    return this.active.plan?.version;
  }

  async close(): Promise<void> {
    await this.active.close();
    await this.solver.close();
  }
}

function eventOf({ version, refusal }: Activation, cause: ActivationCause): string {
  return refusal === null ? `${cause} ${version}` : `${cause} ${version}: ${refusal}`;
}
