/**
 * A box that runs, publishes and takes versions, and whose state folder is copied at random moments;
 * on every copy another box must come back. Three kinds of copies:
 *
 *   whole   of one instant, as kill -9 leaves the folder: nothing that was seen may be missing
 *   mixed   file after file while the box goes on: no instant at all
 *   cut     of one instant, and then what was written in the last five seconds cut short, filled with zeros
 *           or left as it is, file by file: what a disk loses that had not been told to sync
 *
 *   deno run -A tests/campaigns/power_cut.ts [COPIES] [SEED]
 */

import { join } from "node:path";
import { FolderObjectStore } from "../../src/storage/folder_object_store.ts";
import { RunningBox } from "../faults/running_box.ts";
import { writeSmallSite } from "../faults/small_site.ts";
import { publishSmall } from "../storage/small_versions.ts";
import { stopForHelp } from "./campaign_help.ts";
import { Random } from "./random.ts";

const KINDS = ["whole", "mixed", "cut"] as const;
type Kind = (typeof KINDS)[number];

export interface PowerCutResult {
  /** Copies on which a box came back, by kind. */
  readonly cameBack: Readonly<Record<Kind, number>>;
  readonly versions: number;
  /** Files that were cut or filled with zeros. */
  readonly cutFiles: number;
  /** One line for each copy on which no box came back, or not with all that was seen. */
  readonly faults: readonly string[];
  /** From the process's start until the box answered on a copy, the longest. */
  readonly slowestMs: number;
}

export interface PowerCutOptions {
  readonly copies: number;
  readonly seed: number;
  readonly say: (line: string) => void;
}

/** Runs the campaign; every folder is gone afterwards. */
export async function powerCut({ copies, seed, say }: PowerCutOptions): Promise<PowerCutResult> {
  const draws = new Random(seed);
  const random = () => draws.uniform(0, 1);
  const store = await Deno.makeTempDir({ prefix: "setpoint-store-" });
  const site = await writeSmallSite({
    yaml: `storage: { folder: ${JSON.stringify(store)} }\nbundles: { poll_seconds: 0.5 }`,
    optimization: "interval_seconds: 0.2",
  });
  const publisher = new Publisher(store);
  const cameBack: Record<Kind, number> = { whole: 0, mixed: 0, cut: 0 };
  const faults: string[] = [];
  let cutFiles = 0;
  let slowestMs = 0;
  let box: RunningBox | undefined;
  try {
    await publisher.next();
    box = await RunningBox.start(site, { startMs: 240_000 });
    for (let i = 0; i < copies; i++) {
      const kind = KINDS[i % KINDS.length] ?? "whole";
      const publishing = publisher.next();
      await pause(random() * 1_200);
      const copy = join(site.folder, `copy-${i}`);
      const seen = await copyState(box, {
        from: site.stateFolder,
        to: copy,
        isStopped: kind !== "mixed",
      });
      await publishing;
      if (kind === "cut") cutFiles += await cutRecent(copy, random);
      try {
        const began = performance.now();
        await comesBack(copy, { seen: kind === "whole" ? seen : undefined });
        slowestMs = Math.max(slowestMs, performance.now() - began);
        cameBack[kind]++;
      } catch (error) {
        faults.push(`copy ${i}, ${kind}: ${error instanceof Error ? error.message : error}`);
        say(faults.at(-1) ?? "");
      }
      await Deno.remove(copy, { recursive: true });
      if ((i + 1) % 10 === 0) say(`${i + 1} copies, ${faults.length} faults`);
    }
    return { cameBack, versions: publisher.published, cutFiles, faults, slowestMs };
  } finally {
    await box?.kill();
    await Deno.remove(site.folder, { recursive: true });
    await Deno.remove(store, { recursive: true });
  }
}

/** Version after version, so that the state folder's bundles change all the time. */
class Publisher {
  readonly #store: FolderObjectStore;
  #published = 0;

  constructor(folder: string) {
    this.#store = new FolderObjectStore(folder);
  }

  get published(): number {
    return this.#published;
  }

