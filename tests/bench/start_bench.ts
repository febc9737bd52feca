/**
 * From the process's start to ready (GET /health/ready answers 200) with a warm state folder, of the
 * kiln with its embedded database and with a PostgreSQL server.
 *
 *   deno run -A tests/bench/start_bench.ts [STARTS, 5]
 *
 * Processor time counts all threads and the solver's child; unlike the clock it hardly grows when the
 * machine has other work.
 */

import { fileURLToPath } from "node:url";
import { writeKilnConfig } from "../end_to_end/running_box.ts";
import { freePort, postgresBinaries, PostgresServer } from "../storage/postgres_server.ts";
import { stopForHelp } from "../campaigns/campaign_help.ts";

/** A machine that is busy with other things takes its time. */
const LONGEST_MS = 300_000;

interface Start {
  readonly readyMs: number;
  /** Of the process and its children, until it was ready. */
  readonly processorMs: number;
}

/** Times of `starts` starts after one that is not counted. */
async function measureStarts(
  { starts, more }: { readonly starts: number; readonly more: string },
): Promise<readonly Start[]> {
  const folder = await Deno.makeTempDir({ prefix: "setpoint-start-" });
  const port = freePort();
  const config = await writeKilnConfig(folder, more);
  const text = await Deno.readTextFile(config);
  await Deno.writeTextFile(config, text.replace("port: 0", `port: ${port}`));
  const times: Start[] = [];
  try {
    for (let i = 0; i <= starts; i++) {
      const start = await startOnce({ config, folder, port });
      if (i > 0) times.push(start);
    }
    return times;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Starts, waits until it is ready, and stops again. */
async function startOnce(
  { config, folder, port }: {
    readonly config: string;
    readonly folder: string;
    readonly port: number;
  },
): Promise<Start> {
  const began = performance.now();
  const box = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-P=start", `--allow-run=${Deno.execPath()}`, `--allow-write=${folder}`],
      ...["src/main.ts", "--config", config],
    ],
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  try {
    while (!await isReady(port)) {
      const waitedMs = performance.now() - began;
      if (waitedMs > LONGEST_MS) throw new Error(`The box is not ready after ${waitedMs} ms`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return { readyMs: performance.now() - began, processorMs: await processorMs(box.pid) };
  } finally {
    box.kill("SIGTERM");
    await box.status;
  }
}

async function isReady(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/health/ready`);
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

/** Fields 14 to 17 of /proc/PID/stat (proc(5)), in ticks of 10 ms; and those of its children. */
async function processorMs(pid: number): Promise<number> {
  const children = (await Deno.readTextFile(`/proc/${pid}/task/${pid}/children`)).trim();
  let ticks = 0;
  for (const process of [String(pid), ...children.split(" ").filter(Boolean)]) {
    const stat = await Deno.readTextFile(`/proc/${process}/stat`);
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    for (const at of [11, 12, 13, 14]) ticks += Number(fields[at]);
  }
  return ticks * 10;
}

function printStarts(name: string, starts: readonly Start[]): void {
  const median = (of: (start: Start) => number) =>
    starts.map(of).toSorted((a, b) => a - b)[starts.length >> 1] ?? NaN;
  const slowest = Math.max(...starts.map(({ readyMs }) => readyMs));
  console.log(
    `${name.padEnd(24)} ready after ${median(({ readyMs }) => readyMs).toFixed(0)} ms, ` +
      `slowest of ${starts.length} ${slowest.toFixed(0)} ms, ` +
      `processor ${median(({ processorMs }) => processorMs).toFixed(0)} ms`,
  );
}

if (import.meta.main) {
  stopForHelp("bench:start");
  const starts = Number(Deno.args[0] ?? 5);
  printStarts("embedded database", await measureStarts({ starts, more: "" }));
  const binaries = postgresBinaries();
  if (binaries === undefined) console.error("IGNORED: no PostgreSQL server here");
  else {
    const server = await PostgresServer.start(binaries);
    try {
      const more = `database:
  { host: 127.0.0.1, port: ${server.port}, dbname: postgres, user: postgres }
`;
      printStarts("PostgreSQL", await measureStarts({ starts, more }));
    } finally {
      await server.remove();
    }
  }
}
