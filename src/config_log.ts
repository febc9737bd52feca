/** What is logged, and where: the section `log`. */

import type { ConfigFile } from "./config_schema.ts";

export type LogLevel = "trace" | "debug" | "info" | "warning" | "error" | "fatal";

export interface LogConfig {
  readonly level: LogLevel;
  /** Undefined: standard output. */
  readonly file: {
    readonly path: string;
    /** A file of this size is set aside and a new one begun. */
    readonly maxBytes: number;
    /** Files that are kept, the present one included. */
    readonly keep: number;
  } | undefined;
}

/** `place` resolves paths against the configuration file's folder. */
export function toLog(section: ConfigFile["log"], place: (path: string) => string): LogConfig {
  return {
    level: logLevels[section.level],
    file: section.file === undefined ? undefined : {
      path: place(section.file),
      maxBytes: section.max_megabytes * 1_000_000,
      keep: section.keep_files,
    },
  };
}

const logLevels: Readonly<Record<ConfigFile["log"]["level"], LogLevel>> = {
  trace: "trace",
  debug: "debug",
  info: "info",
  warn: "warning",
  warning: "warning",
  error: "error",
  critical: "fatal",
  fatal: "fatal",
};
