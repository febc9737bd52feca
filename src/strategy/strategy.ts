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
  readonly averageMs: DurationMs | undefined;
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
}

export interface Strategy {
  readonly name: string;
  readonly description: string | undefined;
  readonly variables: ReadonlyMap<string, Variable>;
  readonly skills: ReadonlyMap<string, Skill>;
  readonly tasks: readonly Task[];
}
