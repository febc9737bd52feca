/**
 * What one cycle proposes, with the evidence, in the form in which it is stored, delivered and sent
 * over HTTP: hence the snake_case names. Numbers are in the unit that stands beside them; times are
 * UTC instants (ISO 8601).
 */

import type { Rung } from "../solve/ladder.ts";
import type { CycleInputs } from "./cycle_inputs.ts";

/** How a cycle ended. */
export type CycleStatus =
  /** New settings are recommended. */
  | "optimised"
  /** The best settings are the present ones, within the deadbands. */
  | "unchanged"
  /** Limits were in conflict and had to give; `relaxed_limits` tells which and by how much. */
  | "relaxed"
  /** No trusted answer: the present settings stay; `reason` tells why. */
  | "held"
  /** The cycle itself broke; `reason` tells where. */
  | "failed";

export type Mode = "advisory" | "active";

/** Where a value of the snapshot came from. */
export type ValueSource = "measured" | "given" | "last_good" | "default";

export interface ReadValue {
  readonly variable: string;
  readonly unit: string;
  readonly value: number;
  readonly quality: "good" | "uncertain";
  readonly source: ValueSource;
  /** When the value was measured; null for given and default values. */
  readonly source_time: string | null;
  /** Why the live value was not used, where it was not. */
  readonly note: string | null;
}

/** How good a number is that follows from others: as good and as old as the worst of them. */
export interface Trace {
  readonly quality: "good" | "uncertain";
  /** The oldest measurement behind it; null where nothing measured is. */
  readonly source_time: string | null;
}

/** What kept an operative variable from going further. */
export type LimitedBy =
  | "optimum"
  | "lower bound"
  | "upper bound"
  | "move limit up"
  | "move limit down"
  | "trained range"
  | "deadband"
  /** Another member of its group has reached its own limit. */
  | "group"
  /** This limit, whose name follows. */
  | `constraint ${string}`
  | "switched off"
  | "held";

export interface Setting {
  readonly variable: string;
  readonly unit: string;
  readonly measured: number;
  readonly recommended: number;
  readonly change: number;
  readonly limited_by: LimitedBy;
  readonly quality: "good" | "uncertain";
  readonly source_time: string | null;
}

export interface Expectation extends Trace {
  readonly variable: string;
  readonly unit: string;
  readonly now: number;
  readonly expected: number;
  /** Added to the model's output; null for calculated variables and where no bias is declared. */
  readonly bias: number | null;
}

/** The objective at the present and at the recommended settings, in its unit. */
export interface ObjectiveChange {
  readonly optimizer: string;
  readonly unit: string;
  readonly sense: "minimize" | "maximize";
  readonly now: number;
  readonly expected: number;
  /** Positive where the recommended settings are better, whatever the sense. */
  readonly improvement: number;
  /** What is paid beside what was stated, always as a cost. */
  readonly penalties: readonly {
    readonly kind: "penalty" | "operating band" | "soft limit";
    readonly name: string;
    readonly now: number;
    readonly expected: number;
  }[];
}

/** An earlier cycle that came to a trusted answer. */
export interface Answer {
  readonly cycle_id: string;
  readonly time: string;
  readonly status: Extract<CycleStatus, "optimised" | "unchanged" | "relaxed">;
}

export interface BindingLimit {
  /** The constraint's name; of a setting's reach, the setting and what ends it. */
  readonly limit: string;
  readonly of: "constraint" | "setting";
  readonly side: "lower" | "upper";
  readonly unit: string;
  readonly value: number;
  /**
   * Improvement of the objective per unit by which the limit gives; never negative. Null where
   * several limits meet so that no single one has a price.
   */
  readonly shadow_price: number | null;
  readonly shadow_price_unit: string;
}

export interface RelaxedLimit {
  readonly limit: string;
  readonly side: "lower" | "upper";
  readonly unit: string;
  readonly value: number;
  readonly relaxed_by: number;
  readonly rank: number;
}

/** A constraint as a `constraints` task found it, on the present or on the recommended state. */
export interface LimitCheck extends Trace {
  readonly limit: string;
  readonly unit: string;
  /** At the present settings. */
  readonly now: number;
  /** In the state that the task judges: at the recommended settings, unless it says `on: present`. */
  readonly value: number;
  readonly min: number | null;
  readonly max: number | null;
  /** How far outside, in the limit's unit; 0 where it holds. */
  readonly violation: number;
}

