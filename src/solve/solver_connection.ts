/** One solver child from its start to its end: calls with deadlines, and why it ended. */

import { decodeFrames, encodeFrame, frame } from "./solver_frames.ts";
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
}

/** The child could not be started; the message says what it wrote. */
export class SolverStartError extends Error {
  override readonly name = "SolverStartError";
}

export type CallEnd =
  | { readonly kind: "answer"; readonly frame: Frame }
  /** The child ended, whatever its exit code. */
  | { readonly kind: "ended"; readonly message: string }
  /** The child did not answer in time and was killed. */
  | { readonly kind: "late"; readonly message: string };

/**
 * What the libraries in the child read. Debian 13 links IPOPT with the MUMPS that uses Open MPI,
 * which starts with the library: it ends a process that has no HOME, looks for networks unless told
 * to talk to itself only, and complains where there is no /sys.
 */
const ENVIRONMENT = {
  OPENBLAS_NUM_THREADS: "1",
  OMP_NUM_THREADS: "1",
  NO_COLOR: "1",
  OMPI_MCA_pml: "ob1",
  OMPI_MCA_btl: "self",
  HWLOC_HIDE_ERRORS: "2",
} as const;

const START_MS = 20_000;
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
  #stderr = "";
  #nextCall = 1;
  #alive = true;

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
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
        ],
        // The service's environment holds secrets that a solver has no use for.
        clearEnv: true,
        env: {
          ...ENVIRONMENT,
          HOME: options.libraryPath.slice(0, options.libraryPath.lastIndexOf("/")),
        },
        stdin: "piped",
        stdout: "piped",
        stderr: "piped",
      }).spawn();
    } catch (cause) {
      throw new SolverStartError(`Cannot start the solver child "${options.denoPath}"`, { cause });
    }
    const connection = new SolverConnection(child);
    const first = await within(connection.#ready, START_MS);
    if (first?.kind === "ready") return connection;
    connection.kill();
    throw new SolverStartError(`Cannot start the solver child: ${await connection.ended}`);
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** Sends one call and waits; a child that is late is killed, and has ended when this resolves. */
  async call(
    request: Omit<Frame, "call">,
    { deadlineMs, signal }: { readonly deadlineMs: number; readonly signal?: AbortSignal },
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
      const end = await within(promise, deadlineMs);
      if (end !== undefined) return end;
      this.kill();
      await this.ended;
      return { kind: "late", message: `No answer within ${deadlineMs} ms: the child was killed` };
    } finally {
      this.#waiting.delete(call);
      signal?.removeEventListener("abort", cancel);
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
        if (message.kind === "ready") ready(message);
        else this.#waiting.get(message.call)?.({ kind: "answer", frame: message });
      }
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
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
async function within<Value>(promise: Promise<Value>, ms: number): Promise<Value | undefined> {
  const { promise: late, resolve } = Promise.withResolvers<undefined>();
  // A timer counts in 32 bits: longer waits would end at once.
  const timer = setTimeout(() => resolve(undefined), Math.min(ms, 2 ** 31 - 1));
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

function toPath(url: URL): string {
  return decodeURIComponent(url.pathname);
}
