/**
 * The disk cache of bundles: every version that passed its activation, whole, from which the box
 * starts when nothing can be reached.
 *
 *     bundles/blobs/sha256/<digest>    contents, never changed
 *     bundles/sets/<id>.json           one generation: version, paths, digests
 *     bundles/active.json              which one runs, which ones were refused
 *
 * Contents are written before the set that names them, and a set before the record that points to
 * it, each durably: whenever the power goes, what is there is whole. Only the holder of the state
 * folder's lock may open it for writing.
 */

import { join } from "node:path";
import type { Log } from "../log.ts";
import { RUNTIME_VERSION } from "../version.ts";
import { Blobs, type BlobsVerified } from "./blobs.ts";
import { Bundle, type BundleManifest } from "./bundle.ts";
import {
  type ActiveRecord,
  activeSchema,
  FIRST_RECORD,
  type Generation,
  generationId,
  generationSchema,
} from "./generation.ts";
import { readManifest } from "./manifest.ts";
import { readSealed, writeSealed } from "./sealed_file.ts";

/** A kept generation that is no longer whole. */
export class GenerationError extends Error {
  override readonly name = "GenerationError";
}

export interface GenerationsOptions {
  readonly log: Log;
  /** Generations that stay at least, whatever their size; never fewer than 3. */
  readonly keep?: number;
  /** Above this the oldest go first. */
  readonly budgetBytes?: number;
  readonly now?: () => Date;
}

/** How a generation becomes the active one. */
export interface GenerationChange {
  /** True: it stays whatever the store says; undefined leaves that as it is. */
  readonly pin?: boolean;
  /** True: it ran well before. */
  readonly proven?: boolean;
}

const LEAST_KEPT = 3;
/** Starts with one version that may end badly before its first good cycle. */
const MOST_STARTS = 3;
const KEPT_REFUSALS = 50;

/** Where a state folder holds its bundles. */
export function bundlesFolder(stateFolder: string): string {
  return join(stateFolder, "bundles");
}

export class Generations {
  readonly blobs: Blobs;
  readonly #folder: string;
  readonly #log: Log;
  readonly #keep: number;
  readonly #budgetBytes: number;
  readonly #now: () => Date;
  #record: ActiveRecord;
  #sets: readonly Generation[];

  private constructor(
    folder: string,
    options: GenerationsOptions & {
      readonly blobs: Blobs;
      readonly record: ActiveRecord;
      readonly sets: readonly Generation[];
    },
  ) {
    this.blobs = options.blobs;
    this.#folder = folder;
    this.#log = options.log;
    this.#keep = Math.max(LEAST_KEPT, options.keep ?? LEAST_KEPT);
    this.#budgetBytes = options.budgetBytes ?? Infinity;
    this.#now = options.now ?? (() => new Date());
    this.#record = options.record;
    this.#sets = options.sets;
  }

  /** Reads what is there. A damaged record is made anew from the generations beside it. */
  static async open(folder: string, options: GenerationsOptions): Promise<Generations> {
    const blobs = new Blobs(join(folder, "blobs"), { log: options.log });
    const sets = await readSets(folder, options.log);
    const path = join(folder, "active.json");
    const parsed = activeSchema.safeParse(await readSealed(path));
    if (parsed.success) {
      return new Generations(folder, { ...options, blobs, sets, record: parsed.data });
    }
    const record = recordFrom(sets);
    if (sets.length > 0) {
      options.log.error("{path} is missing or damaged: made anew from {count} generations", {
        path,
        count: sets.length,
      });
    }
    return new Generations(folder, { ...options, blobs, sets, record });
  }

  get record(): ActiveRecord {
    return this.#record;
  }

  /** The newest first. */
  get all(): readonly Generation[] {
    return this.#sets;
  }

  /** The active one, where it was started several times, never ended well, and may be the reason. */
  get doubtful(): Generation | undefined {
    const { active, previous, proven, starts } = this.#record;
    if (proven || starts < MOST_STARTS || this.find(previous) === undefined) return undefined;
    return this.find(active);
  }

