import assert from "node:assert/strict";
import { LoweringError } from "../../src/model/lower.ts";
import { readGraph } from "../../src/model/onnx.ts";
import { evaluateWhole, lowerWhole } from "./lowered.ts";
import { oneNodeModel } from "./one_node_model.ts";
import { writeModel, type WrittenTensor } from "./onnx_writer.ts";
import type { OperatorCase } from "./operator_cases.ts";

// ONNX Runtime runs opset 7 and newer, so that values stand here as the specification gives them.

function valuesOf(one: OperatorCase, opset: number, x: readonly number[]): number[] {
  const tape = lowerWhole(readGraph(writeModel(oneNodeModel(one, opset))));
  return [...evaluateWhole(tape, [Float64Array.from(x)])[0] ?? []];
}

const floats = (shape: number[], values: number[]): WrittenTensor => ({
  type: "float32",
  shape,
  values,
});
const f = (float: number) => ({ float });
const X = { shape: [2, 3] };
const SIX = [1, 2, 3, 4, 5, 6];

Deno.test("withBroadcast lets the second input start at the axis that opsets 1 to 6 name", () => {
  const cases: [OperatorCase["attributes"], WrittenTensor, number[]][] = [
    [{}, floats([2, 3], [1, 1, 1, 2, 2, 2]), [2, 3, 4, 6, 7, 8]],
    [{ broadcast: 1 }, floats([3], [10, 20, 30]), [11, 22, 33, 14, 25, 36]],
    [{ broadcast: 1, axis: 1 }, floats([3], [10, 20, 30]), [11, 22, 33, 14, 25, 36]],
    [{ broadcast: 1, axis: 0 }, floats([2], [10, 20]), [11, 12, 13, 24, 25, 26]],
    [{ broadcast: 1, axis: 0 }, floats([2, 1], [10, 20]), [11, 12, 13, 24, 25, 26]],
    [{ broadcast: 1 }, floats([], [10]), [11, 12, 13, 14, 15, 16]],
  ];
  for (const [attributes, b, expected] of cases) {
    const one = { op: "Add", opsets: [6], inputs: [X, b], attributes: attributes ?? {} };
    assert.deepEqual(valuesOf(one, 6, SIX), expected, JSON.stringify(attributes));
    const first = { ...one, attributes: { ...attributes, consumed_inputs: [0, 0] } };
    assert.deepEqual(valuesOf(first, 1, SIX), expected);
  }
});

Deno.test("withBroadcast refuses what would broadcast unasked, or the first input", () => {
  const problem = (attributes: OperatorCase["attributes"], shape: number[]) => {
    const b = floats(shape, new Array<number>(shape.reduce((all, size) => all * size, 1)).fill(1));
    try {
      valuesOf({ op: "Mul", opsets: [6], inputs: [X, b], attributes: attributes ?? {} }, 6, SIX);
    } catch (error) {
      assert.ok(error instanceof LoweringError, String(error));
      return error.problems[0]?.reason;
    }
    return undefined;
  };
  assert.equal(problem({}, [3]), "shapes [2,3] and [3] differ, and it has broadcast 0");
  assert.equal(
    problem({ broadcast: 1, axis: 1 }, [2, 3]),
    undefined,
    "equal shapes need no broadcast",
  );
  assert.equal(
    problem({ broadcast: 1, axis: 1 }, [3, 1]),
    "shape [3,1] does not fit [2,3] at axis 1",
  );
  assert.match(problem({ broadcast: 1 }, [4, 1, 3]) ?? "", /does not broadcast to \[2,3\]/);
});

Deno.test("lowerGraph lowers what opsets 1 to 6 wrote as attributes, or with other defaults", () => {
  const half = floats([3], [0.5, 0.25, 2]);
  const one = floats([3], [1, 1, 1]);
  const zero = floats([3], [0, 0, 0]);
  const cases: [OperatorCase, number, number[], number[]][] = [
    [{ op: "Relu", opsets: [1], inputs: [X], attributes: { consumed_inputs: [0] } }, 1, [
      -1,
      2,
      0,
      -3,
      4,
      5,
    ], [0, 2, 0, 0, 4, 5]],
    [
      { op: "Clip", opsets: [1], inputs: [X], attributes: { min: f(2), max: f(4) } },
      1,
      SIX,
      [2, 2, 3, 4, 4, 4],
    ],
    [{ op: "Reshape", opsets: [1], inputs: [X], attributes: { shape: [3, -1] } }, 1, SIX, SIX],
    [
      { op: "Cast", opsets: [1], inputs: [X], attributes: { to: "DOUBLE" }, type: "float64" },
      1,
      SIX,
      SIX,
    ],
    [
      { op: "Pad", opsets: [1], inputs: [{ shape: [2] }], attributes: { paddings: [1, 0] } },
      1,
      [7, 8],
      [0, 7, 8],
    ],
    [
      { op: "Tile", opsets: [1], inputs: [X, floats([], [2]), floats([], [1])] },
      1,
      SIX,
      [1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6],
    ],
    [
      {
        op: "Split",
        opsets: [1],
        inputs: [X, floats([2], [1, 2])],
        attributes: { axis: 1 },
        outputs: 2,
      },
      1,
      SIX,
      [1, 4, 2, 3, 5, 6],
    ],
    [{ op: "PRelu", opsets: [6], inputs: [{ shape: [1, 3, 2] }, half] }, 6, [
      -2,
      2,
      -4,
      4,
      -1,
      1,
    ], [-1, 2, -1, 4, -2, 1]],
    [{ op: "PRelu", opsets: [6], inputs: [X, floats([1], [0.5])] }, 6, [-2, 2, -4, 4, -1, 1], [
      -1,
      2,
      -2,
      4,
      -0.5,
      1,
    ]],
    [
      {
        op: "BatchNormalization",
        opsets: [6],
        inputs: [X, half, one, zero, one],
        attributes: { is_test: 1, epsilon: f(0) },
      },
      6,
      [2, 4, 1, 4, 8, 2],
      [2, 2, 3, 3, 3, 5],
    ],
    [{ op: "Dropout", opsets: [6], inputs: [X], attributes: { is_test: 1 } }, 6, SIX, SIX],
    [{ op: "Max", opsets: [6], inputs: [X, floats([2, 3], [3, 3, 3, 3, 3, 3])] }, 6, SIX, [
      3,
      3,
      3,
      4,
      5,
      6,
    ]],
  ];
  for (const [node, opset, x, expected] of cases) {
    assert.deepEqual(valuesOf(node, opset, x), expected, `${node.op} ${opset}`);
  }
});

Deno.test("lowerGraph refuses dropout and batch normalisation that were exported in training", () => {
  const statistics = [1, 1, 0, 1].map((value) => floats([3], [value, value, value]));
  for (const op of ["Dropout", "BatchNormalization"]) {
    const inputs = op === "Dropout" ? [X] : [X, ...statistics];
    assert.throws(
      () => valuesOf({ op, opsets: [6], inputs }, 6, SIX),
      /it is in training mode.*export the model in evaluation mode/,
    );
  }
});
