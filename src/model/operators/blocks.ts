/** Channels to places in space and back: a reshape and a transpose. */

import { choice, requiredInt } from "./attributes.ts";
import { type Operator, operator, OperatorError, type OperatorTable } from "./operator.ts";
import { anyInput, reshape, transpose } from "./values.ts";

function depthToSpace(since: number): Operator {
  const mode = choice(["DCR", "CRD"], "DCR");
  return operator({
    since,
    inputs: [1, 1],
    attributes: { blocksize: requiredInt, ...(since >= 11 ? { mode } : {}) },
    lower: (call) => {
      const { blocksize: b, mode = "DCR" } = call.attributes;
      const x = anyInput(call, 0);
      const [n = NaN, c = NaN, h = NaN, w = NaN] = x.shape;
      if (x.shape.length !== 4 || c % (b * b) !== 0) {
        throw new OperatorError(`shape [${x.shape}] does not hold blocks of ${b} by ${b}`);
      }
      const outer = c / (b * b);
      const moved = mode === "DCR"
        ? transpose(call.builder, reshape(x, [n, b, b, outer, h, w]), [0, 3, 4, 1, 5, 2])
        : transpose(call.builder, reshape(x, [n, outer, b, b, h, w]), [0, 1, 4, 2, 5, 3]);
      return [reshape(moved, [n, outer, h * b, w * b])];
    },
  });
}

const spaceToDepth = operator({
  since: 1,
  inputs: [1, 1],
  attributes: { blocksize: requiredInt },
  lower: (call) => {
    const { blocksize: b } = call.attributes;
    const x = anyInput(call, 0);
    const [n = NaN, c = NaN, h = NaN, w = NaN] = x.shape;
    if (x.shape.length !== 4 || h % b !== 0 || w % b !== 0) {
      throw new OperatorError(`shape [${x.shape}] does not fall into blocks of ${b} by ${b}`);
    }
    const cut = reshape(x, [n, c, h / b, b, w / b, b]);
    const moved = transpose(call.builder, cut, [0, 3, 5, 1, 2, 4]);
    return [reshape(moved, [n, c * b * b, h / b, w / b])];
  },
});

/** Rows of ai.onnx. */
export const BLOCKS: OperatorTable = {
  DepthToSpace: [depthToSpace(1), depthToSpace(11)],
  SpaceToDepth: [spaceToDepth],
};
