/**
 * The whole service under a load of POST /optimize, while the version in its store changes again and
 * again. Every answer must be of one version throughout: version N has N as its least loss.
 *
 *     deno run -A tests/campaigns/flips_under_load.ts [FLIPS]
 */

import { FolderObjectStore } from "../../src/storage/folder_object_store.ts";
import { RunningBox } from "../faults/running_box.ts";
import { ENTRY, publishSmall } from "../storage/small_versions.ts";

const VERSIONS = 3;
const CLIENTS = 3;
/** What a flip may take: some polls, a rehearsal where the version is new, getting ready. */
const FLIP_MS = 60_000;

export interface FlipResult {
  readonly flips: number;
  readonly requests: number;
  /** Answers other than 200, with their text. */
  readonly failed: readonly string[];
  /** Answers whose numbers are not of the version that they name. */
  readonly mixed: readonly string[];
  /** From the pointer's change to the health that names the version, in ms. */
  readonly flipMs: readonly number[];
  /** What going back over HTTP took until that version is in force, in ms. */
  readonly backMs: number;
}

export async function flipUnderLoad({ flips }: { readonly flips: number }): Promise<FlipResult> {
  const folder = await Deno.makeTempDir({ prefix: "setpoint-flips-" });
  await Deno.mkdir(`${folder}/store`);
  const store = new FolderObjectStore(`${folder}/store`);
  for (let version = 1; version <= VERSIONS; version++) await publishSmall(store, version);
  await writeConfig(folder);
  const box = await RunningBox.start({
    folder,
    stateFolder: `${folder}/state`,
    configPath: `${folder}/config.yaml`,
  });
  const load = startLoad(box);
  try {
    const flipMs: number[] = [];
    for (let flip = 0; flip < flips; flip++) {
      const version = String(flip % VERSIONS + 1);
      const begin = performance.now();
      await store.write("strategy_version.yaml", new TextEncoder().encode(`version: ${version}`));
      await box.healthBecomes((health) => health.version === version, FLIP_MS);
      flipMs.push(performance.now() - begin);
    }
    const begin = performance.now();
    const back = await post(box, "/strategy/activate", { version: "previous" });
    if (back.status !== 200 && back.status !== 202) {
      throw new Error(`Going back: ${back.status} ${back.text}`);
    }
    const last = String((flips - 1) % VERSIONS + 1);
    await box.healthBecomes(({ version }) => version !== last, FLIP_MS);
    const backMs = performance.now() - begin;
    return { flips, flipMs, backMs, ...await load.end() };
  } finally {
    await load.end();
    await box.kill();
    await Deno.remove(folder, { recursive: true });
  }
}

async function writeConfig(folder: string): Promise<void> {
  await Deno.writeTextFile(
    `${folder}/config.yaml`,
    `app: { mode: api }
api: { port: 0, requests_per_minute: 1000000 }
optimization: { config_file: ${ENTRY} }
storage: { folder: store }
bundles: { poll_seconds: 0.1, dwell_seconds: 0 }
log: { level: INFO }
`,
  );
}

/** Clients that ask without pause. */
export function startLoad(box: RunningBox) {
  const failed: string[] = [];
  const mixed: string[] = [];
  let requests = 0;
  let ended = false;
  const client = async () => {
    while (!ended) {
      const { status, text } = await post(box, "/optimize", {
        input_data: { Valve: 30, Load: 100 },
      });
      if (ended) return;
      requests++;
      if (status !== 200) {
        failed.push(`${status} ${text}`);
        continue;
      }
      const { version, objective } = JSON.parse(text);
      // The start is 20 above the optimum in Valve, so 400 above it in loss.
      const isOne = Math.abs(objective?.expected - Number(version)) < 1e-3 &&
        Math.abs(objective?.now - Number(version) - 400) < 1e-3;
      if (!isOne) mixed.push(`version ${version}: ${JSON.stringify(objective)}`);
    }
  };
  const clients = Array.from({ length: CLIENTS }, client);
  return {
    async end() {
      ended = true;
      await Promise.all(clients);
      return { requests, failed, mixed };
    },
  };
}

async function post(
  box: RunningBox,
  path: string,
  body: unknown,
): Promise<{ readonly status: number; readonly text: string }> {
  try {
    const answer = await fetch(`http://127.0.0.1:${box.port}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    return { status: answer.status, text: await answer.text() };
  } catch (error) {
    return { status: 0, text: String(error) };
  }
}

if (import.meta.main) {
  const [flips = 200] = Deno.args.map(Number);
  const result = await flipUnderLoad({ flips });
  const sorted = result.flipMs.toSorted((a, b) => a - b);
  const median = Math.round(sorted[Math.floor(sorted.length / 2)] ?? 0);
  console.log(
    `${flips} flips, median ${median} ms, longest ${Math.round(sorted.at(-1) ?? 0)} ms; back in ` +
      `${Math.round(result.backMs)} ms; ${result.requests} requests, ${result.failed.length} ` +
      `failed, ${result.mixed.length} mixed`,
  );
  for (const line of [...result.failed, ...result.mixed].slice(0, 10)) console.log(line);
  Deno.exit(result.failed.length + result.mixed.length === 0 ? 0 : 1);
}
