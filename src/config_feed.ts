/** What gives live values where no historian does: the section `feed`. */

import type { ConfigFile } from "./config_schema.ts";

/** Replays the rows of a CSV file as live values. */
export interface ReplayFeedConfig {
  readonly kind: "replay";
  readonly file: string;
  /** CSV column to tag; undefined: every column but "time" or "timestamp" is a tag of the same name. */
  readonly columns: Readonly<Record<string, string>> | undefined;
  /** Time between two rows when they were recorded. */
  readonly rowSeconds: number;
  /** 1: as recorded; 60: a recorded hour in a minute. */
  readonly pace: number;
  /** 1 is the first row below the header. */
  readonly startRow: number;
}

/** Lets a simulated plant, a module of the site, give live values. */
export interface SimulatorFeedConfig {
  readonly kind: "simulator";
  readonly module: string;
  readonly seed: number;
  /** Wall-clock time between two sets of values. */
  readonly periodSeconds: number;
  /** Simulated seconds per second. */
  readonly speed: number;
  /** True: the simulated operator sets what is recommended. */
  readonly followRecommendations: boolean;
  readonly warmUpMinutes: number;
}

export type FeedConfig = ReplayFeedConfig | SimulatorFeedConfig;

/** `place` resolves paths against the configuration file's folder. */
export function toFeed(
  section: NonNullable<ConfigFile["feed"]>,
  place: (path: string) => string,
): FeedConfig | undefined {
  const { replay, simulator } = section;
  if (replay) {
    return {
      kind: "replay",
      file: place(replay.file),
      columns: replay.columns,
      rowSeconds: replay.row_seconds,
      pace: replay.pace,
      startRow: replay.start_row,
    };
  }
  return simulator && {
    kind: "simulator",
    module: place(simulator.module),
    seed: simulator.seed,
    periodSeconds: simulator.period_seconds,
    speed: simulator.speed,
    followRecommendations: simulator.follow_recommendations,
    warmUpMinutes: simulator.warm_up_minutes,
  };
}
