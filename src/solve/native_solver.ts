/** Solves in this process: for tools, tests and benchmarks. A crash of the library ends all. */

import { IpoptLibrary } from "deno-ipopt-ffi";
import type { Evaluation, NativeProgram } from "deno-ipopt-ffi";
import { conclude } from "./conclude.ts";
import type { SolveOutcome, SolveRequest } from "./outcome.ts";
import { packProgram, packRequest } from "./pack.ts";
import type { Program } from "./program.ts";
import type { EvaluationRequest, LoadedProgram, Solver } from "./solver.ts";

/** Brief solves that follow one another leave the event loop a turn after so long. */
const HELD_MS = 10;

export class NativeSolver implements Solver {
  readonly #library: IpoptLibrary;
  /** What brief solves have taken since the event loop last had a turn for certain. */
  #heldMs = 0;
  readonly #programs = new Map<LoadedProgram, NativeProgram>();

  /** Needs `--allow-ffi`; the library's default path is that of `deno task native:build`. */
  constructor(libraryPath?: string) {
    this.#library = IpoptLibrary.open(libraryPath);
  }

  /** What this whole process may still take in memory, in bytes. @throws where it cannot be limited. */
  limitMemory(bytes: number): void {
    this.#library.limitMemory(bytes);
  }

  load(program: Program): Promise<LoadedProgram> {
    const { ints, reals } = packProgram(program);
    const native = this.#library.load(ints, reals);
    const loaded = { program, structure: native.structure() };
    this.#programs.set(loaded, native);
    return Promise.resolve(loaded);
  }

  async release(loaded: LoadedProgram): Promise<void> {
    const native = this.#native(loaded);
    this.#programs.delete(loaded);
    await native.close();
  }

  async solve(
    loaded: LoadedProgram,
    request: SolveRequest,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<SolveOutcome> {
    const { program, structure } = loaded;
    const cancel = new Int32Array(1);
    const abort = () => Atomics.store(cancel, 0, 1);
    if (signal?.aborted) abort();
    signal?.addEventListener("abort", abort);
    try {
      const native = this.#native(loaded);
      const packed = packRequest(program, request);
      const brief = signal?.aborted ? undefined : this.#solveBriefly(native, packed);
      const raw = brief ?? await native.solve(packed, cancel);
      if (brief === undefined) this.#heldMs = 0;
      return conclude(raw, { program, structure, request });
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  #solveBriefly(native: NativeProgram, packed: Float64Array): Float64Array | undefined {
    if (this.#heldMs > HELD_MS) return undefined;
    const begin = performance.now();
    const result = native.solveBriefly(packed);
    this.#heldMs += performance.now() - begin;
    return result;
  }

  evaluateNative(
    loaded: LoadedProgram,
    { x, p, sigma, lambda }: EvaluationRequest,
  ): Promise<Evaluation> {
    return this.#native(loaded).evaluate(x, { parameters: p, sigma, lambda });
  }

  async close(): Promise<void> {
    const programs = [...this.#programs.values()];
    this.#programs.clear();
    await Promise.all(programs.map((native) => native.close()));
    this.#library.close();
  }

  #native(loaded: LoadedProgram): NativeProgram {
    const native = this.#programs.get(loaded);
    if (native === undefined) {
      throw new TypeError(`The program "${loaded.program.name}" is not loaded in this solver`);
    }
    return native;
  }
}