  /** What to start with: the active one, the one before, then all others from the newest on. */
  get startOrder(): readonly Generation[] {
    const { active, previous } = this.#record;
    const first = this.doubtful === undefined ? [active, previous] : [previous, active];
    const others = this.#sets.map(({ id }) => id).filter((id) => !first.includes(id));
    return [...first, ...others].flatMap((id) => this.find(id) ?? []);
  }

  find(id: string | null): Generation | undefined {
    return this.#sets.find((set) => set.id === id);
  }

  /** The newest generation of a version. */
  ofVersion(version: string): Generation | undefined {
    return this.#sets.find((set) => set.version === version);
  }

  /** Whether the bundle passed every check before, on this runtime. */
  hasPassed(bundle: Bundle): boolean {
    return this.find(generationId(bundle))?.runtime === RUNTIME_VERSION;
  }

  /** The bundle from disk, verified; throws `GenerationError` where a part of it is damaged. */
  async load(generation: Generation): Promise<Bundle> {
    const { version, digest } = generation;
    const read = async (sha256: string, what: string) => {
      const bytes = await this.blobs.get(sha256);
      if (bytes !== undefined) return bytes;
      throw new GenerationError(`${what} of version ${version} is missing or damaged on disk`);
    };
    const files = new Map<string, Uint8Array<ArrayBuffer>>();
    for (const file of generation.files) {
      files.set(file.path, await read(file.sha256, `"${file.path}"`));
    }
    const bytes = generation.manifest === null
      ? undefined
      : await read(generation.manifest, "The manifest");
    const manifest: BundleManifest | undefined = bytes &&
      { content: readManifest(bytes), bytes, sha256: generation.manifest ?? "" };
    const bundle = new Bundle(version, files, { manifest });
    if (bundle.digest === digest && generationId(bundle) === generation.id) return bundle;
    throw new GenerationError(`Version ${version} on disk is not the one that was kept`);
  }

