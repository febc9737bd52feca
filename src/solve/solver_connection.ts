/** One solver child from its start to its end: calls with deadlines, and why it ended. */

import { BEAT_MS, decodeFrames, encodeFrame, frame } from "./solver_frames.ts";
import type { Frame } from "./solver_frames.ts";

/** How to start a child. */
export interface ChildOptions {
  /** The native library; it is the one thing that the child may open. */
  readonly libraryPath: string;
  /** The real Deno binary: a wrapper would be killed in place of what it wraps. */
  readonly denoPath: string;
  /** The module to run, speaking the frames of solver_frames.ts. */
  readonly module: URL;
  /** deno.json, for its import map. */
  readonly config: URL;
  /** What solves may take in memory, in bytes, beyond what the child has at its start; 256 MB or more. */
  readonly memoryBytes: number;
  /** A child that works and sends nothing for so long is taken for hung. */
  readonly silenceMs: number;
}

/** The child could not be started; the message says what it wrote. */
export class SolverStartError extends Error {
  override readonly name = "SolverStartError";
}

export type CallEnd =
  | { readonly kind: "answer"; readonly frame: Frame }
  /** The child ended, whatever its exit code. */
  | { readonly kind: "ended"; readonly message: string }
  /** The child did not answer in time, or fell silent, and was killed. */
  | { readonly kind: "late"; readonly message: string };

/**
 * What the libraries in the child read. Debian 13 links IPOPT with the MUMPS that uses Open MPI,
 * which starts with the library: it ends a process that has no HOME, looks for networks unless told
 * to talk to itself only, and complains where there is no /sys.
 */
export const NATIVE_ENVIRONMENT = {
  OPENBLAS_NUM_THREADS: "1",
  OMP_NUM_THREADS: "1",
  NO_COLOR: "1",
  OMPI_MCA_pml: "ob1",
  OMPI_MCA_btl: "self",
  HWLOC_HIDE_ERRORS: "2",
} as const;

/** Two hundred times what a start takes: a box that starts with everything else at once is slow. */
const START_MS = 60_000;
/** How long a child may take to leave once its stdin is closed. */
const LEAVE_MS = 3_000;
/** How much of what a child writes to stderr is kept for the message of its end. */
const STDERR_LETTERS = 1_000;

export class SolverConnection {
  readonly pid: number;
  /** Resolves with a sentence when the child has ended. */
  readonly ended: Promise<string>;
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #waiting = new Map<number, (end: CallEnd) => void>();
  /** Settles with the first frame, or with undefined when there is none. */
  readonly #ready: Promise<Frame | undefined>;
  readonly #options: ChildOptions;
  #stderr = "";
  #nextCall = 1;
  #alive = true;
  #tired = false;
  /** When the child last sent anything. */
  #heardAt = performance.now();
  /** Resident memory of the child before its first call, in bytes. */
  #restingBytes: number | undefined;
  /** Why the child was killed, for the message of its end. */
  #verdict: string | undefined;

  private constructor(child: Deno.ChildProcess, options: ChildOptions) {
    this.#child = child;
    this.#options = options;
    this.pid = child.pid;
    this.#input = child.stdin.getWriter();
    // A write to a child that has ended fails; its end is told by `ended`.
    this.#input.closed.catch(() => {});
    const { promise, resolve } = Promise.withResolvers<Frame | undefined>();
    this.#ready = promise;
    this.ended = this.#watch(resolve);
  }

