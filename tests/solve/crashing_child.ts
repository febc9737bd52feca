/** A solver child that makes a real segmentation fault in the native library when asked to solve. */

import { SYMBOLS } from "../../native/symbols.ts";
import { decodeFrames, encodeFrame, frame } from "../../src/solve/solver_frames.ts";

const library = Deno.dlopen(Deno.args[0]!, SYMBOLS);
const output = Deno.stdout.writable.getWriter();
await output.write(encodeFrame(frame("ready")));
for await (const { kind, call } of decodeFrames(Deno.stdin.readable)) {
  // No program lies at address 8: the library reads there and the kernel objects.
  if (kind === "solve") library.symbols.optimizer_shape(8n, new Int32Array(5));
  await output.write(encodeFrame(frame("done", { call, ints: Int32Array.of(0, 0) })));
}
