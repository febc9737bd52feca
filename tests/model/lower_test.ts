import assert from "node:assert/strict";
import { LoweringError } from "../../src/model/lower.ts";
import { readGraph } from "../../src/model/onnx.ts";
import { evaluateWhole, lowerWhole } from "./lowered.ts";
import { writeModel, type WrittenModel, type WrittenNode } from "./onnx_writer.ts";

function model(nodes: readonly WrittenNode[], more: Partial<WrittenModel> = {}): WrittenModel {
  return {
    opsets: { "ai.onnx": 17, "ai.onnx.ml": 3 },
    nodes,
    inputs: [{ name: "x", shape: ["N", 3] }],
    outputs: [{ name: nodes.at(-1)?.outputs[0] ?? "" }],
    ...more,
  };
}

function problemsOf(written: WrittenModel): readonly string[] {
  try {
    lowerWhole(readGraph(writeModel(written)));
  } catch (error) {
    assert.ok(error instanceof LoweringError, String(error));
    return error.problems.map(({ where, reason, cure }) => `${where}: ${reason}; ${cure}`);
  }
  throw new assert.AssertionError({ message: "the model was lowered" });
}

function valuesOf(written: WrittenModel, x: number[]): number[] {
  const [row] = evaluateWhole(lowerWhole(readGraph(writeModel(written))), [Float64Array.from(x)]);
  return [...row ?? []];
}

Deno.test("lowerGraph names every node that cannot be lowered, and what to do", () => {
  const problems = problemsOf(model([
    { op: "ArgMax", name: "choose", inputs: ["x"], outputs: ["a"] },
    { op: "Tanh", name: "fine", inputs: ["x"], outputs: ["b"] },
    {
      op: "TreeEnsembleRegressor",
      domain: "ai.onnx.ml",
      name: "trees",
      inputs: ["b"],
      outputs: ["c"],
    },
    { op: "Wonder", name: "new", inputs: ["c"], outputs: ["d"] },
    { op: "Floor", name: "steps", inputs: ["b"], outputs: ["e"] },
    { op: "Gelu", domain: "com.example", name: "fused", inputs: ["b"], outputs: ["f"] },
    { op: "Tanh", name: "wrong", inputs: ["b"], outputs: ["y"], attributes: { alpha: 1 } },
  ]));
  assert.equal(problems.length, 6);
  const expected = [
    /node 0 "choose", ArgMax \(ai\.onnx 17\): it chooses between classes.*prediction skill/,
    /node 2 "trees", TreeEnsembleRegressor \(ai\.onnx\.ml 3\): trees are piecewise.*smooth/,
    /node 3 "new", Wonder \(ai\.onnx 17\): the operator has no smooth lowering/,
    /node 4 "steps", Floor \(ai\.onnx 17\): it is piecewise constant/,
    /node 5 "fused", Gelu \(com\.example \?\): the operator set com\.example is unknown/,
    /node 6 "wrong", Tanh \(ai\.onnx 17\): it has no attribute "alpha"/,
  ];
  expected.forEach((pattern, k) => assert.match(problems[k] ?? "", pattern));
});

Deno.test("lowerGraph refuses what does not fit and says where", () => {
  const tanh: WrittenNode = { op: "Tanh", name: "t", inputs: ["x"], outputs: ["y"] };
  const w = { type: "float32" as const, shape: [4, 2], values: new Array<number>(8).fill(1) };
  const i = { type: "int64" as const, shape: [1], values: [5] };
  const initializers = { w, i };
  const cases: [RegExp, WrittenModel][] = [
    [
      /shapes \[1,3\] and \[4,2\] do not multiply/,
      model([
        { op: "MatMul", inputs: ["x", "w"], outputs: ["y"] },
      ], { initializers }),
    ],
    [
      /it reads "ghost", which nothing before it computes/,
      model([
        { op: "Tanh", inputs: ["ghost"], outputs: ["y"] },
      ]),
    ],
    [/"y" is defined twice/, model([tanh, tanh])],
    [/output "z": no node computes it/, model([tanh], { outputs: [{ name: "z" }] })],
    [/it has 2 inputs, not 1 to 1/, model([{ ...tanh, inputs: ["x", "x"] }])],
    [
      /its attribute "axis" is a float, not a int/,
      model([
        { op: "Softmax", inputs: ["x"], outputs: ["y"], attributes: { axis: { float: 1 } } },
      ]),
    ],
    [
      /axis 7 does not exist in 2 dimensions/,
      model([
        { op: "Softmax", inputs: ["x"], outputs: ["y"], attributes: { axis: 7 } },
      ]),
    ],
    [
      /its index 5 is outside of 3 elements/,
      model([
        { op: "Gather", inputs: ["x", "i"], outputs: ["y"], attributes: { axis: 1 } },
      ], { initializers }),
    ],
    [
      /its attribute "transA" is 2, not 0 or 1/,
      model([
        { op: "Gemm", inputs: ["x", "x"], outputs: ["y"], attributes: { transA: 2 } },
      ]),
    ],
    [/newer than 26/, model([tanh], { opsets: { "ai.onnx": 27 } })],
    [
      /its version of opset 17 is too old; export with ai\.onnx 18 or newer/,
      model([
        { op: "Mish", inputs: ["x"], outputs: ["y"] },
      ]),
    ],
    [/the model imports no ai\.onnx/, model([tanh], { opsets: { "ai.onnx.ml": 3 } })],
    [
      /declared as float64, and computed as float32/,
      model([tanh], {
        outputs: [{ name: "y", type: "float64" }],
      }),
    ],
    [
      /its inputs are of types float32 and int64/,
      model([
        { op: "Add", inputs: ["x", "i"], outputs: ["y"] },
      ], { initializers }),
    ],
    [
      /it lacks its attribute "then_branch"/,
      model([
        { op: "If", inputs: ["x"], outputs: ["y"] },
      ]),
    ],
  ];
  for (const [pattern, written] of cases) assert.match(problemsOf(written).join("\n"), pattern);
});

