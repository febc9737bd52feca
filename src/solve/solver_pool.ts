/**
 * Several solver children side by side, for what asks for many solves at once: backtests and sweeps.
 * Each child does one solve at a time; a request goes to the child with the fewest before it.
 */

import type { Evaluation } from "deno-ipopt-ffi";
import type { SolveOutcome, SolveRequest } from "./outcome.ts";
import type { Program } from "./program.ts";
import type { EvaluationRequest, LoadedProgram, Solver } from "./solver.ts";
import type { ChildOptions } from "./solver_connection.ts";
import { SolverProcess, SolverProcessError } from "./solver_process.ts";

/** One child with the number of calls that it has before it. */
interface Place {
  readonly solver: SolverProcess;
  waiting: number;
}

export class SolverPool implements Solver {
  readonly #places: readonly Place[];
  /** A program of the pool, as each child knows it, in the order of the places. */
  readonly #programs = new Map<LoadedProgram, readonly LoadedProgram[]>();

  private constructor(solvers: readonly SolverProcess[]) {
    this.#places = solvers.map((solver) => ({ solver, waiting: 0 }));
  }

  /**
   * Starts `size` children, one for each core by default.
   * @throws {SolverStartError} where one does not serve; the others are closed.
   */
  static async start(
    { size = navigator.hardwareConcurrency, ...options }:
      & { readonly size?: number }
      & Partial<ChildOptions> = {},
  ): Promise<SolverPool> {
    const started = await Promise.allSettled(
      Array.from({ length: Math.max(1, size) }, () => SolverProcess.start(options)),
    );
    const solvers = started.flatMap((one) => one.status === "fulfilled" ? [one.value] : []);
    const failed = started.find((one) => one.status === "rejected");
    if (failed === undefined) return new SolverPool(solvers);
    await Promise.all(solvers.map((solver) => solver.close()));
    throw failed.reason;
  }

  /** How many children work side by side. */
  get size(): number {
    return this.#places.length;
  }

  /** How often children that ended were replaced, all together. */
  get restarts(): number {
    return this.#places.reduce((sum, { solver }) => sum + solver.restarts, 0);
  }

  async load(program: Program): Promise<LoadedProgram> {
    const copies = await Promise.all(this.#places.map(({ solver }) => solver.load(program)));
    const loaded = { program, structure: copies[0]!.structure };
    this.#programs.set(loaded, copies);
    return loaded;
  }

  async release(loaded: LoadedProgram): Promise<void> {
    const copies = this.#copies(loaded);
    this.#programs.delete(loaded);
    await Promise.all(this.#places.map(({ solver }, i) => solver.release(copies[i]!)));
  }

  async solve(
    loaded: LoadedProgram,
    request: SolveRequest,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<SolveOutcome> {
    return await this.#atFreest(loaded, (solver, copy) => solver.solve(copy, request, options));
  }

  async evaluateNative(loaded: LoadedProgram, request: EvaluationRequest): Promise<Evaluation> {
    return await this.#atFreest(loaded, (solver, copy) => solver.evaluateNative(copy, request));
  }

  async close(): Promise<void> {
    await Promise.all(this.#places.map(({ solver }) => solver.close()));
  }

  async #atFreest<Value>(
    loaded: LoadedProgram,
    task: (solver: SolverProcess, copy: LoadedProgram) => Promise<Value>,
  ): Promise<Value> {
    const copies = this.#copies(loaded);
    const fewest = Math.min(...this.#places.map(({ waiting }) => waiting));
    const at = this.#places.findIndex(({ waiting }) => waiting === fewest);
    const place = this.#places[at]!;
    place.waiting++;
    try {
      return await task(place.solver, copies[at]!);
    } finally {
      place.waiting--;
    }
  }

  #copies(loaded: LoadedProgram): readonly LoadedProgram[] {
    const copies = this.#programs.get(loaded);
    if (copies === undefined) {
      throw new SolverProcessError(`"${loaded.program.name}" is not loaded in this pool`);
    }
    return copies;
  }
}
