/**
 * The interface under siege: many requests for an optimum at once and many connections that send a
 * byte now and then (slow-loris), while somebody asks whether the box lives.
 *
 *   deno run -A tests/campaigns/http_load.ts [seconds, 60] [requests at once, 1000] [slow ones, 1000]
 *
 * It starts the kiln's service with a cycle every five seconds, and prints what became of every
 * request, the waits of /health/live, late cycles and the memory. Where slowhttptest is installed
 * (apt) it attacks beside, with slow headers, slow bodies and slow reading.
 */

import { connect } from "node:net";
import type { Socket } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { CycleRecord } from "../../src/cycle/recommendation.ts";
import { RunningBox } from "../faults/running_box.ts";
import { siteFolder } from "../end_to_end/site_plan.ts";
import { stopForHelp } from "./campaign_help.ts";

const CYCLE_SECONDS = 5;
/** A scheduled cycle waits for the one that runs, and no longer. */
const LATE_SECONDS = CYCLE_SECONDS + 2;
/** Connections of slowhttptest in each of its modes. */
const SLOW_EACH = 100;

const REQUEST: RequestInit = {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: '{"input_data": {"Kiln_Coal_PV": 8.5}}',
};

interface Attack {
  /** Answers to POST /optimize by status; `broken` without one. */
  readonly optimize: Readonly<Record<string, number>>;
  readonly withoutReason: number;
  readonly slowOpened: number;
  /** Slow connections that the box ended. */
  readonly slowEnded: number;
}

export interface HttpLoad extends Attack {
  /** Milliseconds of GET /health/live, on connections of their own. */
  readonly liveMedianMs: number;
  readonly liveP99Ms: number;
  readonly liveLongestMs: number;
  readonly liveFailed: number;
  readonly liveAsked: number;
  /** Longest time between two scheduled cycles, in seconds; one every five is wanted. */
  readonly longestGapSeconds: number;
  readonly lateCycles: number;
  readonly cycles: number;
  /** The most that the service had resident, asked for every second. */
  readonly memoryMegabytes: number;
  /** What slowhttptest says of the service by its modes; empty where it is not installed. */
  readonly slowhttptest: readonly string[];
}

export async function httpLoad({ seconds, atOnce, slow }: Sizes): Promise<HttpLoad> {
  const folder = await Deno.makeTempDir();
  const configPath = await writeConfig(folder);
  const site = { folder, stateFolder: join(folder, "state"), configPath };
  const box = await RunningBox.start(site, { startMs: 180_000 });
  try {
    const url = `http://127.0.0.1:${box.port}`;
    await box.healthBecomes(({ last_cycle }) => last_cycle !== null, 60_000);
    const began = new Date();
    const until = performance.now() + seconds * 1000;
    const [attack, live, memoryBytes, slowhttptest] = await Promise.all([
      attackFromOutside(url, { seconds, atOnce, slow }),
      askLive(url, until),
      mostMemory(url, until),
      slowHttpTest(url, seconds),
    ]);
    const cycles = await scheduledSince(url, began);
    const gaps = cycles.slice(1).map((time, i) => (time - cycles[i]!) / 1000);
    return {
      ...attack,
      ...live,
      longestGapSeconds: Math.max(0, ...gaps),
      lateCycles: gaps.filter((gap) => gap > LATE_SECONDS).length,
      cycles: cycles.length,
      memoryMegabytes: memoryBytes / 1e6,
      slowhttptest,
    };
  } finally {
    await box.kill();
    await Deno.remove(folder, { recursive: true });
  }
}

interface Sizes {
  readonly seconds: number;
  readonly atOnce: number;
  readonly slow: number;
}

/** In a process of its own: two thousand sockets would make the one that asks late by themselves. */
async function attackFromOutside(url: string, sizes: Sizes): Promise<Attack> {
  const { seconds, atOnce, slow } = sizes;
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-check", "-A", fileURLToPath(import.meta.url)],
      ...[seconds, atOnce, slow].map(String),
      url,
    ],
    stderr: "inherit",
  }).output();
  if (!success) throw new Error("The attacking process failed");
  return JSON.parse(new TextDecoder().decode(stdout)) as Attack;
}

async function attack(url: string, { seconds, atOnce, slow }: Sizes): Promise<Attack> {
  const until = performance.now() + seconds * 1000;
  const [flood, loris] = await Promise.all([
    floodOptimize(url, { until, atOnce, request: REQUEST }),
    slowLoris(Number(new URL(url).port), { until, count: slow }),
  ]);
  return { ...flood, ...loris };
}

async function mostMemory(url: string, until: number): Promise<number> {
  let most = 0;
  while (performance.now() < until) {
    most = Math.max(most, await metricOf(url, "setpoint_memory_bytes"));
    await pause(1_000);
  }
  return most;
}

const SLOW_MODES: Readonly<Record<string, readonly string[]>> = {
  "slow headers": ["-H", "-u", "/health"],
  "slow bodies": ["-B", "-f", "application/json", "-s", "8192", "-u", "/optimize"],
  "slow reading": [
    "-X",
    "-w",
    "10",
    "-y",
    "20",
    "-n",
    "5",
    "-z",
    "32",
    "-k",
    "3",
    "-u",
    "/openapi.json",
  ],
};

