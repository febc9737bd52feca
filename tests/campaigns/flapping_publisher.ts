/**
 * A publisher that moves the pointer every 200 ms, between versions that are all whole, under a load
 * of POST /optimize: no answer may fail or mix versions, and no version may be replaced before its
 * time in force is over.
 *
 *     deno run -A tests/campaigns/flapping_publisher.ts [FLIPS] [DWELL SECONDS]
 */

import { FolderObjectStore } from "../../src/storage/folder_object_store.ts";
import { RunningBox } from "../faults/running_box.ts";
import { ENTRY, publishSmall } from "../storage/small_versions.ts";
import { stopForHelp } from "./campaign_help.ts";
import { startLoad } from "./flips_under_load.ts";

const VERSIONS = 3;
const FLIP_MS = 200;

export interface FlappingResult {
  readonly flips: number;
  readonly requests: number;
  readonly failed: readonly string[];
  readonly mixed: readonly string[];
  /** Versions that were put in force meanwhile. */
  readonly changes: number;
  /** Shortest time between two of them, in seconds. */
  readonly shortestSeconds: number;
  /** Whether the box came to the last version that was pointed to. */
  readonly settled: boolean;
}

export async function flappingPublisher(
  { flips, dwellSeconds }: { readonly flips: number; readonly dwellSeconds: number },
): Promise<FlappingResult> {
  const folder = await Deno.makeTempDir({ prefix: "setpoint-flapping-" });
  await Deno.mkdir(`${folder}/store`);
  const store = new FolderObjectStore(`${folder}/store`);
  for (let version = 1; version <= VERSIONS; version++) await publishSmall(store, version);
  const configPath = `${folder}/config.yaml`;
  await Deno.writeTextFile(configPath, configText(dwellSeconds));
  const box = await RunningBox.start({ folder, stateFolder: `${folder}/state`, configPath });
  const load = startLoad(box);
  try {
    const times: number[] = [];
    const seen = () => {
      const inForce = box.lines.filter((line) => / is active"/.test(line));
      for (const line of inForce) {
        const time = Date.parse(String(JSON.parse(line).time));
        if (!times.includes(time)) times.push(time);
      }
    };
    let last = "";
    for (let flip = 0; flip < flips; flip++) {
      last = String(flip % VERSIONS + 1);
      const due = performance.now() + FLIP_MS;
      await store.write("strategy_version.yaml", new TextEncoder().encode(`version: ${last}`));
      seen();
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
    }
    const settleMs = dwellSeconds * 1000 + 30_000;
    const settled = await box.healthBecomes(({ version }) => version === last, settleMs)
      .then(() => true, () => false);
    seen();
    const gaps = times.slice(1).map((time, i) => (time - times[i]!) / 1000);
    const shortestSeconds = Math.min(Infinity, ...gaps);
    return { flips, changes: times.length, shortestSeconds, settled, ...await load.end() };
  } finally {
    await load.end();
    await box.kill();
    await Deno.remove(folder, { recursive: true });
  }
}

function configText(dwellSeconds: number): string {
  return `app: { mode: api }
api: { port: 0, requests_per_minute: 1000000 }
optimization: { config_file: ${ENTRY} }
storage: { folder: store }
bundles: { poll_seconds: 0.1, dwell_seconds: ${dwellSeconds} }
log: { level: INFO }
`;
}

if (import.meta.main) {
  stopForHelp("campaign:flaps");
  const [flips = 1000, dwellSeconds = 5] = Deno.args.map(Number);
  const result = await flappingPublisher({ flips, dwellSeconds });
  const { requests, failed, mixed, changes, shortestSeconds, settled } = result;
  console.log(
    `${flips} flips: ${changes} versions put in force, ${
      shortestSeconds.toFixed(2)
    } s between two ` +
      `at least (${dwellSeconds} wanted); ${requests} requests, ${failed.length} failed, ` +
      `${mixed.length} mixed; ${settled ? "on" : "NOT on"} the last version at the end`,
  );
  for (const line of [...failed, ...mixed].slice(0, 10)) console.log(line);
  const isRight = failed.length + mixed.length === 0 && settled && shortestSeconds >= dwellSeconds;
  Deno.exit(isRight ? 0 : 1);
}
