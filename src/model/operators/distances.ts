/** CDist of ONNX Runtime's own operator set, which scikit-learn's Gaussian processes may use. */

import { choice } from "./attributes.ts";
import { operator, OperatorError, type OperatorTable } from "./operator.ts";
import { floatInput, view } from "./values.ts";

/** Distance of every row of A (n, k) to every row of B (m, k); √ has no derivative at 0. */
const cdist = operator({
  since: 1,
  inputs: [2, 2],
  attributes: { metric: choice(["sqeuclidean", "euclidean"], "sqeuclidean") },
  lower: (call) => {
    const { builder } = call;
    const [a, b] = [floatInput(call, 0), floatInput(call, 1)];
    const [n, k] = a.shape;
    const [m, columns] = b.shape;
    const isMatrices = a.shape.length === 2 && b.shape.length === 2;
    if (!isMatrices || n === undefined || m === undefined || !k || k !== columns) {
      throw new OperatorError(`shapes [${a.shape}] and [${b.shape}] have no distances`);
    }
    const shape = [n, m, k];
    const left = view(builder, a, { shape, strides: [k, 0, 1] });
    const right = view(builder, b, { shape, strides: [0, k, 1] });
    const squares = builder.map("square", builder.subtract(left.node, right.node));
    const sums = builder.sum(squares, k);
    const isRoot = call.attributes.metric === "euclidean";
    const node = isRoot ? builder.map("sqrt", sums) : sums;
    return [{ ...a, shape: [n, m], node }];
  },
});

/** Rows of com.microsoft. */
export const DISTANCES: OperatorTable = { CDist: [cdist] };
