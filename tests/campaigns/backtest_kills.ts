/**
 * A backtest that is killed with SIGKILL at random points of its run and started again each time, until
 * it ends; beside it one that nobody kills. Both must leave the same CSV, with every moment once.
 *
 *   deno run -A tests/campaigns/backtest_kills.ts [kills, 40] [moments, 3000] [seed, 1]
 */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { rowsOf } from "../backtest/run_in_process.ts";
import { valveRows, valveSite, writeValveRecord } from "../backtest/valve_site.ts";
import { stopForHelp } from "./campaign_help.ts";
import { Random } from "./random.ts";

const COMMAND = fileURLToPath(new URL("../../src/backtest_command.ts", import.meta.url));
const CONFIG = fileURLToPath(new URL("../../deno.json", import.meta.url));

export interface KilledBacktest {
  readonly kills: number;
  /** Starts of the program, the last one included. */
  readonly runs: number;
  /** In the killed one's CSV. */
  readonly moments: number;
  /** The first line in which its CSV is another than that of the run left alone, of both; "" for none. */
  readonly difference: string;
}

/** Throws where a run fails other than by its kill, or where a moment is there twice or not at all. */
export async function killedBacktest({ moments, kills, seed }: {
  readonly moments: number;
  readonly kills: number;
  readonly seed: number;
}): Promise<KilledBacktest> {
  const site = await valveSite();
  try {
    const record = join(site.folder, "record.csv");
    await writeValveRecord(record, moments);
    const whole = join(site.folder, "whole");
    const alone = await run([site.folder, "--csv", record, "--out", whole], undefined);
    if (!alone.success) throw new Error(`The run that nobody killed failed: ${alone.said}`);

    const random = new Random(seed);
    const args = [site.folder, "--csv", record, "--out", site.out];
    const file = join(site.out, "moments.sqlite");
    let killed = 0;
    let runs = 0;
    for (let isDone = false; !isDone && runs < 20 * kills + 20; runs++) {
      // One in each part of the run, short of its very end, which a look every few moments would miss.
      const killAt = Math.floor(0.9 * moments * random.uniform(killed, killed + 1) / kills);
      const end = await run(args, killed < kills ? { killAt, file } : undefined);
      if (end.killed) killed++;
      else if (!end.success) throw new Error(`Start ${runs + 1} failed: ${end.said}`);
      isDone = end.success;
    }
    const [one, other] = await Promise.all(
      [site.out, whole].map((folder) => Deno.readTextFile(join(folder, "backtest.csv"))),
    );
    const times = rowsOf(one!).map((row) => row.get("time"));
    const wanted = valveRows(moments).map(({ time }) => time.toISOString());
    const lost = wanted.filter((time) => !times.includes(time));
    if (lost.length > 0 || new Set(times).size !== times.length) {
      throw new Error(`${lost.length} moments lost, ${times.length - new Set(times).size} doubled`);
    }
    return {
      kills: killed,
      runs,
      moments: times.length,
      difference: firstDifference(one!, other!),
    };
  } finally {
    await site.remove();
  }
}

function firstDifference(one: string, other: string): string {
  const lines = other.split("\r\n");
  const at = one.split("\r\n").findIndex((line, i) => line !== lines[i]);
  return at < 0 ? "" : `${one.split("\r\n")[at]}\n${lines[at]}`;
}

/** Kills the run when its file holds so many moments; undefined: lets it end. */
async function run(
  args: readonly string[],
  kill: { readonly killAt: number; readonly file: string } | undefined,
) {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "-A", "--config", CONFIG, COMMAND, ...args, "--children", "1"],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const output = child.output();
  let killed = false;
  const watch = setInterval(() => {
    if (kill === undefined || killed || countIn(kill.file) < kill.killAt) return;
    killed = true;
    try {
      child.kill("SIGKILL");
    } catch {
      // It has ended by itself in between.
    }
  }, 10);
  const { success, stdout, stderr } = await output;
  clearInterval(watch);
  const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  // A run that ended before its kill came was not killed.
  return { success, killed: killed && !success, said };
}

/** 0 while there is no file that can be read. */
function countIn(file: string): number {
  if (!existsSync(file)) return 0;
  try {
    using database = new DatabaseSync(file, { readOnly: true });
    return Number(database.prepare("select count(*) as count from results").get()?.count);
  } catch {
    return 0;
  }
}

if (import.meta.main) {
  stopForHelp("campaign:backtest");
  const [kills = 40, moments = 3_000, seed = 1] = Deno.args.map(Number);
  const { difference, ...found } = await killedBacktest({ kills, moments, seed });
  console.log(
    `${found.kills} kills, ${found.runs} starts, ${found.moments} moments, none lost or doubled, ` +
      (difference === ""
        ? "CSV equal to that of the run that nobody killed"
        : `CSV DIFFERENT from that of the run that nobody killed:\n${difference}`),
  );
  if (difference !== "") Deno.exit(1);
}
