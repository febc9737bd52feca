/** Random tapes over every instruction, with dense and sparse supports mixed. */

import type { FunctionName } from "../../src/model/functions.ts";
import type { Tape, TapeElement } from "../../src/model/tape.ts";
import { HandTape } from "../solve/programs.ts";

/** Functions that are smooth and bounded in slope, so that deep tapes stay of moderate size. */
const SMOOTH: readonly FunctionName[] = [
  "tanh",
  "sigmoid",
  "softplus",
  "gelu",
  "gelu_tanh",
  "erf",
  "sin",
  "cos",
  "atan",
  "swish",
  "mish",
  "softsign",
  "elu",
  "relu",
  "leaky_relu",
  "abs",
  "asinh",
];

export interface RandomTape {
  readonly tape: Tape;
  readonly outputs: readonly TapeElement[];
  readonly x: Float64Array;
  readonly p: Float64Array;
}

/** The same seed gives the same tape; `length` instructions after the leaves. */
export function randomTape(seed: number, length: number): RandomTape {
  const random = mulberry32(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  const real = () => 2 * random() - 1;
  const list = <Item>(count: number, item: () => Item) => Array.from({ length: count }, item);
  const inputs = 1 + below(9);
  const parameters = 1 + below(4);
  const t = new HandTape();
  t.input(...list(1 + below(8), () => below(inputs)));
  for (let i = 0; i < inputs; i++) if (random() < 0.6) t.input(i);
  t.parameter(...list(1 + below(5), () => below(parameters)));
  t.constant(...list(1 + below(5), real));

  const any = () => below(t.instructions.length);
  /** An operand of this very size, gathered from any other. */
  const sized = (size: number) => {
    const from = any();
    return t.sizeOf(from) === size
      ? from
      : t.gather(from, ...list(size, () => below(t.sizeOf(from))));
  };
  const steps = [
    () => {
      const from = any();
      const repeat = t.sizeOf(from) % 2 === 0 && random() < 0.5 ? 2 : 1;
      const cols = t.sizeOf(from) / repeat;
      const rows = 1 + below(9);
      const weights = list(rows, () => list(cols, () => real() / Math.sqrt(cols)));
      t.affine(from, { weights, offset: list(rows, real), repeat });
    },
    () => t.gather(any(), ...list(1 + below(9), () => 0)),
    () => sized(1 + below(9)),
    () => t.concat(...list(1 + below(3), any)),
    () => {
      const a = any();
      t.plus(a, sized(t.sizeOf(a)));
    },
    () => {
      const a = any();
      t.plus(t.plus(a, sized(t.sizeOf(a))), sized(t.sizeOf(a)));
    },
    () => t.scale(any(), [real(), real()]),
    () => {
      const from = any();
      t.sum(from, t.sizeOf(from) % 3 === 0 ? 3 : 1);
    },
    () => t.sum(any()),
    () => {
      t.map(any(), SMOOTH[below(SMOOTH.length)]!, [0.3 + random(), 1]);
    },
    () => {
      t.map(any(), SMOOTH[below(SMOOTH.length)]!, [0.3 + random(), 1]);
    },
    () => {
      // Bounded first, so that products of products do not blow up.
      const a = t.map(any(), "tanh");
      t.times(a, t.map(sized(t.sizeOf(a)), "sin"));
    },
    () => {
      const a = t.map(any(), "tanh");
      t.times(a, a);
    },
  ];
  for (let i = 0; i < length; i++) steps[below(steps.length)]!();
  // Large concatenations of concatenations would only cost time.
  const outputs = list(4, () => {
    const node = t.instructions.length - 1 - below(Math.min(6, t.instructions.length));
    return { node, element: below(t.sizeOf(node)) };
  });
  return {
    tape: t.finish({ inputs, parameters }),
    outputs,
    x: Float64Array.from({ length: inputs }, real),
    p: Float64Array.from({ length: parameters }, real),
  };
}

/** M. O'Neill-style mixing of a 32-bit counter; good enough to draw test cases. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