  async next(): Promise<void> {
    await publishSmall(this.#store, ++this.#published);
  }
}

/** The newest cycle that could be seen before; of one instant where the process stands still. */
async function copyState(
  box: RunningBox,
  { from, to, isStopped }: {
    readonly from: string;
    readonly to: string;
    readonly isStopped: boolean;
  },
): Promise<string | undefined> {
  const seen = (await box.health()).last_cycle?.cycle_id;
  if (isStopped) Deno.kill(box.pid, "SIGSTOP");
  try {
    if (isStopped) await standsStill(box.pid);
    // A file that goes while it is copied is one more way of being mixed.
    const { code } = await new Deno.Command("cp", {
      args: ["-a", from, to],
      stderr: "null",
    }).output();
    if (isStopped && code !== 0) throw new Error(`cp ended with ${code}`);
  } finally {
    if (isStopped) Deno.kill(box.pid, "SIGCONT");
  }
  return seen;
}

/** Waits until each of its threads has stopped: one that is in a call of the system ends that first. */
async function standsStill(pid: number): Promise<void> {
  for (let look = 0; look < 10_000; look++) {
    const states: string[] = [];
    for await (const { name } of Deno.readDir(`/proc/${pid}/task`)) {
      const stat = await Deno.readTextFile(`/proc/${pid}/task/${name}/stat`).catch(() => "");
      // The command's name before it, in brackets, may hold anything (proc(5)).
      states.push(stat.slice(stat.lastIndexOf(")") + 2)[0] ?? "gone");
    }
    if (states.every((state) => state === "T" || state === "gone")) return;
    await pause(1);
  }
  throw new Error(`Process ${pid} does not stop`);
}

/** A box on the copy, with nothing else to reach, gives a recommendation; then it stops in order. */
async function comesBack(
  stateFolder: string,
  { seen }: { readonly seen: string | undefined },
): Promise<void> {
  const site = await writeSmallSite({
    yaml: "storage: { folder: nowhere }",
    stateFolder,
    optimization: "interval_seconds: 0.2",
  });
  let box: RunningBox | undefined;
  try {
    box = await RunningBox.start(site, { startMs: 240_000 });
    const url = `http://127.0.0.1:${box.port}`;
    const response = await fetch(`${url}/optimize`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ input_data: { Valve: 30, Load: 100 } }),
    });
    const answer = await response.json();
    if (answer.status !== "optimised") throw new Error(`it answers ${JSON.stringify(answer)}`);
    if (seen !== undefined) {
      const cycle = await fetch(`${url}/cycles/${seen}`);
      await cycle.body?.cancel();
      if (cycle.status !== 200) throw new Error(`cycle ${seen} was seen and is gone`);
    }
    const code = await box.stop();
    if (code !== 0) throw new Error(`it ended with ${code}:\n${box.lines.slice(-5).join("\n")}`);
  } finally {
    await box?.kill();
    await Deno.remove(site.folder, { recursive: true });
  }
}

/** How far back from a file's end a cut may reach. */
const MOST_LOST_BYTES = 64 * 1024;
/** Systems write what nobody told to sync within some seconds. */
const RECENT_MS = 5_000;

/** Loses ends of what was written last. Returns how many files lost something. */
async function cutRecent(folder: string, random: () => number): Promise<number> {
  const files = await filesUnder(folder);
  const newest = Math.max(...files.map(({ changed }) => changed));
  let cut = 0;
  for (const { path, size, changed } of files) {
    if (newest - changed > RECENT_MS || size === 0) continue;
    // What was written last is cut always.
    if (changed < newest && random() < 0.3) continue;
    const lost = 1 + Math.floor(random() * Math.min(size, MOST_LOST_BYTES));
    await Deno.truncate(path, size - lost);
    // A file whose size is known and whose blocks are not reads as zeros.
    if (random() < 0.5) await Deno.truncate(path, size);
    cut++;
  }
  return cut;
}

async function filesUnder(
  folder: string,
): Promise<{ readonly path: string; readonly size: number; readonly changed: number }[]> {
  const found = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (isDirectory) found.push(...await filesUnder(path));
    else {
      const { size, mtime } = await Deno.lstat(path);
      found.push({ path, size, changed: mtime?.getTime() ?? 0 });
    }
  }
  return found;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

if (import.meta.main) {
  stopForHelp("campaign:power");
  const [copies = "100", seed = "1"] = Deno.args;
  const began = performance.now();
  const result = await powerCut({ copies: Number(copies), seed: Number(seed), say: console.log });
  console.log(result, `${((performance.now() - began) / 60_000).toFixed(1)} minutes`);
  if (result.faults.length > 0) Deno.exitCode = 1;
}
