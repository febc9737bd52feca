/** `deno task backtest SITE`: a strategy on recorded values, every moment optimised; report and CSV. */

import { basename, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { recordNotes, recordProblems } from "./backtest/check_record.ts";
import { layoutOf } from "./backtest/layout.ts";
import { momentsOf } from "./backtest/moments.ts";
import { openPlan, otherSource } from "./backtest/open_plan.ts";
import type { PlanSource } from "./backtest/open_plan.ts";
import { outName, readOrder } from "./backtest/order.ts";
import type { BacktestOrder } from "./backtest/order.ts";
import { Progress } from "./backtest/progress.ts";
import type { ProgressTerminal } from "./backtest/progress.ts";
import { Recording } from "./backtest/recording.ts";
import { runBacktest } from "./backtest/run_backtest.ts";
import { fingerprintOf, writeResults } from "./backtest/write_results.ts";
import type { Side } from "./backtest/write_results.ts";
import { runCommand } from "./command.ts";
import { loadConfig, readEnvironment } from "./config.ts";
import type { Config } from "./config.ts";
import { snapshotTags } from "./cycle/snapshot.ts";
import { NoTimesError, readCsv } from "./feed/csv_values.ts";
import { logOf } from "./log.ts";
import { libraryDigest } from "./solve/library_digest.ts";
import { SolverPool } from "./solve/solver_pool.ts";
import { FolderObjectStore } from "./storage/folder_object_store.ts";
import { KeptResults } from "./storage/kept_results.ts";
import type { Fingerprint } from "./storage/kept_results.ts";
import { Measurements } from "./storage/measurements.ts";
import type { NewMeasurement } from "./storage/new_measurements.ts";
import { openDatabase, openObjectStore } from "./storage/open_storage.ts";
import { recordedValues } from "./storage/recorded_values.ts";
import { StateLock, StateLockedError } from "./storage/state_lock.ts";
import { onStopSignals } from "./stop_signals.ts";
import { durationText } from "./strategy/duration.ts";

const HELP = `deno task backtest SITE --from TIME --to TIME [options]

Optimises every recorded moment as a cycle would have, and writes report.html (one file, nothing else
needed) and backtest.csv (a row per moment). SITE is a folder such as strategies/gas-turbine. A run
that was stopped or killed goes on where it was when the same command is given again.

  --from, --to TIME      the moments: from this time on, before that one; such as 2026-03-01 or
                         2026-03-01T06:00Z, UTC where no zone is told. With --csv: all of it
  --csv FILE ...         recorded values (the forms of deno task ingest); without it the database of
                         the site's configuration
  --first-row TIME       a file without times: of its first row, the others --row-every after another
  --row-every 1h
  --every 5m             time between two cycles; the configuration's interval unless told. A moment
                         at which nothing new was recorded is left out
  --compare OTHER        another strategy folder, or a version in the site's store, on the same moments
  --children N           solver processes side by side; one per core unless told
  --out FOLDER           results; in the state folder unless told
  --config PATH          another configuration than SITE/config.yaml
  --help                 print this

Exit code: 0 done, 1 something is wrong, 2 wrong options, 130 stopped by Ctrl-C.
`;

/** Values from before the first moment, so that bias, averages and last good values are there. */
const BEFORE_MS = 86_400_000;

/** What the command needs from around it. */
export interface BacktestSurroundings extends ProgressTerminal {
  /** Aborted by Ctrl-C: no further moment begins. */
  readonly signal: AbortSignal;
}

/** Throws what is wrong with the order, the site or the record; the result is the exit code. */
export async function backtestCommand(
  args: readonly string[],
  around: BacktestSurroundings,
): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      from: { type: "string" },
      to: { type: "string" },
      csv: { type: "string", multiple: true },
      "first-row": { type: "string" },
      "row-every": { type: "string" },
      every: { type: "string" },
      compare: { type: "string" },
      children: { type: "string" },
      out: { type: "string" },
      config: { type: "string" },
      help: { type: "boolean" },
    },
  });
  if (values.help === true || positionals.length === 0) {
    around.say(HELP);
    return values.help === true ? 0 : 2;
  }
  const order = readOrder(positionals, values);
  const config = loadConfig({ path: order.config, env: readEnvironment() });
  const sources = await sourcesOf(order, config);
  const solver = await SolverPool.start({ size: order.children });
  try {
    const sides: Side[] = [];
    for (const [i, { name, source }] of sources.entries()) {
      const plan = await openPlan(source, { solver, log: logOf("backtest") });
      sides.push({ side: i === 0 ? "a" : "b", name, plan, layout: layoutOf(plan) });
    }
    return await backtest(sides, { order, config, solver, around });
  } finally {
    await solver.close();
  }
}

