/** Live values for sites without a historian: recorded rows or a simulated plant. */

import type { FeedConfig } from "../config_feed.ts";
import type { Log } from "../log.ts";
import { openReplay } from "./replay.ts";
import { openSimulatedPlant } from "./simulated_plant.ts";

/** One value of one tag, in the tag's own unit. */
export interface FeedValue {
  readonly tag: string;
  readonly value: number;
  readonly time: Date;
  readonly quality: "good";
}

/** Where a feed's values come from. */
export interface FeedSource {
  readonly tags: readonly string[];
  /** Wall-clock time between two sets of values. */
  readonly periodMs: number;
  /** The values up to and at `now`, so that the first cycle finds some. */
  history(now: Date): readonly FeedValue[];
  /** The next set of values, stamped `now`. */
  next(now: Date): readonly FeedValue[];
}

/** How a feed is, for `/health`. */
export interface FeedState {
  readonly kind: FeedConfig["kind"];
  readonly written: number;
  readonly lastWrite: Date | undefined;
  /** What went wrong with the newest set of values; undefined when it was written. */
  readonly fault: string | undefined;
}

export interface Feed {
  state(): FeedState;
  /** Writes no more; returns when a write under way has ended. */
  stop(): Promise<void>;
}

export interface FeedSurroundings {
  /** Writes values; a rejection is logged, those values are lost, and the next set comes in time. */
  readonly insert: (values: readonly FeedValue[]) => Promise<void>;
  /** The recommended settings by variable, which a simulated operator may follow. */
  readonly settings: () => ReadonlyMap<string, number>;
  /**
   * Removes the feed's own values from before a time; given for an embedded database alone, which
   * would grow without end. Called at the start and every hour.
   */
  readonly forget?: (old: { tags: readonly string[]; before: Date }) => Promise<unknown>;
  readonly log: Log;
  readonly now?: () => Date;
}

// Longer than any window that a strategy averages over.
const keepMs = 48 * 3_600_000;
const forgetEveryMs = 3_600_000;

/** Opens the source, writes its history, and goes on until stopped. Throws when the source is unusable. */
export async function startFeed(config: FeedConfig, around: FeedSurroundings): Promise<Feed> {
  const source = config.kind === "replay"
    ? await openReplay(config)
    : await openSimulatedPlant(config, { settings: around.settings });
  const now = around.now ?? (() => new Date());
  let written = 0;
  let lastWrite: Date | undefined;
  let fault: string | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isStopped = false;

  let forgetDue = 0;
  const forget = async () => {
    if (!around.forget || performance.now() < forgetDue) return;
    forgetDue = performance.now() + forgetEveryMs;
    const before = new Date(now().getTime() - keepMs);
    try {
      await around.forget({ tags: source.tags, before });
    } catch (error) {
      around.log.error("Feed {kind} cannot remove its old values", { kind: config.kind, error });
    }
  };
  const write = async (values: () => readonly FeedValue[]) => {
    try {
      const made = values();
      await around.insert(made);
      written += made.length;
      lastWrite = now();
      if (fault !== undefined) around.log.info("Feed {kind} writes again", { kind: config.kind });
      fault = undefined;
    } catch (error) {
      // Said once per fault, not once per period.
      const message = error instanceof Error ? error.message : String(error);
      if (message !== fault) {
        around.log.error("Feed {kind} cannot give its values", { kind: config.kind, error });
      }
      fault = message;
    }
  };
  await write(() => source.history(now()));
  await forget();

  let writing = Promise.resolve();
  // Against a clock that never steps; a late set does not shift those after it.
  let due = performance.now();
  const schedule = () => {
    if (isStopped) return;
    due = Math.max(due + source.periodMs, performance.now());
    timer = setTimeout(() => {
      writing = write(() => source.next(now())).then(forget).then(schedule);
    }, Math.max(0, due - performance.now()));
  };
  schedule();
  around.log.info("Feed {kind} gives live values every {seconds} s", {
    kind: config.kind,
    seconds: source.periodMs / 1000,
  });

  return {
    state: () => ({ kind: config.kind, written, lastWrite, fault }),
    stop: async () => {
      isStopped = true;
      clearTimeout(timer);
      await writing;
    },
  };
}
