/** The cycle record: what a cycle read, decided and sent, written down in one place. */

import type { CycleInputs } from "./cycle_inputs.ts";
import type { Plan } from "./plan.ts";
import type {
  Answer,
  CycleRecord,
  CycleStatus,
  Expectation,
  Recommendation,
  Setting,
} from "./recommendation.ts";
import type { OperativeVariable } from "../strategy/strategy.ts";
import type { CycleOrder } from "./run_cycle.ts";
import type { Snapshot } from "./snapshot.ts";
import type { Work } from "./tasks.ts";
import type { Traces } from "./traces.ts";

/** What is known of a cycle however it ends. */
export interface CycleFacts {
  readonly order: CycleOrder;
  readonly plan: Plan;
  readonly snapshot: Snapshot;
  readonly warnings: readonly string[];
  readonly inputs: CycleInputs;
  /** The newest answer before this cycle. */
  readonly lastAnswer: Answer | null;
  /** performance.now() at the cycle's start. */
  readonly began: number;
  readonly readMs: number;
}

/** The record of a cycle that did not come to its tasks. */
export function heldRecord(reason: string, facts: CycleFacts): CycleRecord {
  return {
    recommendation: {
      ...headOf(facts.order, { plan: facts.plan, time: facts.snapshot.time }),
      ...NOTHING,
      status: "held",
      reason,
      mode: { requested: facts.order.mode, achieved: "advisory" },
      settings: heldSettings(facts),
      warnings: facts.warnings,
      last_answer: facts.lastAnswer,
    },
    inputs: facts.inputs,
    snapshot: [...facts.snapshot.values.values()],
    bias: {},
    times: {
      ...NO_TIMES,
      read_ms: facts.readMs,
      total_ms: performance.now() - facts.began,
    },
  };
}

/** The record of a cycle that broke. */
export function failedRecord(
  error: unknown,
  { order, plan, time }: {
    readonly order: CycleOrder;
    readonly plan: Plan;
    readonly time: Date;
  },
): CycleRecord {
  return {
    recommendation: {
      ...headOf(order, { plan, time }),
      ...NOTHING,
      status: "failed",
      reason: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
      mode: { requested: order.mode, achieved: "advisory" },
      settings: [],
      warnings: [],
      last_answer: null,
    },
    inputs: null,
    snapshot: [],
    bias: {},
    times: NO_TIMES,
  };
}

const NOTHING = {
  expectations: [],
  objective: null,
  binding_limits: [],
  relaxed_limits: [],
  influences: null,
  checks: [],
  solver: null,
  referee: null,
} as const;

const NO_TIMES = { read_ms: 0, predict_ms: 0, solve_ms: 0, referee_ms: 0, total_ms: 0 } as const;

/** The record of a cycle whose tasks ran. */
export function workedRecord(
  work: Work,
  facts: CycleFacts & {
    readonly bias: ReadonlyMap<string, number>;
    readonly present: ReadonlyMap<string, number>;
    readonly traces: Traces;
    readonly predictMs: number;
  },
): CycleRecord {
  const { order, snapshot } = facts;
  const { optimisation } = work;
  const status = statusOf(work);
  const serves = status !== "held";
  return {
    recommendation: {
      ...headOf(order, { plan: facts.plan, time: snapshot.time }),
      status,
      reason: work.heldBy,
      mode: {
        requested: order.mode,
        achieved: serves && order.mode === "active" ? "active" : "advisory",
      },
      settings: settingsOf(work, facts),
      expectations: expectations(work, facts),
      objective: objectiveOf(work, facts),
      binding_limits: optimisation?.bindingLimits ?? [],
      relaxed_limits: optimisation?.relaxedLimits ?? [],
      influences: optimisation?.influences ?? null,
      checks: work.checks,
      warnings: [...facts.warnings, ...work.warnings],
      solver: work.evidence,
      referee: work.referee,
      last_answer: facts.lastAnswer,
    },
    inputs: facts.inputs,
    snapshot: [...snapshot.values.values(), ...snapshot.measurements.values()],
    bias: Object.fromEntries(facts.bias),
    times: {
      read_ms: facts.readMs,
      predict_ms: facts.predictMs,
      solve_ms: work.solveMs,
      referee_ms: work.refereeMs,
      total_ms: performance.now() - facts.began,
    },
  };
}

function headOf(
  order: CycleOrder,
  { plan, time }: { readonly plan: Plan; readonly time: Date },
) {
  return {
    cycle_id: order.cycleId,
    strategy: plan.strategy.name,
    version: plan.version,
    digest: plan.digest,
    time: time.toISOString(),
    valid_until: new Date(time.getTime() + order.validForMs).toISOString(),
    trigger: order.trigger,
  };
}

function statusOf({ heldBy, optimisation }: Work): CycleStatus {
  if (heldBy !== null) return "held";
  if (optimisation === null) return "unchanged";
  if (optimisation.relaxedLimits.length > 0) return "relaxed";
  return optimisation.settings.some((s) => s.recommended !== s.measured)
    ? "optimised"
    : "unchanged";
}

/** The optimizer's settings, and the variables that it does not move. */
function settingsOf({ optimisation }: Work, facts: CycleFacts): Setting[] {
  const found = new Map(optimisation?.settings.map((setting) => [setting.variable, setting]));
  return heldSettings(facts).map((setting) => found.get(setting.variable) ?? setting);
}

/** Without a trusted answer the present settings stay. */
function heldSettings({ order, plan, snapshot }: CycleFacts): Setting[] {
  const settings: Setting[] = [];
  for (const variable of plan.strategy.variables.values()) {
    const read = snapshot.values.get(variable.name);
    if (variable.type !== "operative" || read === undefined) continue;
    settings.push({
      variable: variable.name,
      unit: variable.unit,
      measured: read.value,
      recommended: read.value,
      change: 0,
      limited_by: isOff(variable, order) ? "switched off" : "held",
      quality: read.quality,
      source_time: read.source_time,
    });
  }
  return settings;
}

function isOff({ name, enabled }: OperativeVariable, { switchedOff }: CycleOrder): boolean {
  return !enabled || switchedOff?.has(name) === true;
}

/** The objective's formula stands in the optimizer: it is as good as what it reads. */
function objectiveOf(
  { optimisation }: Work,
  { plan, traces }: { readonly plan: Plan; readonly traces: Traces },
): Recommendation["objective"] {
  if (optimisation === null) return null;
  const { objective } = optimisation;
  const { skill } = plan.optimizers.get(objective.optimizer)!;
  return { ...objective, ...traces.formula(skill.objective) };
}

function expectations(
  { values, optimisation }: Work,
  { plan, present, bias, traces }: {
    readonly plan: Plan;
    readonly traces: Traces;
    readonly present: ReadonlyMap<string, number>;
    readonly bias: ReadonlyMap<string, number>;
  },
): Recommendation["expectations"] {
  const found: Expectation[] = [];
  for (const { name, unit, type } of plan.strategy.variables.values()) {
    if (type !== "calculated" && type !== "predicted") continue;
    const now = optimisation?.now.get(name) ?? present.get(name);
    const expected = optimisation?.expected.get(name) ?? values.get(name);
    if (now === undefined || expected === undefined) continue;
    found.push({
      ...{ variable: name, unit, now, expected, bias: bias.get(name) ?? null },
      ...traces.variable(name),
    });
  }
  return found;
}
