/** What a backtest is asked to do, from the words of its command line. */

import { existsSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { parseDuration } from "../strategy/duration.ts";

export interface BacktestOrder {
  /** The site's folder. */
  readonly site: string;
  readonly config: string;
  /** In milliseconds since 1970; undefined: as the record has it. */
  readonly from: number | undefined;
  readonly to: number | undefined;
  /** Empty: the site's database. */
  readonly csv: readonly string[];
  /** Times of the rows of files that hold none. */
  readonly rowTimes: { readonly first: Date; readonly everyMs: number } | undefined;
  readonly everyMs: number | undefined;
  readonly compare: string | undefined;
  readonly children: number;
  /** Undefined: in the state folder. */
  readonly out: string | undefined;
}

/** As `parseArgs` gives them. */
export type OrderWords =
  & Readonly<
    Partial<
      Record<
        | "from"
        | "to"
        | "first-row"
        | "row-every"
        | "every"
        | "compare"
        | "children"
        | "out"
        | "config",
        string
      >
    >
  >
  & { readonly csv?: readonly string[] };

/** Everything that is wrong with the command line, each with its cure. */
export class OrderError extends Error {
  override readonly name = "OrderError";

  constructor(readonly problems: readonly string[]) {
    super(problems.join("\n"));
  }
}

/**
 * `places` are the site's folder and, after `--csv`, further files, as a shell spreads them.
 * @throws {OrderError} with all problems at once.
 */
export function readOrder(
  [site = "", ...further]: readonly string[],
  words: OrderWords,
): BacktestOrder {
  const problems: string[] = [];
  const csv = [...words.csv ?? [], ...further];
  if (further.length > 0 && words.csv === undefined) {
    problems.push(`"${further.join(" ")}": one site at a time; files of values follow --csv`);
  }
  const config = words.config ?? join(site, "config.yaml");
  if (!existsSync(config)) problems.push(siteProblem(site, config));
  for (const file of words.csv === undefined ? [] : csv) {
    if (!isFile(file)) problems.push(`--csv ${file}: there is no such file; correct the path`);
  }
  const read = <Value>(name: keyof OrderWords, parse: (text: string) => Value | string) => {
    const text = words[name];
    if (typeof text !== "string") return undefined;
    const value = parse(text);
    if (typeof value !== "string") return value;
    problems.push(`--${name} ${text}: ${value}`);
    return undefined;
  };
  const from = read("from", timeOf);
  const to = read("to", timeOf);
  const first = read("first-row", timeOf);
  const rowEvery = read("row-every", lengthOf);
  const everyMs = read("every", lengthOf);
  const children = read("children", countOf);
  if (from !== undefined && to !== undefined && from >= to) {
    problems.push(
      `--from ${words.from} --to ${words.to}: no time lies between; --to is the end, not included`,
    );
  }
  if (csv.length === 0) {
    for (const name of ["from", "to"] as const) {
      if (words[name] === undefined) {
        problems.push(`--${name} lacks: say which time of the database, or name files with --csv`);
      }
    }
  }
  if ((words["first-row"] === undefined) !== (words["row-every"] === undefined)) {
    problems.push("--first-row and --row-every belong together: give both, or neither");
  }
  if (problems.length > 0) throw new OrderError(problems);
  return {
    ...{ site, config, from, to, csv, everyMs },
    rowTimes: first === undefined ? undefined : { first: new Date(first), everyMs: rowEvery! },
    compare: words.compare,
    children: children ?? navigator.hardwareConcurrency,
    out: words.out,
  };
}

function siteProblem(site: string, config: string): string {
  return existsSync(site)
    ? `${site} has no ${
      basename(config)
    }: name a site's folder, such as strategies/gas-turbine, or --config`
    : `There is no site ${site}: name a folder, such as strategies/gas-turbine`;
}

/** Without a zone UTC; a text is what is wrong. */
function timeOf(text: string): number | string {
  const isTime = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/.test(text);
  const hasZone = /(Z|[+-]\d\d:?\d\d)$/.test(text.slice(10)) || text.length === 10;
  const time = new Date(hasZone ? text : `${text.replace(" ", "T")}Z`).getTime();
  // 2026-02-31 is read as the third of March.
  const isDay = !Number.isNaN(time) &&
    new Date(`${text.slice(0, 10)}T00:00Z`).toISOString().startsWith(text.slice(0, 10));
  return isTime && isDay ? time : "no such time; write 2026-03-01 or 2026-03-01T06:00Z";
}

function lengthOf(text: string): number | string {
  try {
    const length = parseDuration(text);
    return length >= 1000 ? length : "at least 1s";
  } catch {
    return "no length of time; write a number and a unit, such as 30s, 5m or 1h";
  }
}

function countOf(text: string): number | string {
  const count = Number(text);
  return Number.isInteger(count) && count >= 1 && count <= 64
    ? count
    : "a whole number from 1 to 64";
}

function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile();
}

/** A folder's name that tells backtests of one site apart. */
export function outName(
  { compare }: BacktestOrder,
  { from, to, every }: { readonly from: number; readonly to: number; readonly every: number },
): string {
  const text = (time: number) =>
    new Date(time).toISOString().replace(/T00:00:00\.000Z$/, "").replaceAll(":", "")
      .replace(/(00)?\.000Z$/, "Z");
  const other = compare === undefined ? "" : `_and_${basename(resolve(compare))}`;
  return `${text(from)}_${text(to)}_every_${every / 1000}s${other}`;
}
