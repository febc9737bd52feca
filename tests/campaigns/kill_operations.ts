/**
 * A box that starts and takes a new version, killed by SIGKILL before each of its file operations in
 * turn (half way through a write), and what it starts with afterwards, without its store.
 *
 *     deno run -A tests/campaigns/kill_operations.ts [EVERY HOW MANY OPERATIONS, 1]
 */

import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { Bundle } from "../../src/storage/bundle.ts";
import { FolderObjectStore } from "../../src/storage/folder_object_store.ts";
import { BundleBox } from "../storage/bundle_box.ts";
import { publishSmall, smallFiles } from "../storage/small_versions.ts";
import { stopForHelp } from "./campaign_help.ts";

const CHILD = fileURLToPath(new URL("./activating_box.ts", import.meta.url));
const SOURCE = fileURLToPath(new URL("../faults/kill_at.c", import.meta.url));
const BALLAST = { ballastBytes: 500 };
/** Far more than an activation has: a loop that goes on beyond has no end. */
const MOST_OPERATIONS = 1_000;

/** What the pointer names one after the other; the last one is taken while the box is killed. */
const ROADS: Readonly<Record<string, readonly number[]>> = {
  "a new version": [1, 2, 3],
  "back to one that was kept": [1, 3, 2, 3],
};

export interface KilledActivations {
  readonly kills: number;
  /** What was killed, such as `fsync sha256`. */
  readonly operations: ReadonlySet<string>;
  /** What was not whole after a restart. */
  readonly invalid: readonly string[];
}

export function hasCompiler(): boolean {
  try {
    return new Deno.Command("cc", { args: ["--version"], stdout: "null" }).outputSync().success;
  } catch {
    return false;
  }
}

export async function killAtOperations(
  { every }: { readonly every: number },
): Promise<KilledActivations> {
  const folder = await Deno.makeTempDir({ prefix: "setpoint-operations-" });
  try {
    const library = `${folder}/kill_at.so`;
    const { success, stderr } = await new Deno.Command("cc", {
      args: ["-O1", "-shared", "-fPIC", "-o", library, SOURCE, "-ldl"],
    }).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
    const operations = new Set<string>();
    const invalid: string[] = [];
    let kills = 0;
    for (const [name, versions] of Object.entries(ROADS)) {
      const road = { folder: `${folder}/${kills}`, versions, library };
      await Deno.mkdir(`${road.folder}/store`, { recursive: true });
      await prepare(road);
      // Some way into each stretch, so that strides meet other operations on each road.
      for (let at = Math.floor(every / 2); at < MOST_OPERATIONS; at += every) {
        const killedAt = await killOnce(road, at);
        if (killedAt === undefined) break;
        kills++;
        operations.add(killedAt);
        const faults = await faultsAfterwards(road);
        invalid.push(...faults.map((fault) => `${name}, ${at} ${killedAt}: ${fault}`));
      }
    }
    return { kills, operations, invalid };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

interface Road {
  readonly folder: string;
  readonly versions: readonly number[];
  readonly library: string;
}

/** Up to the last version but one, which runs and is kept; the pointer is at the last one. */
async function prepare({ folder, versions }: Road): Promise<void> {
  const store = new FolderObjectStore(`${folder}/store`);
  const box = await BundleBox.open({ store, folder: `${folder}/kept` });
  const published = new Set<number>();
  for (const [i, version] of versions.entries()) {
    const pointer = published.has(version) ? version : 0;
    await store.write("strategy_version.yaml", new TextEncoder().encode(`version: ${pointer}`));
    if (!published.has(version)) await publishSmall(store, version, BALLAST);
    published.add(version);
    if (i < versions.length - 1) await box.active.refresh();
  }
  await box.close();
}

/** What was about to be done when the box was killed; undefined where it came to its end. */
async function killOnce({ folder, library }: Road, at: number): Promise<string | undefined> {
  const run = `${folder}/run`;
  await Deno.remove(run, { recursive: true }).catch(() => undefined);
  await copyFolder(`${folder}/kept`, run);
  const { signal, code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "-A", CHILD, `${folder}/store`, run],
    env: { LD_PRELOAD: library, KILL_AT: String(at), KILL_UNDER: run, NO_COLOR: "1" },
  }).output();
  const said = new TextDecoder().decode(stderr);
  const [, operation = "", path = ""] = /killed before (\S+) (\S+)/.exec(said) ?? [];
  if (signal === "SIGKILL" && operation !== "") return `${operation} ${withoutNames(path)}`;
  const text = new TextDecoder().decode(stdout);
  if (code === 0 && text === "runs 3\n") return undefined;
  throw new Error(`The box ended with ${signal ?? code}: ${text}${said}`);
}

/** The file's name without what differs from run to run and from content to content. */
function withoutNames(path: string): string {
  return basename(path).replace(/[0-9a-f]{64}/, "<digest>")
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/, "<id>");
}

/** What is wrong with a box that starts from the disk as it was left, and then finds its store again. */
async function faultsAfterwards({ folder, versions }: Road): Promise<string[]> {
  const faults: string[] = [];
  const allowed = versions.slice(-2);
  const expect = (box: BundleBox, wanted: readonly number[], when: string) => {
    const version = Number(box.version);
    const whole = new Bundle("", smallFiles(version, BALLAST)).digest;
    if (!wanted.includes(version)) faults.push(`${box.version} runs ${when}`);
    else if (box.active.plan?.digest !== whole) faults.push(`${version} is not whole ${when}`);
  };
  const alone = await BundleBox.open({
    store: new FolderObjectStore(`${folder}/none`),
    folder: `${folder}/run`,
  });
  for (const generation of alone.generations.all) {
    await alone.generations.load(generation).catch((error) => faults.push(String(error)));
  }
  await alone.active.start();
  expect(alone, allowed, "without its store");
  await alone.close();
  const found = await BundleBox.open({
    store: new FolderObjectStore(`${folder}/store`),
    folder: `${folder}/run`,
  });
  await found.active.start();
  await found.active.refresh();
  expect(found, allowed.slice(-1), "after a poll");
  await found.close();
  return faults;
}

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copyFolder(`${from}/${name}`, `${to}/${name}`);
    else await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
  }
}

if (import.meta.main) {
  stopForHelp("campaign:kill-operations");
  const [every = 1] = Deno.args.map(Number);
  const { kills, operations, invalid } = await killAtOperations({ every });
  console.log(`${kills} kills at ${operations.size} kinds of operation, ${invalid.length} invalid`);
  for (const operation of [...operations].toSorted()) console.log(`  ${operation}`);
  for (const line of invalid.slice(0, 20)) console.log(line);
  Deno.exit(invalid.length === 0 ? 0 : 1);
}
