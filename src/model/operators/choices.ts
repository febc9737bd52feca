/**
 * Comparisons, logic and Where: which of two branches counts.
 *
 * A comparison is a step of the difference, with derivative 0; Where takes the value and the
 * derivative of the branch that is chosen. At the border of two branches that do not meet, the
 * model jumps, and no optimizer can know.
 */

import type { TapeBuilder } from "../tape_builder.ts";
import type { NodeId } from "../tape.ts";
import { withBroadcast } from "./first_versions.ts";
import { masked } from "./guard.ts";
import {
  type Operator,
  operator,
  OperatorError,
  type OperatorTable,
  type Value,
} from "./operator.ts";
import { broadcastShape } from "./shape.ts";
import { anyInput, binary, broadcastTo } from "./values.ts";

type Combine = (builder: TapeBuilder, a: NodeId, b: NodeId) => NodeId;

/** 1 where a > b. */
function greater(builder: TapeBuilder, a: NodeId, b: NodeId): NodeId {
  return builder.map("step", builder.subtract(a, b));
}

function not(builder: TapeBuilder, a: NodeId): NodeId {
  return builder.scaleBy(a, -1, 1);
}

/** Constants are compared as they are, so that infinities are equal to themselves. */
function comparison(
  since: number,
  { exact, steps }: { readonly exact: (a: number, b: number) => boolean; readonly steps: Combine },
): Operator {
  return operator({
    since,
    inputs: [2, 2],
    lower: (call) => {
      const { builder } = call;
      const both = [anyInput(call, 0), anyInput(call, 1)] as const;
      const result = binary(builder, both, (a, b) => {
        const [left, right] = [builder.constantOf(a), builder.constantOf(b)];
        if (left === undefined || right === undefined) return steps(builder, a, b);
        return builder.constant(left.map((value, i) => Number(exact(value, right[i] as number))));
      });
      return [{ ...result, type: "bool" }];
    },
  });
}

function boolInput(value: Value): Value {
  if (value.type !== "bool") throw new OperatorError(`its condition is of type ${value.type}`);
  return value;
}

function logic(combine: Combine): Operator[] {
  const row = operator({
    since: 7,
    inputs: [2, 2],
    lower: (call) => {
      const both = [boolInput(anyInput(call, 0)), boolInput(anyInput(call, 1))] as const;
      return [binary(call.builder, both, (a, b) => combine(call.builder, a, b))];
    },
  });
  return withBroadcast(row, "opset 1");
}

/** 1 where a = b: 1 − sign(a − b)². */
function equal(builder: TapeBuilder, a: NodeId, b: NodeId): NodeId {
  return not(builder, builder.map("abs", builder.map("sign", builder.subtract(a, b))));
}

const negation = operator({
  since: 1,
  inputs: [1, 1],
  lower: (call) => {
    const x = boolInput(anyInput(call, 0));
    return [{ ...x, node: not(call.builder, x.node) }];
  },
});

/** a where the condition holds, else b. */
const where = operator({
  since: 9,
  inputs: [3, 3],
  lower: (call) => {
    const [condition, a, b] = [0, 1, 2].map((index) => anyInput(call, index));
    return [choose(call.builder, condition as Value, [a as Value, b as Value])];
  },
});

/** The first of two values where the condition holds, else the second; all broadcast. */
export function choose(
  builder: TapeBuilder,
  given: Value,
  [a, b]: readonly [Value, Value],
): Value {
  const condition = boolInput(given);
  if (builder.constantOf(condition.node) !== undefined) {
    return pickFixed(builder, condition, [a, b]);
  }
  const weight = { ...condition, type: a.type };
  const kept = binary(builder, [weight, a], (w, x) => masked(builder, w, x));
  const other = { ...weight, node: not(builder, weight.node) };
  const rest = binary(builder, [other, b], (w, x) => masked(builder, w, x));
  return binary(builder, [kept, rest], (x, y) => builder.add(x, y));
}

/** A constant condition picks elements, so that what is not picked never counts. */
function pickFixed(builder: TapeBuilder, condition: Value, [a, b]: readonly [Value, Value]): Value {
  if (a.type !== b.type) throw new OperatorError(`its branches are of ${a.type} and ${b.type}`);
  const shape = broadcastShape(broadcastShape(a.shape, b.shape), condition.shape);
  const wide = [condition, a, b].map((value) => broadcastTo(builder, value, shape).node);
  const [chosen, left, right] = wide as [NodeId, NodeId, NodeId];
  const keep = builder.constantOf(chosen) as Float64Array;
  const indices = Array.from(keep, (yes, i) => yes !== 0 ? i : keep.length + i);
  return { ...a, shape, node: builder.gather(builder.concat([left, right]), indices) };
}

/** Rows of ai.onnx. */
export const CHOICES: OperatorTable = {
  Greater: withBroadcast(comparison(7, { exact: (a, b) => a > b, steps: greater }), "opset 1"),
  Less: withBroadcast(
    comparison(7, { exact: (a, b) => a < b, steps: (t, a, b) => greater(t, b, a) }),
    "opset 1",
  ),
  GreaterOrEqual: [
    comparison(12, { exact: (a, b) => a >= b, steps: (t, a, b) => not(t, greater(t, b, a)) }),
  ],
  LessOrEqual: [
    comparison(12, { exact: (a, b) => a <= b, steps: (t, a, b) => not(t, greater(t, a, b)) }),
  ],
  Equal: withBroadcast(comparison(7, { exact: (a, b) => a === b, steps: equal }), "opset 1"),
  Not: [negation],
  And: logic((builder, a, b) => builder.product(a, b)),
  Or: logic((builder, a, b) => builder.maximum(a, b)),
  Xor: logic((builder, a, b) => builder.map("abs", builder.subtract(a, b))),
  Where: [where],
};
