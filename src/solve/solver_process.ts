/**
 * Solves in a child process: a crash, a hang or any exit there costs one solve, and the service goes
 * on. Requests wait in a row; a child that ended is started again at once.
 */

import { defaultLibraryPath } from "deno-ipopt-ffi";
import type { Evaluation, ProgramStructure } from "deno-ipopt-ffi";
import { conclude } from "./conclude.ts";
import type { SolveOutcome, SolveRequest } from "./outcome.ts";
import { packProgram, packRequest } from "./pack.ts";
import type { PackedProgram } from "./pack.ts";
import type { Program } from "./program.ts";
import type { EvaluationRequest, LoadedProgram, Solver } from "./solver.ts";
import { SolverConnection, within } from "./solver_connection.ts";
import type { CallEnd, ChildOptions } from "./solver_connection.ts";
import { frame } from "./solver_frames.ts";

/** What the parent grants beyond the request's own time limit before it kills. */
const GRACE_MS = 2_000;
/** Compiling a program or evaluating it once. */
const CALL_MS = 60_000;
/** Far more than any plant's program needs: a child beyond it has lost its way. */
const MEMORY_BYTES = 2 * 2 ** 30;
/** Twice what makes a child ask for its replacement (solver_child.ts). */
const LEAST_MEMORY_BYTES = 256 * 2 ** 20;
/** Twenty-five beats: a busy machine may hold a child up for some of them. */
const SILENCE_MS = 5_000;

/** The child did not do what was asked, and no outcome can say so. */
export class SolverProcessError extends Error {
  override readonly name = "SolverProcessError";
}

/** A program as this solver keeps it, to be sent again to a child that was restarted. */
interface KeptProgram {
  readonly id: number;
  readonly packed: PackedProgram;
}

export class SolverProcess implements Solver {
  readonly #options: ChildOptions;
  readonly #programs = new Map<LoadedProgram, KeptProgram>();
  /** Programs that the present child knows. */
  readonly #sent = new WeakMap<SolverConnection, Set<number>>();
  #connection: Promise<SolverConnection>;
  /** Settles when the last request in the row has ended. */
  #row: Promise<unknown> = Promise.resolve();
  /** Children that were replaced and are on their way out. */
  readonly #leaving = new Set<Promise<void>>();
  #nextProgram = 1;
  #restarts = 0;
  #closed = false;

  private constructor(options: ChildOptions, connection: SolverConnection) {
    this.#options = options;
    this.#connection = Promise.resolve(connection);
    this.#keepAlive(connection);
  }

  /**
   * Starts the first child. Needs permission to run `Deno.execPath()`, nothing else.
   * @throws {SolverStartError} where it does not serve.
   */
  static async start(options: Partial<ChildOptions> = {}): Promise<SolverProcess> {
    const complete = {
      libraryPath: defaultLibraryPath(),
      denoPath: Deno.execPath(),
      module: new URL("./solver_child.ts", import.meta.url),
      config: new URL("../../deno.json", import.meta.url),
      memoryBytes: MEMORY_BYTES,
      silenceMs: SILENCE_MS,
      ...options,
    };
    if (!(complete.memoryBytes >= LEAST_MEMORY_BYTES)) {
      throw new RangeError(
        `memoryBytes is ${complete.memoryBytes}: a solver child needs ${LEAST_MEMORY_BYTES} or more`,
      );
    }
    return new SolverProcess(complete, await SolverConnection.open(complete));
  }

  /** How often a child that ended was replaced. */
  get restarts(): number {
    return this.#restarts;
  }

  /** Process number of the present child. @throws {SolverStartError} where none can be started. */
  async pid(): Promise<number> {
    return (await this.#connected()).pid;
  }

  async load(program: Program): Promise<LoadedProgram> {
    const kept = { id: this.#nextProgram++, packed: packProgram(program) };
    const structure = await this.#inRow(async () => {
      const connection = await this.#connected();
      const end = await this.#send(kept, { connection, deadlineMs: CALL_MS });
      if (end.kind === "answer" && end.frame.kind === "done") return readStructure(end.frame.ints);
      throw new SolverProcessError(`Cannot load the program "${program.name}": ${messageOf(end)}`);
    });
    const loaded = { program, structure };
    this.#programs.set(loaded, kept);
    return loaded;
  }

