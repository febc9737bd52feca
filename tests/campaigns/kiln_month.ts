/**
 * The simulated kiln for a month in accelerated time, three times with the same disturbances and
 * noise: with its first settings held; with every recommendation taken; and the same under limits
 * that stand further inside, as an engineer sets them who has seen the second run. An optimum lies on
 * its limits, so there the noise alone is outside half of the time.
 *
 *   deno run -A tests/campaigns/kiln_month.ts [cycles, 8640] [seed, 1]
 *
 * Money and limits are judged by the strategy's own formulas on what the plant measures, the models
 * left out: where a formula asks for a prediction, the measurement behind it answers.
 */

import type { Plan } from "../../src/cycle/plan.ts";
import { FIRST_STATE, runCycle } from "../../src/cycle/run_cycle.ts";
import type { CycleState } from "../../src/cycle/run_cycle.ts";
import type { Reading } from "../../src/cycle/judge_reading.ts";
import { NativeSolver } from "../../src/solve/native_solver.ts";
import { evaluateFormula } from "../../src/strategy/evaluate_formula.ts";
import type { Constraint, Formula } from "../../src/strategy/strategy.ts";
import { Deviates } from "../../strategies/cement-kiln/disturbances.ts";
import { createPlant } from "../../strategies/cement-kiln/simulator.ts";
import { sitePlan } from "../end_to_end/site_plan.ts";

const CYCLE_SECONDS = 300;
/** Values that are stored per cycle; averages are taken over them. */
const SAMPLES = 10;
const START = Date.parse("2026-01-01T00:00:00Z");
/** Before the first cycle, so that the plant is past its start. */
const WARM_UP_CYCLES = 12;
/** Share of cycles in which one tag's value is marked bad, for three cycles on end. */
const FAULTS_PER_CYCLE = 0.002;
/** Whoever runs at a limit is outside half of the time by the noise; this is more than noise. */
const CLEARLY = 0.05;
/** The mean excess of noise about a limit is 0.8 of its standard deviation. */
const BACK_OFF = 3;

type Values = ReadonlyMap<string, number>;

/** What one run came to, from its first cycle to its last. */
export interface MonthRun {
  /** EUR per tonne of clinker: fuel, power and emissions. */
  readonly specificCost: number;
  /** EUR/h, the strategy's objective. */
  readonly margin: number;
  readonly clinkerRate: number;
  /** Share of cycles in which a limit was outside, and by how much on average then. */
  readonly limits: ReadonlyMap<string, { readonly share: number; readonly by: number }>;
  readonly anyLimit: number;
  /** Share of cycles in which one was outside by more than CLEARLY of the limit's value. */
  readonly anyLimitClearly: number;
  readonly statuses: ReadonlyMap<string, number>;
  readonly cycleMs: number;
  readonly slowestMs: number;
}

export interface KilnMonth {
  readonly cycles: number;
  readonly held: MonthRun;
  readonly optimised: MonthRun;
  /** Under limits that stand further inside, by BACK_OFF times the mean excess of `optimised`. */
  readonly backedOff: MonthRun;
}

export async function kilnMonth({ cycles, seed }: {
  readonly cycles: number;
  readonly seed: number;
}): Promise<KilnMonth> {
  const solver = new NativeSolver();
  const { plan, close } = await sitePlan("cement-kiln", solver);
  try {
    const held = await run(plan, { cycles, seed, solver: undefined });
    const optimised = await run(plan, { cycles, seed, solver });
    const inside = withLimitsInside(plan, optimised);
    return { cycles, held, optimised, backedOff: await run(inside, { cycles, seed, solver }) };
  } finally {
    await close();
    await solver.close();
  }
}

/** The same plan for an optimizer whose limits stand further inside; they are judged as before. */
function withLimitsInside(plan: Plan, { limits }: MonthRun): Plan {
  const optimizers = new Map([...plan.optimizers].map(([name, optimizer]) => {
    const { program } = optimizer.ladder;
    const rows = program.rows.map((row) => {
      const by = BACK_OFF * (limits.get(row.name)?.by ?? 0);
      return { ...row, lower: row.lower + by, upper: row.upper - by };
    });
    return [name, { ...optimizer, ladder: { ...optimizer.ladder, program: { ...program, rows } } }];
  }));
  return { ...plan, optimizers };
}

