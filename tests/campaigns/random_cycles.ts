/**
 * Cycles of random strategies on damaged readings: no recommendation outside bounds and move limits,
 * none from a value that a rule forbids, and every cycle ends with a status.
 *
 *   deno run -A tests/campaigns/random_cycles.ts [strategies, 5000] [first number, 0]
 *
 * The rules are judged by code of their own here, which knows what was done to each reading.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Reading } from "../../src/cycle/judge_reading.ts";
import { PlanError, preparePlan } from "../../src/cycle/plan.ts";
import type { ModelFile, Plan, PlanShelves } from "../../src/cycle/plan.ts";
import type { CycleRecord } from "../../src/cycle/recommendation.ts";
import { FIRST_STATE, runCycle } from "../../src/cycle/run_cycle.ts";
import type { CycleState } from "../../src/cycle/run_cycle.ts";
import { logOf } from "../../src/log.ts";
import type { Scaler } from "../../src/model/scaler.ts";
import { NativeSolver } from "../../src/solve/native_solver.ts";
import type { Solver } from "../../src/solve/solver.ts";
import { Bundle } from "../../src/storage/bundle.ts";
import { MemoryCache } from "../../src/storage/memory_cache.ts";
import type { InformativeVariable, OperativeVariable } from "../../src/strategy/strategy.ts";
import { siteFolder } from "../end_to_end/site_plan.ts";
import { stopForHelp } from "./campaign_help.ts";
import { Random } from "./random.ts";
import { CYCLE_MS, randomStrategy } from "./random_strategy.ts";
import type { RandomVariable } from "./random_strategy.ts";

const START = Date.parse("2026-01-01T00:00:00Z");
const ENTRY = "strategy.yaml";
const CYCLES = 3;
const STATUSES = new Set(["optimised", "unchanged", "relaxed", "held"]);

type LiveVariable = OperativeVariable | InformativeVariable;

export interface CampaignResult {
  readonly strategies: number;
  readonly cycles: number;
  readonly statuses: ReadonlyMap<string, number>;
  /** Readings by what was done to them. */
  readonly damages: ReadonlyMap<string, number>;
  /** Every rule that a cycle broke, with the strategy's number. */
  readonly faults: readonly string[];
  /** Strategies that did not come to run, with why. */
  readonly refused: readonly string[];
}

export async function randomCycles({ strategies, first }: {
  readonly strategies: number;
  readonly first: number;
}): Promise<CampaignResult> {
  const solver = new NativeSolver();
  const cache = new MemoryCache({ log: logOf("campaign") });
  const shelves = {
    models: cache.shelf<ModelFile>("models"),
    scalers: cache.shelf<Scaler>("scalers"),
    configurations: cache.shelf<never>("configurations"),
  };
  const counts = { statuses: new Map<string, number>(), damages: new Map<string, number>() };
  const faults: string[] = [];
  const refused: string[] = [];
  try {
    for (let number = first; number < first + strategies; number++) {
      try {
        const found = await runStrategy(number, { solver, shelves, counts });
        faults.push(...found.map((fault) => `strategy ${number}: ${fault}`));
      } catch (error) {
        if (!(error instanceof PlanError)) throw error;
        refused.push(`strategy ${number}: ${error.message}`);
      }
    }
  } finally {
    await solver.close();
  }
  return { strategies, cycles: (strategies - refused.length) * CYCLES, faults, refused, ...counts };
}

interface Counts {
  readonly statuses: Map<string, number>;
  readonly damages: Map<string, number>;
}

