/**
 * A copy of the state folder of a box that may be running. Files that change in place are copied by
 * what knows them (SQLite) or to their last whole line (the audit log); all others are written whole
 * or not at all, so that a plain copy is one too.
 */

import { join, relative, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Log } from "../log.ts";
import { makeFolder, writeDurably } from "./durable_file.ts";
import { bundlesFolder, Generations } from "./generations.ts";

export interface BackupContent {
  readonly cycles: number;
  /** Records that still wait for the database. */
  readonly waiting: number;
  /** Versions, the newest first. */
  readonly versions: readonly string[];
  readonly auditLines: number;
  readonly bytes: number;
}

/** The copy is not whole. */
export class BackupError extends Error {
  override readonly name = "BackupError";
}

const JOURNAL = "setpoint.sqlite";
const AUDIT = "audit.jsonl";
const DATABASE = "database";
/** A box that changes its versions at this moment gives a copy that is not whole; the next one is. */
const TRIES = 3;

/**
 * Copies `from` to the new folder `to`, which is there only when the copy is whole. The embedded
 * database belongs to its process: it comes along only where `isRunning` is false.
 * @throws {BackupError}
 */
export async function backUpState(
  from: string,
  { to, isRunning, log }: {
    readonly to: string;
    readonly isRunning: boolean;
    readonly log: Log;
  },
): Promise<BackupContent> {
  if (await exists(to)) throw new BackupError(`${to} is there already: give a new folder's name`);
  if (!await exists(join(from, JOURNAL))) {
    throw new BackupError(`${from} is no state folder: it has no ${JOURNAL}`);
  }
  if (!relative(resolve(from), resolve(to)).startsWith("..")) {
    throw new BackupError(`${to} lies in the state folder itself: give a folder beside ${from}`);
  }
  const part = `${to}.part`;
  let fault: unknown;
  for (let attempt = 0; attempt < TRIES; attempt++) {
    await Deno.remove(part, { recursive: true }).catch(() => undefined);
    try {
      await copyState(from, { to: part, isRunning });
      const content = await readBackup(part, { log });
      await Deno.rename(part, to);
      return content;
    } catch (error) {
      fault = error;
    }
  }
  await Deno.remove(part, { recursive: true }).catch(() => undefined);
  throw new BackupError(`No whole copy of ${from} after ${TRIES} tries`, { cause: fault });
}

/** What a copy holds. @throws {BackupError} where its journal is damaged, GenerationError for a version. */
export async function readBackup(
  folder: string,
  { log }: { readonly log: Log },
): Promise<BackupContent> {
  const journal = new DatabaseSync(join(folder, JOURNAL), { readOnly: true });
  try {
    const check = journal.prepare("pragma quick_check(1)").get();
    if (check?.quick_check !== "ok") throw new BackupError(`${JOURNAL}: ${check?.quick_check}`);
    const kept = await Generations.open(bundlesFolder(folder), { log });
    for (const generation of kept.all) await kept.load(generation);
    const audit = await readIfThere(join(folder, AUDIT));
    const count = (sql: string) => Number(journal.prepare(sql).get()?.n);
    return {
      cycles: count("select count(*) as n from cycles"),
      waiting: count("select count(*) as n from outbox where state = 'pending'"),
      versions: kept.all.map(({ version }) => version),
      auditLines: audit.split("\n").length - 1,
      bytes: await sizeOf(folder),
    };
  } finally {
    journal.close();
  }
}

async function copyState(
  from: string,
  { to, isRunning }: { readonly to: string; readonly isRunning: boolean },
): Promise<void> {
  await makeFolder(to);
  for await (const { name, isDirectory, isFile } of Deno.readDir(from)) {
    const source = join(from, name);
    const target = join(to, name);
    if (name === JOURNAL) copyJournal(source, target);
    else if (name === AUDIT) await writeDurably(target, wholeLines(await Deno.readFile(source)));
    else if (name === DATABASE && isRunning) continue;
    else if (isDirectory) await copyFolder(source, target);
    else if (isFile && isOurs(name)) await copyFile(source, target);
  }
}

/** The journal as it is between two transactions (sqlite.org/lang_vacuum.html, VACUUM INTO). */
function copyJournal(source: string, target: string): void {
  const journal = new DatabaseSync(source, { readOnly: true });
  try {
    journal.prepare("vacuum into ?").run(target);
  } finally {
    journal.close();
  }
}

/** Neither a lock, nor the journal's own by-products, nor what a write has not finished. */
function isOurs(name: string): boolean {
  return name !== "lock" && !name.startsWith(JOURNAL) && !name.endsWith(".tmp");
}

async function copyFolder(source: string, target: string): Promise<void> {
  await makeFolder(target);
  for await (const { name, isDirectory, isFile } of Deno.readDir(source)) {
    if (isDirectory) await copyFolder(join(source, name), join(target, name));
    else if (isFile && isOurs(name)) await copyFile(join(source, name), join(target, name));
  }
}

/** A file that has gone since its folder was read was not needed any more, or the copy is not whole. */
async function copyFile(source: string, target: string): Promise<void> {
  try {
    await writeDurably(target, await Deno.readFile(source));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function wholeLines(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(0, bytes.lastIndexOf(10) + 1);
}

async function readIfThere(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, (error) => {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  });
}

async function sizeOf(folder: string): Promise<number> {
  let sum = 0;
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    sum += isDirectory ? await sizeOf(path) : (await Deno.lstat(path)).size;
  }
  return sum;
}
