/** The command as a test runs it: what it says, its exit code, and what it leaves. */

import { join } from "node:path";
import { backtestCommand } from "../../src/backtest_command.ts";

export interface Ran {
  readonly code: number;
  readonly said: string;
}

/** Runs in this process; stops, as by Ctrl-C, at the first line that `stopAt` fits. */
export async function backtestHere(
  args: readonly string[],
  { stopAt }: { readonly stopAt?: RegExp } = {},
): Promise<Ran> {
  const lines: string[] = [];
  const stop = new AbortController();
  let ms = 0;
  const code = await backtestCommand(args, {
    say: (line) => {
      lines.push(line);
      if (stopAt?.test(line)) stop.abort();
    },
    overwrite: undefined,
    // So late at each look that every moment is told.
    nowMs: () => ms += 20_000,
    signal: stop.signal,
  });
  return { code, said: lines.join("\n") };
}

export async function csvOf(folder: string, name = "backtest.csv"): Promise<string> {
  return await Deno.readTextFile(join(folder, name));
}

/** The report without its last part, which is of the machine. */
export async function figuresOf(folder: string): Promise<string> {
  const page = await Deno.readTextFile(join(folder, "report.html"));
  return page.slice(0, page.indexOf("<h3>Run time</h3>"));
}

/** The rows of a CSV by the names of its columns; cells without quotes only. */
export function rowsOf(csv: string): Map<string, string>[] {
  const [head = "", ...lines] = csv.trim().split("\r\n");
  const names = head.split(",");
  return lines.map((line) => new Map(line.split(",").map((cell, i) => [names[i]!, cell])));
}
