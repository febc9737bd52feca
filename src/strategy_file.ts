/** The strategy that somebody names on the command line: its file, or the folder of its site. */

import { existsSync } from "node:fs";
import { join } from "node:path";

/** The name that existing sites use in their folders and buckets. */
export const STRATEGY_FILE = "process-optimization-strategy-config.yaml";
/** Where a folder is named: that name, or the one that `new-site` gives. */
const NAMES = [STRATEGY_FILE, "strategy.yaml"];

export type StrategyFile =
  | { readonly kind: "text"; readonly file: string; readonly text: string }
  | { readonly kind: "unreadable"; readonly why: string };

/** Reads `path`, or the strategy in it where it is a folder. */
export function readStrategyFile(path: string): StrategyFile {
  const file = isFolder(path)
    ? NAMES.map((name) => join(path, name)).find((inside) => existsSync(inside))
    : path;
  if (file === undefined) {
    const why = `The folder ${path} holds no ${NAMES.join(" and no ")}: name the strategy's file`;
    return { kind: "unreadable", why };
  }
  try {
    return { kind: "text", file, text: Deno.readTextFileSync(file) };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { kind: "unreadable", why: `Cannot read ${file}: ${why}` };
  }
}

function isFolder(path: string): boolean {
  return existsSync(path) && Deno.statSync(path).isDirectory;
}