async function runStrategy(number: number, { solver, shelves, counts }: {
  readonly solver: Solver;
  readonly shelves: PlanShelves;
  readonly counts: Counts;
}): Promise<string[]> {
  const { yaml, variables, hasModel } = randomStrategy(number);
  const random = new Random(number + 1_000_000);
  const plan = await preparePlan(bundleOf(number, { yaml, hasModel }), {
    entry: ENTRY,
    solver,
    // A strategy of its own for each number; the network is shared.
    shelves: {
      ...shelves,
      configurations: new MemoryCache({ log: logOf("campaign") }).shelf("configurations"),
    },
  });
  const faults: string[] = [];
  const history = new History();
  let state: CycleState = FIRST_STATE;
  try {
    for (let cycle = 0; cycle < CYCLES; cycle++) {
      const now = new Date(START + cycle * CYCLE_MS);
      const readings = new Map<string, Reading>();
      for (const variable of variables) {
        const { kind, reading } = history.draw(variable, { now, random });
        count(counts.damages, kind);
        if (reading !== undefined) readings.set(variable.name, reading);
      }
      const result = await runCycle({
        ...{ cycleId: `${number}-${cycle}`, trigger: "schedule", given: new Map() },
        ...{ mode: "active", validForMs: CYCLE_MS },
      }, { ...{ plan, solver, state }, read: () => Promise.resolve(readings), now: () => now });
      state = result.state;
      const { record } = result;
      count(counts.statuses, record.recommendation.status);
      faults.push(
        ...judgeSettings(plan, record),
        ...judgeValues(plan, { record, readings, history, now }),
        ...judgeLimits(plan, record),
      );
      history.note(plan, { record, readings });
    }
  } finally {
    await plan.release();
  }
  return faults;
}

function bundleOf(
  number: number,
  { yaml, hasModel }: { readonly yaml: string; readonly hasModel: boolean },
): Bundle {
  const files = new Map([[ENTRY, new TextEncoder().encode(yaml)]]);
  if (hasModel) {
    const site = siteFolder("autothermal-reformer");
    files.set("models/net.onnx", bytesOf(join(site, "models/reformer.onnx")));
    const scaler = JSON.parse(readFileSync(join(site, "scalers/reformer.json"), "utf8"));
    // Without names, so that any two settings may feed it.
    delete scaler.names;
    files.set("scalers/net.json", new TextEncoder().encode(JSON.stringify(scaler)));
  }
  return new Bundle(String(number), files);
}

function bytesOf(path: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(path));
}

type Damage =
  | "good"
  | "missing"
  | "no value"
  | "NaN"
  | "bad"
  | "uncertain"
  | "stale"
  | "future"
  | "far out"
  | "jump"
  | "same";

const DAMAGES: readonly Damage[] = [
  ...["missing", "no value", "NaN", "bad", "uncertain", "stale", "future", "far out"] as const,
  ...["jump", "same", "same"] as const,
];

/** What each variable has shown so far, as the rules would have it. */
class History {
  /** The last value that was usable and of good quality. */
  readonly lastGood = new Map<string, { readonly value: number; readonly time: number }>();
  /** The last value that was a number in range, whether used or not, and since when it is that. */
  readonly seen = new Map<
    string,
    { readonly value: number; readonly since: number; readonly time: number }
  >();

  draw(
    { name, low, high }: RandomVariable,
    { now, random }: { readonly now: Date; readonly random: Random },
  ): { readonly kind: Damage; readonly reading: Reading | undefined } {
    const kind = random.uniform() < 0.8 ? "good" : random.pick(DAMAGES);
    const width = high - low;
    const before = this.seen.get(name)?.value;
    // Settings stand near where they stood, sometimes a little outside their bounds.
    const near = before === undefined
      ? random.uniform(low - 0.02 * width, high + 0.02 * width)
      : Math.min(Math.max(before + 0.02 * width * random.normal(), low), high);
    const good: Reading = { value: near, time: now, quality: "good" };
    const at = (ms: number) => new Date(now.getTime() + ms);
    const readings: Record<Damage, Reading | undefined> = {
      good,
      missing: undefined,
      "no value": { ...good, value: null },
      NaN: { ...good, value: random.pick([NaN, Infinity, -Infinity]) },
      bad: { ...good, quality: "bad" },
      uncertain: { ...good, quality: "uncertain" },
      stale: { ...good, time: at(-random.uniform(0.3, 4) * CYCLE_MS) },
      future: { ...good, time: at(random.pick([30_000, 61_000, 3_600_000])) },
      "far out": { ...good, value: high + random.uniform(0.1, 5) * width },
      jump: { ...good, value: near + random.pick([-1, 1]) * random.uniform(0.3, 1) * width },
      same: { ...good, value: before ?? near },
    };
    return { kind, reading: readings[kind] };
  }

