/** Every metric of the box in one text, over the sample app. */

import { cycleMetrics } from "../../src/cycle/cycle_metrics.ts";
import { healthOf } from "../../src/http/health.ts";
import { boxMetrics } from "../../src/http/box_metrics.ts";
import { logOf } from "../../src/log.ts";
import { MemoryCache } from "../../src/storage/memory_cache.ts";
import { NOW, sampleApp, samplePlan } from "./sample_app.ts";
import type { SampleApp } from "./sample_app.ts";

export function sampleWithAllMetrics(): SampleApp & { noteCycle: ReturnType<typeof cycleMetrics> } {
  const sample = sampleApp();
  const cache = new MemoryCache({ log: logOf("cache") });
  cache.shelf("models");
  const note = cycleMetrics(sample.metrics);
  boxMetrics(sample.metrics, {
    activePlan: () => samplePlan,
    activeSince: () => NOW,
    cache,
    cycles: sample.cycles,
    events: sample.events,
    health: () =>
      healthOf({
        plan: samplePlan,
        activation: undefined,
        mode: "hybrid",
        requested: "advisory",
        latest: sample.cycles.latest,
        nextCycle: null,
        started: NOW,
        checks: {},
      }),
    outbox: () => ({ pending: 2, setAside: 0, oldestPending: NOW.toISOString() }),
    started: NOW,
    now: () => NOW,
  });
  return { ...sample, noteCycle: note };
}
