/** SVMRegressor (ai.onnx.ml): a weighted sum of kernels between the input and support vectors. */

import type { TapeBuilder } from "../tape_builder.ts";
import type { NodeId } from "../tape.ts";
import { choice, flag, int, optionalFloats } from "./attributes.ts";
import { operator, OperatorError, type OperatorTable } from "./operator.ts";
import { rowsInput } from "./rows.ts";

interface Kernel {
  readonly vectors: Float64Array;
  readonly count: number;
  readonly width: number;
  readonly gamma: number;
  readonly coef0: number;
  readonly degree: number;
}

/** γ xᵀv + c₀ for each support vector v. */
function inner(builder: TapeBuilder, x: NodeId, { vectors, gamma, coef0, count }: Kernel): NodeId {
  return builder.affine(
    x,
    vectors.map((v) => gamma * v),
    new Float64Array(count).fill(coef0),
  );
}

type Evaluate = (builder: TapeBuilder, x: NodeId, kernel: Kernel) => NodeId;

/** One row of `count` kernel values per row of x. */
const KERNELS: Record<"LINEAR" | "POLY" | "RBF" | "SIGMOID", Evaluate> = {
  LINEAR: (builder, x, kernel) => inner(builder, x, { ...kernel, gamma: 1, coef0: 0 }),
  POLY: (builder, x, kernel) => builder.map("power", inner(builder, x, kernel), [kernel.degree]),
  SIGMOID: (builder, x, kernel) => builder.map("tanh", inner(builder, x, kernel)),
  /** exp(−γ ‖x − v‖²). */
  RBF: (builder, x, { vectors, count, width, gamma }) => {
    const rows = builder.size(x) / width;
    const each = Array.from({ length: rows * count * width }, (_, i) => {
      const row = Math.floor(i / (count * width));
      return row * width + i % width;
    });
    const repeated = builder.gather(x, each);
    const negated = Float64Array.from(
      each,
      (_, i) => -(vectors[i % (count * width)] as number),
    );
    const apart = builder.scale(repeated, new Float64Array(each.length).fill(1), negated);
    const squares = builder.sum(builder.map("square", apart), width);
    return builder.map("exp", builder.scaleBy(squares, -gamma));
  },
};

const svmRegressor = operator({
  since: 1,
  inputs: [1, 1],
  attributes: {
    coefficients: optionalFloats,
    kernel_params: optionalFloats,
    kernel_type: choice(["LINEAR", "POLY", "RBF", "SIGMOID"], "LINEAR"),
    n_supports: int(0),
    one_class: flag(0),
    post_transform: choice(["NONE"], "NONE"),
    rho: optionalFloats,
    support_vectors: optionalFloats,
  },
  lower: (call) => {
    const { builder, attributes } = call;
    if (attributes.one_class) {
      throw new OperatorError(
        "it answers only inside or outside (one_class), which has no derivative",
        "use it in a prediction skill",
      );
    }
    const { x, rows, width } = rowsInput(call);
    const coefficients = Float64Array.from(attributes.coefficients ?? []);
    const rho = Float64Array.from(attributes.rho ?? []);
    if (rho.length !== 1) throw new OperatorError(`it has ${rho.length} rho, not 1`);
    const result = (node: NodeId) => [
      { ...x, type: "float32" as const, shape: [rows, 1], node },
    ];
    const { n_supports: count, kernel_type } = attributes;
    if (count === 0) {
      if (kernel_type !== "LINEAR" || coefficients.length !== width) {
        throw new OperatorError(`${coefficients.length} coefficients do not fit ${width} columns`);
      }
      return result(builder.affine(x.node, coefficients, rho));
    }
    const vectors = Float64Array.from(attributes.support_vectors ?? []);
    if (count < 0 || coefficients.length !== count || vectors.length !== count * width) {
      throw new OperatorError(
        `${count} supports of ${width} columns do not fit ${vectors.length} values ` +
          `and ${coefficients.length} coefficients`,
      );
    }
    const [gamma = 0, coef0 = 0, degree = 0] = attributes.kernel_params ?? [];
    const kernel = { vectors, count, width, gamma, coef0, degree };
    const values = KERNELS[kernel_type](builder, x.node, kernel);
    return result(builder.affine(values, coefficients, rho));
  },
});

/** Rows of ai.onnx.ml. */
export const SUPPORT_VECTORS: OperatorTable = { SVMRegressor: [svmRegressor] };