Deno.test("lowerGraph lowers several inputs and outputs, shared weights and skips", () => {
  const w = { type: "float32" as const, shape: [3, 3], values: [1, 0, 0, 0, 2, 0, 0, 0, 3] };
  const written = model([
    { op: "MatMul", inputs: ["x", "w"], outputs: ["a"] },
    { op: "MatMul", inputs: ["z", "w"], outputs: ["b"] },
    { op: "Add", inputs: ["a", "x"], outputs: ["skip"] },
    { op: "Concat", inputs: ["skip", "b"], outputs: ["both"], attributes: { axis: 1 } },
  ], {
    inputs: [{ name: "x", shape: ["N", 3] }, { name: "z", shape: ["N", 3] }],
    outputs: [{ name: "both" }, { name: "b" }],
    initializers: { w },
  });
  assert.deepEqual(valuesOf(written, [1, 1, 1, 10, 10, 10]), [2, 3, 4, 10, 20, 30, 10, 20, 30]);
});

Deno.test("lowerGraph lowers a fixed batch as one whole tensor", () => {
  const written = model([{
    op: "ReduceMean",
    inputs: ["x"],
    outputs: ["y"],
    attributes: { axes: [0] },
  }], {
    inputs: [{ name: "x", shape: [2, 2] }],
  });
  assert.deepEqual(valuesOf(written, [1, 2, 3, 4]), [2, 3]);
});

Deno.test("lowerGraph chooses branches of Where by the input and by constants", () => {
  const zero = { type: "float32" as const, shape: [], values: [0] };
  const written = model([
    { op: "Less", inputs: ["x", "zero"], outputs: ["below"] },
    { op: "Not", inputs: ["below"], outputs: ["above"] },
    { op: "And", inputs: ["above", "above"], outputs: ["both"] },
    { op: "Or", inputs: ["both", "below"], outputs: ["any"] },
    { op: "Neg", inputs: ["x"], outputs: ["minus"] },
    { op: "Where", inputs: ["below", "minus", "x"], outputs: ["abs"] },
    { op: "GreaterOrEqual", inputs: ["zero", "zero"], outputs: ["true"] },
    { op: "Where", inputs: ["true", "abs", "x"], outputs: ["y"] },
  ], { initializers: { zero } });
  assert.deepEqual(valuesOf(written, [-2, 0, 3]), [2, 0, 3]);
});

Deno.test("lowerGraph counts what either and not both of two comparisons say", () => {
  const written = model([
    { op: "Greater", inputs: ["x", "zero"], outputs: ["a"] },
    { op: "Less", inputs: ["x", "two"], outputs: ["b"] },
    { op: "Xor", inputs: ["a", "b"], outputs: ["c"] },
    { op: "Cast", inputs: ["c"], outputs: ["y"], attributes: { to: 1 } },
  ], {
    initializers: {
      zero: { type: "float32", shape: [], values: [0] },
      two: { type: "float32", shape: [], values: [2] },
    },
  });
  assert.deepEqual(valuesOf(written, [-1, 1, 3]), [1, 0, 1]);
});

