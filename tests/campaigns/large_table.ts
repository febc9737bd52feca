/**
 * What a snapshot of 50 tags costs as the historian's table grows, on a real PostgreSQL server: ours,
 * against the DISTINCT ON that one would write first.
 *
 *   deno run -A tests/campaigns/large_table.ts [ROWS]      (10,000,000 rows want 2 GB of disk for a while)
 */

import postgres from "postgres";
import { migrate } from "../../src/storage/migrations.ts";
import { Measurements } from "../../src/storage/measurements.ts";
import { PostgresDatabase } from "../../src/storage/postgres_database.ts";
import { longText } from "../../src/storage/read_long.ts";
import { describeTable } from "../../src/storage/value_table.ts";
import { postgresBinaries, postgresConfig, PostgresServer } from "../storage/postgres_server.ts";
import { nodesOf, siteValues } from "../storage/site_values.ts";
import { stopForHelp } from "./campaign_help.ts";

const TAGS = Array.from({ length: 50 }, (_, i) => `Tag_${i}`);
const START = Date.parse("2026-01-01T00:00:00Z");
const REPEATS = 30;

export interface TableCost {
  readonly rows: number;
  /** Medians, in milliseconds, the driver and the connection included. */
  readonly newestMs: number;
  readonly averagesMs: number;
  readonly distinctOnMs: number;
  /** Nodes of the plan that touch the table. */
  readonly scans: readonly string[];
}

/** The cost at a tenth of `rows` and at all of them. */
export async function largeTable(
  { rows, say }: { readonly rows: number; readonly say: (line: string) => void },
): Promise<TableCost[]> {
  const server = await PostgresServer.start(postgresBinaries() ?? "");
  const database = new PostgresDatabase(postgresConfig(server.port, { queryTimeoutMs: 600_000 }));
  const sql = postgres(`postgres://postgres@127.0.0.1:${server.port}/postgres`, { max: 1 });
  const measurements = new Measurements(siteValues(), database);
  const costs: TableCost[] = [];
  try {
    await migrate(database);
    let filled = 0;
    for (const size of [rows / 10, rows]) {
      const began = performance.now();
      // In steps, as a historian writes: each tag every second, in the order of time.
      for (; filled < size; filled += Math.min(1_000_000, size - filled)) {
        await sql.unsafe(
          `insert into process_data
           select to_timestamp($1::double precision / 1000 + i / 50), 'Tag_' || i % 50, i, 'good'
           from generate_series($2::integer, $3::integer) i`,
          [START, filled, Math.min(filled + 1_000_000, size) - 1],
        );
      }
      await sql.unsafe("vacuum analyze process_data");
      say(`${size} rows are there after ${((performance.now() - began) / 1000).toFixed(0)} s`);
      const until = new Date(START + size * 1_000);
      const averages = new Map(TAGS.map((tag) => [tag, { ms: 900_000, by: "mean" as const }]));
      const table = await describeTable(database, { config: siteValues(), place: database.place });
      const plan = await database.query(
        `explain (analyze, format json) ${longText(table, siteValues())}`,
        [TAGS, TAGS.map(() => 900), TAGS.map(() => "mean"), until, [], []],
      );
      costs.push({
        rows: size,
        newestMs: await medianMs(
          REPEATS,
          () => measurements.newest(database, { tags: TAGS, until }),
        ),
        averagesMs: await medianMs(
          REPEATS,
          () => measurements.newest(database, { tags: TAGS, until, averages }),
        ),
        distinctOnMs: await medianMs(1, () =>
          sql.unsafe(
            `select distinct on (tag) tag, time, value, quality from process_data
             where tag = any ($1::text[]) and time <= $2 order by tag, time desc`,
            [TAGS, until],
          )),
        scans: [...new Set(nodesOf(plan).filter((node) => node.includes("process_data")))],
      });
    }
    return costs;
  } finally {
    await sql.end();
    await database.close();
    await server.remove();
  }
}

async function medianMs(repeats: number, work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < repeats; i++) {
    const began = performance.now();
    await work();
    times.push(performance.now() - began);
  }
  return times.toSorted((a, b) => a - b)[repeats >> 1] ?? NaN;
}

if (import.meta.main) {
  stopForHelp("campaign:table");
  const costs = await largeTable({ rows: Number(Deno.args[0] ?? 10_000_000), say: console.log });
  console.table(costs.map((cost) => ({ ...cost, scans: cost.scans.join(", ") })));
}
