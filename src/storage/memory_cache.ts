/** What has been read and made ready once and stays in memory until the version changes. */

import type { Log } from "../log.ts";

export type CacheKind = "models" | "scalers" | "configurations" | "timestamps";

const singular: Readonly<Record<CacheKind, string>> = {
  models: "model",
  scalers: "scaler",
  configurations: "configuration",
  timestamps: "timestamp",
};

interface Entry<T> {
  readonly digest: string;
  /** Settled or still loading: whoever asks meanwhile waits for the same load. */
  readonly value: Promise<T>;
  /** Size of what was read, in bytes; 0 while it loads. */
  bytes: number;
  readonly sinceMs: number;
  /** Rises with every use of any shelf: the entry with the lowest was used longest ago. */
  lastUse: number;
}

/** What the shelves of one cache share. */
interface Shared {
  readonly log: Log;
  readonly nowMs: () => number;
  /** The number of the next use. */
  readonly nextUse: () => number;
  /** An entry has got its size: the cache may be over its budget now. */
  readonly grown: () => void;
}

/** One kind's numbers as `GET /cache/stats` shows them. */
export interface ShelfStats {
  readonly items: number;
  readonly bytes: number;
  readonly hits: number;
  readonly misses: number;
  readonly evictions: number;
  readonly oldest_seconds: number | null;
  readonly newest_seconds: number | null;
  readonly entries: readonly {
    readonly path: string;
    readonly bytes: number;
    readonly age_seconds: number;
    readonly digest: string;
  }[];
}

export interface CacheStats {
  readonly version: string | null;
  readonly items: number;
  readonly bytes: number;
  /** Null where there is no bound. */
  readonly budget_bytes: number | null;
  readonly hits: number;
  readonly misses: number;
  readonly kinds: Readonly<Partial<Record<CacheKind, ShelfStats>>>;
}

/** How to make an object that is not in the cache; `bytes` is the size of what was read for it. */
export interface CacheLoad<T> {
  /** The sha256 of the file: an entry of another digest is loaded anew. */
  readonly digest: string;
  readonly load: () => Promise<{ readonly value: T; readonly bytes: number }>;
}

/** The cached objects of one kind. Made by `MemoryCache.shelf`. */
export class CacheShelf<T> {
  readonly kind: CacheKind;
  readonly #entries = new Map<string, Entry<T>>();
  readonly #shared: Shared;
  #hits = 0;
  #misses = 0;
  #evictions = 0;

  constructor(kind: CacheKind, shared: Shared) {
    this.kind = kind;
    this.#shared = shared;
  }

