/** A site's own simulation as live values, with an operator who may follow the recommendations. */

import { pathToFileURL } from "node:url";
import type { SimulatorFeedConfig } from "../config_feed.ts";
import type { FeedSource, FeedValue } from "./feed.ts";

/** What a site's simulator module gives from `createPlant(seed)`. */
export interface Plant {
  readonly tags: readonly string[];
  /**
   * Lets simulated time pass, with these settings of operative variables (the others stay where they
   * are); returns the values that are new, each in its tag's unit: of every sensor, and of what is
   * sampled only where a sample came back.
   */
  step(seconds: number, settings: ReadonlyMap<string, number>): ReadonlyMap<string, number>;
}

/** The simulator's module cannot be used; the message names it and what it must give. */
export class SimulatorError extends Error {
  override readonly name = "SimulatorError";
}

const noSettings: ReadonlyMap<string, number> = new Map();

/** Loads the module, makes its plant, and runs it for the warm-up time before the first values. */
export async function openSimulatedPlant(
  config: SimulatorFeedConfig,
  options: { settings: () => ReadonlyMap<string, number> },
): Promise<FeedSource> {
  const plant = await createPlant(config);
  const valuesOf = (values: ReadonlyMap<string, number>, time: Date): FeedValue[] =>
    [...values].map(([tag, value]) => ({ tag, value, time, quality: "good" }));
  return {
    tags: plant.tags,
    periodMs: config.periodSeconds * 1000,
    history: (now) => {
      const steps = Math.max(1, Math.round(config.warmUpMinutes * 60 / config.periodSeconds));
      return Array.from({ length: steps }, (_, i) => {
        const back = (steps - 1 - i) * config.periodSeconds * 1000;
        return valuesOf(
          advance(plant, { config, settings: noSettings }),
          new Date(now.getTime() - back),
        );
      }).flat();
    },
    next: (now) => {
      const settings = config.followRecommendations ? options.settings() : noSettings;
      return valuesOf(advance(plant, { config, settings }), now);
    },
  };
}

/**
 * The values of one period of wall-clock time. A faster plant takes more steps, not longer ones, so
 * that its numbers do not depend on the speed; a sample that came back in any of them counts.
 */
function advance(
  plant: Plant,
  options: { config: SimulatorFeedConfig; settings: ReadonlyMap<string, number> },
): ReadonlyMap<string, number> {
  const { periodSeconds, speed } = options.config;
  const values = new Map<string, number>();
  for (let left = periodSeconds * speed; left > 1e-9; left -= periodSeconds) {
    const step = plant.step(Math.min(left, periodSeconds), options.settings);
    for (const [tag, value] of step) values.set(tag, value);
  }
  return values;
}

async function createPlant(config: SimulatorFeedConfig): Promise<Plant> {
  const wanted = `${config.module} must export createPlant(seed: number)`;
  let module: unknown;
  try {
    module = await import(pathToFileURL(config.module).href);
  } catch (cause) {
    throw new SimulatorError(`Cannot load ${config.module}: correct feed.simulator.module`, {
      cause,
    });
  }
  const create = propertyOf(module, "createPlant");
  if (typeof create !== "function") throw new SimulatorError(wanted);
  const plant: unknown = create(config.seed);
  if (!isPlant(plant)) {
    throw new SimulatorError(`${wanted}, which returns { tags, step(seconds, settings) }`);
  }
  return plant;
}

function isPlant(value: unknown): value is Plant {
  const tags = propertyOf(value, "tags");
  return Array.isArray(tags) && tags.every((tag) => typeof tag === "string") &&
    typeof propertyOf(value, "step") === "function";
}

function propertyOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
