/**
 * The dashboard before a large plant: 200 variables and seven days of cycles, in a real Chromium.
 * First paint of the overview and of trends over the week, how long the page takes to put a new
 * cycle in place, and its memory over an hour's events sent as fast as it takes them.
 *
 *   deno run -A tests/campaigns/dashboard.ts [events, 720]
 *
 * The measured past of three tags is real too: 5 s values of a week in the embedded database.
 */

import type { Page } from "playwright-core";
import { parseConfig } from "../../src/config.ts";
import { Cycles } from "../../src/cycle/cycles.ts";
import type { CyclesParts } from "../../src/cycle/cycles.ts";
import type { CycleRecord } from "../../src/cycle/recommendation.ts";
import { FIRST_STATE } from "../../src/cycle/run_cycle.ts";
import { createApp } from "../../src/http/app.ts";
import type { AppParts } from "../../src/http/app_parts.ts";
import { EventStream } from "../../src/http/event_stream.ts";
import { listen } from "../../src/http/server.ts";
import { Measurements } from "../../src/storage/measurements.ts";
import { migrate } from "../../src/storage/migrations.ts";
import { PgliteDatabase } from "../../src/storage/pglite_database.ts";
import { chromiumPath, openBrowser } from "../end_to_end/browser.ts";
import { sampleApp } from "../http/sample_app.ts";
import { LARGE_PLANT, largePlan, plantCycle, someSettings } from "./dashboard_plant.ts";

const WEEK_MS = 7 * 86_400_000;
const CYCLE_MS = 300_000;
const CHARTS = 3;
/** Only against a campaign that never ends: a busy machine may take its time. */
const PATIENCE_MS = 120_000;

export interface DashboardFigures {
  /** Milliseconds from the request to the first contentful paint. */
  readonly overviewPaintMs: number;
  readonly trendsPaintMs: number;
  /** Until every chart of a week is drawn. */
  readonly chartsMs: number;
  /** Of putting a new cycle in place: parsing, comparing, changing. */
  readonly updateMedianMs: number;
  readonly updateP95Ms: number;
  readonly events: number;
  /** Cycles that the page showed at some time; it may skip some when they come faster than it draws. */
  readonly updates: number;
  readonly showsTheLast: boolean;
  /** After garbage collection: at the first tenth of the events, and at their end. */
  readonly memoryBeforeMegabytes: number;
  readonly memoryAfterMegabytes: number;
  readonly nodesBefore: number;
  readonly nodesAfter: number;
  readonly faults: readonly string[];
}

/** Cycles whose newest record is made by the campaign. */
class MadeCycles extends Cycles {
  newest: CycleRecord;

  constructor(parts: CyclesParts, newest: CycleRecord) {
    super(parts);
    this.newest = newest;
  }

  override get latest(): CycleRecord {
    return this.newest;
  }
}

export async function dashboardFigures(
  { events: count, days }: { readonly events: number; readonly days: number },
): Promise<DashboardFigures> {
  const chromium = chromiumPath();
  if (chromium === undefined) throw new Error("There is no Chromium on this machine");
  const plant = await startPlant({ days });
  const browser = await openBrowser(chromium);
  try {
    const page = await browser.newPage({ viewport: { width: 1920, height: 1080 } });
    page.setDefaultTimeout(PATIENCE_MS);
    const faults: string[] = [];
    page.on("pageerror", (error) => faults.push(error.message));
    await page.addInitScript(`
      globalThis.updates = [];
      new PerformanceObserver((list) => {
        for (const { name, duration } of list.getEntries()) {
          if (name === "setpoint-update") globalThis.updates.push(duration);
        }
      }).observe({ entryTypes: ["measure"] });
    `);
    const paintOf = async () => {
      await untilTrue(page, "performance.getEntriesByName('first-contentful-paint').length > 0");
      return await page.evaluate(
        "performance.getEntriesByName('first-contentful-paint')[0].startTime",
      ) as number;
    };
    await page.goto(plant.url);
    const overviewPaintMs = await paintOf();
    const shown = someSettings(CHARTS).map((name) => `show=${name}`).join("&");
    const began = performance.now();
    await page.goto(`${plant.url}/dashboard/trends?${shown}&hours=${24 * days}`);
    const trendsPaintMs = await paintOf();
    await untilTrue(page, `document.querySelectorAll(".chart canvas").length === ${CHARTS}`);
    const chartsMs = performance.now() - began;

    await page.goto(plant.url);
    await page.waitForSelector('body[data-link="live"]');
    const devtools = await page.context().newCDPSession(page);
    await devtools.send("Performance.enable");
    const weigh = async () => {
      await devtools.send("HeapProfiler.collectGarbage");
      const { metrics } = await devtools.send("Performance.getMetrics");
      const of = (name: string) => metrics.find((one) => one.name === name)?.value ?? NaN;
      return { megabytes: of("JSHeapUsedSize") / 1e6, nodes: of("Nodes") };
    };
    const early = Math.max(1, Math.round(count / 10));
    let before = await weigh();
    for (let i = 0; i < count; i++) {
      if (i === early) before = await weigh();
      const cycle = plant.nextCycle();
      await page.waitForSelector(`[data-cycle="${cycle}"]`);
    }
    const after = await weigh();
    const updates = (await page.evaluate("globalThis.updates") as number[])
      .toSorted((a, b) => a - b);
    return {
      ...{ overviewPaintMs, trendsPaintMs, chartsMs, faults, events: count },
      updates: updates.length,
      updateMedianMs: updates[Math.floor(updates.length / 2)] ?? NaN,
      updateP95Ms: updates[Math.floor(updates.length * 0.95)] ?? NaN,
      showsTheLast: await page.getAttribute("[data-cycle]", "data-cycle") === plant.newestId(),
      memoryBeforeMegabytes: before.megabytes,
      memoryAfterMegabytes: after.megabytes,
      nodesBefore: before.nodes,
      nodesAfter: after.nodes,
    };
  } finally {
    await browser.close();
    await plant.stop();
  }
}

