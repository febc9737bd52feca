/** The service: every part made in the order in which data flows, started, and stopped again. */

import { join } from "node:path";
import { configPath, loadConfig, readEnvironment } from "./config.ts";
import type { Config } from "./config.ts";
import { Choices } from "./cycle/choices.ts";
import { logCycle } from "./cycle/cycle_log.ts";
import { cycleMetrics } from "./cycle/cycle_metrics.ts";
import { traceCycle } from "./cycle/cycle_trace.ts";
import { startSchedule } from "./cycle/cycle_clock.ts";
import { cycleIds } from "./cycle/cycle_ids.ts";
import { keptState, restoredState } from "./cycle/cycle_state.ts";
import { Cycles } from "./cycle/cycles.ts";
import { LastRun } from "./cycle/last_run.ts";
import { Ledger } from "./cycle/ledger.ts";
import { openActivePlan } from "./cycle/open_active_plan.ts";
import { Outbox } from "./cycle/outbox.ts";
import type { ModelFile } from "./cycle/plan.ts";
import { startPolling } from "./cycle/polling.ts";
import { readReadings } from "./cycle/readings.ts";
import { recommendedSettings } from "./cycle/recommendation.ts";
import type { CycleRecord } from "./cycle/recommendation.ts";
import { knownVersions } from "./cycle/known_versions.ts";
import { hourlyRetention } from "./cycle/retention.ts";
import { replayApart } from "./cycle/replay_apart.ts";
import { slotsOf } from "./cycle/schedule.ts";
import { newestRecord, recordsAfter, recordsOf } from "./cycle/stored_records.ts";
import { startFeed } from "./feed/feed.ts";
import { admissionOf } from "./http/admission.ts";
import { createApp } from "./http/app.ts";
import type { AnsweredRequest } from "./http/app_parts.ts";
import { certificateCheck, clockCheck, diskCheck } from "./http/box_checks.ts";
import { boxMetrics } from "./http/box_metrics.ts";
import { bundleCheck } from "./http/bundle_check.ts";
import { EventStream } from "./http/event_stream.ts";
import { healthOf } from "./http/health.ts";
import {
  dependencyCheck,
  feedCheck,
  outboxCheck,
  scheduleCheck,
  stateFolderCheck,
} from "./http/health_checks.ts";
import { httpMetrics } from "./http/http_metrics.ts";
import { listen } from "./http/server.ts";
import { keptSessions } from "./http/sessions.ts";
import { logOf, startLog } from "./log.ts";
import { Metrics } from "./metrics.ts";
import type { Scaler } from "./model/scaler.ts";
import { SolverProcess } from "./solve/solver_process.ts";
import { AuditLog } from "./storage/audit_log.ts";
import type { AuditEntry } from "./storage/audit_log.ts";
import { auditTail } from "./storage/audit_tail.ts";
import { Journal } from "./storage/journal.ts";
import { Measurements } from "./storage/measurements.ts";
import { MemoryCache } from "./storage/memory_cache.ts";
import { migrate } from "./storage/migrations.ts";
import { insertMeasurements, tidyMeasurements } from "./storage/new_measurements.ts";
import { openDatabase, openObjectStore } from "./storage/open_storage.ts";
import { isStrayOfDriver } from "./storage/postgres_database.ts";
import { readSealed, writeSealed } from "./storage/sealed_file.ts";
import { migrateState } from "./storage/state_format.ts";
import { StateLock } from "./storage/state_lock.ts";
import { answeredAtOnce, startFault } from "./start_help.ts";
import { onStopSignals } from "./stop_signals.ts";
import type { Strategy } from "./strategy/strategy.ts";
import { openNotifier } from "./systemd.ts";
import { untilItWorks, within } from "./waiting.ts";

/** A running Setpoint. */
export interface Running {
  /** The port that the interface listens on. */
  readonly port: number;
  /** Lets the running cycle end or abandons it, delivers what waits, closes everything, in time. */
  stop(): Promise<void>;
}

/** How long a recommendation holds, in intervals: until the next one is surely there. */
const VALID_INTERVALS = 1.5;
const DAY_MS = 86_400_000;
/** What a stop may take of each part that waits for others; service managers kill after 90 s. */
const STOP_MS = { cycle: 10_000, part: 3_000 } as const;
/** Who acts where nobody asked. */
const BOX = { who: "box", role: "", address: "" } as const;
/** Past cycles whose snapshots a new bundle is tried on. */
const DRY_RUNS = 5;
/** What a first start waits for its first bundle before it listens without one. */
const FIRST_BUNDLE_MS = 10_000;

