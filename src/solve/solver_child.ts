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
/**
 * Answers that follow one another faster than this are not all weighed: asking the kernel takes a
 * twentieth of a small solve, and so little time does not fill the memory below the floor.
 */
const WEIGH_MS = 10;

/** What a pipe holds at most: pipe(7). */
const PIECE_BYTES = 65_536;

type Answer = Pick<Frame, "ints" | "reals">;
type Call = (desk: Desk, request: Frame) => Answer | Promise<Answer>;

/** What is loaded and running in this process. */
interface Desk {
  readonly library: IpoptLibrary;
  readonly programs: Map<number, NativeProgram>;
  /** Cancel words of running solves by call. */
  readonly cancels: Map<number, Int32Array>;
}

/**
 * Calls by kind of frame. What takes time runs beside the others, the library puts solves in a row;
 * what does not is answered at once.
 */
const CALLS: Partial<Record<Frame["kind"], Call>> = {
  load: (desk, { program, ints, reals }) => {
    const native = desk.library.load(ints, reals);
    desk.programs.set(program, native);
    const structure = native.structure();
    return {
      ints: joined([
        Int32Array.of(native.shape.jacobianNonzeros, native.shape.hessianNonzeros),
        structure.jacobianRows,
        structure.jacobianColumns,
        structure.hessianRows,
        structure.hessianColumns,
      ]),
      reals: new Float64Array(0),
    };
  },
  solve: (desk, request) => {
    const brief = loaded(desk, request.program).solveBriefly(request.reals);
    return brief === undefined
      ? solveBeside(desk, request)
      : { ints: new Int32Array(0), reals: brief };
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

async function solveBeside(desk: Desk, { call, program, reals }: Frame): Promise<Answer> {
  const cancel = new Int32Array(1);
  desk.cancels.set(call, cancel);
  try {
    return { ints: new Int32Array(0), reals: await loaded(desk, program).solve(reals, cancel) };
  } finally {
    desk.cancels.delete(call);
  }
}

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
  let beatAt = performance.now();
  const beat = () => {
    beatAt = performance.now();
    send(frame("beat", { reals: resident() }));
  };
  let weighedAt = -Infinity;
  const sendAnswer = (result: Frame) => {
    const now = performance.now();
    // Brief calls leave the timer below no turn.
    if (now - beatAt > BEAT_MS) beat();
    if (memoryBytes !== undefined && now - weighedAt > WEIGH_MS) {
      weighedAt = now;
      if (library.memoryLeft() < MEMORY_FLOOR) send(frame("tired"));
    }
    send(result);
  };
  send(frame("ready", { text: library.ipoptVersion, reals: resident() }));

  const running = new Set<Promise<void>>();
  const beats = setInterval(() => {
    if (running.size > 0) beat();
  }, BEAT_MS);
  for await (const request of decodeFrames(input(() => running.size === 0))) {
    NOTICES[request.kind]?.(desk, request);
    const call = CALLS[request.kind];
    if (call === undefined) continue;
    const result = answer(call, { desk, request });
    if (!(result instanceof Promise)) {
      sendAnswer(result);
      continue;
    }
    const answered = result.then(sendAnswer).finally(() => running.delete(answered));
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

function answer(
  call: Call,
  { desk, request }: { readonly desk: Desk; readonly request: Frame },
): Frame | Promise<Frame> {
  const { call: number, program } = request;
  const done = (result: Answer) => frame("done", { call: number, program, ...result });
  const refused = (error: unknown) => {
    const text = error instanceof Error ? error.message : String(error);
    return frame("refused", { call: number, program, text });
  };
  try {
    const result = call(desk, request);
    return result instanceof Promise ? result.then(done).catch(refused) : done(result);
  } catch (error) {
    return refused(error);
  }
}

/**
 * Pieces of stdin. While no call is under way this thread has nothing else to do than wait for the
 * next, and it waits for the pipe itself: a stream would read on a thread of its own and wake this
 * one when that has read, which costs a small solve a tenth of its time.
 */
async function* input(isIdle: () => boolean): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
  const buffer = new Uint8Array(PIECE_BYTES);
  for (;;) {
    const count = isIdle() ? Deno.stdin.readSync(buffer) : await Deno.stdin.read(buffer);
    if (count === null) return;
    yield buffer.slice(0, count);
  }
}

/** Writes a frame before anything else happens here: the parent is always reading. */
function send(message: Frame): void {
  const bytes = encodeFrame(message);
  for (let at = 0; at < bytes.length;) at += Deno.stdout.writeSync(bytes.subarray(at));
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