  /** The rule that forbids a reading; undefined where none does. */
  forbidden(
    variable: LiveVariable,
    { reading, now }: { readonly reading: Reading | undefined; readonly now: Date },
  ): string | undefined {
    const { name, valid, maxAgeMs, frozenMs, maxChange } = variable;
    if (reading === undefined || reading.value === null) return "missing";
    const { value, quality, time } = reading;
    if (!Number.isFinite(value)) return "not a number";
    if (quality === "bad") return "bad";
    const age = now.getTime() - time.getTime();
    if (age < -60_000) return "in the future";
    if (maxAgeMs !== undefined && age > maxAgeMs) return "stale";
    if (valid !== undefined && (value < valid[0] || value > valid[1])) return "out of range";
    const seen = this.seen.get(name);
    if (
      frozenMs !== undefined && seen?.value === value && time.getTime() - seen.since >= frozenMs
    ) return "frozen";
    const good = this.lastGood.get(name);
    const jumps = (from: number) => maxChange !== undefined && Math.abs(value - from) > maxChange;
    if (good !== undefined && jumps(good.value) && (seen === undefined || jumps(seen.value))) {
      return "jumps";
    }
    return undefined;
  }

  note(plan: Plan, { record, readings }: {
    readonly record: CycleRecord;
    readonly readings: ReadonlyMap<string, Reading>;
  }): void {
    const now = new Date(record.recommendation.time);
    for (const variable of plan.strategy.variables.values()) {
      if (variable.type !== "operative" && variable.type !== "informative") continue;
      const reading = readings.get(variable.name);
      const why = this.forbidden(variable, { reading, now });
      if (reading?.value === undefined || reading.value === null) continue;
      const value = reading.value;
      const time = reading.time.getTime();
      if (why === undefined && reading.quality === "good") {
        this.lastGood.set(variable.name, { value, time });
      }
      if (why !== undefined && why !== "frozen" && why !== "jumps") continue;
      const before = this.seen.get(variable.name);
      this.seen.set(
        variable.name,
        before?.value === value ? { ...before, time } : { value, since: time, time },
      );
    }
  }
}

/** Inside bounds and move limits, or where it was measured. */
function judgeSettings({ strategy }: Plan, { recommendation }: CycleRecord): string[] {
  const { status, settings } = recommendation;
  const faults: string[] = [];
  if (!STATUSES.has(status)) faults.push(`status ${status}: ${recommendation.reason}`);
  for (const { variable: name, measured, recommended, change, limited_by } of settings) {
    const variable = strategy.variables.get(name);
    if (variable?.type !== "operative") {
      faults.push(`${name} is no setting`);
      continue;
    }
    const where = `${name} (${limited_by}): ${measured} to ${recommended}, ${status}`;
    if (!Number.isFinite(recommended)) faults.push(`${where}: no number`);
    if (recommended === measured) continue;
    if (status === "held") faults.push(`${where}: moved by a held cycle`);
    if (!variable.enabled) faults.push(`${where}: moved though switched off`);
    const room = 1e-9 * Math.max(1, Math.abs(measured));
    const { up, down } = variable.maxMove ?? { up: Infinity, down: Infinity };
    if (recommended > measured + up + room || recommended < measured - down - room) {
      faults.push(`${where}: further than the move limit ${down} down, ${up} up`);
    }
    if (recommended < variable.bounds[0] || recommended > variable.bounds[1]) {
      faults.push(`${where}: outside the bounds ${variable.bounds.join(" to ")}`);
    }
    if (Math.abs(recommended - measured - change) > room) faults.push(`${where}: change ${change}`);
  }
  return faults;
}