/** From outside: in the page its policy lets no text become a script, and that is as it should be. */
async function untilTrue(page: Page, expression: string): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (!await page.evaluate(expression)) {
    if (performance.now() > end) throw new Error(`Never true: ${expression}`);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}

interface Plant {
  readonly url: string;
  /** Ends another cycle and sends it to whoever listens; its id. */
  nextCycle(): string;
  newestId(): string;
  stop(): Promise<void>;
}

/** The interface alone, over made records and a real database. */
async function startPlant({ days }: { readonly days: number }): Promise<Plant> {
  const plan = largePlan(LARGE_PLANT);
  const count = Math.round(days * WEEK_MS / 7 / CYCLE_MS);
  let atMs = Date.now() - count * CYCLE_MS;
  let number = 0;
  const next = (stepMs: number) => {
    atMs += stepMs;
    return plantCycle(LARGE_PLANT, { number: number++, time: new Date(atMs) });
  };
  // As text, as the journal keeps them: reading them back costs what it costs there.
  const stored = Array.from({ length: count }, () => {
    const record = next(CYCLE_MS);
    return { time: record.recommendation.time, json: JSON.stringify(record) };
  });
  let newest = JSON.parse(stored.at(-1)!.json) as CycleRecord;
  const { measurements, database } = await measuredWeek(days);
  const events = new EventStream({ since: () => [] });
  let parts: AppParts | undefined;
  sampleApp({ plan, inspect: (made) => parts = made });
  const cycles = new MadeCycles(
    {
      activePlan: () => plan,
      solver: {
        load: nothing,
        solve: nothing,
        release: nothing,
        evaluateNative: nothing,
        close: () => Promise.resolve(),
      },
      ...{ state: FIRST_STATE, latest: undefined, requestsCount: false, mode: "advisory" },
      ...{ validForMs: 450_000, now: () => new Date(), cycleId: () => "0" },
      ...{ read: nothing, commit: () => undefined, ended: () => {} },
    },
    newest,
  );
  const app = createApp({
    ...parts!,
    cycles,
    events,
    now: () => new Date(),
    cycle: () => newest,
    cycleList: ({ limit, before }) =>
      stored.filter(({ time }) => before === undefined || time < before).slice(-limit)
        .map(({ json }) => JSON.parse(json) as CycleRecord).toReversed(),
    desk: {
      ...parts!.desk!,
      history: (question) => measurements.history(database, question),
    },
  });
  const server = await listen(app, {
    ...{ host: "127.0.0.1", port: 0, maxConnections: 100, tls: undefined, tlsFailed: () => {} },
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    nextCycle() {
      newest = next(5_000);
      cycles.newest = newest;
      const { time, cycle_id } = newest.recommendation;
      stored.push({ time, json: JSON.stringify(newest) });
      events.publish(newest);
      return cycle_id;
    },
    newestId: () => newest.recommendation.cycle_id,
    async stop() {
      events.close();
      await server.stop();
      await database.close();
    },
  };
}

function nothing(): Promise<never> {
  return Promise.reject(new Error("This plant has nothing to solve or to read"));
}

/** Values every 5 s for the first settings. */
async function measuredWeek(days: number) {
  const database = await PgliteDatabase.inMemory();
  const { values } = parseConfig("{}", { path: "config.yaml", env: {} });
  await migrate(database, { values: values.query ?? values.table });
  for (const name of someSettings(CHARTS)) {
    await database.query(
      `insert into process_data (time, tag, value, quality)
       select at, $1::text, 50 + 30 * sin(extract(epoch from at) / 9000), 'good'
       from generate_series(now() - make_interval(days => $2::integer), now(), '5 seconds') as at`,
      [name, days],
    );
  }
  return { database, measurements: new Measurements(values, { place: database.place }) };
}

if (import.meta.main) {
  const [events = 720] = Deno.args.map(Number);
  console.log(await dashboardFigures({ events, days: 7 }));
}