/** Starts every part; throws where one cannot start at all, such as a state folder in use. */
export async function startSetpoint(config: Config): Promise<Running> {
  const { intervalSeconds, cron, zone, runAtStart, mode } = config.optimization;
  const log = logOf("main");
  const now = () => new Date();
  const started = now();
  const startedMs = performance.now();
  const slots = slotsOf(
    cron === undefined
      ? { kind: "interval", intervalMs: intervalSeconds * 1000 }
      : { kind: "cron", expression: cron, zone },
    started,
  );
  const metrics = new Metrics();

  const lock = await StateLock.take(config.state.folder);
  await migrateState(config.state.folder);
  const journal = Journal.open(join(config.state.folder, "setpoint.sqlite"), {
    log: logOf("journal"),
  });
  const ledger = new Ledger(journal, {
    caps: {
      records: config.state.records,
      bytes: config.state.maxBytes,
      waitMs: config.state.outboxDays * DAY_MS,
    },
    now,
  });
  const audit = AuditLog.open(join(config.state.folder, "audit.jsonl"), { now });
  let auditFault = audit.verdict.faults[0];
  if (auditFault !== undefined) {
    log.error("The audit log does not hold: {auditFault}", { auditFault });
  }
  const noteChange = (entry: AuditEntry) => {
    try {
      audit.log.add(entry);
      log.info("{who}: {what}", { ...entry, audit_head: audit.log.head });
    } catch (error) {
      auditFault = error instanceof Error ? error.message : String(error);
      log.error("{who}: {what}, and the audit log could not be written", { ...entry, error });
    }
  };
  const { choices, fault: choiceFault } = await Choices.open(config.state.folder, {
    configured: mode,
  });
  if (choiceFault !== undefined) {
    log.error("What engineers chose is lost: {choiceFault}", { choiceFault });
  }
  const sessionsPath = join(config.state.folder, "sessions.json");
  const sessions = keptSessions.catch([]).parse(await readSealed(sessionsPath));
  const store = openObjectStore(config.storage);
  // A folder is the site's own and is only read; a bucket also tells others when the box last ran.
  const lastRun = config.storage.kind === "minio" ? new LastRun(store) : undefined;
  const cache = new MemoryCache({
    log: logOf("cache"),
    budgetBytes: config.bundles.memoryBytes,
  });
  const shelves = {
    models: cache.shelf<ModelFile>("models"),
    scalers: cache.shelf<Scaler>("scalers"),
    configurations: cache.shelf<Strategy>("configurations"),
  };
  const database = await openDatabase(config.database);
  const prepareTables = () =>
    migrate(database, { values: config.values.query ?? config.values.table });
  const migrated = untilItWorks(prepareTables);
  const measurements = new Measurements(config.values, { place: database.place });
  let databaseFault: string | undefined;
  // Not while the embedded database starts: it blocks this thread, and a child that is ready would
  // seem to be late.
  const solver = await SolverProcess.start();

  const failed = (error: unknown) => log.error("A scheduled task broke", { error });
  let isIdle = false;
  let lastVersion: string | null = null;
  let activeSince: Date | undefined;
  const active = await openActivePlan(config, {
    store,
    solver,
    shelves,
    records: () => recordsOf(journal, DRY_RUNS),
    between: (change) => cycles.between(change),
    activated: ({ version, digest, refusal }, { cause, bundle }) => {
      if (bundle !== undefined) {
        cache.useVersion(version, bundle.digests());
        log.info("Version {version} is active", { version, digest, cause });
        noteChange({ ...BOX, what: "version in force", before: lastVersion, after: version });
        lastVersion = version;
        activeSince = now();
        // A box that had nothing to run at its start does not wait for its next slot.
        if (isIdle && runAtStart) {
          void cycles.run({ trigger: "start", given: new Map() }).catch(failed);
        }
        isIdle = false;
      } else {
        log.error("Version {version} was refused: {refusal}", { version, digest, cause, refusal });
        noteChange({
          ...BOX,
          what: cause === "rollback" ? "version rolled back" : "version refused",
          before: lastVersion,
          after: { version, refusal },
        });
      }
    },
    log: logOf("bundles"),
    now,
  });
  const outbox = new Outbox({
    ledger,
    database,
    now,
    prepare: prepareTables,
    tidy: hourlyRetention(database, { days: config.retentionDays }),
    failed: (error, fate) => log.warn("A record was not delivered: {fate}", { fate, error }),
  });
  const noteCycle = cycleMetrics(metrics);
  const events = new EventStream({ since: (cycleId) => recordsAfter(journal, cycleId) });
  const cycles: Cycles = new Cycles({
    activePlan: () => active.plan,
    solver,
    state: restoredState({
      last_snapshot: journal.state("last_snapshot"),
      bias: journal.state("bias"),
      warm_start: journal.state("warm_start"),
    }),
    latest: newestRecord(journal, config),
    requestsCount: config.app.mode === "api",
    mode,
    choices,
    validForMs: slots.periodMs(started) * VALID_INTERVALS,
    cycleId: cycleIds(now, journal.cycles({ limit: 1 })[0]?.cycleId),
    now,
    read: async (strategy) => {
      try {
        await migrated();
        const readings = await readReadings(strategy, {
          measurements,
          queries: database,
          now: now(),
        });
        databaseFault = undefined;
        return readings;
      } catch (error) {
        databaseFault = error instanceof Error ? error.message : String(error);
        throw error;
      }
    },
    commit: (record, state) => {
      const { cycle_id, time, status, trigger } = record.recommendation;
      if (trigger !== "request") lastRun?.note(time);
      return ledger.keep({ cycleId: cycle_id, time, status, json: JSON.stringify(record) }, {
        ...keptState(state),
        ...(trigger === "request" ? {} : { last_run: time }),
      });
    },
    ended: (record, error) => {
      noteCycle(record);
      active.noteCycle(record);
      logCycle(logOf("cycle"), { record, error });
      traceCycle(record, { endMs: now().getTime() });
      events.publish(record);
      outbox.kick();
    },
  });

  const health = () =>
    healthOf({
      plan: active.plan,
      activation: active.last,
      mode: config.app.mode,
      requested: choices.mode,
      latest: cycles.latest,
      nextCycle: cycling?.next() ?? null,
      started,
      checks: {
        object_store: dependencyCheck(store.place, active.fetchFault),
        bundle: bundleCheck(active, now()),
        database: dependencyCheck(database.place, databaseFault),
        outbox: outboxCheck(ledger.counts(), outbox),
        state_folder: stateFolderCheck(ledger.counts(), ledger),
        ...(cycling === undefined ? {} : { schedule: scheduleCheck(cycling) }),
        audit_log: dependencyCheck("audit.jsonl", auditFault),
        disk: diskCheck(config.state.folder),
        ...(config.api.tls === undefined
          ? {}
          : { certificate: certificateCheck(config.api.tls.certFile, now()) }),
        clock: clockCheck({
          now: now(),
          newest: cycles.latest && new Date(cycles.latest.recommendation.time),
          started,
          elapsedMs: performance.now() - startedMs,
        }),
        ...(feed === undefined ? {} : { feed: feedCheck(feed.state()) }),
      },
    });
  boxMetrics(metrics, {
    activePlan: () => active.plan,
    activeSince: () => activeSince,
    cache,
    cycles,
    events,
    health,
    outbox: () => ledger.counts(),
    started,
    now,
  });
  const noteRequest = httpMetrics(metrics);
  const answered = (request: AnsweredRequest) => {
    noteRequest(request);
    logOf("http").debug("{method} {route} is answered with {status}", { ...request });
  };
  const app = createApp({
    cycles,
    activePlan: () => active.plan,
    takesRequests: config.app.mode !== "continuous",
    cache,
    health,
    metrics: () => metrics.text(),
    cycle: (id) => {
      const kept = journal.cycle(id);
      return kept === undefined ? undefined : JSON.parse(kept.json) as CycleRecord;
    },
    cycleList: (page) => journal.cycles(page).map(({ json }) => JSON.parse(json) as CycleRecord),
    activate: (version) => active.activate(version),
    events,
    tokens: config.api.tokens,
    requestsPerMinute: config.api.requestsPerMinute,
    audit: noteChange,
    sessions: {
      kept: sessions,
      keep: (list) =>
        void writeSealed(sessionsPath, list)
          .catch((error) => log.warn("Sign-ins are not kept for the next start", { error })),
    },
    desk: {
      choices,
      history: async (question) => {
        await migrated();
        return await measurements.history(database, question);
      },
      versions: () => knownVersions(active.known, { store }),
      audited: (page) => auditTail(join(config.state.folder, "audit.jsonl"), page),
      replay: (cycleId) => replayApart(cycleId, { configPath: config.path }),
    },
    answered,
    failed: (error, path) => log.error("Request to {path} broke", { path, error }),
    now,
  }, { open: config.api.isOpen });

  // What is on disk runs before the store is asked, which may be away or slow.
  await active.start();
  if (active.plan === undefined) await within(FIRST_BUNDLE_MS, active.refresh());
  const feed = config.feed === undefined ? undefined : await startFeed(config.feed, {
    log: logOf("feed"),
    settings: () => recommendedSettings(cycles.latest),
    insert: async (values) => {
      await migrated();
      await insertMeasurements(database, values);
    },
    ...(config.database.kind === "pglite"
      ? { forget: (old) => tidyMeasurements(database, old) }
      : {}),
  });
  const refreshing = startPolling(() => active.refresh(), {
    periodMs: config.bundles.pollSeconds * 1000,
    failed,
  });
  const cycling = config.app.mode === "api" ? undefined : startSchedule(
    async (trigger) => {
      if (active.plan !== undefined) await cycles.run({ trigger, given: new Map() });
    },
    {
      slots,
      clock: cron === undefined ? "monotonic" : "wall",
      runAtStart,
      lastRun: timeOf(journal.state("last_run")) ?? await lastRun?.read(),
      failed,
    },
  );
  isIdle = cycling !== undefined && active.plan === undefined;
  const server = await listen(app, {
    ...config.api,
    admission: admissionOf({ cycles, answered }),
    tlsFailed: (error) => log.error("The new certificate cannot be used", { error }),
  });
  noteChange({ ...BOX, what: "started", before: null, after: { mode, port: server.port } });
  log.info("Setpoint listens on {host}:{port}", { host: config.api.host, port: server.port });

  return {
    port: server.port,
    async stop() {
      cycling?.stop();
      await within(STOP_MS.part, refreshing.stop());
      events.close();
      const serving = server.stop();
      const isEnded = await cycles.stop({ deadlineMs: STOP_MS.cycle });
      if (!isEnded) log.warn("The running cycle did not end in time and is abandoned");
      await serving;
      await within(STOP_MS.part, feed?.stop());
      await outbox.stop({ deadlineMs: STOP_MS.part });
      await within(STOP_MS.part, lastRun?.settled());
      await within(STOP_MS.part, active.close());
      await within(STOP_MS.part, solver.close());
      await within(STOP_MS.part, database.close());
      await within(STOP_MS.part, store.close());
      journal.close();
      audit.log.close();
      await lock.release();
      log.info("Setpoint has stopped");
    },
  };
}