/** The strategies, the site's own first. */
async function sourcesOf(
  { site, compare }: BacktestOrder,
  { optimization: { configFile: entry }, storage }: Config,
): Promise<{ readonly name: string; readonly source: PlanSource }[]> {
  const own = {
    name: basename(resolve(site)),
    source: { store: new FolderObjectStore(resolve(site)), entry },
  };
  if (compare === undefined) return [own];
  const other = await otherSource(compare, { entry, store: () => openObjectStore(storage) });
  if (other === undefined) {
    throw new TypeError(
      `--compare ${compare}: neither a folder with ${entry} nor a version. Name a strategy's folder, ` +
        "or a version that deno task versions lists",
    );
  }
  const name = other.version === undefined ? basename(resolve(compare)) : `version ${compare}`;
  return [own, { name: name === own.name ? compare : name, source: other }];
}

interface Parts {
  readonly order: BacktestOrder;
  readonly config: Config;
  readonly solver: SolverPool;
  readonly around: BacktestSurroundings;
}

/** What is to be computed, and where it is kept. */
interface Job {
  readonly sides: readonly Side[];
  readonly recording: Recording;
  readonly warmUp: readonly number[];
  readonly moments: readonly number[];
  readonly fingerprint: Fingerprint;
  readonly folder: string;
}

async function backtest(sides: readonly Side[], parts: Parts): Promise<number> {
  const job = await jobOf(sides, parts);
  const lock = await lockOf(job.folder);
  try {
    const kept = KeptResults.open(join(job.folder, "moments.sqlite"), job.fingerprint);
    try {
      return await compute(job, { ...parts, kept });
    } finally {
      kept.close();
    }
  } finally {
    await lock.release();
  }
}

/** @throws {RangeError} with everything that the record lacks. */
async function jobOf(sides: readonly Side[], { order, config }: Parts): Promise<Job> {
  const strategies = sides.map(({ plan }) => plan.strategy);
  const tags = [...new Set(strategies.flatMap(snapshotTags))];
  const { recording, others } = await readRecord(order, { config, tags });
  const every = order.everyMs ?? config.optimization.intervalSeconds * 1000;
  const [first = 0, last = 0] = recording.span ?? [];
  const range = {
    from: order.from ?? Math.floor(first / every) * every,
    to: order.to ?? last + every,
    every,
  };
  const moments = momentsOf(recording, range);
  const problems = recordProblems(recording, { strategies, others, moments, range });
  if (problems.length > 0) throw new RangeError(problems.join("\n"));
  const text = (time: number) => new Date(time).toISOString();
  return {
    ...{ sides, recording, moments },
    warmUp: momentsOf(recording, { ...range, from: range.from - BEFORE_MS, to: range.from }),
    fingerprint: fingerprintOf(sides, {
      record: recording.digest,
      solver: await libraryDigest(),
      options: `${text(range.from)} to ${text(range.to)}, every ${durationText(every)}`,
    }),
    folder: order.out ?? join(config.state.folder, "backtests", outName(order, range)),
  };
}

/** Two backtests at once would compute the same moments. */
async function lockOf(folder: string): Promise<StateLock> {
  try {
    return await StateLock.take(folder);
  } catch (cause) {
    if (!(cause instanceof StateLockedError)) throw cause;
    throw new TypeError(
      `Another backtest writes to ${folder}: let it end, or name another folder with --out`,
      { cause },
    );
  }
}

