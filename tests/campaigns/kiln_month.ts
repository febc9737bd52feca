/**
 * The simulated kiln for a month in accelerated time, three times with the same disturbances and
 * noise: with its first settings held; with fixed set-points, the optimum of the strategy at typical
 * disturbances, as a study would give them; and with every recommendation of Setpoint taken.
 *
 *   deno run -A tests/campaigns/kiln_month.ts [cycles, 8640] [seed, 1]
 *
 * Money and limits are judged by the strategy's own formulas on what the plant measures, the models
 * left out: where a formula asks for a prediction, the measurement behind it answers. Limits are
 * those of the skill "limits"; the margins are the optimizer's own affair.
 */

import type { Plan } from "../../src/cycle/plan.ts";
import type { Recommendation } from "../../src/cycle/recommendation.ts";
import { FIRST_STATE, runCycle } from "../../src/cycle/run_cycle.ts";
import type { CycleOrder, CycleState } from "../../src/cycle/run_cycle.ts";
import { climb } from "../../src/solve/ladder.ts";
import { NativeSolver } from "../../src/solve/native_solver.ts";
import { converged } from "../../src/solve/outcome.ts";
import { fillParameters } from "../../src/solve/parameters.ts";
import { evaluateFormula } from "../../src/strategy/evaluate_formula.ts";
import { shareOut } from "../../src/strategy/share_out.ts";
import type { Constraint, Formula } from "../../src/strategy/strategy.ts";
import { measuredState, NOMINAL_DISTURBANCES } from "../../strategies/cement-kiln/simulator.ts";
import { MEASURED_TAGS, typicalSettings } from "../../strategies/cement-kiln/tags.ts";
import { sitePlan } from "../end_to_end/site_plan.ts";
import { stopForHelp } from "./campaign_help.ts";
import { CYCLE_SECONDS, Faults, ObservedKiln, timeOf } from "./observed_kiln.ts";
import type { Values } from "./observed_kiln.ts";

/** Before the first cycle, so that the plant is past its start. */
const WARM_UP_CYCLES = 12;
/** Whoever runs at a limit is outside half of the time by the noise; this is more than noise. */
const CLEARLY = 0.05;
/** Start points of the search for fixed set-points. */
const STUDY_STARTS = 12;

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
  /** Changes of single settings per day. */
  readonly movesPerDay: number;
  readonly cycleMs: number;
  readonly slowestMs: number;
}

export interface KilnMonth {
  readonly cycles: number;
  readonly held: MonthRun;
  readonly fixed: MonthRun;
  readonly setpoint: MonthRun;
}

export async function kilnMonth({ cycles, seed }: {
  readonly cycles: number;
  readonly seed: number;
}): Promise<KilnMonth> {
  const solver = new NativeSolver();
  const { plan, close } = await sitePlan("cement-kiln", solver);
  try {
    const held = await run(plan, { cycles, seed, fixed: typicalSettings() });
    const fixed = await run(plan, { cycles, seed, fixed: await fixedSetPoints(plan, solver) });
    return { cycles, held, fixed, setpoint: await run(plan, { cycles, seed, solver }) };
  } finally {
    await close();
    await solver.close();
  }
}

/** The best settings for a kiln at typical disturbances, by the models, free of move limits. */
async function fixedSetPoints(plan: Plan, solver: NativeSolver): Promise<Values> {
  const [optimizer] = plan.optimizers.values();
  const { ladder, operative } = optimizer!;
  const { program } = ladder;
  const typical = typicalValues(plan);
  const { outcome } = await climb(solver, {
    ladder,
    request: {
      start: Float64Array.from(program.variables, ({ bounds: [low, high] }) => (low + high) / 2),
      parameters: fillParameters(program, { values: typical, measured: typical, bias: new Map() }),
      lower: Float64Array.from(program.variables, ({ bounds }) => bounds[0]),
      upper: Float64Array.from(program.variables, ({ bounds }) => bounds[1]),
      rowLower: Float64Array.from(program.rows, ({ lower }) => lower),
      rowUpper: Float64Array.from(program.rows, ({ upper }) => upper),
      ...{
        tolerance: 1e-8,
        maxIterations: 500,
        timeLimitMs: 60_000,
        starts: STUDY_STARTS,
        seed: 1,
      },
      previous: undefined,
    },
  });
  if (!converged(outcome)) throw new Error(`The study of fixed set-points ended ${outcome.kind}`);
  return new Map(program.variables.flatMap(({ name, group }, i) => {
    const value = outcome.point[i]!;
    if (group === undefined) return [[name, value] as const];
    const members = group.members.map((member) => {
      const [lower, upper] = operative.get(member)!.bounds;
      return { name: member, measured: typical.get(member)!, lower, upper };
    });
    return [...shareOut(group.share, { total: value, members })];
  }));
}

/** Settings, measurements, and what predictions are measured as, at the plant's typical state. */
function typicalValues({ strategy }: Plan): Values {
  const settings = typicalSettings();
  const values = new Map([
    ...settings,
    ...[...measuredState(settings, NOMINAL_DISTURBANCES)]
      .map(([name, value]): [string, number] => [MEASURED_TAGS[name].tag, value]),
  ]);
  for (const variable of strategy.variables.values()) {
    if (variable.type !== "predicted" || variable.measuredBy === undefined) continue;
    values.set(variable.name, values.get(variable.measuredBy)!);
  }
  return values;
}

