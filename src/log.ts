/** JSON lines on standard output or in a file: time, level, area, message and the properties given with them. */

import { configureSync, getLogger, type Logger, type LogRecord } from "@logtape/logtape";
import type { LogConfig, LogLevel } from "./config_log.ts";
import { LateLines } from "./late_lines.ts";
import { LogFile } from "./log_file.ts";

/** A logger of one area; `log.with({ cycle_id })` gives one whose lines all carry that property. */
export type Log = Logger;

/**
 * Starts logging for the process: into `file`, else to standard output, at the end of the event
 * loop's turn; or at once to `write`, which takes one line without its line end.
 */
export function startLog(options: {
  level: LogLevel;
  file?: LogConfig["file"];
  write?: (line: string) => void;
}): void {
  const { write } = options;
  configureSync({
    reset: true,
    sinks: {
      lines: write === undefined ? lateSink(options.file) : (record) => write(formatLine(record)),
    },
    loggers: [
      { category: "setpoint", lowestLevel: options.level, sinks: ["lines"] },
      { category: ["logtape", "meta"], lowestLevel: "error", sinks: ["lines"] },
    ],
  });
}

function lateSink(path: LogConfig["file"]): (record: LogRecord) => void {
  const print = (text: string) => console.log(text);
  const file = path && new LogFile(path, { instead: print });
  const write = file === undefined ? print : (text: string) => file.write(text);
  const lines = new LateLines((records) => write(records.map(formatLine).join("\n")));
  lines.flushAtEnd();
  return (record) => lines.add(record);
}

/** The logger of an area such as `storage` or `cycle`; before `startLog` its lines go nowhere. */
export function logOf(area: string): Log {
  return getLogger(["setpoint", area]);
}

const ownKeys: ReadonlySet<string> = new Set(["time", "level", "area", "message"]);

/** One record as a JSON line. Secrets are left out; nothing in `properties` can make it throw. */
export function formatLine(record: LogRecord): string {
  const line: Record<string, unknown> = {
    time: new Date(record.timestamp).toISOString(),
    level: record.level,
    area: record.category.slice(1).join("."),
    message: withoutCredentials(record.message.map(asWords).join("")),
  };
  for (const [key, value] of Object.entries(record.properties)) {
    line[ownKeys.has(key) ? `${key}_` : key] = isSecretName(key) ? "[secret]" : plain(value, 0);
  }
  return JSON.stringify(line);
}

function asWords(part: unknown): string {
  return typeof part === "string" ? part : JSON.stringify(plain(part, 0)) ?? String(part);
}

function isSecretName(key: string): boolean {
  return /passw|secret|token|authorization|credential|private_?key|access_?key|cookie/i.test(key);
}

/** Takes user and password out of addresses, and signatures out of signed S3 addresses. */
function withoutCredentials(text: string): string {
  return text
    .replaceAll(/\/\/[^/\s:@]*:[^/\s@]*@/g, "//[secret]@")
    .replaceAll(/(X-Amz-(?:Signature|Credential|Security-Token)=)[^&\s"]+/g, "$1[secret]");
}

// Deeper than this a property is named, not shown: a log line is for reading.
const maxDepth = 6;
const maxElements = 100;

/** A value as JSON can hold it: errors with their causes, big and non-finite numbers as text. */
function plain(value: unknown, depth: number): unknown {
  switch (typeof value) {
    case "string":
      return withoutCredentials(value);
    case "number":
      return Number.isFinite(value) ? value : String(value);
    case "bigint":
    case "symbol":
      return String(value);
    case "function":
      return `[function ${value.name}]`;
    case "object":
      return value === null ? null : plainObject(value, depth);
    default:
      return value;
  }
}

function plainObject(value: object, depth: number): unknown {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (depth >= maxDepth) return `[${value.constructor?.name ?? "object"}]`;
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value)) {
    const shown = value.slice(0, maxElements).map((element) => plain(element, depth + 1));
    return value.length > maxElements
      ? [...shown, `and ${value.length - maxElements} more`]
      : shown;
  }
  const entries = value instanceof Map
    ? [...value].map(([key, part]): [string, unknown] => [String(key), part])
    : value instanceof Error
    ? errorEntries(value)
    : Object.entries(value);
  return Object.fromEntries(
    entries.map(([key, part]) => [key, isSecretName(key) ? "[secret]" : plain(part, depth + 1)]),
  );
}

function errorEntries(error: Error): [string, unknown][] {
  const named: [string, unknown][] = [["name", error.name], ["message", error.message]];
  if (error.stack !== undefined) named.push(["stack", error.stack]);
  if (error.cause !== undefined) named.push(["cause", error.cause]);
  return [...named, ...Object.entries(error).filter(([key]) => key !== "cause" && key !== "name")];
}
