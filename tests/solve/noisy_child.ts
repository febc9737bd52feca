/** A solver child that prints text in the middle of a solve, where frames are expected. */

import { decodeFrames, encodeFrame, frame } from "../../src/solve/solver_frames.ts";

const output = Deno.stdout.writable.getWriter();
await output.write(encodeFrame(frame("ready")));
for await (const { kind, call } of decodeFrames(Deno.stdin.readable)) {
  if (kind === "solve") await output.write(new TextEncoder().encode("a library prints ".repeat(9)));
  else await output.write(encodeFrame(frame("done", { call, ints: Int32Array.of(0, 0) })));
}
