/**
 * A box whose store is away: a month of cycles from the disk alone, and cold starts of the whole
 * service.
 *
 *     deno run -A tests/campaigns/store_away.ts [CYCLES] [STARTS]
 */

import { FIRST_STATE, runCycle } from "../../src/cycle/run_cycle.ts";
import type { Reading } from "../../src/cycle/judge_reading.ts";
import { FolderObjectStore } from "../../src/storage/folder_object_store.ts";
import { RunningBox } from "../faults/running_box.ts";
import { BundleBox } from "../storage/bundle_box.ts";
import { ENTRY, inFolder, publishSmall } from "../storage/small_versions.ts";
import { Random } from "./random.ts";

const CYCLE_MS = 300_000;

/** Cycles five minutes apart, each with a poll that fails; how many gave no answer, or another version. */
export async function cyclesWithoutStore(cycles: number): Promise<{ readonly missed: number }> {
  let missed = 0;
  await inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/store`);
    const store = new FolderObjectStore(`${folder}/store`);
    await publishSmall(store, 1);
    const options = { store, folder: `${folder}/kept` };
    const first = await BundleBox.open(options);
    await first.active.refresh();
    await first.close();
    await Deno.remove(`${folder}/store`, { recursive: true });

    const box = await BundleBox.open(options);
    await box.active.start();
    const random = new Random(1);
    let state = FIRST_STATE;
    for (let cycle = 0; cycle < cycles; cycle++) {
      const time = new Date(Date.UTC(2026, 0, 1) + cycle * CYCLE_MS);
      const answered = await box.active.refresh();
      const { plan } = box.active;
      if (plan === undefined || answered) {
        missed++;
        continue;
      }
      const reading = (value: number): Reading => ({ value, time, quality: "good" });
      const readings = new Map([
        ["Valve", reading(random.uniform(20, 80))],
        ["Load", reading(random.uniform(60, 140))],
      ]);
      const result = await runCycle({
        cycleId: `c${cycle}`,
        trigger: "schedule",
        given: new Map(),
        mode: "advisory",
        validForMs: CYCLE_MS,
      }, {
        plan,
        solver: box.solver,
        state,
        read: () => Promise.resolve(readings),
        now: () => time,
      });
      state = result.state;
      const { status, version } = result.record.recommendation;
      box.active.noteCycle(result.record);
      if (version !== "1" || (status !== "optimised" && status !== "unchanged")) missed++;
    }
    await box.close();
  });
  return { missed };
}

/** Times from the start of the process to its first `ready`, in ms, with the store gone. */
export async function coldStarts(starts: number): Promise<number[]> {
  const times: number[] = [];
  await inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/store`);
    await publishSmall(new FolderObjectStore(`${folder}/store`), 1);
    await Deno.writeTextFile(
      `${folder}/config.yaml`,
      `app: { mode: api }
api: { port: 0 }
optimization: { config_file: ${ENTRY} }
storage: { folder: store }
`,
    );
    const site = {
      folder,
      stateFolder: `${folder}/state`,
      configPath: `${folder}/config.yaml`,
    };
    const first = await RunningBox.start(site);
    await first.healthBecomes(({ version }) => version === "1", 30_000);
    await first.kill();
    await Deno.remove(`${folder}/store`, { recursive: true });
    for (let start = 0; start < starts; start++) {
      const begin = performance.now();
      const box = await RunningBox.start(site);
      try {
        await box.until(async () => {
          const answer = await fetch(`http://127.0.0.1:${box.port}/health/ready`);
          await answer.body?.cancel();
          return answer.ok;
        }, 30_000);
        times.push(performance.now() - begin);
      } finally {
        await box.kill();
      }
    }
  });
  return times.toSorted((a, b) => a - b);
}

if (import.meta.main) {
  const [cycles = 8_640, starts = 100] = Deno.args.map(Number);
  const { missed } = await cyclesWithoutStore(cycles);
  console.log(`${cycles} cycles without a store: ${missed} missed`);
  const times = await coldStarts(starts);
  const at = (share: number) => Math.round(times[Math.ceil(share * times.length) - 1] ?? NaN);
  console.log(`${starts} cold starts without a store: median ${at(0.5)} ms, 95 % ${at(0.95)} ms`);
  Deno.exit(missed === 0 && at(0.95) < 10_000 ? 0 : 1);
}
