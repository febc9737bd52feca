/** A checked strategy: what the engineer wrote, with every reference known to resolve. */

/** A duration in milliseconds, written `10m`, `8h`, `30s` or `2d` in YAML. */
export type DurationMs = number;

/** What to use in place of a bad value. */
export type OnBad =
  | { readonly kind: "last_good"; readonly maxAgeMs: DurationMs | undefined }
  | { readonly kind: "hold" }
  | { readonly kind: "default"; readonly value: number };

/** How a live value is read and judged; shared by operative and informative variables. */
export interface LiveValueRule {
  readonly valid: readonly [number, number] | undefined;
  readonly maxAgeMs: DurationMs | undefined;
  /** A number that has not changed at all for this long comes from a dead sensor: a bad value. */
  readonly frozenMs: DurationMs | undefined;
  /** Largest credible change from the last good value, in the variable's unit; more is a bad value. */
  readonly maxChange: number | undefined;
  /** The window that takes the place of the last value, and what of it counts. */
  readonly averageMs: DurationMs | undefined;
  readonly averageBy: "mean" | "median";
  readonly onBad: OnBad;
  /** True: without a usable value the cycle is held. */
  readonly critical: boolean;
}

export interface OperativeVariable extends LiveValueRule {
  readonly type: "operative";
  readonly name: string;
  readonly unit: string;
  readonly description: string | undefined;
  readonly bounds: readonly [number, number];
  /** Largest change in one cycle from the measured value. */
  readonly maxMove: { readonly up: number; readonly down: number } | undefined;
  readonly deadband: number;
  readonly resolution: number | undefined;
  /**
   * Where it is liked to be, inside the bounds. Outside the range the objective pays, growing with
   * the square of the distance from nothing at the range's edge to `penalty` at the bound.
   */
  readonly operatingBand: {
    readonly range: readonly [number, number];
    /** In the objective's unit. */
    readonly penalty: number;
  } | undefined;
  /** False: the optimizer leaves it where it is measured. */
  readonly enabled: boolean;
}

export interface InformativeVariable extends LiveValueRule {
  readonly type: "informative";
  readonly name: string;
  readonly unit: string;
  readonly description: string | undefined;
}

export interface CalculatedVariable {
  readonly type: "calculated";
  readonly name: string;
  readonly unit: string;
  readonly description: string | undefined;
}

export interface PredictedVariable {
  readonly type: "predicted";
  readonly name: string;
  readonly unit: string;
  readonly description: string | undefined;
  /** The tag that measures what is predicted; needed by bias and by delta models. */
  readonly measuredBy: string | undefined;
  readonly bias: {
    /** Weight of the newest difference, 0 to 1. */
    readonly filter: number;
    /** Largest bias used, in the variable's unit. */
    readonly limit: number;
    readonly maxAgeMs: DurationMs | undefined;
  } | undefined;
}

export type Variable =
  | OperativeVariable
  | InformativeVariable
  | CalculatedVariable
  | PredictedVariable;

/**
 * Operative variables that move as one: the optimizer sees a single setting, their total. A member
 * that is switched off stays where it is and is no part of it.
 */
export interface Group {
  readonly name: string;
  readonly description: string | undefined;
  readonly members: readonly string[];
  /** A change of the total goes to members by their measured shares of it, or to each alike. */
  readonly share: "proportional" | "equal";
}

/** A formula's syntax tree; every node knows where it stands in the formula's text. */
export type Formula =
  | { readonly kind: "number"; readonly value: number; readonly at: number }
  | { readonly kind: "variable"; readonly name: string; readonly at: number }
  /** The variable's value at the cycle's start. */
  | { readonly kind: "measured"; readonly name: string; readonly at: number }
  | {
    readonly kind: "operator";
    readonly operator: "+" | "-" | "*" | "/" | "^" | "<" | "<=" | ">" | ">=" | "==" | "!=";
    readonly left: Formula;
    readonly right: Formula;
    readonly at: number;
  }
  | { readonly kind: "negate"; readonly of: Formula; readonly at: number }
  | {
    readonly kind: "call";
    readonly name: string;
    readonly arguments: readonly Formula[];
    readonly at: number;
  };