  async release(loaded: LoadedProgram): Promise<void> {
    const { id } = this.#kept(loaded);
    this.#programs.delete(loaded);
    await this.#inRow(async () => {
      const connection = await this.#connection.catch(() => undefined);
      if (connection === undefined || !this.#sent.get(connection)?.delete(id)) return;
      connection.notify(frame("release", { program: id }));
    });
  }

  async solve(
    loaded: LoadedProgram,
    request: SolveRequest,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<SolveOutcome> {
    const { program, structure } = loaded;
    const kept = this.#kept(loaded);
    const reals = packRequest(program, request);
    return await this.#inRow(async () => {
      if (signal?.aborted) {
        return { kind: "cancelled", message: "The solve was cancelled before its turn" };
      }
      const end = await this.#call(kept, {
        message: frame("solve", { program: kept.id, reals }),
        deadlineMs: request.timeLimitMs + GRACE_MS,
        beats: true,
        ...(signal === undefined ? {} : { signal }),
      });
      switch (end.kind) {
        case "answer":
          return end.frame.kind === "done"
            ? conclude(end.frame.reals, { program, structure, request })
            : { kind: "failed", message: end.frame.text };
        case "ended":
          return { kind: "crashed", message: end.message };
        case "late":
          return { kind: "timed_out", message: end.message };
      }
    });
  }

  async evaluateNative(
    loaded: LoadedProgram,
    { x, p, sigma, lambda }: EvaluationRequest,
  ): Promise<Evaluation> {
    const kept = this.#kept(loaded);
    const { program, structure } = loaded;
    const n = program.variables.length;
    const lengths = `x ${x.length}, p ${p.length}, lambda ${lambda.length}`;
    if (`x ${n}, p ${program.parameters.length}, lambda ${program.rows.length}` !== lengths) {
      throw new SolverProcessError(`The point does not fit "${program.name}": ${lengths}`);
    }
    const reals = Float64Array.from([sigma, ...lambda, ...x, ...p]);
    const end = await this.#inRow(() =>
      this.#call(kept, {
        message: frame("evaluate", { program: kept.id, reals }),
        deadlineMs: CALL_MS,
      })
    );
    if (end.kind !== "answer" || end.frame.kind !== "done") {
      throw new SolverProcessError(`Cannot evaluate "${program.name}": ${messageOf(end)}`);
    }
    let at = 1;
    const take = (length: number) => end.frame.reals.slice(at, at += length);
    return {
      objective: end.frame.reals[0]!,
      gradient: take(n),
      rows: take(program.rows.length),
      jacobian: take(structure.jacobianRows.length),
      hessian: take(structure.hessianRows.length),
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#row.catch(() => {});
    const connection = await this.#connection.catch(() => undefined);
    await Promise.all([connection?.close(), ...this.#leaving]);
  }

  /** One call to a child that knows the program; an answer, or why there is none. */
  async #call(kept: KeptProgram, { message, deadlineMs, ...watch }: {
    readonly message: Parameters<SolverConnection["call"]>[0];
    readonly deadlineMs: number;
    readonly beats?: boolean;
    readonly signal?: AbortSignal;
  }): Promise<CallEnd> {
    const deadline = performance.now() + deadlineMs;
    let connection: SolverConnection | undefined;
    try {
      connection = await within(this.#connected(), deadlineMs);
    } catch (error) {
      return { kind: "ended", message: error instanceof Error ? error.message : String(error) };
    }
    if (connection === undefined) {
      return { kind: "late", message: `No child was ready within ${Math.round(deadlineMs)} ms` };
    }
    if (!this.#sent.get(connection)?.has(kept.id)) {
      const end = await this.#send(kept, { connection, deadlineMs: deadline - performance.now() });
      if (end.kind !== "answer" || end.frame.kind !== "done") return end;
    }
    return await connection.call(message, { ...watch, deadlineMs: deadline - performance.now() });
  }

  async #send(
    { id, packed }: KeptProgram,
    { connection, deadlineMs }: {
      readonly connection: SolverConnection;
      readonly deadlineMs: number;
    },
  ): Promise<CallEnd> {
    const end = await connection.call(
      frame("load", { program: id, ints: packed.ints, reals: packed.reals }),
      { deadlineMs },
    );
    if (end.kind === "answer" && end.frame.kind === "done") this.#sent.get(connection)?.add(id);
    return end;
  }

  /** The present child; a new one where it has ended or could not be started before. */
  async #connected(): Promise<SolverConnection> {
    const present = await this.#connection.catch(() => undefined);
    if (present?.serves) return present;
    this.#restart();
    // One that is tired still has to leave; the requests do not wait for it.
    if (present !== undefined) {
      const leaving = present.close().finally(() => this.#leaving.delete(leaving));
      this.#leaving.add(leaving);
    }
    return await this.#connection;
  }

  /** Replaces the child as soon as it ends, so that the next request finds one ready. */
  #keepAlive(connection: SolverConnection): void {
    this.#sent.set(connection, new Set());
    void connection.ended.then(async () => {
      const present = await this.#connection.catch(() => undefined);
      if (present === connection && !this.#closed) this.#restart();
    });
  }

  #restart(): void {
    this.#restarts++;
    this.#connection = SolverConnection.open(this.#options).then((connection) => {
      this.#keepAlive(connection);
      return connection;
    });
    // Whoever needs the child next meets the reason; until then nobody waits for it.
    this.#connection.catch(() => {});
  }

  /** Runs when everything asked for earlier has ended. */
  async #inRow<Value>(task: () => Promise<Value>): Promise<Value> {
    if (this.#closed) throw new SolverProcessError("The solver was closed");
    const before = this.#row;
    const mine = before.catch(() => {}).then(task);
    this.#row = mine;
    return await mine;
  }

  #kept(loaded: LoadedProgram): KeptProgram {
    const kept = this.#programs.get(loaded);
    if (kept === undefined) {
      throw new SolverProcessError(`"${loaded.program.name}" is not loaded in this solver`);
    }
    return kept;
  }
}

function messageOf(end: CallEnd): string {
  return end.kind === "answer" ? end.frame.text : end.message;
}

/** What the child answers to a load: two counts, then the coordinates. */
function readStructure(ints: Int32Array): ProgramStructure {
  const [jacobian, hessian] = ints;
  let at = 2;
  const take = (length: number) => ints.slice(at, at += length);
  return {
    jacobianRows: take(jacobian!),
    jacobianColumns: take(jacobian!),
    hessianRows: take(hessian!),
    hessianColumns: take(hessian!),
  };
}
