/** Determinants of small matrices, by minors: products and sums alone, so smooth everywhere. */

import type { NodeId } from "../tape.ts";
import { type Call, operator, OperatorError, type OperatorTable, type Value } from "./operator.ts";
import { count, walk } from "./shape.ts";
import { floatInput } from "./values.ts";

/** Beyond this there are too many minors: 2ⁿ of them. */
const LARGEST = 6;

function determinant(call: Call<unknown>): Value {
  const { builder } = call;
  const x = floatInput(call, 0);
  const [n = NaN, columns = NaN] = x.shape.slice(-2);
  if (n !== columns || n < 1 || n > LARGEST) {
    throw new OperatorError(
      `shape [${x.shape}] holds no square matrices of at most ${LARGEST} rows`,
    );
  }
  const batch = x.shape.slice(0, -2);
  const many = count(batch);
  const entry = (row: number, column: number) =>
    builder.gather(x.node, walk([many], [n * n], row * n + column));
  const minors = new Map<string, NodeId>();
  /** Of the rows from n − columns.length on and these columns. */
  const minor = (left: readonly number[]): NodeId => {
    const known = minors.get(`${left}`);
    if (known !== undefined) return known;
    const row = n - left.length;
    const terms = left.map((column, k) => {
      const rest = left.filter((other) => other !== column);
      const term = rest.length === 0
        ? entry(row, column)
        : builder.product(entry(row, column), minor(rest));
      return k % 2 === 0 ? term : builder.negate(term);
    });
    const result = terms.reduce((sum, term) => builder.add(sum, term));
    minors.set(`${left}`, result);
    return result;
  };
  return { ...x, shape: batch, node: minor(Array.from({ length: n }, (_, k) => k)) };
}

/** Rows of ai.onnx. */
export const DETERMINANT: OperatorTable = {
  Det: [operator({ since: 11, inputs: [1, 1], lower: (call) => [determinant(call)] })],
};