function timeOf(kept: unknown): Date | undefined {
  const time = new Date(typeof kept === "string" ? kept : "");
  return Number.isNaN(time.getTime()) ? undefined : time;
}

if (import.meta.main) {
  const answered = await answeredAtOnce(Deno.args, console.log);
  if (answered !== undefined) Deno.exit(answered);
  const env = readEnvironment();
  try {
    const config = loadConfig({ path: configPath(Deno.args, env), env });
    startLog(config.log);
    const survive = (event: Event, error: unknown) => {
      if (!isStrayOfDriver(error)) return;
      event.preventDefault();
      logOf("storage").warn("The database driver lost a connection", { error });
    };
    globalThis.addEventListener("error", (event) => survive(event, event.error));
    globalThis.addEventListener("unhandledrejection", (event) => survive(event, event.reason));
    const notifier = openNotifier(env, {
      folder: config.state.folder,
      failed: (error) => logOf("main").warn("systemd cannot be told", { error }),
    });
    const running = await startSetpoint(config);
    notifier?.ready();
    onStopSignals({
      stop: () => {
        notifier?.stopping();
        running.stop().then(() => Deno.exit(0), (error) => {
          console.error(error);
          Deno.exit(1);
        });
      },
      end: () => Deno.exit(1),
    });
  } catch (error) {
    console.error(startFault(error));
    Deno.exit(1);
  }
}
