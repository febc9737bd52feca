/** Random programs over networks, as a plant's models make them: many local optima, some limits. */

import type { Program } from "../../src/solve/program.ts";
import { handProgram, HandTape } from "../solve/programs.ts";
import type { Random } from "./random.ts";

const HIDDEN = 12;

/** A program with one parameter vector of two elements, limits that can hold, and its start. */
export interface NetworkProgram {
  readonly program: Program;
  readonly start: Float64Array;
  readonly parameters: Float64Array;
}

/**
 * Two to ten settings in [−1, 1]; the objective is a network of weights near `steepness` plus a bowl,
 * the limits are networks that hold at some inner point.
 */
export function networkProgram(
  random: Random,
  { steepness }: { readonly steepness: number },
): NetworkProgram {
  const n = random.whole(2, 10);
  const inner = Array.from({ length: n }, () => random.uniform(-0.8, 0.8));
  const parameters = [random.uniform(-1, 1), random.uniform(-1, 1)];
  const t = new HandTape();
  const x = t.input(...inner.keys());
  const both = t.concat(x, t.parameter(0, 1));
  const layers = () => network(random, { inputs: n + 2, steepness });
  const lower = (net: Network) =>
    t.affine(t.map(t.affine(both, { weights: net.hidden, offset: net.offset }), "tanh"), {
      weights: [net.out],
      offset: [0],
    });
  const bowl = t.sum(t.map(t.plus(x, t.constant(...inner.map((v) => -v))), "square"));
  const objective = t.plus(lower(layers()), t.scale(bowl, [0.05, 0]));
  const rows = Array.from({ length: random.whole(1, 4) }, () => {
    const net = layers();
    const at = valueOf(net, [...inner, ...parameters]);
    const room = random.uniform(0.02, 0.4);
    return random.uniform() < 0.5
      ? [lower(net), -Infinity, at + room] as const
      : [lower(net), at - room, at + 3] as const;
  });
  const total = t.sum(x);
  const middle = inner.reduce((sum, value) => sum + value, 0);
  const program = handProgram({
    tape: t.finish({ inputs: n, parameters: 2 }),
    objective,
    rows: [...rows, [total, middle - 0.5, middle + 0.5]],
    bounds: [-1, 1],
  });
  return {
    program,
    start: Float64Array.from(inner, () => random.uniform(-1, 1)),
    parameters: Float64Array.from(parameters),
  };
}

interface Network {
  readonly hidden: readonly (readonly number[])[];
  readonly offset: readonly number[];
  readonly out: readonly number[];
}

function network(
  random: Random,
  { inputs, steepness }: { readonly inputs: number; readonly steepness: number },
): Network {
  const size = steepness / Math.sqrt(inputs);
  return {
    hidden: Array.from(
      { length: HIDDEN },
      () => Array.from({ length: inputs }, () => size * random.normal()),
    ),
    offset: Array.from({ length: HIDDEN }, () => steepness * random.uniform(-0.5, 0.5)),
    out: Array.from({ length: HIDDEN }, () => random.normal() / Math.sqrt(HIDDEN)),
  };
}

function valueOf({ hidden, offset, out }: Network, at: readonly number[]): number {
  return hidden.reduce((sum, weights, h) => {
    const inner = weights.reduce((total, w, i) => total + w * at[i]!, offset[h]!);
    return sum + out[h]! * Math.tanh(inner);
  }, 0);
}