async function slowHttpTest(url: string, seconds: number): Promise<string[]> {
  return await Promise.all(
    Object.entries(SLOW_MODES).map(async ([mode, options]) => {
      const path = options.at(-1)!;
      const timing = ["-l", String(Math.ceil(seconds)), "-c", String(SLOW_EACH), "-r", "50"];
      try {
        const { stdout } = await new Deno.Command("slowhttptest", {
          args: [...options.slice(0, -1), url + path, ...timing, "-i", "2", "-p", "5"],
          stderr: "null",
        }).output();
        const text = new TextDecoder().decode(stdout);
        const available = [...text.matchAll(/service available:[^A-Z]*(YES|NO)/g)].map((
          [, says],
        ) => says);
        return `${mode}: service available ${[...new Set(available)].join(" then ")}`;
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
        return "";
      }
    }),
  ).then((lines) => lines.filter((line) => line !== ""));
}

export async function writeConfig(folder: string): Promise<string> {
  const site = siteFolder("cement-kiln");
  const path = join(folder, "config.yaml");
  await Deno.writeTextFile(
    path,
    `api: { port: 0 }
optimization: { interval_seconds: ${CYCLE_SECONDS} }
storage: { folder: ${JSON.stringify(site)} }
state: { folder: ${JSON.stringify(join(folder, "state"))} }
feed: { simulator: { module: ${JSON.stringify(join(site, "simulator.ts"))}, period_seconds: 2 } }
log: { level: INFO }
`,
  );
  return path;
}

/** `atOnce` callers, each asking again as soon as it has its answer, or when a refusal says so. */
export async function floodOptimize(
  url: string,
  { until, atOnce, request }: {
    readonly until: number;
    readonly atOnce: number;
    readonly request: RequestInit;
  },
) {
  const optimize: Record<string, number> = {};
  let withoutReason = 0;
  const caller = async () => {
    while (performance.now() < until) {
      let outcome = "broken";
      try {
        const response = await fetch(`${url}/optimize`, request);
        const body = await response.text();
        outcome = String(response.status);
        const hasReason = response.ok || response.headers.has("retry-after") || body.length > 0;
        if (!hasReason) withoutReason++;
        const wait = Number(response.headers.get("retry-after") ?? 0) * 1000;
        if (!response.ok) await pause(Math.max(0, Math.min(wait, until - performance.now())));
      } catch {
        await pause(50);
      }
      optimize[outcome] = (optimize[outcome] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, caller));
  return { optimize, withoutReason };
}

/** Connections that never come to the end of their headers; one that is ended is opened again. */
export async function slowLoris(
  port: number,
  { until, count }: { readonly until: number; readonly count: number },
) {
  let slowOpened = 0;
  let slowEnded = 0;
  const drip = async () => {
    while (performance.now() < until) {
      const socket = await opened(port);
      if (socket === undefined) {
        await pause(100);
        continue;
      }
      slowOpened++;
      let isOpen = true;
      socket.on("close", () => isOpen = false);
      socket.write("GET /health HTTP/1.1\r\nHost: localhost\r\n");
      while (isOpen && performance.now() < until) {
        socket.write("X-A: b\r\n");
        await pause(1_000);
      }
      if (!isOpen) slowEnded++;
      socket.destroy();
    }
  };
  await Promise.all(Array.from({ length: count }, drip));
  return { slowOpened, slowEnded };
}

function opened(port: number): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => resolve(socket));
    socket.on("error", () => resolve(undefined));
  });
}

export async function askLive(url: string, until: number) {
  const times: number[] = [];
  let liveFailed = 0;
  while (performance.now() < until) {
    const client = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });
    const began = performance.now();
    try {
      const response = await fetch(`${url}/health/live`, { client });
      await response.body?.cancel();
      if (!response.ok) liveFailed++;
    } catch {
      liveFailed++;
    }
    times.push(performance.now() - began);
    client.close();
    await pause(20);
  }
  const sorted = times.toSorted((a, b) => a - b);
  return {
    liveMedianMs: sorted[Math.floor(sorted.length * 0.5)] ?? NaN,
    liveP99Ms: sorted[Math.floor(sorted.length * 0.99)] ?? NaN,
    liveLongestMs: sorted.at(-1) ?? NaN,
    liveFailed,
    liveAsked: times.length,
  };
}

export async function metricOf(url: string, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1]);
}

/** Times of the scheduled cycles since an instant, oldest first, page by page. */
async function scheduledSince(url: string, since: Date): Promise<number[]> {
  const times: number[] = [];
  for (let path: string | null = "/cycles?limit=200"; path !== null;) {
    const page = await (await fetch(url + path)).json() as {
      readonly cycles: readonly Pick<CycleRecord["recommendation"], "time" | "trigger">[];
      readonly next: string | null;
    };
    const newer = page.cycles.filter(({ time }) => new Date(time) >= since);
    times.push(
      ...newer.filter(({ trigger }) => trigger !== "request").map(({ time }) => Date.parse(time)),
    );
    path = newer.length < page.cycles.length ? null : page.next;
  }
  return times.toSorted((a, b) => a - b);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

if (import.meta.main) {
  stopForHelp("campaign:http", { words: true });
  const [seconds = 60, atOnce = 1000, slow = 1000] = Deno.args.slice(0, 3).map(Number);
  const url = Deno.args[3];
  console.log(
    url === undefined
      ? await httpLoad({ seconds, atOnce, slow })
      : JSON.stringify(await attack(url, { seconds, atOnce, slow })),
  );
}
