/**
 * The Deno binding of the optimizer library: the only place that opens it. Imported as
 * `deno-ipopt-ffi`; importing does nothing, `IpoptLibrary.open` does. Knows arrays, not programs:
 * their meaning is in optimizer.h.
 */

import { SYMBOLS } from "./symbols.ts";

/** OPTIMIZER_ABI of optimizer.h. */
export const ABI = 4;
/** OPTIMIZER_REQUEST_HEAD of optimizer.h. */
export const REQUEST_HEAD = 5;
/** OPTIMIZER_RESULT_HEAD of optimizer.h. */
export const RESULT_HEAD = 11;

const MESSAGE_BYTES = 1024;

/**
 * A solve is tried on the caller's own thread where the last of its program took at most the first
 * of these, and moves to another thread after the second. Going there and back takes 0.05 ms and
 * more, a twentieth of a small warm solve; an event loop is held up for as long by a collection of
 * garbage.
 */
const BRIEF_SECONDS = { expected: 0.005, most: 0.01 } as const;
/** Where optimizer_solve writes the seconds that it took in all (optimizer.h). */
const TOTAL_SECONDS = 6;

/** optimizer_status of optimizer.h, by number. */
const STATUS = [
  "ok",
  "invalid argument",
  "invalid program",
  "out of memory",
  "internal error",
] as const;

/** A native call that did not succeed: a broken program or a broken library, never an outcome. */
export class IpoptLibraryError extends Error {
  override readonly name = "IpoptLibraryError";
}

/** Sizes of a loaded program. */
export interface ProgramShape {
  readonly variables: number;
  readonly parameters: number;
  readonly rows: number;
  readonly jacobianNonzeros: number;
  readonly hessianNonzeros: number;
}

/** Coordinates of nonzeros, in the order of values; the Hessian's are its lower triangle. */
export interface ProgramStructure {
  readonly jacobianRows: Int32Array;
  readonly jacobianColumns: Int32Array;
  readonly hessianRows: Int32Array;
  readonly hessianColumns: Int32Array;
}

/** Values and derivatives at one point; Jacobian and Hessian by nonzeros. */
export interface Evaluation {
  readonly objective: number;
  readonly gradient: Float64Array;
  readonly rows: Float64Array;
  readonly jacobian: Float64Array;
  readonly hessian: Float64Array;
}

/** σ, σ′ and σ″ of one function at some points. */
export interface FunctionValues {
  readonly value: Float64Array;
  readonly first: Float64Array;
  readonly second: Float64Array;
}

/** Where `deno task native:build` leaves the library. */
export function defaultLibraryPath(): string {
  return decodeURIComponent(new URL("./build/liboptimizer.so", import.meta.url).pathname);
}

/** The opened library. Solves of one process run one after the other, whatever the callers do. */
export class IpoptLibrary {
  readonly #library: Deno.DynamicLibrary<typeof SYMBOLS>;

  private constructor(library: Deno.DynamicLibrary<typeof SYMBOLS>) {
    this.#library = library;
  }

  /** Needs `--allow-ffi` for this path. @throws {IpoptLibraryError} missing, or of another ABI. */
  static open(path: string = defaultLibraryPath()): IpoptLibrary {
    let library: Deno.DynamicLibrary<typeof SYMBOLS>;
    try {
      library = Deno.dlopen(path, SYMBOLS);
    } catch (cause) {
      throw new IpoptLibraryError(
        `Cannot open the optimizer library "${path}": run "deno task native:build"`,
        { cause },
      );
    }
    const abi = library.symbols.optimizer_abi();
    if (abi !== ABI) {
      library.close();
      throw new IpoptLibraryError(
        `The optimizer library "${path}" has ABI ${abi}, this binding wants ${ABI}: ` +
          `run "deno task native:build"`,
      );
    }
    return new IpoptLibrary(library);
  }