async function run(plan: Plan, { cycles, seed, solver }: {
  readonly cycles: number;
  readonly seed: number;
  /** Undefined: the first settings are held. */
  readonly solver: NativeSolver | undefined;
}): Promise<MonthRun> {
  const plant = createPlant(seed);
  const faults = new Faults(seed, plan);
  const averaged = averagedTags(plan);
  const tally = new Tally(plan);
  let state: CycleState = FIRST_STATE;
  let settings: Values = new Map();
  const live = (given: Values) => {
    const samples = Array.from(
      { length: SAMPLES },
      () => plant.step(CYCLE_SECONDS / SAMPLES, given),
    );
    return { means: meansOf(samples), last: samples.at(-1)! };
  };
  for (let cycle = 0; cycle < WARM_UP_CYCLES; cycle++) live(settings);

  for (let cycle = 0; cycle < cycles; cycle++) {
    const { means, last } = live(settings);
    tally.values(means);
    if (solver === undefined) continue;
    const now = new Date(START + cycle * CYCLE_SECONDS * 1000);
    const read = new Map(
      [...last].map(([tag, value]) => [tag, averaged.has(tag) ? means.get(tag)! : value]),
    );
    const result = await runCycle({
      cycleId: String(cycle),
      trigger: "schedule",
      given: new Map(),
      mode: "active",
      validForMs: 1.5 * CYCLE_SECONDS * 1000,
    }, {
      plan,
      solver,
      state,
      read: () => Promise.resolve(faults.readings(read, now)),
      now: () => now,
    });
    state = result.state;
    const { recommendation, times } = result.record;
    tally.cycle(recommendation.status, times.total_ms);
    if (recommendation.mode.achieved === "active") {
      settings = new Map(recommendation.settings.map((s) => [s.variable, s.recommended]));
    }
  }
  return tally.result();
}

/** Marks single tags as bad now and then, each for a few cycles. */
class Faults {
  readonly #deviates: Deviates;
  readonly #tags: readonly string[];
  readonly #until = new Map<string, number>();

  constructor(seed: number, { strategy }: Plan) {
    this.#deviates = new Deviates(seed + 1000);
    this.#tags = [...strategy.variables.values()]
      .filter(({ type }) => type === "operative" || type === "informative")
      .map(({ name }) => name);
  }

  readings(values: Values, time: Date): Map<string, Reading> {
    if (this.#deviates.uniform() < FAULTS_PER_CYCLE) {
      const tag = this.#tags[Math.floor(this.#deviates.uniform() * this.#tags.length)]!;
      this.#until.set(tag, time.getTime() + 3 * CYCLE_SECONDS * 1000);
    }
    return new Map([...values].map(([tag, value]) => [tag, {
      value,
      time,
      quality: time.getTime() < (this.#until.get(tag) ?? 0) ? "bad" : "good",
    }]));
  }
}

/** Sums over one run. */
class Tally {
  readonly #plan: Plan;
  readonly #objective: Formula;
  readonly #limits: readonly Constraint[];
  readonly #outside = new Map<string, { count: number; by: number }>();
  readonly #statuses = new Map<string, number>();
  #count = 0;
  #cost = 0;
  #clinker = 0;
  #margin = 0;
  #anyOutside = 0;
  #anyClearly = 0;
  #cycles = 0;
  #ms = 0;
  #slowestMs = 0;

  constructor(plan: Plan) {
    this.#plan = plan;
    const skills = [...plan.strategy.skills.values()];
    this.#objective = skills.find((skill) => skill.type === "optimizer")!.objective;
    this.#limits = skills.flatMap((skill) => skill.type === "constraints" ? skill.constraints : []);
  }