  /** Starts a child and waits until it serves. @throws {SolverStartError} */
  static async open(options: ChildOptions): Promise<SolverConnection> {
    let child: Deno.ChildProcess;
    try {
      child = new Deno.Command(options.denoPath, {
        args: [
          "run",
          "--quiet",
          "--no-prompt",
          "--no-lock",
          "--no-remote",
          "--no-npm",
          "--node-modules-dir=none",
          `--config=${toPath(options.config)}`,
          `--allow-ffi=${options.libraryPath}`,
          toPath(options.module),
          options.libraryPath,
          String(options.memoryBytes),
        ],
        // The service's environment holds secrets that a solver has no use for.
        clearEnv: true,
        env: {
          ...NATIVE_ENVIRONMENT,
          HOME: options.libraryPath.slice(0, options.libraryPath.lastIndexOf("/")),
        },
        stdin: "piped",
        stdout: "piped",
        stderr: "piped",
      }).spawn();
    } catch (cause) {
      throw new SolverStartError(`Cannot start the solver child "${options.denoPath}"`, { cause });
    }
    const connection = new SolverConnection(child, options);
    const first = await within(connection.#ready, START_MS);
    if (first?.kind === "ready") return connection;
    connection.kill();
    throw new SolverStartError(`Cannot start the solver child: ${await connection.ended}`);
  }

  /** False once it has ended, or has asked to be replaced. */
  get serves(): boolean {
    return this.#alive && !this.#tired;
  }

  /**
   * Sends one call and waits; a child that is late is killed, and has ended when this resolves. So is
   * one that falls silent, where the call is of a kind during which it sends beats.
   */
  async call(
    request: Omit<Frame, "call">,
    { deadlineMs, beats = false, signal }: {
      readonly deadlineMs: number;
      readonly beats?: boolean;
      readonly signal?: AbortSignal;
    },
  ): Promise<CallEnd> {
    if (!this.#alive) return { kind: "ended", message: await this.ended };
    const call = this.#nextCall++;
    const { promise, resolve } = Promise.withResolvers<CallEnd>();
    this.#waiting.set(call, resolve);
    const cancel = () => this.notify(frame("cancel", { call }));
    this.notify({ ...request, call });
    if (signal?.aborted) cancel();
    signal?.addEventListener("abort", cancel);
    try {
      const { end, hung } = await this.#answer(promise, { deadlineMs, beats });
      if (end !== undefined) return end;
      this.kill();
      await this.ended;
      const why = hung
        ? `No sign of life for ${this.#options.silenceMs} ms`
        : `No answer within ${Math.round(deadlineMs)} ms`;
      return { kind: "late", message: `${why}: the child was killed` };
    } finally {
      this.#waiting.delete(call);
      signal?.removeEventListener("abort", cancel);
    }
  }

  /** Waits for the answer until the deadline, or until the child has been silent for too long. */
  async #answer(
    promise: Promise<CallEnd>,
    { deadlineMs, beats }: { readonly deadlineMs: number; readonly beats: boolean },
  ): Promise<{ readonly end: CallEnd | undefined; readonly hung: boolean }> {
    const deadline = performance.now() + deadlineMs;
    this.#heardAt = performance.now();
    for (;;) {
      const before = performance.now();
      const slice = Math.min(BEAT_MS, deadline - before);
      const end = await within(promise, Math.max(0, slice));
      if (end !== undefined) return { end, hung: false };
      const now = performance.now();
      // Whoever was held up himself has not read yet what has come: he reads first, then judges.
      const heldUp = now - before > Math.max(0, slice) + BEAT_MS;
      if (heldUp) this.#heardAt = now;
      else if (now >= deadline) return { end: undefined, hung: false };
      else if (beats && now - this.#heardAt > this.#options.silenceMs) {
        return { end: undefined, hung: true };
      }
    }
  }

  /** Sends a frame that has no answer, or whose answer is awaited elsewhere. */
  notify(message: Frame): void {
    this.#input.write(encodeFrame(message)).catch(() => {});
  }

  kill(): void {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended already.
    }
  }

  /** Lets the child leave by itself; kills it when it does not. */
  async close(): Promise<void> {
    await this.#input.close().catch(() => {});
    if (await within(this.ended, LEAVE_MS) === undefined) this.kill();
    await this.ended;
  }

  /** Reads until the child ends, then tells everybody who waits. */
  async #watch(ready: (first: Frame | undefined) => void): Promise<string> {
    const stderr = this.#keepStderr();
    const noise = await this.#readFrames(ready);
    // Whoever closes or garbles its output serves no more.
    if (noise !== undefined) this.kill();
    const { code, signal } = await this.#child.status;
    await stderr;
    this.#alive = false;
    ready(undefined);
    const message = [
      ...(this.#verdict === undefined ? [] : [this.#verdict]),
      signal === null ? `the child ended with exit code ${code}` : `the child ended by ${signal}`,
      ...(noise === undefined ? [] : [noise]),
      ...(this.#stderr === "" ? [] : [this.#stderr.trim()]),
    ].join(": ");
    for (const resolve of this.#waiting.values()) resolve({ kind: "ended", message });
    return message;
  }

  /** Undefined when the output closed in order, else what was wrong with it. */
  async #readFrames(ready: (first: Frame) => void): Promise<string | undefined> {
    try {
      for await (const message of decodeFrames(this.#child.stdout)) {
        this.#heardAt = performance.now();
        if (message.kind === "ready" || message.kind === "beat") this.#weigh(message.reals[0]);
        if (message.kind === "tired") this.#tired = true;
        if (message.kind === "ready") ready(message);
        else this.#waiting.get(message.call)?.({ kind: "answer", frame: message });
      }
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  /** The kernel's limit stops single allocations; this stops what it does not count. */
  #weigh(residentBytes: number | undefined): void {
    if (residentBytes === undefined) return;
    this.#restingBytes ??= residentBytes;
    const { memoryBytes } = this.#options;
    if (residentBytes - this.#restingBytes <= memoryBytes) return;
    const [used, most] = [residentBytes, this.#restingBytes + memoryBytes].map(inMegabytes);
    this.#verdict = `The child was killed for using ${used} of memory, ${most} allowed`;
    this.kill();
  }

  async #keepStderr(): Promise<void> {
    try {
      for await (const text of this.#child.stderr.pipeThrough(new TextDecoderStream())) {
        this.#stderr = (this.#stderr + text).slice(-STDERR_LETTERS);
      }
    } catch {
      // What the child could not say is not worth failing for.
    }
  }
}

/** The promise's value, or undefined when it does not come in time. */
export async function within<Value>(
  promise: Promise<Value>,
  ms: number,
): Promise<Value | undefined> {
  const { promise: late, resolve } = Promise.withResolvers<undefined>();
  // A timer counts in 32 bits: longer waits would end at once.
  const timer = setTimeout(() => resolve(undefined), Math.min(ms, 2 ** 31 - 1));
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

function inMegabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}

function toPath(url: URL): string {
  return decodeURIComponent(url.pathname);
}
