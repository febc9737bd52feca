/** Operators that combine several tensors element by element, with broadcasting. */

import type { TapeBuilder } from "../tape_builder.ts";
import type { NodeId } from "../tape.ts";
import { flag } from "./attributes.ts";
import { sinceFirst, withBroadcast } from "./first_versions.ts";
import { isMask, masked } from "./guard.ts";
import {
  type Operator,
  operator,
  OperatorError,
  type OperatorTable,
  type Value,
} from "./operator.ts";
import { broadcastShape } from "./shape.ts";
import { anyInput, binary, broadcastTo, isFloat } from "./values.ts";

type Combine = (builder: TapeBuilder, a: NodeId, b: NodeId) => NodeId;

function elementwise(combine: Combine): Operator {
  return operator({
    since: 7,
    inputs: [2, 2],
    lower: (call) => [
      binary(
        call.builder,
        [anyInput(call, 0), anyInput(call, 1)],
        (a, b) => combine(call.builder, a, b),
      ),
    ],
  });
}

/** A factor of 0 and 1 that the inputs decide hides what is not defined everywhere. */
function multiply(builder: TapeBuilder, a: NodeId, b: NodeId): NodeId {
  const isVariableMask = (node: NodeId) =>
    builder.constantOf(node) === undefined && isMask(builder, node);
  if (isVariableMask(a)) return masked(builder, a, b);
  return isVariableMask(b) ? masked(builder, b, a) : builder.product(a, b);
}

/** Integers divide towards zero, which has no derivative: only constants do. */
const div = operator({
  since: 7,
  inputs: [2, 2],
  lower: (call) => {
    const { builder } = call;
    const [a, b] = [anyInput(call, 0), anyInput(call, 1)];
    if (isFloat(a.type)) return [binary(builder, [a, b], (x, y) => builder.divide(x, y))];
    const exact = binary(builder, [a, b], (x, y) => {
      const [above, below] = [builder.constantOf(x), builder.constantOf(y)];
      if (above === undefined || below === undefined || below.includes(0)) {
        throw new OperatorError("it divides integers that are not constant, or by zero");
      }
      return builder.constant(above.map((value, i) => Math.trunc(value / (below[i] as number))));
    });
    return [exact];
  },
});

/** What exporters compute shapes with; of variables it would jump. */
const mod = operator({
  since: 10,
  inputs: [2, 2],
  attributes: { fmod: flag(0) },
  lower: (call) => {
    const { builder, attributes: { fmod } } = call;
    const remainder = binary(builder, [anyInput(call, 0), anyInput(call, 1)], (x, y) => {
      const [above, below] = [builder.constantOf(x), builder.constantOf(y)];
      if (above === undefined || below === undefined || below.includes(0)) {
        throw new OperatorError("it divides with a remainder what is not constant, or by zero");
      }
      return builder.constant(above.map((value, i) => {
        const divisor = below[i] as number;
        return fmod ? value % divisor : value - Math.floor(value / divisor) * divisor;
      }));
    });
    return [remainder];
  },
});

/** Base and exponent may be of different types; the result is of the base's. */
const pow = operator({
  since: 7,
  inputs: [2, 2],
  lower: (call) => {
    const { builder } = call;
    const [base, given] = [anyInput(call, 0), anyInput(call, 1)];
    const exponent = { ...given, type: base.type };
    const result = binary(builder, [base, exponent], (a, b) => builder.power(a, b));
    if (isFloat(base.type)) return [result];
    const values = builder.constantOf(result.node);
    if (values === undefined) {
      throw new OperatorError("it raises integers that are not constant to a power");
    }
    return [{ ...result, node: builder.constant(values.map(Math.trunc)) }];
  },
});

/** combine over all inputs, left to right, after broadcasting them to one shape. */
function variadic(combine: Combine, mean = false): Operator[] {
  const row = operator({
    since: 6,
    inputs: [1, Infinity],
    lower: (call) => {
      const { builder } = call;
      const [first, ...rest] = call.inputs.map((_, index) => anyInput(call, index)) as [Value];
      if (mean && !isFloat(first.type)) throw new OperatorError("it averages integers");
      const shape = [first, ...rest].reduce<readonly number[]>(
        (wide, value) => broadcastShape(wide, value.shape),
        [],
      );
      const all = rest.reduce(
        (sum: Value, value: Value) =>
          binary(builder, [sum, value], (a, b) => combine(builder, a, b)),
        broadcastTo(builder, first, shape),
      );
      const factor = mean ? 1 / call.inputs.length : 1;
      return [{ ...all, node: builder.scaleBy(all.node, factor) }];
    },
  });
  return [sinceFirst(row), row];
}

/** Rows of ai.onnx. */
export const ARITHMETIC: OperatorTable = {
  Add: withBroadcast(elementwise((builder, a, b) => builder.add(a, b)), "opsets 1 and 6"),
  Sub: withBroadcast(elementwise((builder, a, b) => builder.subtract(a, b)), "opsets 1 and 6"),
  Mul: withBroadcast(elementwise(multiply), "opsets 1 and 6"),
  Div: withBroadcast(div, "opsets 1 and 6"),
  Mod: [mod],
  Pow: withBroadcast(pow, "opset 1"),
  Sum: variadic((builder, a, b) => builder.add(a, b)),
  Mean: variadic((builder, a, b) => builder.add(a, b), true),
  Max: variadic((builder, a, b) => builder.maximum(a, b)),
  Min: variadic((builder, a, b) => builder.minimum(a, b)),
};