  /** IPOPT's version that the library was built with, such as "3.11.9". */
  get ipoptVersion(): string {
    const version = new Int32Array(1);
    succeed(this.#library.symbols.optimizer_ipopt_version(version), "read IPOPT's version");
    const number = version[0]!;
    return `${Math.floor(number / 10000)}.${Math.floor(number / 100) % 100}.${number % 100}`;
  }

  /** Compiles a packed program (src/solve/pack.ts). @throws {IpoptLibraryError} when broken. */
  load(ints: Int32Array, reals: Float64Array): NativeProgram {
    const handle = new BigUint64Array(1);
    const message = new Uint8Array(MESSAGE_BYTES);
    const status = this.#library.symbols.optimizer_load(
      asBuffer(ints),
      BigInt(ints.length),
      asBuffer(reals),
      BigInt(reals.length),
      handle,
      message,
      BigInt(message.length),
    );
    succeed(status, "load a program", message);
    return new NativeProgram(this.#library.symbols, handle[0]!);
  }

  /** Caps this process at `bytes` more memory than it has: for a process that only solves. */
  limitMemory(bytes: number): void {
    const message = new Uint8Array(MESSAGE_BYTES);
    const status = this.#library.symbols.optimizer_limit_memory(
      BigInt(bytes),
      message,
      BigInt(message.length),
    );
    succeed(status, "limit the memory", message);
  }

  /** Bytes that limitMemory still leaves to this process; without a limit more than there can be. */
  memoryLeft(): number {
    const bytes = new BigUint64Array(1);
    const message = new Uint8Array(MESSAGE_BYTES);
    const status = this.#library.symbols.optimizer_memory_left(
      bytes,
      message,
      BigInt(message.length),
    );
    succeed(status, "tell the memory left", message);
    return Number(bytes[0]!);
  }

  /** One row of the function table. @throws {IpoptLibraryError} for an unknown opcode. */
  functionValues(opcode: number, { constants, x }: {
    readonly constants: readonly [number, number];
    readonly x: Float64Array;
  }): FunctionValues {
    const [value, first, second] = [0, 1, 2].map(() => new Float64Array(x.length));
    const values = { value: value!, first: first!, second: second! };
    const status = this.#library.symbols.optimizer_function(
      opcode,
      constants[0],
      constants[1],
      asBuffer(x),
      BigInt(x.length),
      asBuffer(values.value),
      asBuffer(values.first),
      asBuffer(values.second),
    );
    succeed(status, `evaluate the function with opcode ${opcode}`);
    return values;
  }

  /** Unloads. Every program must have been closed before. */
  close(): void {
    this.#library.close();
  }
}

type Symbols = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];

/** A program inside the library. */
export class NativeProgram {
  readonly shape: ProgramShape;
  readonly #symbols: Symbols;
  readonly #pending = new Set<Promise<unknown>>();
  /** What the last solve took; unknown before the first. */
  #lastSeconds = Infinity;
  #handle: bigint | undefined;

  constructor(symbols: Symbols, handle: bigint) {
    this.#symbols = symbols;
    this.#handle = handle;
    const shape = new Int32Array(5);
    succeed(symbols.optimizer_shape(handle, shape), "read a program's sizes");
    this.shape = {
      variables: shape[0]!,
      parameters: shape[1]!,
      rows: shape[2]!,
      jacobianNonzeros: shape[3]!,
      hessianNonzeros: shape[4]!,
    };
  }

