/** What is measured of the box itself, read when the text is made. */

import type { Cycles } from "../cycle/cycles.ts";
import type { Plan } from "../cycle/plan.ts";
import type { Metrics } from "../metrics.ts";
import type { OutboxCounts } from "../storage/journal.ts";
import type { MemoryCache } from "../storage/memory_cache.ts";
import type { EventStream } from "./event_stream.ts";
import type { Health } from "./health.ts";

export interface BoxParts {
  readonly activePlan: () => Plan | undefined;
  /** When the version in force was activated; undefined before the first. */
  readonly activeSince: () => Date | undefined;
  readonly cache: MemoryCache;
  readonly cycles: Cycles;
  readonly events: EventStream;
  readonly health: () => Health;
  readonly outbox: () => Pick<OutboxCounts, "pending" | "setAside" | "oldestPending">;
  readonly started: Date;
  readonly now: () => Date;
}

const STATUSES = { pass: 0, warn: 1, fail: 2 } as const;

export function boxMetrics(metrics: Metrics, parts: BoxParts): void {
  const secondsSince = (time: Date) => (parts.now().getTime() - time.getTime()) / 1000;
  metrics.gaugeOf(
    "setpoint_start_timestamp_seconds",
    "Time of the process's start",
    () => [[{}, parts.started.getTime() / 1000]],
  );
  metrics.gaugeOf("setpoint_memory_bytes", "Resident memory of the process", () => [
    [{}, Deno.memoryUsage().rss],
  ]);
  metrics.gaugeOf("setpoint_bundle_info", "1 for the version in force", () => {
    const plan = parts.activePlan();
    return plan === undefined
      ? []
      : [[{ strategy: plan.strategy.name, version: plan.version, digest: plan.digest }, 1]];
  });
  metrics.gaugeOf("setpoint_bundle_age_seconds", "Time since the version was activated", () => {
    const since = parts.activeSince();
    return since === undefined ? [] : [[{}, secondsSince(since)]];
  });
  metrics.gaugeOf(
    "setpoint_health_status",
    "0 pass, 1 warn, 2 fail; by part of the box, and of the whole",
    () => {
      const { status, checks } = parts.health();
      return [
        [{ part: "whole" }, STATUSES[status]] as const,
        ...Object.entries(checks).map(([part, [check]]) =>
          [{ part }, STATUSES[check?.status ?? "pass"]] as const
        ),
      ];
    },
  );
  metrics.gaugeOf("setpoint_queue_waiting", "Cycles that wait for the running one", () => [
    [{}, parts.cycles.waiting],
  ]);
  metrics.gaugeOf("setpoint_event_clients", "Clients that listen to events", () => [
    [{}, parts.events.clients],
  ]);
  outboxMetrics(metrics, { parts, secondsSince });
  cacheMetrics(metrics, parts.cache);
}

function outboxMetrics(
  metrics: Metrics,
  { parts, secondsSince }: {
    readonly parts: BoxParts;
    readonly secondsSince: (time: Date) => number;
  },
): void {
  metrics.gaugeOf("setpoint_outbox_records", "Records by fate: pending or set_aside", () => {
    const { pending, setAside } = parts.outbox();
    return [[{ fate: "pending" }, pending], [{ fate: "set_aside" }, setAside]];
  });
  metrics.gaugeOf("setpoint_outbox_age_seconds", "Age of the oldest pending record", () => {
    const { oldestPending } = parts.outbox();
    return [[{}, oldestPending === undefined ? 0 : secondsSince(new Date(oldestPending))]];
  });
}

function cacheMetrics(metrics: Metrics, cache: MemoryCache): void {
  metrics.gaugeOf(
    "setpoint_cache_bytes",
    "Bytes behind the cached objects, by kind",
    () => Object.entries(cache.stats().kinds).map(([kind, { bytes }]) => [{ kind }, bytes]),
  );
  metrics.gaugeOf(
    "setpoint_cache_items",
    "Cached objects, by kind",
    () => Object.entries(cache.stats().kinds).map(([kind, { items }]) => [{ kind }, items]),
  );
  metrics.counterOf(
    "setpoint_cache_requests_total",
    "Uses of the cache by kind and result",
    () =>
      Object.entries(cache.stats().kinds).flatMap(([kind, { hits, misses }]) => [
        [{ kind, result: "hit" }, hits] as const,
        [{ kind, result: "miss" }, misses] as const,
      ]),
  );
}
