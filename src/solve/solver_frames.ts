/**
 * The frames between the service and its solver child, over the child's stdin and stdout.
 *
 * A frame is a head of eight little-endian 32-bit words (mark, kind, call, program, number of reals,
 * of integers, of text bytes, 0), then the reals, the integers and the UTF-8 text, filled up with
 * zeros to a multiple of eight bytes. Both ends run on one machine: numbers travel as they lie in
 * memory.
 */

/** Kinds of frame, with what `ints`, `reals` and `text` hold. */
export const FRAME_KINDS = {
  /** Child, once: it serves. text: IPOPT's version, reals: its resident memory in bytes. */
  ready: 1,
  /** A packed program for the number `program`. */
  load: 2,
  /** Forget `program`; no answer. */
  release: 3,
  /** reals: a packed request. */
  solve: 4,
  /** Ends the solve with this `call`; no answer of its own. */
  cancel: 5,
  /** reals: sigma, lambda, x, p. */
  evaluate: 6,
  /** Child: the call succeeded. */
  done: 7,
  /** Child: the call was refused. text: why. */
  refused: 8,
  /** Child, now and then while calls are under way: it lives. reals: its resident memory in bytes. */
  beat: 9,
  /** Child, before an answer: it serves no further call, for its memory is used up. */
  tired: 10,
} as const;

/** How often a child that works sends a beat. */
export const BEAT_MS = 200;

export interface Frame {
  readonly kind: keyof typeof FRAME_KINDS;
  /** Chosen by the parent, repeated in the answer; 0 where there is no call. */
  readonly call: number;
  readonly program: number;
  readonly ints: Int32Array;
  readonly reals: Float64Array;
  readonly text: string;
}

/** The other end does not speak this protocol. */
export class FrameError extends Error {
  override readonly name = "FrameError";
}

const MARK = 0x53505446;
const HEAD_BYTES = 32;
/** No program is that large: a longer frame is noise. */
const MOST_BYTES = 2 ** 31;
const NO_INTS = new Int32Array(0);
const NO_REALS = new Float64Array(0);
const NAMES = new Map(
  Object.entries(FRAME_KINDS).map(([name, kind]) => [kind as number, name as Frame["kind"]]),
);

/** A frame with what is not given left empty. */
export function frame(
  kind: Frame["kind"],
  content: Partial<Omit<Frame, "kind">> = {},
): Frame {
  return { call: 0, program: 0, ints: NO_INTS, reals: NO_REALS, text: "", ...content, kind };
}

export function encodeFrame(
  { kind, call, program, ints, reals, text }: Frame,
): Uint8Array<ArrayBuffer> {
  const letters = new TextEncoder().encode(text);
  const length = bodyLength([reals.length, ints.length, letters.length]);
  const bytes = new Uint8Array(HEAD_BYTES + length);
  new Uint32Array(bytes.buffer, 0, 7).set([
    MARK,
    FRAME_KINDS[kind],
    call,
    program,
    reals.length,
    ints.length,
    letters.length,
  ]);
  new Float64Array(bytes.buffer, HEAD_BYTES, reals.length).set(reals);
  new Int32Array(bytes.buffer, HEAD_BYTES + reals.byteLength, ints.length).set(ints);
  bytes.set(letters, HEAD_BYTES + reals.byteLength + ints.byteLength);
  return bytes;
}

/** Frames from a byte stream, however it is cut. @throws {FrameError} at anything else. */
export async function* decodeFrames(
  stream: AsyncIterable<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<Frame, void, void> {
  const pieces = new Pieces();
  let head: Uint32Array | undefined;
  for await (const chunk of stream) {
    pieces.push(chunk);
    for (;;) {
      if (head === undefined) {
        if (pieces.length < HEAD_BYTES) break;
        head = new Uint32Array(pieces.take(HEAD_BYTES));
        checkHead(head);
      }
      const counts = [head[4]!, head[5]!, head[6]!] as const;
      const length = bodyLength(counts);
      if (pieces.length < length) break;
      yield readFrame(head, pieces.take(length));
      head = undefined;
    }
  }
}

function checkHead(head: Uint32Array): void {
  const length = bodyLength([head[4]!, head[5]!, head[6]!]);
  if (head[0] !== MARK || !NAMES.has(head[1]!) || length > MOST_BYTES) {
    throw new FrameError(`No frame starts with ${[...head].join(" ")}`);
  }
}

function readFrame(head: Uint32Array, body: ArrayBuffer): Frame {
  const [, kind, call, program, realCount, intCount, letterCount] = head;
  const reals = new Float64Array(body, 0, realCount!);
  const ints = new Int32Array(body, reals.byteLength, intCount!);
  const letters = new Uint8Array(body, reals.byteLength + ints.byteLength, letterCount!);
  return {
    kind: NAMES.get(kind!)!,
    call: call!,
    program: program!,
    reals,
    ints,
    text: new TextDecoder().decode(letters),
  };
}

function bodyLength([reals, ints, letters]: readonly [number, number, number]): number {
  return Math.ceil((8 * reals + 4 * ints + letters) / 8) * 8;
}

/** Bytes that came in pieces, taken out in other pieces. */
class Pieces {
  length = 0;
  readonly #pieces: Uint8Array[] = [];

  push(piece: Uint8Array): void {
    this.#pieces.push(piece);
    this.length += piece.length;
  }

  /** The next `count` bytes in a buffer of their own, so that views on it are aligned. */
  take(count: number): ArrayBuffer {
    const result = new Uint8Array(count);
    let at = 0;
    while (at < count) {
      const piece = this.#pieces[0]!;
      const part = piece.subarray(0, count - at);
      result.set(part, at);
      at += part.length;
      if (part.length === piece.length) this.#pieces.shift();
      else this.#pieces[0] = piece.subarray(part.length);
    }
    this.length -= count;
    return result.buffer;
  }
}
