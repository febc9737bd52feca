/** The database and what it knows of the plant. */

import { judgeReading, MAX_CLOCK_SKEW_MS, type Reading } from "../cycle/judge_reading.ts";
import { readReadings } from "../cycle/readings.ts";
import { fetchBundle } from "../storage/bundle_files.ts";
import type { Bundle } from "../storage/bundle.ts";
import { DatabaseError } from "../storage/database.ts";
import { Measurements } from "../storage/measurements.ts";
import { openDatabase, openObjectStore } from "../storage/open_storage.ts";
import { parseStrategy } from "../strategy/parse.ts";
import type {
  InformativeVariable,
  OperativeVariable,
  Strategy,
  Variable,
} from "../strategy/strategy.ts";
import { openGenerations } from "./bundle_checks.ts";
import { Complaint, type Patient } from "./patient.ts";

/** Bad values that are told one by one. */
const MOST_TOLD = 6;

export async function checkDatabase(patient: Patient): Promise<string> {
  const { config: { database: settings }, now } = patient;
  if (settings.kind === "pglite" && patient.isRunning) return busy(settings.folder);
  const database = await openDatabase(settings);
  try {
    const [row] = await database.query("select version() as version, now() as time");
    const theirs = new Date(String(row?.time));
    const apartMs = theirs.getTime() - now.getTime();
    const shown = `${database.place}: ${String(row?.version).slice(0, 40)}`;
    if (!(Math.abs(apartMs) > MAX_CLOCK_SKEW_MS)) return shown;
    throw new Complaint(
      `${database.place}: its clock is ${Math.round(apartMs / 1000)} s from this box's`,
      "set the one that is wrong: values seem stale, or of the future",
    );
  } finally {
    await database.close();
  }
}

/** Every live value of the strategy under its variable's rule, as a first cycle would judge it. */
export async function checkValues(patient: Patient): Promise<string> {
  const { config, now } = patient;
  if (config.database.kind === "pglite" && patient.isRunning) return busy(config.database.folder);
  if (config.feed !== undefined && !patient.isRunning) {
    return "not read: the box's own feed gives them, while it runs";
  }
  const strategy = await strategyOf(patient);
  if (strategy === undefined) return "not read: there is no strategy, see bundle";
  const measurements = new Measurements(config.values, { place: "the database" });
  const database = await openDatabase(config.database);
  let readings: ReadonlyMap<string, Reading>;
  try {
    readings = await readReadings(strategy, { measurements, queries: database, now });
  } catch (error) {
    // A server that is away has been told by its own check; a table that is not there has not.
    if (error instanceof DatabaseError && error.isPassing) return "not read: see database";
    throw error;
  } finally {
    await database.close();
  }
  const faults = faultsOf(strategy, { readings, now });
  const count = [...strategy.variables.values()].filter(isLive).length;
  if (faults.length === 0) return `${count} live values, all good`;
  const more = faults.length > MOST_TOLD ? [`and ${faults.length - MOST_TOLD} more`] : [];
  throw new Complaint(
    `${faults.length} of ${count} are bad: ${[...faults.slice(0, MOST_TOLD), ...more].join("; ")}`,
    "mend the source; database.values.tags tells tags of other names, valid and max_age what counts",
  );
}

function faultsOf(
  strategy: Strategy,
  { readings, now }: { readonly readings: ReadonlyMap<string, Reading>; readonly now: Date },
): string[] {
  return [...strategy.variables.values()].filter(isLive).flatMap((variable) => {
    const asked = { now, before: undefined, lastGood: undefined };
    const { fault } = judgeReading(readings.get(variable.name), variable, asked);
    return fault === undefined ? [] : [`${variable.name}: ${fault}`];
  });
}

function isLive(variable: Variable): variable is OperativeVariable | InformativeVariable {
  return variable.type === "operative" || variable.type === "informative";
}

function busy(folder: string): string {
  return `embedded, in ${folder}; the running box has it open`;
}

/** Of the generation in force, else of the store; undefined where neither gives one. */
async function strategyOf({ config }: Patient): Promise<Strategy | undefined> {
  const entry = config.optimization.configFile;
  const bundle = await keptBundle(config) ?? await storedBundle(config, entry);
  if (bundle === undefined) return undefined;
  const text = new TextDecoder().decode(bundle.bytes(entry));
  const parsed = parseStrategy(text, { file: entry });
  return parsed.kind === "strategy" ? parsed.strategy : undefined;
}

async function keptBundle(config: Patient["config"]): Promise<Bundle | undefined> {
  const kept = await openGenerations(config);
  const active = kept.all.find(({ id }) => id === kept.record.active);
  // A damaged one has been told by its own check.
  return active === undefined ? undefined : await kept.load(active).catch(() => undefined);
}

async function storedBundle(
  config: Patient["config"],
  entry: string,
): Promise<Bundle | undefined> {
  const store = openObjectStore(config.storage);
  try {
    return await fetchBundle(store, { entry });
  } catch {
    // The check of the bundle has told why.
    return undefined;
  } finally {
    await store.close();
  }
}