function orderOf(cycle: number): CycleOrder {
  return {
    cycleId: String(cycle),
    trigger: "schedule",
    given: new Map(),
    mode: "active",
    validForMs: 1.5 * CYCLE_SECONDS * 1000,
  };
}

type Operation = { readonly solver: NativeSolver } | { readonly fixed: Values };

async function run(
  plan: Plan,
  { cycles, seed, ...operation }: { readonly cycles: number; readonly seed: number } & Operation,
): Promise<MonthRun> {
  const kiln = new ObservedKiln(seed, plan);
  const faults = new Faults(seed, plan);
  const tally = new Tally(plan);
  let state: CycleState = FIRST_STATE;
  let settings: Values = "fixed" in operation ? operation.fixed : new Map();
  for (let cycle = -WARM_UP_CYCLES; cycle < 0; cycle++) kiln.cycle(settings, cycle);

  for (let cycle = 0; cycle < cycles; cycle++) {
    const readings = kiln.cycle(settings, cycle);
    tally.values(new Map([...readings].map(([tag, { value }]) => [tag, value])));
    if ("fixed" in operation) continue;
    const now = timeOf(cycle);
    const result = await runCycle(orderOf(cycle), {
      ...{ plan, state, solver: operation.solver, now: () => now },
      read: () => Promise.resolve(faults.damaged(readings, now)),
    });
    state = result.state;
    const { recommendation, times } = result.record;
    // What is to stay is not entered: its recommended value is the measured one, with its noise.
    const moved = recommendation.settings.filter(({ change }) => change !== 0);
    if (recommendation.mode.achieved === "active") {
      settings = new Map([
        ...settings,
        ...moved.map((s) => [s.variable, s.recommended] as const),
      ]);
    }
    tally.cycle(recommendation, { moves: moved.length, ms: times.total_ms });
  }
  return tally.result();
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
  #moves = 0;
  #ms = 0;
  #slowestMs = 0;

  constructor(plan: Plan) {
    this.#plan = plan;
    const skills = [...plan.strategy.skills.values()];
    this.#objective = skills.find((skill) => skill.type === "optimizer")!.objective;
    this.#limits = skills.flatMap((skill) =>
      skill.type === "constraints" && skill.name === "limits"
        ? skill.constraints.filter(({ price }) => price === undefined)
        : []
    );
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

  cycle({ status }: Recommendation, { moves, ms }: { moves: number; ms: number }): void {
    this.#statuses.set(status, (this.#statuses.get(status) ?? 0) + 1);
    this.#moves += moves;
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
      movesPerDay: this.#cycles === 0 ? 0 : this.#moves / (this.#cycles * CYCLE_SECONDS / 86_400),
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

/** The month as one table for a terminal. */
export function printed({ cycles, held, fixed, setpoint }: KilnMonth): string {
  const runs = [held, fixed, setpoint];
  const row = (name: string, cells: readonly string[]) =>
    name.padEnd(30) + cells.map((cell) => cell.padStart(20)).join("");
  const rowOf = (name: string, cell: (run: MonthRun) => string) => row(name, runs.map(cell));
  const percent = (share: number) => `${(100 * share).toFixed(2)} %`;
  const outside = (name: string) => (run: MonthRun) => {
    const { share, by } = run.limits.get(name)!;
    return share === 0 ? "0" : `${percent(share)} by ${by.toPrecision(2)}`;
  };
  return [
    row(`${cycles} cycles of ${CYCLE_SECONDS} s`, [
      "settings held",
      "fixed set-points",
      "Setpoint",
    ]),
    rowOf("specific cost, EUR/t", (run) => run.specificCost.toFixed(3)),
    rowOf("margin, EUR/h", (run) => run.margin.toFixed(1)),
    rowOf("clinker, t/h", (run) => run.clinkerRate.toFixed(2)),
    rowOf("any limit outside", (run) => percent(run.anyLimit)),
    rowOf(`... by over ${100 * CLEARLY} % of it`, (run) => percent(run.anyLimitClearly)),
    ...[...held.limits.keys()].map((name) => rowOf(`  ${name}`, outside(name))),
    rowOf("changes of settings a day", (run) => run.movesPerDay.toFixed(0)),
    rowOf("mean time of a cycle, ms", (run) => run.cycleMs.toFixed(1)),
    rowOf("slowest cycle, ms", (run) => run.slowestMs.toFixed(0)),
    ...["optimised", "unchanged", "relaxed", "held", "failed"].map((status) =>
      rowOf(`status ${status}`, (run) => String(run.statuses.get(status) ?? 0))
    ),
  ].join("\n");
}

if (import.meta.main) {
  stopForHelp("campaign:kiln");
  const [cycles = 8640, seed = 1] = Deno.args.map(Number);
  console.log(printed(await kilnMonth({ cycles, seed })));
}