/** Computes what is not there yet, and writes report and CSV when everything is. */
async function compute(
  { sides, recording, warmUp, moments, fingerprint, folder }: Job,
  { solver, around, kept }: Parts & { readonly kept: KeptResults },
): Promise<number> {
  const { say, signal } = around;
  const done = sides.reduce((sum, { side }) => sum + kept.keys(side).size, 0);
  const total = sides.length * moments.length;
  say(
    `${moments.length} moments${sides.length > 1 ? ` of ${sides.length} strategies` : ""}, ` +
      `solver children: ${solver.size}, results in ${folder}` +
      (done === 0 ? "" : `; ${done} of ${total} cycles are there already`),
  );
  const progress = new Progress(around, { total, done });
  let run: number | undefined;
  const note = () => {
    const { seconds, count: results } = progress;
    run = kept.noteRun({ seconds, results, note: `solver children: ${solver.size}` }, run);
  };
  let isDone = true;
  for (const { side, plan, layout } of sides) {
    isDone &&= await runBacktest({
      ...{ side, plan, layout, recording, warmUp, moments, kept, solver, signal },
      atOnce: 2 * solver.size,
      progressed: () => {
        progress.step();
        note();
      },
    });
  }
  const { count, seconds } = progress;
  progress.end();
  if (!isDone) {
    say(`Stopped at ${done + count} of ${total}; the same command goes on from there`);
    return 130;
  }
  if (count > 0) {
    say(`${count} cycles in ${seconds.toFixed(1)} s: ${(count / seconds).toFixed(2)} per second`);
  }
  const notes = recordNotes(recording, sides.map(({ plan }) => plan.strategy));
  const files = await writeResults(folder, { sides, kept, fingerprint, notes, now: new Date() });
  for (const file of files) say(file);
  return 0;
}

/** Everything that was recorded of these tags, under the strategy's names, and what else is there. */
async function readRecord(
  order: BacktestOrder,
  { config, tags }: { readonly config: Config; readonly tags: readonly string[] },
): Promise<{ readonly recording: Recording; readonly others: readonly string[] }> {
  const recording = new Recording();
  const until = order.to ?? Infinity;
  if (order.csv.length === 0) {
    for await (const value of storedValues(order, { config, tags })) recording.add(value);
    return { recording, others: [] };
  }
  const names = namesInFiles(config, tags);
  const others = new Set<string>();
  for (const file of order.csv) {
    for await (const { value } of readFile(file, order)) {
      const tag = names.get(value.tag);
      if (tag === undefined) others.add(value.tag);
      else if (value.time.getTime() < until) recording.add({ ...value, tag });
    }
  }
  return { recording, others: [...others] };
}

/** The site's name of a tag to the strategy's. */
function namesInFiles({ values, feed }: Config, tags: readonly string[]): Map<string, string> {
  const columns = feed?.kind === "replay" ? Object.entries(feed.columns ?? {}) : [];
  const wanted = new Set(tags);
  return new Map([
    ...tags.map((tag) => [tag, tag] as const),
    ...tags.map((tag) => [values.tags[tag] ?? tag, tag] as const),
    ...columns.filter(([, tag]) => wanted.has(tag)),
  ]);
}

async function* readFile(file: string, { rowTimes }: BacktestOrder) {
  try {
    yield* readCsv(file, rowTimes);
  } catch (error) {
    if (!(error instanceof NoTimesError)) throw error;
    throw new TypeError(
      `${error.message}: tell with --first-row 2026-01-01 --row-every 1h when its rows were recorded`,
      { cause: error },
    );
  }
}

/** The site's database, from a day before what is carried along, and what was newest then. */
async function* storedValues(
  { from, to }: BacktestOrder,
  { config, tags }: { readonly config: Config; readonly tags: readonly string[] },
): AsyncGenerator<NewMeasurement> {
  const after = new Date(from! - 2 * BEFORE_MS);
  // The embedded database has one user at a time.
  const lock = config.database.kind === "pglite"
    ? await StateLock.take(config.state.folder)
    : undefined;
  const database = await openDatabase(config.database);
  try {
    const { place } = database;
    const measurements = new Measurements(config.values, { place });
    yield* recordedValues(database, {
      ...{ tags, after, place, config: config.values },
      until: new Date(to! - 1),
    });
    for (
      const { value, ...newest } of (await measurements.newest(database, { tags, until: after }))
        .values()
    ) {
      yield { ...newest, value: value ?? NaN };
    }
  } finally {
    await database.close();
    await lock?.release();
  }
}

if (import.meta.main) {
  const stop = new AbortController();
  // Ending at once costs nothing but the moments under way.
  onStopSignals({ stop: () => stop.abort(), end: () => Deno.exit(130) });
  const isTerminal = Deno.stdout.isTerminal();
  const encoder = new TextEncoder();
  Deno.exit(
    await runCommand(() =>
      backtestCommand(Deno.args, {
        say: console.log,
        overwrite: isTerminal
          ? (text) => void Deno.stdout.writeSync(encoder.encode(`\r\x1b[K${text}`))
          : undefined,
        nowMs: () => performance.now(),
        signal: stop.signal,
      }), { help: HELP }),
  );
}
