/**
 * Requests per second of the running kiln over HTTP, with the 50th and 99th percentile, and how the
 * time of an optimisation splits into solver, rest of the cycle, and HTTP.
 *
 *   deno run -A tests/bench/http_bench.ts [seconds, 10] [callers, 4] [URL of a running box]
 *
 * Without a URL it starts the kiln's service itself.
 */

import type { CycleRecord } from "../../src/cycle/recommendation.ts";
import { startBox, until, writeKilnConfig } from "../end_to_end/running_box.ts";
import { stopForHelp } from "../campaigns/campaign_help.ts";

export interface Throughput {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** `callers` ask one after the other, each for itself; throws at the first answer that is not 2xx. */
export async function throughput(
  ask: () => Promise<Response>,
  { seconds, callers }: { readonly seconds: number; readonly callers: number },
): Promise<Throughput & { readonly bodies: readonly string[] }> {
  const times: number[] = [];
  const bodies: string[] = [];
  const began = performance.now();
  const caller = async () => {
    while (performance.now() - began < seconds * 1000) {
      const start = performance.now();
      const response = await ask();
      const body = await response.text();
      if (!response.ok) throw new Error(`Answer ${response.status}: ${body}`);
      times.push(performance.now() - start);
      if (bodies.length < 1000) bodies.push(body);
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  const took = (performance.now() - began) / 1000;
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor((sorted.length - 1) * share)] ?? NaN;
  return { perSecond: times.length / took, p50Ms: at(0.5), p99Ms: at(0.99), bodies };
}

/** Prints one line per route and the split of an optimisation. */
async function bench(url: string, how: { seconds: number; callers: number }): Promise<void> {
  const latest = await throughput(() => fetch(`${url}/recommendations/latest`), how);
  printLine("GET /recommendations/latest", latest);
  const optimize = await throughput(() => fetch(`${url}/optimize`, { method: "POST" }), {
    ...how,
    callers: 1,
  });
  printLine("POST /optimize, one caller", optimize);
  const ids = optimize.bodies.slice(-20).map((body) => JSON.parse(body).cycle_id as string);
  const records = await Promise.all(
    ids.map(async (id) => await (await fetch(`${url}/cycles/${id}`)).json() as CycleRecord),
  );
  const mean = (of: (record: CycleRecord) => number) =>
    records.reduce((sum, record) => sum + of(record), 0) / records.length;
  const cycleMs = mean(({ times }) => times.total_ms);
  console.log(
    `  of it solver ${
      mean(({ recommendation }) => recommendation.solver?.total_ms ?? 0).toFixed(1)
    }` +
      ` ms, reading ${mean(({ times }) => times.read_ms).toFixed(1)} ms, rest of the cycle ${
        mean(({ recommendation, times }) =>
          times.total_ms - times.read_ms - (recommendation.solver?.total_ms ?? 0)
        ).toFixed(1)
      } ms, queue, record and HTTP ${(optimize.p50Ms - cycleMs).toFixed(1)} ms`,
  );
}

function printLine(name: string, { perSecond, p50Ms, p99Ms }: Throughput): void {
  console.log(
    `${name}: ${perSecond.toFixed(0)} requests/s, p50 ${p50Ms.toFixed(1)} ms, p99 ${
      p99Ms.toFixed(1)
    } ms`,
  );
}

if (import.meta.main) {
  stopForHelp("bench:http", { words: true });
  const [seconds = 10, callers = 4] = Deno.args.slice(0, 2).map(Number);
  const how = { seconds, callers };
  if (Deno.args[2] !== undefined) await bench(Deno.args[2], how);
  else {
    const folder = await Deno.makeTempDir();
    try {
      const box = await startBox(await writeKilnConfig(folder), folder);
      try {
        await until(
          async () => {
            const response = await fetch(`${box.url}/recommendations/latest`);
            await response.body?.cancel();
            return response.ok;
          },
          (hasCycle) => hasCycle,
          60,
        );
        await bench(box.url, how);
      } finally {
        await box.stop();
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  }
}
