/** The app over real cycles, a strategy without models and readings from a table: no port, no solver. */

import { v7 as uuidv7 } from "uuid";
import type { Plan } from "../../src/cycle/plan.ts";
import { Cycles } from "../../src/cycle/cycles.ts";
import type { CyclesParts } from "../../src/cycle/cycles.ts";
import type { CycleRecord, Mode } from "../../src/cycle/recommendation.ts";
import { FIRST_STATE } from "../../src/cycle/run_cycle.ts";
import { createApp } from "../../src/http/app.ts";
import type { AppParts } from "../../src/http/app_parts.ts";
import type { Desk } from "../../src/http/desk.ts";
import { EventStream } from "../../src/http/event_stream.ts";
import { httpMetrics } from "../../src/http/http_metrics.ts";
import { healthOf } from "../../src/http/health.ts";
import { logOf } from "../../src/log.ts";
import { Metrics } from "../../src/metrics.ts";
import type { Solver } from "../../src/solve/solver.ts";
import type { AuditEntry } from "../../src/storage/audit_log.ts";
import { MemoryCache } from "../../src/storage/memory_cache.ts";
import { informative, operative, strategyOf } from "../cycle/strategies.ts";

export const NOW = new Date("2026-03-01T12:00:00Z");

/** Coal may move, the ambient temperature is read. */
export const samplePlan: Plan = {
  version: "7",
  digest: "d".repeat(64),
  strategy: strategyOf(
    operative("Kiln_Coal_PV", { bounds: [5, 12], valid: [4, 13] }),
    informative("Ambient_temperature", { onBad: { kind: "default", value: 20 } }),
  ),
  runtimes: new Map(),
  optimizers: new Map(),
  predictions: [],
  scales: new Map(),
  ranges: new Map(),
  release: () => Promise.resolve(),
};

const nothingToSolve = () => Promise.reject(new Error("This strategy has nothing to solve"));
const noSolver: Solver = {
  load: nothingToSolve,
  solve: nothingToSolve,
  release: nothingToSolve,
  evaluateNative: nothingToSolve,
  close: () => Promise.resolve(),
};

export interface SampleApp {
  readonly app: ReturnType<typeof createApp>;
  readonly cycles: Cycles;
  readonly records: Map<string, CycleRecord>;
  readonly faults: unknown[];
  readonly audited: AuditEntry[];
  readonly events: EventStream;
  readonly metrics: Metrics;
}

/** The app with what a test wants to be otherwise; `read` answers in place of the database. */
export function sampleApp(
  { parts = {}, read, plan = samplePlan, inspect }: {
    /** Sees the parts as the app gets them. */
    readonly inspect?: (parts: AppParts) => void;
    readonly plan?: Plan;
    readonly parts?: Partial<AppParts>;
    readonly read?: CyclesParts["read"];
  } = {},
): SampleApp {
  const records = new Map<string, CycleRecord>();
  const faults: unknown[] = [];
  const audited: AuditEntry[] = [];
  const newestFirst = () => [...records.values()].toReversed();
  const events = new EventStream({
    since: (id) => {
      const ids = [...records.keys()];
      return [...records.values()].slice(ids.indexOf(id) + 1);
    },
  });
  const metrics = new Metrics();
  const cycles = new Cycles({
    activePlan: () => plan,
    solver: noSolver,
    state: FIRST_STATE,
    latest: undefined,
    requestsCount: false,
    mode: "advisory",
    validForMs: 450_000,
    now: () => NOW,
    read: read ?? (() => Promise.resolve(new Map([["Kiln_Coal_PV", reading(8.5)]]))),
    cycleId: uuidv7,
    commit: (record) => {
      records.set(record.recommendation.cycle_id, record);
      return undefined;
    },
    ended: (record) => events.publish(record),
  });
  const all: AppParts = {
    cycles,
    activePlan: () => plan,
    takesRequests: true,
    cache: new MemoryCache({ log: logOf("cache") }),
    health: () =>
      healthOf({
        plan,
        activation: undefined,
        mode: "hybrid",
        requested: "advisory",
        latest: cycles.latest,
        nextCycle: null,
        started: NOW,
        checks: {},
      }),
    metrics: () => metrics.text(),
    cycle: (id) => records.get(id),
    cycleList: ({ limit, before }) =>
      newestFirst()
        .filter(({ recommendation }) => before === undefined || recommendation.time < before)
        .slice(0, limit),
    activate: (version) =>
      Promise.resolve({
        version,
        digest: "e".repeat(64),
        time: NOW,
        refusal: version === "8" ? null : "it is not in the store",
      }),
    events,
    tokens: [],
    requestsPerMinute: 600,
    audit: (entry) => void audited.push(entry),
    desk: sampleDesk(audited),
    answered: httpMetrics(metrics),
    failed: (error) => void faults.push(error),
    now: () => NOW,
    ...parts,
  };
  inspect?.(all);
  const app = createApp(all);
  return { app, cycles, records, faults, audited, events, metrics };
}

/** Choices in memory, a measured past that is a straight line, and a replay that agrees. */
export function sampleDesk(audited: readonly AuditEntry[]): Desk {
  let mode: Mode = "advisory";
  let switchedOff: ReadonlySet<string> = new Set();
  return {
    choices: {
      configured: "advisory",
      get mode() {
        return mode;
      },
      get switchedOff() {
        return switchedOff;
      },
      setMode: (wanted) => Promise.resolve(void (mode = wanted)),
      switch: (variable, { on }) => {
        switchedOff = new Set([...switchedOff].filter((name) => name !== variable));
        if (!on) switchedOff = switchedOff.union(new Set([variable]));
        return Promise.resolve();
      },
    },
    history: ({ buckets }) =>
      Promise.resolve(Array.from({ length: buckets }, (_, bucket) => (
        { bucket, min: bucket - 0.5, mean: bucket, max: bucket + 0.5, count: 3 }
      ))),
    versions: () =>
      Promise.resolve([{
        ...{ version: "7", digest: "d".repeat(64), active: true, pinned: false },
        ...{ kept: NOW.toISOString(), refusal: null },
      }]),
    audited: ({ limit, before = Infinity }) =>
      audited.map((entry, i) => ({ ...entry, number: i + 1, time: NOW.toISOString() }))
        .filter(({ number }) => number < before).toReversed().slice(0, limit),
    replay: () => Promise.resolve({ kind: "same" }),
  };
}

export function reading(value: number) {
  return { value, time: NOW, quality: "good" } as const;
}

/** POST of a JSON text, as SCADA would send it. */
export function posted(body: string, headers: Record<string, string> = {}): RequestInit {
  return { method: "POST", body, headers: { "content-type": "application/json", ...headers } };
}
