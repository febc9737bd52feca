/** What solves programs: in this process (tools, tests) or in a watched child (the service). */

import type { Evaluation, ProgramStructure } from "deno-ipopt-ffi";
import type { SolveOutcome, SolveRequest } from "./outcome.ts";
import type { Program } from "./program.ts";

/** A program that one solver knows; only that solver accepts it. */
export interface LoadedProgram {
  readonly program: Program;
  /** Nonzeros of the rows' Jacobian and of the Hessian's lower triangle. */
  readonly structure: ProgramStructure;
}

/** Where and how to evaluate; the Hessian is that of sigma · objective + lambda · rows. */
export interface EvaluationRequest {
  readonly x: Float64Array;
  readonly p: Float64Array;
  readonly sigma: number;
  readonly lambda: Float64Array;
}

export interface Solver {
  /** Compiles once for many solves. @throws where the program is broken. */
  load(program: Program): Promise<LoadedProgram>;
  /** Forgets a program; its solves under way still end. */
  release(loaded: LoadedProgram): Promise<void>;
  /**
   * Never throws for what a solve may meet: that is in the outcome, and an end point in it that is
   * called a solution has been verified.
   * @throws {RequestError} where the request does not fit the program.
   */
  solve(
    loaded: LoadedProgram,
    request: SolveRequest,
    options?: { readonly signal?: AbortSignal },
  ): Promise<SolveOutcome>;
  /** Values, gradient, Jacobian and Hessian by nonzeros, in unscaled units. */
  evaluateNative(loaded: LoadedProgram, request: EvaluationRequest): Promise<Evaluation>;
  /** Waits for what is under way, then lets go of everything. */
  close(): Promise<void>;
}
