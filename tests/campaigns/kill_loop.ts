/**
 * The service is killed again and again during its cycles while its database restarts at random;
 * afterwards every recommendation that anybody can have seen is in the database once, in order.
 *
 *   deno run -A tests/campaigns/kill_loop.ts [ROUNDS] [SEED]      (200 rounds take some 15 minutes)
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import postgres from "postgres";
import { RunningBox } from "../faults/running_box.ts";
import { databaseYaml, LIVE_VALUES, writeSmallSite } from "../faults/small_site.ts";
import { postgresBinaries, PostgresServer } from "../storage/postgres_server.ts";
import { stopForHelp } from "./campaign_help.ts";

export interface KillLoopResult {
  readonly rounds: number;
  readonly databaseRestarts: number;
  /** Cycles in the journal at the end. */
  readonly cycles: number;
  /** Seen over HTTP before a kill, and not in the database at the end. */
  readonly lost: readonly string[];
  readonly duplicated: number;
  /** In the journal, and not in the database. */
  readonly undelivered: readonly string[];
  readonly isInOrder: boolean;
  /** Ends of the service that nobody asked for. */
  readonly ownEnds: number;
}

/** Runs the campaign on a server of its own. */
export async function killLoop(
  { rounds, seed, say }: {
    readonly rounds: number;
    readonly seed: number;
    readonly say: (line: string) => void;
  },
): Promise<KillLoopResult> {
  const random = randomNumbers(seed);
  const server = await PostgresServer.start(postgresBinaries() ?? "");
  const site = await writeSmallSite({
    yaml: databaseYaml(server.port),
    optimization: "interval_seconds: 0.1",
  });
  const seen = new Set<string>();
  let databaseRestarts = 0;
  let ownEnds = 0;
  let box: RunningBox | undefined;
  try {
    for (let round = 0; round < rounds; round++) {
      box = await RunningBox.start(site);
      if (round === 0) await fillValues(server.port, box);
      const lifeMs = 100 + random() * 1_500;
      const restarting = random() < 0.4
        ? pause(random() * lifeMs).then(() => server.kill()).then(() => server.resume())
        : undefined;
      if (restarting !== undefined) databaseRestarts++;
      const end = performance.now() + lifeMs;
      while (performance.now() < end) {
        try {
          await box.until(() => noteSeen(box, seen), 5_000);
        } catch (error) {
          ownEnds++;
          say(`round ${round}: ${error instanceof Error ? error.message : error}`);
          break;
        }
        await pause(15);
      }
      await box.kill();
      await restarting;
      if ((round + 1) % 10 === 0) say(`${round + 1} kills, ${seen.size} recommendations seen`);
    }
    // A last life, to deliver what waits; on a busy machine the others may have ended before a cycle.
    box = await RunningBox.start(site);
    await box.healthBecomes(({ checks, last_cycle }) => {
      if (last_cycle !== null) seen.add(last_cycle.cycle_id);
      return seen.size > rounds && checks.outbox?.[0]?.observedValue === 0;
    }, 60_000);
    assert.equal(await box.stop(), 0);
    return {
      rounds,
      databaseRestarts,
      ownEnds,
      ...await compare(site.stateFolder, { port: server.port, seen }),
    };
  } finally {
    await box?.kill();
    await server.remove();
    await Deno.remove(site.folder, { recursive: true });
  }
}

/** Notes what an operator would see now. */
async function noteSeen(box: RunningBox | undefined, seen: Set<string>): Promise<boolean> {
  const health = await box?.health();
  if (health?.last_cycle) seen.add(health.last_cycle.cycle_id);
  return health !== undefined;
}

async function compare(
  stateFolder: string,
  { port, seen }: { port: number; seen: ReadonlySet<string> },
) {
  const journal = new DatabaseSync(join(stateFolder, "setpoint.sqlite"), { readOnly: true });
  const kept = journal.prepare("select cycle_id from cycles order by rowid").all()
    .map(({ cycle_id }) => String(cycle_id));
  journal.close();
  const sql = postgres(`postgres://postgres@127.0.0.1:${port}/postgres`, {
    max: 1,
    onnotice: () => {},
  });
  try {
    // The table's primary key would hide a second row: recommendations tell of a second writing too.
    const rows = await sql.unsafe("select cycle_id from cycles order by delivered_at, cycle_id");
    const [twice] = await sql.unsafe(
      `select count(*)::integer as n from (select cycle_id, variable from recommendations
       group by cycle_id, variable having count(*) > 1) as twice`,
    );
    const stored = rows.map(({ cycle_id }) => String(cycle_id));
    const known = new Set(stored);
    return {
      cycles: kept.length,
      lost: [...seen].filter((id) => !known.has(id)),
      duplicated: stored.length - known.size + Number(twice?.n),
      undelivered: kept.filter((id) => !known.has(id)),
      isInOrder: stored.every((id, i) => id === kept[i]) &&
        kept.every((id, i) => i === 0 || id > (kept[i - 1] ?? "")),
    };
  } finally {
    await sql.end();
  }
}

async function fillValues(port: number, box: RunningBox): Promise<void> {
  const sql = postgres(`postgres://postgres@127.0.0.1:${port}/postgres`, {
    max: 1,
    onnotice: () => {},
  });
  try {
    const made = () =>
      sql.unsafe("select to_regclass('process_data') as name").then(([row]) => row?.name !== null);
    await box.until(made, 60_000);
    await sql.unsafe(LIVE_VALUES.replace("1800", "7200"));
  } finally {
    await sql.end();
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Mulberry32, so that a seed gives the same kills again. */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

if (import.meta.main) {
  stopForHelp("campaign:kill");
  const [rounds = "200", seed = "1"] = Deno.args;
  const began = performance.now();
  const result = await killLoop({ rounds: Number(rounds), seed: Number(seed), say: console.log });
  console.log(result, `${((performance.now() - began) / 60_000).toFixed(1)} minutes`);
}
