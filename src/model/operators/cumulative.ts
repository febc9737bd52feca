/** Running sums: a triangular affine along one axis. */

import { flag } from "./attributes.ts";
import { operator, type OperatorTable } from "./operator.ts";
import { axisOf, count } from "./shape.ts";
import { anyInput, integersInput, transpose } from "./values.ts";

const cumSum = operator({
  since: 11,
  inputs: [2, 2],
  attributes: { exclusive: flag(0), reverse: flag(0) },
  lower: (call) => {
    const { builder, attributes: { exclusive, reverse } } = call;
    const x = anyInput(call, 0);
    const axis = axisOf(integersInput(call, 1)[0] ?? NaN, x.shape.length);
    const length = x.shape[axis] as number;
    if (count(x.shape) === 0) return [x];
    const all = x.shape.map((_, k) => k);
    const last = [...all.filter((k) => k !== axis), axis];
    const weights = Float64Array.from({ length: count([length, length]) }, (_, i) => {
      const [to, from] = [Math.floor(i / length), i % length];
      const before = reverse ? from > to : from < to;
      return Number(before || (from === to && !exclusive));
    });
    const rows = transpose(builder, x, last);
    const node = builder.affine(rows.node, weights, new Float64Array(length));
    return [transpose(builder, { ...rows, node }, all.map((k) => last.indexOf(k)))];
  },
});

/** Rows of ai.onnx. */
export const CUMULATIVE: OperatorTable = { CumSum: [cumSum] };
