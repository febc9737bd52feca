/** How a solve ended, as a typed value. */

/** Multipliers at the end point, in the program's own (unscaled) units, signs as IPOPT gives them. */
export interface Multipliers {
  readonly rows: Float64Array;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

/** Where the time of a solve went, in milliseconds. */
export interface SolveTimes {
  readonly totalMs: number;
  /** Evaluations of values, Jacobians and Hessians. */
  readonly evaluationMs: number;
  /** Those evaluations by the order of the derivative: values, first, second. */
  readonly evaluationsMs: readonly [number, number, number];
  /** Linear systems; NaN where IPOPT does not tell, as 3.11 does not. */
  readonly linearMs: number;
}

/** What solves IPOPT's linear systems, by the numbers of optimizer.h; none: nothing was free to move. */
export const LINEAR_SOLVERS = ["none", "MUMPS", "dense LDLᵀ"] as const;

export type LinearSolver = (typeof LINEAR_SOLVERS)[number];

/** The end point of a solve that ran. */
export interface EndPoint {
  readonly point: Float64Array;
  readonly objective: number;
  readonly rows: Float64Array;
  readonly multipliers: Multipliers;
  readonly iterations: number;
  readonly linearSolver: LinearSolver;
  readonly times: SolveTimes;
}

export type SolveOutcome =
  | ({ readonly kind: "solved" } & EndPoint)
  | ({ readonly kind: "acceptable" } & EndPoint)
  /** IPOPT converged to a point of local infeasibility. */
  | ({ readonly kind: "infeasible" } & EndPoint)
  | ({ readonly kind: "limit"; readonly limit: "iterations" | "time" } & EndPoint)
  /** An evaluation gave NaN or Inf where IPOPT could not step around it. */
  | { readonly kind: "invalid_number"; readonly message: string }
  /** The caller aborted the solve. */
  | { readonly kind: "cancelled"; readonly message: string }
  /** Any other IPOPT status, or a claimed solution that failed the recheck, named in the message. */
  | { readonly kind: "failed"; readonly message: string }
  /** The solver child ended, whatever its exit code. */
  | { readonly kind: "crashed"; readonly message: string }
  /** The solver child gave no answer within its deadline and was killed. */
  | { readonly kind: "timed_out"; readonly message: string };

/** Everything that one solve needs beside the program. Vectors are in unscaled units. */
export interface SolveRequest {
  readonly start: Float64Array;
  readonly parameters: Float64Array;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  readonly rowLower: Float64Array;
  readonly rowUpper: Float64Array;
  readonly tolerance: number;
  readonly maxIterations: number;
  readonly timeLimitMs: number;
  /** Multipliers of an earlier solve; given, the solve starts warm from `start` and these. */
  readonly warm: Multipliers | undefined;
  /** Left out, the one that fits the program; IPOPT 3.11 has MUMPS alone. */
  readonly linearSolver?: LinearSolver;
}

/** True for end points that are claimed optimal: a solver lets out only those it has verified. */
export function converged(
  outcome: SolveOutcome,
): outcome is Extract<SolveOutcome, { kind: "solved" | "acceptable" }> {
  return outcome.kind === "solved" || outcome.kind === "acceptable";
}