  /** The object of `path`; loads it once however many ask at the same time. A failed load is not kept. */
  get(path: string, how: CacheLoad<T>): Promise<T> {
    const noun = singular[this.kind];
    const found = this.#entries.get(path);
    if (found?.digest === how.digest) {
      this.#hits++;
      found.lastUse = this.#shared.nextUse();
      this.#shared.log.info(`Using cached ${noun} object for: {path}`, { path });
      return found.value;
    }
    this.#misses++;
    if (found) this.#evictions++;
    const loading = how.load();
    const entry: Entry<T> = {
      digest: how.digest,
      value: loading.then((loaded) => loaded.value),
      bytes: 0,
      sinceMs: this.#shared.nowMs(),
      lastUse: this.#shared.nextUse(),
    };
    this.#entries.set(path, entry);
    loading.then(
      ({ bytes }) => {
        // Cleared while it loaded: who asked gets it, but it is not kept.
        if (this.#entries.get(path) !== entry) return;
        entry.bytes = bytes;
        const said = noun.charAt(0).toUpperCase() + noun.slice(1);
        this.#shared.log.info(`${said} cached in memory for: {path}`, { path, bytes });
        this.#shared.grown();
      },
      () => {
        if (this.#entries.get(path) === entry) this.#entries.delete(path);
      },
    );
    return entry.value;
  }

  /** Of all entries that have been loaded. */
  get bytes(): number {
    return sum([...this.#entries.values()].map(({ bytes }) => bytes));
  }

  /** The entry that was used longest ago, of those that have been loaded. */
  oldest(): OldestEntry | undefined {
    let oldest: OldestEntry | undefined;
    for (const [path, { lastUse, bytes }] of this.#entries) {
      if (bytes > 0 && lastUse < (oldest?.lastUse ?? Infinity)) oldest = { path, lastUse };
    }
    return oldest;
  }

  /** Drops the entries that `isStale` names; returns how many. */
  drop(isStale: (path: string, digest: string) => boolean): number {
    let dropped = 0;
    for (const [path, { digest }] of this.#entries) {
      if (!isStale(path, digest)) continue;
      this.#entries.delete(path);
      dropped++;
    }
    this.#evictions += dropped;
    return dropped;
  }

  stats(): ShelfStats {
    const now = this.#shared.nowMs();
    const entries = [...this.#entries].map(([path, { bytes, digest, sinceMs }]) => ({
      path,
      bytes,
      age_seconds: (now - sinceMs) / 1000,
      digest,
    }));
    const ages = entries.map((entry) => entry.age_seconds);
    return {
      items: entries.length,
      bytes: sum(entries.map((entry) => entry.bytes)),
      hits: this.#hits,
      misses: this.#misses,
      evictions: this.#evictions,
      oldest_seconds: ages.length > 0 ? Math.max(...ages) : null,
      newest_seconds: ages.length > 0 ? Math.min(...ages) : null,
      entries,
    };
  }
}

interface OldestEntry {
  readonly path: string;
  readonly lastUse: number;
}

/** A shelf whatever it holds: what clearing and counting need. */
type AnyShelf = Pick<CacheShelf<unknown>, "kind" | "drop" | "stats" | "oldest" | "bytes">;

/** All shelves of the process, and the version that their objects belong to. */
export class MemoryCache {
  readonly #shelves = new Map<CacheKind, AnyShelf>();
  readonly #log: Log;
  readonly #nowMs: () => number;
  readonly #budgetBytes: number;
  #uses = 0;
  #version: string | undefined;

  /**
   * `nowMs` is a clock that never steps back. Above `budgetBytes` the objects that were used longest
   * ago go; whoever holds one keeps it.
   */
  constructor(options: { log: Log; nowMs?: () => number; budgetBytes?: number }) {
    this.#log = options.log;
    this.#nowMs = options.nowMs ?? (() => performance.now());
    this.#budgetBytes = options.budgetBytes ?? Infinity;
  }

  /** Makes the shelf of a kind, once. */
  shelf<T>(kind: CacheKind): CacheShelf<T> {
    if (this.#shelves.has(kind)) throw new TypeError(`The shelf ${kind} is there already`);
    const shelf = new CacheShelf<T>(kind, {
      log: this.#log,
      nowMs: this.#nowMs,
      nextUse: () => this.#uses++,
      grown: () => this.#shrink(),
    });
    this.#shelves.set(kind, shelf);
    return shelf;
  }

  /**
   * Names the version in force. When it changes, objects go whose path has another digest in `kept`;
   * without `kept`, all of them. Returns how many went.
   */
  useVersion(version: string, kept?: ReadonlyMap<string, string>): number {
    const before = this.#version;
    this.#version = version;
    if (before === undefined || before === version) return 0;
    this.#log.info("Version changed from {from} to {to}, invalidating cache", {
      from: before,
      to: version,
    });
    const count = this.#drop((path, digest) => kept?.get(path) !== digest);
    this.#log.info("Cache invalidated due to version change. Cleared {count} items", { count });
    return count;
  }

  /** Drops everything; returns how many objects there were. */
  clear(): number {
    const count = this.#drop(() => true);
    this.#log.info("Cache cleared by request. Cleared {count} items", { count });
    return count;
  }

  stats(): CacheStats {
    const kinds = [...this.#shelves.values()].map((shelf) => [shelf.kind, shelf.stats()] as const);
    const all = kinds.map(([, stats]) => stats);
    return {
      version: this.#version ?? null,
      items: sum(all.map((stats) => stats.items)),
      bytes: sum(all.map((stats) => stats.bytes)),
      budget_bytes: Number.isFinite(this.#budgetBytes) ? this.#budgetBytes : null,
      hits: sum(all.map((stats) => stats.hits)),
      misses: sum(all.map((stats) => stats.misses)),
      kinds: Object.fromEntries(kinds),
    };
  }

  /** Drops what was used longest ago until the budget holds; the newest stays, however large it is. */
  #shrink(): void {
    const shelves = [...this.#shelves.values()];
    while (sum(shelves.map((shelf) => shelf.bytes)) > this.#budgetBytes) {
      const oldest = shelves.flatMap((shelf) => {
        const entry = shelf.oldest();
        return entry === undefined ? [] : [{ shelf, ...entry }];
      }).toSorted((a, b) => a.lastUse - b.lastUse);
      const [first, second] = oldest;
      if (first === undefined || (second === undefined && first.shelf.stats().items === 1)) return;
      first.shelf.drop((path) => path === first.path);
      this.#log.info("Memory cache is over its budget of {budget} bytes: {path} was dropped", {
        budget: this.#budgetBytes,
        path: first.path,
      });
    }
  }

  #drop(isStale: (path: string, digest: string) => boolean): number {
    return sum([...this.#shelves.values()].map((shelf) => shelf.drop(isStale)));
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
