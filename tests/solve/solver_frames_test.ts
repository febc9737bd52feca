import assert from "node:assert/strict";
import fc from "fast-check";
import type { Frame } from "../../src/solve/solver_frames.ts";
import {
  decodeFrames,
  encodeFrame,
  frame,
  FRAME_KINDS,
  FrameError,
} from "../../src/solve/solver_frames.ts";

const frames = fc.array(
  fc.record({
    kind: fc.constantFrom(...Object.keys(FRAME_KINDS) as Frame["kind"][]),
    call: fc.nat(),
    program: fc.nat(),
    ints: fc.int32Array({ maxLength: 9 }),
    reals: fc.float64Array({ maxLength: 9 }),
    text: fc.string({ unit: "grapheme", maxLength: 9 }),
  }, { noNullPrototype: true }),
  { maxLength: 5 },
);

Deno.test("decodeFrames reads what encodeFrame wrote, however the bytes are cut", async () => {
  await fc.assert(
    fc.asyncProperty(
      frames,
      fc.infiniteStream(fc.integer({ min: 1, max: 40 })),
      async (sent, cuts) => {
        const bytes = joined(sent.map(encodeFrame));
        const received = await collect(decodeFrames(cut(bytes, cuts)));
        assert.deepEqual(received, sent);
      },
    ),
    { numRuns: 200 },
  );
});

Deno.test("decodeFrames throws at bytes that are no frame", async () => {
  const noise = new TextEncoder().encode("MUMPS: something printed where frames are expected");
  await assert.rejects(collect(decodeFrames(cut(noise, [7].values()))), FrameError);
});

Deno.test("decodeFrames gives nothing for a frame that ends too early", async () => {
  const bytes = encodeFrame(frame("solve", { reals: Float64Array.of(1, 2, 3) }));
  const early = cut(bytes.subarray(0, bytes.length - 1), [5].values());
  assert.deepEqual(await collect(decodeFrames(early)), []);
});

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}

/** The bytes as a stream of pieces of the given lengths; the last length repeats. */
function cut(
  bytes: Uint8Array<ArrayBuffer>,
  lengths: Iterator<number>,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let at = 0;
  let length = 1;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      length = lengths.next().value ?? length;
      controller.enqueue(bytes.slice(at, at += length));
    },
  });
}

async function collect(stream: AsyncIterable<Frame>): Promise<Frame[]> {
  const result: Frame[] = [];
  for await (const received of stream) result.push(received);
  return result;
}