export interface ModelSkill {
  readonly type: "model";
  readonly name: string;
  readonly file: string;
  readonly scaler: string | undefined;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** `delta`: inputs are changes from the measured values, outputs are added to the measured ones. */
  readonly kind: "absolute" | "delta";
  readonly domain: "keep" | "warn" | "ignore";
}

export interface FunctionSkill {
  readonly type: "function";
  readonly name: string;
  /** In order; a later formula may use an earlier output. */
  readonly outputs: readonly { readonly variable: string; readonly formula: Formula }[];
}

export interface Constraint {
  readonly name: string;
  readonly expression: Formula;
  readonly unit: string;
  readonly min: number | undefined;
  readonly max: number | undefined;
  readonly rank: number | undefined;
  /**
   * What one unit of violation costs, in the objective's unit: the limit is soft, the optimizer
   * breaks it where that pays. Undefined: hard, or elastic by its rank.
   */
  readonly price: number | undefined;
}

export interface ConstraintsSkill {
  readonly type: "constraints";
  readonly name: string;
  readonly constraints: readonly Constraint[];
}

export interface OptimizerSkill {
  readonly type: "optimizer";
  readonly name: string;
  readonly sense: "minimize" | "maximize";
  readonly objective: Formula;
  readonly objectiveUnit: string;
  /** The model, function or composition skill that becomes part of the program. */
  readonly model: string;
  readonly subjectTo: readonly string[];
  /** What the objective pays beside what it states, each a formula in the objective's unit. */
  readonly penalties: readonly { readonly name: string; readonly cost: Formula }[];
  /** The operative variables and groups that it may move; undefined: all that are switched on. */
  readonly moves: readonly string[] | undefined;
  readonly solver: {
    readonly tolerance: number;
    readonly maxIterations: number;
    readonly timeLimitMs: DurationMs;
    readonly starts: number;
  };
}

export interface CompositionSkill {
  readonly type: "composition";
  readonly name: string;
  /** Model, function or composition skills, in the order they run. */
  readonly skills: readonly string[];
}

export type Skill =
  | ModelSkill
  | FunctionSkill
  | ConstraintsSkill
  | OptimizerSkill
  | CompositionSkill;

export interface Task {
  readonly name: string;
  readonly skill: string;
  /** The task runs where this is other than 0 on the state that it would run on; undefined: always. */
  readonly when: Formula | undefined;
  /** The state to run on: at the present settings, or as the tasks before have left it. */
  readonly on: "present" | "recommended";
  /** `hold`: where the task fails, the tasks after it do not run and the cycle is held. */
  readonly onFailure: "hold" | "continue";
}

/** Operative variables that a request switches off: they stay where they are measured, for one cycle. */
export type SwitchedOff = ReadonlySet<string>;

/** When the plant counts as settled after a move (src/cycle/gate.ts has the formulas). */
export interface SteadyStateRule {
  /** Live values to watch. */
  readonly variables: readonly string[];
  /** Largest R-statistic that counts as settled. */
  readonly threshold: number;
  /** Weights of the newest reading in the mean, its variance and the differences of neighbours. */
  readonly filters: readonly [number, number, number];
  /** New readings that it takes after a move. */
  readonly readings: number;
  /** How long a cycle waits after a move at most; undefined: until it has settled. */
  readonly maxWaitMs: DurationMs | undefined;
}

export interface Strategy {
  readonly name: string;
  readonly description: string | undefined;
  readonly variables: ReadonlyMap<string, Variable>;
  readonly groups: ReadonlyMap<string, Group>;
  readonly skills: ReadonlyMap<string, Skill>;
  readonly tasks: readonly Task[];
  /** Undefined: cycles run whether the plant has settled or not. */
  readonly steadyState: SteadyStateRule | undefined;
}
