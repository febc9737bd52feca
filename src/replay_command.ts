/** `deno task replay CYCLE_ID`: computes a recorded cycle again and holds the answers together. */

import { parseArgs } from "node:util";
import { runCommand } from "./command.ts";
import type { Terminal } from "./command.ts";
import { configPath, loadConfig, readEnvironment } from "./config.ts";
import { preparePlan } from "./cycle/plan.ts";
import type { ModelFile } from "./cycle/plan.ts";
import type { CycleRecord } from "./cycle/recommendation.ts";
import { differences, REPLAY_TOLERANCE, replayCycle } from "./cycle/replay.ts";
import { logOf } from "./log.ts";
import type { Scaler } from "./model/scaler.ts";
import { NativeSolver } from "./solve/native_solver.ts";
import { bundlesFolder, Generations } from "./storage/generations.ts";
import { readKeptRecord } from "./storage/kept_record.ts";
import { MemoryCache } from "./storage/memory_cache.ts";
import type { Strategy } from "./strategy/strategy.ts";

const HELP = `Computes a cycle again: deno task replay CYCLE_ID [--state FOLDER] [--config PATH]

Takes the record and the bundle that the cycle ran on from the state folder, which may be a copy, and
tells whether the same recommendation comes out, to ${REPLAY_TOLERANCE} of every number.
Exit code: 0 it does, 1 it does not or cannot be computed.

  --state    state folder; without it that of the configuration
  --config   another configuration than the cement kiln's
  --help     print this`;

export interface ReplayPlaces {
  readonly stateFolder: string;
  /** The strategy's path in the bundle. */
  readonly entry: string;
}

/** Prints what came out; the result is the exit code. Throws where nothing can be computed. */
export async function replayCommand(
  cycleId: string,
  { stateFolder, entry, say }: ReplayPlaces & Terminal,
): Promise<number> {
  const json = readKeptRecord(stateFolder, cycleId);
  if (json === undefined) throw new Error(`${stateFolder} keeps no cycle "${cycleId}"`);
  const record = JSON.parse(json) as CycleRecord;
  const log = logOf("replay");
  const generations = await Generations.open(bundlesFolder(stateFolder), { log });
  const { digest, version, status } = record.recommendation;
  const generation = generations.all.find((kept) => kept.digest === digest);
  if (generation === undefined) {
    throw new Error(`${stateFolder} no longer keeps version ${version} (${digest})`);
  }
  const solver = new NativeSolver();
  const cache = new MemoryCache({ log });
  const models = cache.shelf<ModelFile>("models");
  try {
    const plan = await preparePlan(await generations.load(generation), {
      entry,
      solver,
      shelves: {
        models,
        scalers: cache.shelf<Scaler>("scalers"),
        configurations: cache.shelf<Strategy>("configurations"),
      },
    });
    const again = await replayCycle(record, { plan, solver });
    const found = differences(record.recommendation, again.recommendation);
    if (found.length === 0) {
      say(`Cycle ${cycleId} (version ${version}, ${status}): the same recommendation comes out`);
      return 0;
    }
    say(`Cycle ${cycleId} (version ${version}, ${status}): ${found.length} differences`);
    for (const difference of found) say(`  ${difference}`);
    return 1;
  } finally {
    await solver.close();
  }
}

if (import.meta.main) {
  const code = await runCommand(async () => {
    const { values, positionals } = parseArgs({
      args: Deno.args,
      options: {
        state: { type: "string" },
        config: { type: "string" },
        help: { type: "boolean" },
      },
      allowPositionals: true,
    });
    const [cycleId] = positionals;
    if (values.help === true || cycleId === undefined) {
      console.log(HELP);
      return values.help === true ? 0 : 2;
    }
    const env = readEnvironment();
    const args = values.config === undefined ? [] : ["--config", values.config];
    const config = loadConfig({ path: configPath(args, env), env });
    return await replayCommand(cycleId, {
      stateFolder: values.state ?? config.state.folder,
      entry: config.optimization.configFile,
      say: console.log,
    });
  }, { help: HELP });
  Deno.exit(code);
}
