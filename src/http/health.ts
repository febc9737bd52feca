/** How the box is, in the form of draft-inadarei-api-health-check-06 (application/health+json). */

import type { Activation } from "../cycle/activation.ts";
import type { Plan } from "../cycle/plan.ts";
import type { CycleRecord, CycleStatus, Mode } from "../cycle/recommendation.ts";

export type CheckStatus = "pass" | "warn" | "fail";

/** One dependency or part of the box. */
export interface HealthCheck {
  readonly status: CheckStatus;
  /** Why it does not pass, with the cure where one is known. */
  readonly output?: string;
  readonly observedValue?: number | string;
  readonly observedUnit?: string;
}

export interface Health {
  /** `fail`: no valid recommendation is possible now. `warn`: it is, and something is wrong. */
  readonly status: CheckStatus;
  readonly output?: string;
  readonly strategy: string | null;
  readonly version: string | null;
  readonly digest: string | null;
  readonly mode: "continuous" | "api" | "hybrid";
  readonly recommendations: { readonly requested: Mode; readonly achieved: Mode | null };
  readonly last_cycle: {
    readonly cycle_id: string;
    readonly time: string;
    readonly status: CycleStatus;
    readonly reason: string | null;
  } | null;
  readonly next_cycle: string | null;
  readonly started: string;
  readonly checks: Readonly<Record<string, readonly HealthCheck[]>>;
}

/** What is known of the box; each check is made by the part that it is about. */
export interface HealthFacts {
  readonly plan: Plan | undefined;
  readonly activation: Activation | undefined;
  readonly mode: Health["mode"];
  readonly requested: Mode;
  readonly latest: CycleRecord | undefined;
  readonly nextCycle: Date | null;
  readonly started: Date;
  readonly checks: Readonly<Record<string, HealthCheck>>;
}

export function healthOf(facts: HealthFacts): Health {
  const { plan, latest } = facts;
  const all: Record<string, HealthCheck> = {
    strategy: strategyCheck(facts),
    cycle: cycleCheck(facts),
    ...facts.checks,
  };
  const worst = worstOf(Object.values(all).map(({ status }) => status));
  // A dependency that is away is a warning: the box goes on. Only without a plan can it do nothing.
  const status = plan === undefined ? "fail" : worst === "pass" ? "pass" : "warn";
  const reasons = Object.entries(all).flatMap(([name, { output }]) =>
    output === undefined ? [] : [`${name}: ${output}`]
  );
  return {
    status,
    ...(reasons.length === 0 ? {} : { output: reasons.join("; ") }),
    strategy: plan?.strategy.name ?? null,
    version: plan?.version ?? null,
    digest: plan?.digest ?? null,
    mode: facts.mode,
    recommendations: {
      requested: facts.requested,
      achieved: latest?.recommendation.mode.achieved ?? null,
    },
    last_cycle: latest === undefined ? null : {
      cycle_id: latest.recommendation.cycle_id,
      time: latest.recommendation.time,
      status: latest.recommendation.status,
      reason: latest.recommendation.reason,
    },
    next_cycle: facts.nextCycle?.toISOString() ?? null,
    started: facts.started.toISOString(),
    checks: Object.fromEntries(Object.entries(all).map(([name, check]) => [name, [check]])),
  };
}

/**
 * Whether a valid recommendation is possible now, for orchestrators: it names no place and no cause,
 * since anybody may ask.
 */
export function readinessOf(health: Health): { status: CheckStatus; output?: string } {
  if (health.version === null) return { status: "fail", output: "No strategy is active" };
  const last = health.last_cycle?.status;
  return last === "held" || last === "failed"
    ? { status: "fail", output: `The last cycle was ${last === "held" ? "held" : "broken off"}` }
    : { status: "pass" };
}

function strategyCheck({ plan, activation }: HealthFacts): HealthCheck {
  if (activation !== undefined && activation.refusal !== null) {
    const output = `version ${activation.version} was refused: ${activation.refusal}`;
    return { status: plan === undefined ? "fail" : "warn", output };
  }
  return plan === undefined
    ? { status: "fail", output: "no strategy is active yet" }
    : { status: "pass", observedValue: plan.version };
}

function cycleCheck({ latest, mode }: HealthFacts): HealthCheck {
  if (latest === undefined) {
    return mode === "api"
      ? { status: "pass" }
      : { status: "warn", output: "no cycle has ended yet" };
  }
  const { status, reason } = latest.recommendation;
  return status === "held" || status === "failed"
    ? {
      status: "warn",
      output: `the last cycle ${status === "held" ? "was held" : "failed"}: ${reason}`,
    }
    : { status: "pass", observedValue: status };
}

const ORDER: readonly CheckStatus[] = ["pass", "warn", "fail"];

function worstOf(states: readonly CheckStatus[]): CheckStatus {
  return ORDER[Math.max(0, ...states.map((state) => ORDER.indexOf(state)))]!;
}
