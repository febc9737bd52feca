/**
 * The service through many cycles in a short time, on a real PostgreSQL server: what each cycle
 * leaves behind in memory, in handles and in the state folder.
 *
 *   deno run -A tests/campaigns/many_cycles.ts [CYCLES]      (10,000 take some ten minutes)
 */

import postgres from "postgres";
import { migrate } from "../../src/storage/migrations.ts";
import { PostgresDatabase } from "../../src/storage/postgres_database.ts";
import { RunningBox } from "../faults/running_box.ts";
import { databaseYaml, LIVE_VALUES, writeSmallSite } from "../faults/small_site.ts";
import { postgresBinaries, postgresConfig, PostgresServer } from "../storage/postgres_server.ts";
import { stopForHelp } from "./campaign_help.ts";

/** Of cycle records, in the state folder's file. */
export const CAP_MEGABYTES = 2;

export interface ManyCycles {
  readonly cycles: number;
  /** Slope of a straight line through the resident memory, in bytes a cycle, after the warm-up. */
  readonly bytesPerCycle: number;
  readonly residentMegabytes: readonly [number, number];
  readonly handles: readonly [number, number];
  readonly stateMegabytes: number;
  readonly delivered: number;
}

interface Sample {
  readonly cycles: number;
  readonly resident: number;
  readonly handles: number;
}

/** Runs the campaign; the first fifth of the cycles is the warm-up. Linux only: it reads /proc. */
export async function manyCycles(
  { cycles, say }: { readonly cycles: number; readonly say: (line: string) => void },
): Promise<ManyCycles> {
  const server = await PostgresServer.start(postgresBinaries() ?? "");
  const sql = postgres(`postgres://postgres@127.0.0.1:${server.port}/postgres`, { max: 1 });
  const site = await writeSmallSite({
    yaml: databaseYaml(server.port),
    state: `megabytes: ${CAP_MEGABYTES}`,
    optimization: "interval_seconds: 0.01",
  });
  let box: RunningBox | undefined;
  try {
    const setup = new PostgresDatabase(postgresConfig(server.port));
    await migrate(setup);
    await setup.query(LIVE_VALUES);
    await setup.close();
    box = await RunningBox.start(site);
    const samples: Sample[] = [];
    const count = async () =>
      Number((await sql.unsafe("select count(*)::integer as n from cycles"))[0]?.n);
    for (let next = cycles / 5; next <= cycles; next += cycles / 25) {
      await box.until(async () => await count() >= next, 600_000);
      const sample = { cycles: await count(), ...await usageOf(box.pid) };
      samples.push(sample);
      say(
        `${sample.cycles} cycles, ${
          (sample.resident / 2 ** 20).toFixed(1)
        } MB, ${sample.handles} handles`,
      );
    }
    await box.stop();
    const [first] = samples;
    const last = samples.at(-1);
    const megabytes = (sample: Sample | undefined) => (sample?.resident ?? NaN) / 2 ** 20;
    return {
      cycles: last?.cycles ?? 0,
      bytesPerCycle: slopeOf(samples),
      residentMegabytes: [megabytes(first), megabytes(last)],
      handles: [first?.handles ?? NaN, last?.handles ?? NaN],
      stateMegabytes: await sizeOf(site.stateFolder) / 2 ** 20,
      delivered: await count(),
    };
  } finally {
    await box?.kill();
    await sql.end();
    await server.remove();
    await Deno.remove(site.folder, { recursive: true });
  }
}

async function usageOf(pid: number): Promise<{ resident: number; handles: number }> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  const [, kilobytes] = /VmRSS:\s+(\d+) kB/.exec(status) ?? [];
  let handles = 0;
  for await (const _ of Deno.readDir(`/proc/${pid}/fd`)) handles++;
  return { resident: Number(kilobytes) * 1024, handles };
}

/** Least squares. */
function slopeOf(samples: readonly Sample[]): number {
  const mean = (of: (sample: Sample) => number) =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
  const x = mean(({ cycles }) => cycles);
  const y = mean(({ resident }) => resident);
  const covariance = mean(({ cycles, resident }) => (cycles - x) * (resident - y));
  return covariance / mean(({ cycles }) => (cycles - x) ** 2);
}

async function sizeOf(folder: string): Promise<number> {
  let size = 0;
  for await (const entry of Deno.readDir(folder)) {
    const path = `${folder}/${entry.name}`;
    size += entry.isDirectory ? await sizeOf(path) : (await Deno.stat(path)).size;
  }
  return size;
}

if (import.meta.main) {
  stopForHelp("campaign:soak");
  const began = performance.now();
  const result = await manyCycles({ cycles: Number(Deno.args[0] ?? 10_000), say: console.log });
  console.log(result, `${((performance.now() - began) / 60_000).toFixed(1)} minutes`);
}