  /** Keeps a bundle that passed its activation; it is on disk, whole, when this returns. */
  async add(bundle: Bundle): Promise<Generation> {
    const id = generationId(bundle);
    for (const [path, digest] of bundle.digests()) await this.blobs.put(digest, bundle.bytes(path));
    const { manifest } = bundle;
    if (manifest !== undefined) await this.blobs.put(manifest.sha256, manifest.bytes);
    const found = this.find(id);
    if (found?.runtime === RUNTIME_VERSION) return found;
    const set = {
      format: 1,
      sequence: (this.#sets[0]?.sequence ?? 0) + 1,
      version: bundle.version,
      digest: bundle.digest,
      files: [...bundle.digests()].map(([path, sha256]) => ({ path, sha256 })),
      manifest: manifest?.sha256 ?? null,
      number: manifest?.content.version ?? null,
      site: manifest?.content.site ?? null,
      bytes: bundle.size,
      runtime: RUNTIME_VERSION,
      kept: this.#now().toISOString(),
    } as const;
    await writeSealed(this.#setPath(id), set);
    const generation = { ...set, id };
    this.#sets = [generation, ...this.#sets.filter((other) => other.id !== id)];
    return generation;
  }

  /** Changes the record; in memory at once, and on disk when this returns. */
  async note(change: Partial<ActiveRecord>): Promise<void> {
    const refused = (change.refused ?? this.#record.refused).slice(-KEPT_REFUSALS);
    this.#record = { ...this.#record, ...change, refused };
    await writeSealed(join(this.#folder, "active.json"), this.#record);
  }

  /**
   * What the record becomes when the bundle takes over: whoever starts next begins with it. Nothing
   * where the bundle is not kept, as on a disk that takes no writes.
   */
  changeTo(bundle: Bundle, { pin, proven = false }: GenerationChange): Partial<ActiveRecord> {
    const record = this.#record;
    const id = generationId(bundle);
    if (this.find(id) === undefined) return {};
    const isSame = record.active === id;
    // Going back is safest to a generation that is known to work.
    const isBeforeGood = record.proven || this.find(record.previous) === undefined;
    const before = isBeforeGood
      ? [record.active, record.previous]
      : [record.previous, record.active];
    const previous = isSame ? record.previous : before.find((other) => other !== id) ?? null;
    const { manifest } = bundle;
    const number = manifest?.content.version ?? 0;
    return {
      active: id,
      previous,
      proven: isSame ? record.proven || proven : proven,
      starts: isSame ? record.starts : 0,
      ...(pin === true ? { pinned: id } : {}),
      ...(manifest === undefined ? {} : { site: manifest.content.site }),
      ...(manifest !== undefined && number >= (record.highest?.version ?? 0)
        ? { highest: { version: number, sha256: manifest.sha256 } }
        : {}),
    };
  }

  /** What the record becomes when a bundle was refused: it is not tried again until it changes. */
  refusalOf(bundle: Bundle | Generation, reason: string): Partial<ActiveRecord> {
    const id = bundle instanceof Bundle ? generationId(bundle) : bundle.id;
    const { version, digest } = bundle;
    const others = this.#record.refused.filter((refused) => refused.id !== id);
    const time = this.#now().toISOString();
    return { refused: [...others, { id, version, digest, reason, time }] };
  }

  /** Takes a generation out: it is neither started with nor gone back to. */
  async remove({ id }: Generation): Promise<void> {
    this.#sets = this.#sets.filter((set) => set.id !== id);
    await Deno.remove(this.#setPath(id)).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
  }

  /** Removes the oldest generations beyond the number and the size to keep, and contents without one. */
  async tidy(): Promise<void> {
    const { active, previous, pinned } = this.#record;
    const held = new Set([active, previous, pinned]);
    const sizes = await this.blobs.list();
    for (const [age, set] of [...this.#sets.entries()].toReversed()) {
      const isOver = age >= this.#keep || this.#bytes(sizes) > this.#budgetBytes;
      if (isOver && age >= LEAST_KEPT && !held.has(set.id)) await this.remove(set);
    }
    const needed = new Set(this.#sets.flatMap(digestsOf));
    const removed = await this.blobs.sweep((digest) => needed.has(digest));
    if (removed > 0) this.#log.info("Disk cache: {removed} old contents removed", { removed });
  }

  /** Reads everything; damaged contents are set aside, so that they are fetched again. */
  verify(): Promise<BlobsVerified> {
    return this.blobs.verify();
  }

  /** What the generations take on disk, in bytes; shared contents count once. */
  #bytes(sizes: ReadonlyMap<string, number>): number {
    const needed = new Set(this.#sets.flatMap(digestsOf));
    return [...needed].reduce((sum, digest) => sum + (sizes.get(digest) ?? 0), 0);
  }

  #setPath(id: string): string {
    return join(this.#folder, "sets", `${id}.json`);
  }
}

function digestsOf({ files, manifest }: Generation): string[] {
  return [...files.map(({ sha256 }) => sha256), ...(manifest === null ? [] : [manifest])];
}

async function readSets(folder: string, log: Log): Promise<Generation[]> {
  const sets: Generation[] = [];
  const entries = await Array.fromAsync(Deno.readDir(join(folder, "sets"))).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  });
  for (const { name } of entries) {
    const id = /^([0-9a-f]{64})\.json$/.exec(name)?.[1];
    if (id === undefined) continue;
    const path = join(folder, "sets", name);
    const parsed = generationSchema.safeParse(await readSealed(path));
    if (parsed.success) sets.push({ ...parsed.data, id });
    else {
      log.error("{path} is damaged and is left out", { path });
      await Deno.rename(path, `${path}.damaged`).catch(() => undefined);
    }
  }
  return sets.toSorted((a, b) => b.sequence - a.sequence);
}

/** What can be known of the record from the generations alone: all of them passed their checks. */
function recordFrom(sets: readonly Generation[]): ActiveRecord {
  const highest = sets.filter((set) => set.number !== null)
    .toSorted((a, b) => (b.number ?? 0) - (a.number ?? 0))[0];
  return {
    ...FIRST_RECORD,
    active: sets[0]?.id ?? null,
    previous: sets[1]?.id ?? null,
    site: sets[0]?.site ?? null,
    highest: highest?.number == null || highest.manifest === null
      ? null
      : { version: highest.number, sha256: highest.manifest },
  };
}