/** What one value does to a setting or to the objective, as far as a straight line tells. */
export interface Influence {
  /** An informative variable, a switched-off setting, or the measurement of a predicted variable. */
  readonly variable: string;
  readonly unit: string;
  /** As this cycle read it. */
  readonly value: number;
  /** Change of the setting or of the objective per unit of the value. */
  readonly per_unit: number;
  readonly per_unit_unit: string;
  /** A change that this plant makes, in the value's unit. */
  readonly typical_change: number;
  /**
   * `recent readings`: their standard deviation over about a hundred; `valid range`: a tenth of it;
   * `value`: a twentieth of it.
   */
  readonly typical_from: "recent readings" | "valid range" | "value";
  /** per_unit · typical_change. */
  readonly moves: number;
}

/**
 * What would move the answer: how the optimum, before deadband and resolution, follows the values
 * that it was found for. Move limits that follow a measured value are taken to stay.
 */
export interface Influences {
  readonly optimizer: string;
  /** Why nothing can be told, such as a degenerate optimum; null where it can. */
  readonly reason: string | null;
  /** Limits at whose very edge the optimum stands: beyond them it moves otherwise than told here. */
  readonly one_sided: readonly string[];
  /** Each of the optimizer's settings (of a group its total) with what moves it most, strongest first. */
  readonly settings: readonly {
    readonly variable: string;
    readonly unit: string;
    /** Empty where the setting stands at a limit, whatever the values. */
    readonly moved_by: readonly Influence[];
  }[];
  /** The best objective that can be had, penalties included, in its stated sense. */
  readonly objective: { readonly unit: string; readonly moved_by: readonly Influence[] };
}

export interface SolverEvidence {
  readonly optimizer: string;
  readonly outcome: string;
  readonly iterations: number;
  readonly total_ms: number;
  readonly evaluation_ms: number;
  /** What solved the linear systems of the answer: MUMPS or dense LDLᵀ. */
  readonly linear_solver?: string;
  readonly rungs: readonly Rung[];
}

export interface RefereeEvidence {
  /** Largest difference between the tape and ONNX Runtime, relative to the prediction's size. */
  readonly worst_difference: number;
  readonly variable: string | null;
  readonly tolerance: number;
}

export interface Recommendation {
  readonly cycle_id: string;
  readonly strategy: string;
  readonly version: string;
  readonly digest: string;
  readonly time: string;
  readonly valid_until: string;
  readonly trigger: "schedule" | "start" | "request";
  readonly status: CycleStatus;
  readonly reason: string | null;
  readonly mode: { readonly requested: Mode; readonly achieved: Mode };
  readonly settings: readonly Setting[];
  readonly expectations: readonly Expectation[];
  readonly objective: (ObjectiveChange & Trace) | null;
  readonly binding_limits: readonly BindingLimit[];
  readonly relaxed_limits: readonly RelaxedLimit[];
  /** Null without an optimum; absent in records of older releases. */
  readonly influences?: Influences | null;
  readonly checks: readonly LimitCheck[];
  readonly warnings: readonly string[];
  readonly solver: SolverEvidence | null;
  readonly referee: RefereeEvidence | null;
  /** The newest answer before this cycle: what stands while a cycle is held; null without one. */
  readonly last_answer: Answer | null;
}

/** Where the time of a cycle went, in milliseconds. */
export interface CycleTimes {
  readonly read_ms: number;
  readonly predict_ms: number;
  readonly solve_ms: number;
  readonly referee_ms: number;
  readonly total_ms: number;
}

/** All that one cycle read, decided and sent. */
export interface CycleRecord {
  readonly recommendation: Recommendation;
  readonly snapshot: readonly ReadValue[];
  readonly bias: Readonly<Record<string, number>>;
  readonly times: CycleTimes;
  /** What it takes to compute the cycle again; null for a cycle that failed. */
  readonly inputs: CycleInputs | null;
}

/**
 * The settings to enter: those that an offered recommendation changes. What is to stay is not
 * entered: its recommended value is the measured one, noise and all, not its set-point.
 */
export function recommendedSettings(record: CycleRecord | undefined): Map<string, number> {
  if (record === undefined || record.recommendation.mode.achieved !== "active") return new Map();
  const changed = record.recommendation.settings.filter(({ change }) => change !== 0);
  return new Map(changed.map((s) => [s.variable, s.recommended]));
}