  structure(): ProgramStructure {
    const { jacobianNonzeros, hessianNonzeros } = this.shape;
    const structure = {
      jacobianRows: new Int32Array(jacobianNonzeros),
      jacobianColumns: new Int32Array(jacobianNonzeros),
      hessianRows: new Int32Array(hessianNonzeros),
      hessianColumns: new Int32Array(hessianNonzeros),
    };
    const status = this.#symbols.optimizer_structure(
      this.#open(),
      asBuffer(structure.jacobianRows),
      asBuffer(structure.jacobianColumns),
      asBuffer(structure.hessianRows),
      asBuffer(structure.hessianColumns),
    );
    succeed(status, "read a program's structure");
    return structure;
  }

  /**
   * Solves on this thread where that takes next to no time; undefined where it would take longer,
   * where the last solve did, or where another is running: then `solve` it.
   */
  solveBriefly(request: Float64Array): Float64Array | undefined {
    if (this.#lastSeconds > BRIEF_SECONDS.expected) return undefined;
    const result = this.#emptyResult();
    const ended = new Int32Array(1);
    const message = new Uint8Array(MESSAGE_BYTES);
    const status = this.#symbols.optimizer_solve_briefly(
      this.#open(),
      asBuffer(request),
      BigInt(request.length),
      asBuffer(result),
      BigInt(result.length),
      BRIEF_SECONDS.most,
      asBuffer(ended),
      message,
      BigInt(message.length),
    );
    succeed(status, "solve", message);
    if (ended[0] === 0) return undefined;
    this.#lastSeconds = result[TOTAL_SECONDS]!;
    return result;
  }

  /**
   * Solves on a thread of its own; the arrays are laid out as optimizer.h says. Setting `cancel[0]`
   * ends the solve at its next iteration.
   */
  async solve(
    request: Float64Array,
    cancel: Int32Array = new Int32Array(1),
  ): Promise<Float64Array> {
    const result = this.#emptyResult();
    const message = new Uint8Array(MESSAGE_BYTES);
    const status = await this.#track(this.#symbols.optimizer_solve(
      this.#open(),
      asBuffer(request),
      BigInt(request.length),
      asBuffer(result),
      BigInt(result.length),
      asBuffer(cancel),
      message,
      BigInt(message.length),
    ));
    keepAlive(request, result, cancel, message);
    succeed(status, "solve", message);
    this.#lastSeconds = result[TOTAL_SECONDS]!;
    return result;
  }

  /** Values and derivatives; the Hessian is that of sigma · objective + lambda · rows. */
  async evaluate(
    point: Float64Array,
    { parameters, sigma, lambda }: {
      readonly parameters: Float64Array;
      readonly sigma: number;
      readonly lambda: Float64Array;
    },
  ): Promise<Evaluation> {
    const { variables, parameters: parameterCount, rows } = this.shape;
    expectLength(point, { name: "point", length: variables });
    expectLength(parameters, { name: "parameters", length: parameterCount });
    expectLength(lambda, { name: "lambda", length: rows });
    const objective = new Float64Array(1);
    const message = new Uint8Array(MESSAGE_BYTES);
    const evaluation = {
      gradient: new Float64Array(variables),
      rows: new Float64Array(rows),
      jacobian: new Float64Array(this.shape.jacobianNonzeros),
      hessian: new Float64Array(this.shape.hessianNonzeros),
    };
    const status = await this.#track(this.#symbols.optimizer_evaluate(
      this.#open(),
      asBuffer(point),
      asBuffer(parameters),
      sigma,
      asBuffer(lambda),
      asBuffer(objective),
      asBuffer(evaluation.gradient),
      asBuffer(evaluation.rows),
      asBuffer(evaluation.jacobian),
      asBuffer(evaluation.hessian),
      message,
      BigInt(message.length),
    ));
    keepAlive(point, parameters, lambda, objective, evaluation, message);
    succeed(status, "evaluate", message);
    return { objective: objective[0]!, ...evaluation };
  }

  /** Waits for the calls under way, then frees the program; a second call does nothing. */
  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await Promise.allSettled(this.#pending);
    if (handle !== undefined) this.#symbols.optimizer_release(handle);
  }

  #emptyResult(): Float64Array {
    const { variables, rows, jacobianNonzeros } = this.shape;
    return new Float64Array(RESULT_HEAD + 4 * variables + 2 * rows + jacobianNonzeros);
  }

  #open(): bigint {
    if (this.#handle === undefined) throw new IpoptLibraryError("The program was closed");
    return this.#handle;
  }

  async #track<Result>(call: Promise<Result>): Promise<Result> {
    this.#pending.add(call);
    try {
      return await call;
    } finally {
      this.#pending.delete(call);
    }
  }
}

/** The one gate through which every native status passes. */
function succeed(status: number, action: string, message?: Uint8Array): void {
  if (status === 0) return;
  const text = message === undefined
    ? ""
    : new TextDecoder().decode(message.subarray(0, message.indexOf(0)));
  throw new IpoptLibraryError(
    `Cannot ${action}: ${STATUS[status] ?? `status ${status}`}${text === "" ? "" : `: ${text}`}`,
  );
}

function expectLength(
  array: Float64Array,
  { name, length }: { readonly name: string; readonly length: number },
): void {
  if (array.length !== length) {
    throw new IpoptLibraryError(
      `Cannot evaluate: ${name} has ${array.length} elements, the program has ${length}`,
    );
  }
}

/** A view that the FFI takes: native code never sees a null pointer for an empty array. */
function asBuffer(array: Int32Array | Float64Array): Uint8Array<ArrayBuffer> {
  if (array.length === 0) return new Uint8Array(8);
  return new Uint8Array(array.buffer as ArrayBuffer, array.byteOffset, array.byteLength);
}

/** Referenced after the call, the arrays cannot have been collected during it. */
function keepAlive(..._arrays: readonly unknown[]): void {}