Deno.test("lowerGraph computes shapes at once, so that nothing of them is left on the tape", () => {
  const two = { type: "int64" as const, shape: [1], values: [2] };
  const written = model([
    { op: "Shape", inputs: ["x"], outputs: ["shape"] },
    { op: "Gather", inputs: ["shape", "two"], outputs: ["rank"], attributes: { axis: 0 } },
    { op: "Mul", inputs: ["two", "two"], outputs: ["four"] },
    { op: "Div", inputs: ["four", "two"], outputs: ["half"] },
    { op: "Concat", inputs: ["half", "rank"], outputs: ["to"], attributes: { axis: 0 } },
    { op: "Reshape", inputs: ["x", "to"], outputs: ["y"] },
  ], {
    inputs: [{ name: "x", shape: [1, 2, 3] }],
    initializers: { two },
  });
  const { tape } = lowerWhole(readGraph(writeModel(written)));
  assert.deepEqual(tape.instructions.map(({ op }) => op), ["input"]);
});

Deno.test("lowerGraph unrolls a Scan with a running state, backwards too", () => {
  const body = {
    nodes: [
      { op: "Add", inputs: ["state", "slice"], outputs: ["next"] },
      { op: "Identity", inputs: ["next"], outputs: ["out"] },
    ],
    inputs: [{ name: "state", shape: [1] }, { name: "slice", shape: [1] }],
    outputs: [{ name: "next", shape: [1] }, { name: "out", shape: [1] }],
  };
  const start = { type: "float32" as const, shape: [1], values: [100] };
  const scan = (direction: number): WrittenModel =>
    model([{
      op: "Scan",
      inputs: ["start", "x"],
      outputs: ["last", "all"],
      attributes: { body: { graph: body }, num_scan_inputs: 1, scan_input_directions: [direction] },
    }], {
      inputs: [{ name: "x", shape: [3, 1] }],
      outputs: [{ name: "last" }, { name: "all" }],
      initializers: { start },
    });
  assert.deepEqual(valuesOf(scan(0), [1, 2, 3]), [106, 101, 103, 106]);
  assert.deepEqual(valuesOf(scan(1), [1, 2, 3]), [106, 103, 105, 106]);
});

Deno.test("lowerGraph scans each sample of a batch by itself, as opset 8 has it", () => {
  const body = {
    nodes: [
      { op: "Add", inputs: ["state", "slice"], outputs: ["next"] },
      { op: "Identity", inputs: ["next"], outputs: ["out"] },
    ],
    inputs: [{ name: "state", shape: [1] }, { name: "slice", shape: [1] }],
    outputs: [{ name: "next", shape: [1] }, { name: "out", shape: [1] }],
  };
  const written = model([{
    op: "Scan",
    inputs: ["", "start", "x"],
    outputs: ["last", "all"],
    attributes: { body: { graph: body }, num_scan_inputs: 1, directions: [1] },
  }], {
    opsets: { "ai.onnx": 8 },
    inputs: [{ name: "x", shape: [2, 3, 1] }],
    outputs: [{ name: "last" }, { name: "all" }],
    initializers: { start: { type: "float32", shape: [2, 1], values: [100, 200] } },
  });
  assert.deepEqual(
    valuesOf(written, [1, 2, 3, 4, 5, 6]),
    [106, 215, 103, 105, 106, 206, 211, 215],
  );
});

Deno.test("lowerGraph writes exporters' GELU, SiLU and Mish as one function each", () => {
  const f = (value: number) => ({ type: "float32" as const, shape: [], values: [value] });
  const chains: [string, WrittenNode[]][] = [
    ["gelu", [
      { op: "Div", inputs: ["x", "root"], outputs: ["a"] },
      { op: "Erf", inputs: ["a"], outputs: ["b"] },
      { op: "Add", inputs: ["b", "one"], outputs: ["c"] },
      { op: "Mul", inputs: ["x", "c"], outputs: ["d"] },
      { op: "Mul", inputs: ["d", "half"], outputs: ["y"] },
    ]],
    ["swish", [
      { op: "Sigmoid", inputs: ["x"], outputs: ["a"] },
      { op: "Mul", inputs: ["x", "a"], outputs: ["y"] },
    ]],
    ["mish", [
      { op: "Softplus", inputs: ["x"], outputs: ["a"] },
      { op: "Tanh", inputs: ["a"], outputs: ["b"] },
      { op: "Mul", inputs: ["b", "x"], outputs: ["y"] },
    ]],
  ];
  for (const [fn, nodes] of chains) {
    const written = model(nodes, {
      initializers: { root: f(1.4142135381698608), one: f(1), half: f(0.5) },
    });
    const { tape } = lowerWhole(readGraph(writeModel(written)));
    const maps = tape.instructions.filter(({ op }) => op === "map");
    assert.deepEqual(maps.map((one) => one.op === "map" && one.fn), [fn]);
    assert.ok(!tape.instructions.some(({ op }) => op === "product"));
  }
});