  values(measured: Values): void {
    const valueOf = measuredFormulas(this.#plan, measured);
    const at = (formula: Formula) =>
      evaluateFormula(formula, { variable: valueOf, measured: valueOf });
    this.#count++;
    this.#cost += valueOf("fuel_cost") + valueOf("power_cost") + valueOf("emission_cost");
    this.#clinker += valueOf("clinker_rate");
    this.#margin += at(this.#objective);
    let any = false;
    let clearly = false;
    for (const { name, expression, min, max } of this.#limits) {
      const value = at(expression);
      const by = Math.max((min ?? -Infinity) - value, value - (max ?? Infinity), 0);
      if (by === 0) continue;
      any = true;
      clearly ||= by > CLEARLY * Math.abs(value > (max ?? Infinity) ? max! : min!);
      const outside = this.#outside.get(name) ?? { count: 0, by: 0 };
      this.#outside.set(name, { count: outside.count + 1, by: outside.by + by });
    }
    if (any) this.#anyOutside++;
    if (clearly) this.#anyClearly++;
  }

  cycle(status: string, ms: number): void {
    this.#statuses.set(status, (this.#statuses.get(status) ?? 0) + 1);
    this.#cycles++;
    this.#ms += ms;
    this.#slowestMs = Math.max(this.#slowestMs, ms);
  }

  result(): MonthRun {
    return {
      specificCost: this.#cost / this.#clinker,
      margin: this.#margin / this.#count,
      clinkerRate: this.#clinker / this.#count,
      limits: new Map(this.#limits.map(({ name }) => {
        const { count, by } = this.#outside.get(name) ?? { count: 0, by: 0 };
        return [name, { share: count / this.#count, by: count === 0 ? 0 : by / count }];
      })),
      anyLimit: this.#anyOutside / this.#count,
      anyLimitClearly: this.#anyClearly / this.#count,
      statuses: this.#statuses,
      cycleMs: this.#cycles === 0 ? 0 : this.#ms / this.#cycles,
      slowestMs: this.#slowestMs,
    };
  }
}

/** Every variable from measurements: formulas as written, predictions by what measures them. */
function measuredFormulas({ strategy }: Plan, measured: Values): (name: string) => number {
  const formulas = new Map<string, Formula>();
  for (const skill of strategy.skills.values()) {
    if (skill.type !== "function") continue;
    for (const { variable, formula } of skill.outputs) formulas.set(variable, formula);
  }
  function valueOf(name: string): number {
    const formula = formulas.get(name);
    if (formula !== undefined) {
      return evaluateFormula(formula, { variable: valueOf, measured: valueOf });
    }
    const variable = strategy.variables.get(name);
    const tag = variable?.type === "predicted" ? variable.measuredBy! : name;
    return measured.get(tag)!;
  }
  return valueOf;
}

function averagedTags({ strategy }: Plan): Set<string> {
  return new Set(
    [...strategy.variables.values()].flatMap((variable) =>
      (variable.type === "operative" || variable.type === "informative") &&
        variable.averageMs !== undefined
        ? [variable.name]
        : []
    ),
  );
}

function meansOf(samples: readonly Values[]): Map<string, number> {
  return new Map(
    [...samples[0]!.keys()].map((tag) => [
      tag,
      samples.reduce((sum, sample) => sum + sample.get(tag)!, 0) / samples.length,
    ]),
  );
}

/** The month as one table for a terminal. */
export function printed({ cycles, held, optimised, backedOff }: KilnMonth): string {
  const runs = [held, optimised, backedOff];
  const row = (name: string, cells: readonly string[]) =>
    name.padEnd(30) + cells.map((cell) => cell.padStart(20)).join("");
  const rowOf = (name: string, cell: (run: MonthRun) => string) => row(name, runs.map(cell));
  const percent = (share: number) => `${(100 * share).toFixed(2)} %`;
  const outside = (name: string) => (run: MonthRun) => {
    const { share, by } = run.limits.get(name)!;
    return share === 0 ? "0" : `${percent(share)} by ${by.toPrecision(2)}`;
  };
  return [
    row(`${cycles} cycles of ${CYCLE_SECONDS} s`, ["settings held", "optimised", "limits inside"]),
    rowOf("specific cost, EUR/t", (run) => run.specificCost.toFixed(3)),
    rowOf("margin, EUR/h", (run) => run.margin.toFixed(1)),
    rowOf("clinker, t/h", (run) => run.clinkerRate.toFixed(2)),
    rowOf("any limit outside", (run) => percent(run.anyLimit)),
    rowOf(`... by over ${100 * CLEARLY} % of it`, (run) => percent(run.anyLimitClearly)),
    ...[...held.limits.keys()].map((name) => rowOf(`  ${name}`, outside(name))),
    rowOf("mean time of a cycle, ms", (run) => run.cycleMs.toFixed(1)),
    rowOf("slowest cycle, ms", (run) => run.slowestMs.toFixed(0)),
    ...["optimised", "unchanged", "relaxed", "held", "failed"].map((status) =>
      rowOf(`status ${status}`, (run) => String(run.statuses.get(status) ?? 0))
    ),
  ].join("\n");
}

if (import.meta.main) {
  const [cycles = 8640, seed = 1] = Deno.args.map(Number);
  console.log(printed(await kilnMonth({ cycles, seed })));
}
