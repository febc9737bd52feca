/**
 * The operators and functions of formulas on the tape, each of nodes of one element. What has no
 * derivative gets a documented one:
 *
 * - comparisons are steps, 1 where they hold and 0 elsewhere, with derivative 0;
 * - if(c, a, b) is s·a + (1 − s)·b with s that step, so both branches must have a value: the tape has
 *   no jumps, and 0 · NaN is NaN;
 * - and(…) and or(…) are products and sums of such steps; above(…), below(…) and smooth_if(…) are
 *   sigmoids, with derivatives everywhere;
 * - min, max, abs, clip and interpolate take their left derivative at a kink.
 */

import type { NodeId } from "../model/tape.ts";
import type { TapeBuilder } from "../model/tape_builder.ts";
import { softSteepness } from "../strategy/formula_functions.ts";
import type { Formula } from "../strategy/strategy.ts";

/** All but sums, which lower_formula.ts gathers. */
type Operator = Exclude<Extract<Formula, { kind: "operator" }>["operator"], "+" | "-">;
/** Of two nodes of one element. */
export type Lowering = (builder: TapeBuilder, a: NodeId, b: NodeId) => NodeId;

export const operators: Readonly<Record<Operator, Lowering>> = {
  "*": (builder, a, b) => builder.product(a, b),
  "/": (builder, a, b) => builder.divide(a, b),
  "^": power,
  "<": (builder, a, b) => above(builder, b, a),
  "<=": (builder, a, b) => not(builder, above(builder, a, b)),
  ">": above,
  ">=": (builder, a, b) => not(builder, above(builder, b, a)),
  "==": equal,
  "!=": (builder, a, b) => not(builder, equal(builder, a, b)),
};

/** A negative number to a power with a fraction has no value; x^0 is 1 everywhere, also at 0. */
function power(builder: TapeBuilder, a: NodeId, b: NodeId): NodeId {
  const exponent = builder.constantOf(b)?.[0];
  return exponent === 0 ? builder.constant([1]) : builder.power(a, b);
}

/** 1 where a > b, else 0. */
function above(builder: TapeBuilder, a: NodeId, b: NodeId): NodeId {
  return builder.map("step", builder.subtract(a, b));
}

function not(builder: TapeBuilder, a: NodeId): NodeId {
  return builder.scaleBy(a, -1, 1);
}

function equal(builder: TapeBuilder, a: NodeId, b: NodeId): NodeId {
  return builder.product(not(builder, above(builder, a, b)), not(builder, above(builder, b, a)));
}

/** Functions of one value that are one instruction. */
const maps = {
  abs: "abs",
  sqrt: "sqrt",
  exp: "exp",
  log: "log",
  sin: "sin",
  cos: "cos",
  tan: "tan",
  asin: "asin",
  acos: "acos",
  atan: "atan",
  sinh: "sinh",
  cosh: "cosh",
  tanh: "tanh",
} as const;

type CallLowering = (builder: TapeBuilder, of: readonly NodeId[]) => NodeId;

/** All others, from the nodes of their arguments. `sum` is a sum like any other. */
const calls: ReadonlyMap<string, CallLowering> = new Map<string, CallLowering>([
  ["log10", (builder, [x]) => builder.scaleBy(builder.map("log", node(x)), Math.LOG10E)],
  ["min", (builder, of) => of.reduce((a, b) => builder.minimum(a, b))],
  ["max", (builder, of) => of.reduce((a, b) => builder.maximum(a, b))],
  [
    "mean",
    (builder, of) => builder.scaleBy(builder.sum(builder.concat(of), of.length), 1 / of.length),
  ],
  ["and", (builder, of) => of.reduce((a, b) => builder.product(a, b))],
  [
    "or",
    (builder, of) =>
      not(builder, of.map((a) => not(builder, a)).reduce((a, b) => builder.product(a, b))),
  ],
  ["not", (builder, [holds]) => not(builder, node(holds))],
  [
    "above",
    (builder, [x, limit, width]) => softAbove(builder, [node(x), node(limit), node(width)]),
  ],
  [
    "below",
    (builder, [x, limit, width]) => softAbove(builder, [node(limit), node(x), node(width)]),
  ],
  ["clip", clip],
  ["if", choose],
  ["interpolate", (builder, [x, ...points]) => interpolate(builder, node(x), points)],
]);

