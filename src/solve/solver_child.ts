/**
 * The solver child: loads the native library and serves frames from stdin until it closes. It holds
 * all that may crash, so that a crash costs one solve. Started by solver_connection.ts.
 */

import { IpoptLibrary } from "deno-ipopt-ffi";
import type { NativeProgram } from "deno-ipopt-ffi";
import { BEAT_MS, decodeFrames, encodeFrame, frame } from "./solver_frames.ts";
import type { Frame } from "./solver_frames.ts";

/** How long calls under way may take to end once the parent is gone. */
const DRAIN_MS = 1_000;

/**
 * With less memory left a child is replaced. What fails then is not only what asked for too much:
 * threads cannot start, and OpenBLAS waits forever for its buffers.
 */
const MEMORY_FLOOR = 128 * 2 ** 20;

type Answer = Pick<Frame, "ints" | "reals">;

/** What is loaded and running in this process. */
interface Desk {
  readonly library: IpoptLibrary;
  readonly programs: Map<number, NativeProgram>;
  /** Cancel words of running solves by call. */
  readonly cancels: Map<number, Int32Array>;
}

/** Calls by kind of frame; each runs beside the others, the library puts solves in a row. */
const CALLS: Partial<Record<Frame["kind"], (desk: Desk, call: Frame) => Promise<Answer>>> = {
  load: (desk, { program, ints, reals }) => {
    const native = desk.library.load(ints, reals);
    desk.programs.set(program, native);
    const structure = native.structure();
    return Promise.resolve({
      ints: joined([
        Int32Array.of(native.shape.jacobianNonzeros, native.shape.hessianNonzeros),
        structure.jacobianRows,
        structure.jacobianColumns,
        structure.hessianRows,
        structure.hessianColumns,
      ]),
      reals: new Float64Array(0),
    });
  },
  solve: async (desk, { call, program, reals }) => {
    const cancel = new Int32Array(1);
    desk.cancels.set(call, cancel);
    try {
      return { ints: new Int32Array(0), reals: await loaded(desk, program).solve(reals, cancel) };
    } finally {
      desk.cancels.delete(call);
    }
  },
  evaluate: async (desk, { program, reals }) => {
    const native = loaded(desk, program);
    const { variables, rows } = native.shape;
    const lambda = reals.slice(1, 1 + rows);
    const point = reals.slice(1 + rows, 1 + rows + variables);
    const parameters = reals.slice(1 + rows + variables);
    const result = await native.evaluate(point, { parameters, sigma: reals[0]!, lambda });
    return {
      ints: new Int32Array(0),
      reals: Float64Array.from([
        result.objective,
        ...result.gradient,
        ...result.rows,
        ...result.jacobian,
        ...result.hessian,
      ]),
    };
  },
};

/** Frames that want no answer. */
const NOTICES: Partial<Record<Frame["kind"], (desk: Desk, notice: Frame) => void>> = {
  release: (desk, { program }) => {
    const native = desk.programs.get(program);
    desk.programs.delete(program);
    void native?.close();
  },
  cancel: (desk, { call }) => {
    const cancel = desk.cancels.get(call);
    if (cancel !== undefined) Atomics.store(cancel, 0, 1);
  },
};

/**
 * Serves until stdin closes, which it does when the parent ends, however it ends. `memoryBytes` is
 * what calls may take beyond what the process has when it is ready; undefined: all that there is.
 */
export async function serve(
  { libraryPath, memoryBytes }: {
    readonly libraryPath: string | undefined;
    readonly memoryBytes: number | undefined;
  },
): Promise<void> {
  const library = IpoptLibrary.open(libraryPath);
  if (memoryBytes !== undefined) library.limitMemory(memoryBytes);
  const desk: Desk = { library, programs: new Map(), cancels: new Map() };
  const output = Deno.stdout.writable.getWriter();
  const send = (answer: Frame) => output.write(encodeFrame(answer));
  await send(frame("ready", { text: library.ipoptVersion, reals: resident() }));

  const running = new Set<Promise<void>>();
  const beats = setInterval(() => {
    if (running.size === 0) return;
    void send(frame("beat", { reals: resident() }));
  }, BEAT_MS);
  for await (const request of decodeFrames(Deno.stdin.readable)) {
    NOTICES[request.kind]?.(desk, request);
    const call = CALLS[request.kind];
    if (call === undefined) continue;
    const answered = answer(call, { desk, request }).then(async (result) => {
      if (memoryBytes !== undefined && library.memoryLeft() < MEMORY_FLOOR) {
        await send(frame("tired"));
      }
      await send(result);
    }).finally(() => running.delete(answered));
    running.add(answered);
  }

  clearInterval(beats);
  // Exiting with a native call pending can crash; one that does not end is left to its fate.
  for (const cancel of desk.cancels.values()) Atomics.store(cancel, 0, 1);
  await Promise.race([
    Promise.allSettled(running),
    new Promise((resolve) => setTimeout(resolve, DRAIN_MS)),
  ]);
  Deno.exit(0);
}

async function answer(
  call: (desk: Desk, request: Frame) => Promise<Answer>,
  { desk, request }: { readonly desk: Desk; readonly request: Frame },
): Promise<Frame> {
  const { call: number, program } = request;
  try {
    return frame("done", { call: number, program, ...await call(desk, request) });
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return frame("refused", { call: number, program, text });
  }
}

function resident(): Float64Array {
  return Float64Array.of(Deno.memoryUsage().rss);
}

function loaded(desk: Desk, program: number): NativeProgram {
  const native = desk.programs.get(program);
  if (native === undefined) throw new TypeError(`There is no program ${program} in the child`);
  return native;
}

function joined(parts: readonly Int32Array[]): Int32Array {
  const result = new Int32Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}

/** The arguments that solver_connection.ts gives: the library's path and the memory in bytes. */
export function servedBy(args: readonly string[]): Parameters<typeof serve>[0] {
  const [libraryPath, memory] = args;
  return { libraryPath, memoryBytes: memory === undefined ? undefined : Number(memory) };
}

if (import.meta.main) await serve(servedBy(Deno.args));
