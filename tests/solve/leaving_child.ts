/** A solver child that loads programs well and leaves with exit code 0 in the middle of a solve. */

import { decodeFrames, encodeFrame, frame } from "../../src/solve/solver_frames.ts";

const output = Deno.stdout.writable.getWriter();
await output.write(encodeFrame(frame("ready")));
for await (const { kind, call } of decodeFrames(Deno.stdin.readable)) {
  if (kind === "solve") Deno.exit(0);
  await output.write(encodeFrame(frame("done", { call, ints: Int32Array.of(0, 0) })));
}