/** A function of the nodes of its arguments; the condition of `if` is 1 or 0. */
export function lowerFunction(builder: TapeBuilder, name: string, of: readonly NodeId[]): NodeId {
  if (name in maps) return builder.map(maps[name as keyof typeof maps], node(of[0]));
  const lowering = calls.get(name);
  if (lowering === undefined) {
    throw new ReferenceError(
      `Cannot lower ${name}(): no such function; parseFormula lets none through`,
    );
  }
  return lowering(builder, of);
}

function clip(builder: TapeBuilder, [x, lowest, highest]: readonly NodeId[]): NodeId {
  const low = builder.constantOf(node(lowest))?.[0];
  const high = builder.constantOf(node(highest))?.[0];
  if (low !== undefined && high !== undefined) return builder.map("clip", node(x), [low, high]);
  return builder.minimum(builder.maximum(node(x), node(lowest)), node(highest));
}

/** `holds` is 1 or 0. */
function choose(builder: TapeBuilder, [holds, then, otherwise]: readonly NodeId[]): NodeId {
  const known = builder.constantOf(node(holds))?.[0];
  if (known !== undefined) return known === 0 ? node(otherwise) : node(then);
  return blend(builder, node(holds), { then: node(then), otherwise: node(otherwise) });
}

/** `then` where the weight is 1, `otherwise` where it is 0, in proportion between them. */
export function blend(
  builder: TapeBuilder,
  weight: NodeId,
  { then, otherwise }: { readonly then: NodeId; readonly otherwise: NodeId },
): NodeId {
  return builder.add(
    builder.product(weight, then),
    builder.product(not(builder, weight), otherwise),
  );
}

/** A soft step from 0 where a is far below b to 1 far above it; parseFormula lets widths above 0 through. */
export function softAbove(
  builder: TapeBuilder,
  [a, b, width]: readonly [NodeId, NodeId, NodeId],
): NodeId {
  const steepness = softSteepness / at([...builder.constantOf(width) ?? []], 0);
  return builder.map("sigmoid", builder.scaleBy(builder.subtract(a, b), steepness));
}

/** 1 where the condition is other than 0, else 0. */
export function truth(builder: TapeBuilder, condition: NodeId | undefined): NodeId {
  return not(builder, equal(builder, node(condition), builder.constant([0])));
}

/**
 * y₁ + Σ (sᵢ − sᵢ₋₁) relu(x − xᵢ) over x clipped to the table, sᵢ the slope right of point i and
 * s₀ = 0: four instructions whatever the number of points.
 */
function interpolate(builder: TapeBuilder, x: NodeId, points: readonly NodeId[]): NodeId {
  const numbers = points.map((point) => builder.constantOf(point)?.[0] ?? NaN);
  const xs = numbers.filter((_, i) => i % 2 === 0);
  const ys = numbers.filter((_, i) => i % 2 === 1);
  const slopes = xs.slice(1).map((here, i) => (at(ys, i + 1) - at(ys, i)) / (here - at(xs, i)));
  const inside = builder.map("clip", x, [at(xs, 0), at(xs, xs.length - 1)]);
  const distances = builder.affine(
    inside,
    new Float64Array(slopes.length).fill(1),
    Float64Array.from(slopes, (_, i) => -at(xs, i)),
  );
  return builder.affine(
    builder.map("relu", distances),
    Float64Array.from(slopes, (slope, i) => i === 0 ? slope : slope - at(slopes, i - 1)),
    Float64Array.of(at(ys, 0)),
  );
}

function at(numbers: readonly number[], index: number): number {
  return numbers[index] ?? NaN;
}

/** parseFormula has counted the arguments; a missing one is a fault of this program. */
function node(argument: NodeId | undefined): NodeId {
  if (argument === undefined) throw new RangeError("A function lacks an argument");
  return argument;
}