/** A forbidden reading is never used; what stands in for it is what the rule says. */
function judgeValues(plan: Plan, { record, readings, history, now }: {
  readonly record: CycleRecord;
  readonly readings: ReadonlyMap<string, Reading>;
  readonly history: History;
  readonly now: Date;
}): string[] {
  const used = new Map(record.snapshot.map((value) => [value.variable, value]));
  const { status } = record.recommendation;
  const faults: string[] = [];
  for (const variable of plan.strategy.variables.values()) {
    if (variable.type !== "operative" && variable.type !== "informative") continue;
    const { name, onBad, critical } = variable;
    const reading = readings.get(name);
    const why = history.forbidden(variable, { reading, now });
    const value = used.get(name);
    if (why === undefined) {
      if (value?.source !== "measured" || value.value !== reading?.value) {
        faults.push(`${name}: a good reading was not used`);
      }
      continue;
    }
    const where = `${name} is ${why}`;
    const last = history.lastGood.get(name);
    const mayLast = onBad.kind === "last_good" && last !== undefined &&
      (onBad.maxAgeMs === undefined || now.getTime() - last.time <= onBad.maxAgeMs);
    const allowed = onBad.kind === "default" ? onBad.value : mayLast ? last?.value : undefined;
    if (critical || allowed === undefined) {
      if (status !== "held") faults.push(`${where}: the cycle is ${status}`);
      continue;
    }
    if (value?.value !== allowed || value.quality !== "uncertain" || value.note === null) {
      faults.push(`${where}: ${JSON.stringify(value)} stands in for it`);
    }
  }
  return faults;
}

/**
 * A limit that never gives holds in every answer; one with a rank unless the answer says so. Limits
 * that no setting can move are no part of the program: the check shows them, nothing can keep them.
 */
function judgeLimits(plan: Plan, { recommendation }: CycleRecord): string[] {
  const { status, checks, relaxed_limits, solver } = recommendation;
  if (status === "held" || solver === null || recommendation.objective === null) return [];
  const limits = [...plan.strategy.skills.values()]
    .flatMap((skill) => skill.type === "constraints" ? skill.constraints : []);
  const { rows } = plan.optimizers.get("optimum")!.ladder.program;
  const moved = new Set(rows.map(({ name }) => name));
  const relaxed = new Set(relaxed_limits.map(({ limit }) => limit));
  return checks.flatMap(({ limit, value, min, max, violation }) => {
    const { price } = limits.find(({ name }) => name === limit)!;
    const size = Math.max(1, Math.abs(value), Math.abs(min ?? 0), Math.abs(max ?? 0));
    if (
      price !== undefined || !moved.has(limit) || relaxed.has(limit) || violation <= 1e-4 * size
    ) return [];
    return [`${limit} is outside by ${violation} (${min} to ${max}), ${status}`];
  });
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

export function printed(result: CampaignResult): string {
  const list = (counts: ReadonlyMap<string, number>) =>
    [...counts].map(([key, n]) => `${key} ${n}`).join(", ");
  return [
    `${result.strategies} strategies, ${result.cycles} cycles: ${list(result.statuses)}`,
    `readings: ${list(result.damages)}`,
    `refused: ${result.refused.length}`,
    ...result.refused.slice(0, 5),
    `faults: ${result.faults.length}`,
    ...result.faults.slice(0, 40).map((fault) => `  ${fault}`),
  ].join("\n");
}

if (import.meta.main) {
  stopForHelp("campaign:cycles");
  const [strategies = 5000, first = 0] = Deno.args.map(Number);
  const result = await randomCycles({ strategies, first });
  console.log(printed(result));
  Deno.exit(result.faults.length === 0 ? 0 : 1);
}
