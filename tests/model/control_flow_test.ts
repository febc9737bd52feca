import assert from "node:assert/strict";
import { LoweringError } from "../../src/model/lower.ts";
import { readGraph } from "../../src/model/onnx.ts";
import { openRuntime } from "../../src/model/runtime.ts";
import { evaluateWhole, lowerWhole, worstDifference } from "./lowered.ts";
import { writeModel, type WrittenModel, type WrittenNode } from "./onnx_writer.ts";

const ROWS = [[1, 2, 3], [-1, 0.5, -2], [-3, -0.25, 4]].map((row) => Float64Array.from(row));

function model(nodes: readonly WrittenNode[], more: Partial<WrittenModel> = {}): WrittenModel {
  return {
    opsets: { "ai.onnx": 17, local: 1 },
    nodes,
    inputs: [{ name: "x", shape: [1, 3] }],
    outputs: [{ name: nodes.at(-1)?.outputs[0] ?? "" }],
    ...more,
  };
}

async function assertSameAsRuntime(written: WrittenModel): Promise<void> {
  const bytes = writeModel(written);
  const ours = evaluateWhole(lowerWhole(readGraph(bytes)), ROWS);
  const runtime = await openRuntime(bytes);
  try {
    const worst = worstDifference(ours, await runtime.predict(ROWS));
    assert.ok(worst <= 1e-6, `differs by ${worst}`);
  } finally {
    await runtime.release();
  }
}

function problemsOf(written: WrittenModel): string {
  try {
    lowerWhole(readGraph(writeModel(written)));
  } catch (error) {
    assert.ok(error instanceof LoweringError, String(error));
    return error.problems.map(({ where, reason, cure }) => `${where}: ${reason}; ${cure}`)
      .join("\n");
  }
  throw new assert.AssertionError({ message: "the model was lowered" });
}

const branch = (op: string, output: string) => ({
  graph: {
    nodes: [{ op, inputs: ["x"], outputs: [output] }],
    inputs: [],
    outputs: [{ name: output, shape: [1, 3] }],
  },
});
const choice = (condition: string): WrittenNode => ({
  op: "If",
  inputs: [condition],
  outputs: ["y"],
  attributes: { then_branch: branch("Tanh", "a"), else_branch: branch("Exp", "b") },
});
const truth = (value: boolean) => ({ type: "bool" as const, shape: [], values: [Number(value)] });

Deno.test("lowerGraph takes the branch that a constant decides on", async () => {
  for (const value of [true, false]) {
    await assertSameAsRuntime(model([choice("c")], { initializers: { c: truth(value) } }));
  }
});

Deno.test("lowerGraph chooses between branches where the inputs decide", async () => {
  const zero = { type: "float32" as const, shape: [], values: [0] };
  await assertSameAsRuntime(model([
    { op: "ReduceSum", inputs: ["x"], outputs: ["sum"], attributes: { keepdims: 0 } },
    { op: "Greater", inputs: ["sum", "zero"], outputs: ["c"] },
    choice("c"),
  ], { initializers: { zero } }));
});

const step = (nodes: readonly WrittenNode[]) => ({
  graph: {
    nodes,
    inputs: [
      { name: "i", type: "int64" as const, shape: [] },
      { name: "on", type: "bool" as const, shape: [] },
      { name: "h", shape: [1, 3] },
    ],
    outputs: [
      { name: "next", type: "bool" as const, shape: [] },
      { name: "new", shape: [1, 3] },
      { name: "seen", shape: [1, 3] },
    ],
  },
});
const once: WrittenNode[] = [
  { op: "Tanh", inputs: ["h"], outputs: ["t"] },
  { op: "Add", inputs: ["t", "x"], outputs: ["new"] },
  { op: "Identity", inputs: ["t"], outputs: ["seen"] },
];
const three = { type: "int64" as const, shape: [], values: [3] };

Deno.test("lowerGraph unrolls a loop of a fixed number of steps, with what it carries and collects", async () => {
  const body = step([...once, { op: "Identity", inputs: ["on"], outputs: ["next"] }]);
  const loop = {
    op: "Loop",
    inputs: ["three", "go", "x"],
    outputs: ["y", "all"],
    attributes: { body },
  };
  await assertSameAsRuntime(model([loop], {
    outputs: [{ name: "y" }, { name: "all" }],
    initializers: { three, go: truth(true) },
  }));
});

Deno.test("lowerGraph stops a loop where its counted condition ends", async () => {
  const two = { type: "int64" as const, shape: [], values: [2] };
  const body = step([...once, { op: "Less", inputs: ["i", "two"], outputs: ["next"] }]);
  const loop = { op: "Loop", inputs: ["", "go", "x"], outputs: ["y"], attributes: { body } };
  await assertSameAsRuntime(model([{ ...loop, outputs: ["y", "all"] }], {
    outputs: [{ name: "y" }, { name: "all" }],
    initializers: { two, go: truth(true) },
  }));
});

Deno.test("lowerGraph refuses a loop without an end, and one whose end the inputs decide", () => {
  const loop = (inputs: string[], nodes: WrittenNode[]) =>
    model([{ op: "Loop", inputs, outputs: ["y", "all"], attributes: { body: step(nodes) } }], {
      initializers: { go: truth(true), three },
    });
  const forever = loop(["", "go", "x"], [
    ...once,
    { op: "Identity", inputs: ["on"], outputs: ["next"] },
  ]);
  assert.match(problemsOf(forever), /it makes more than 4096 steps/);
  const decided = loop(["three", "go", "x"], [
    ...once,
    { op: "ReduceSum", inputs: ["new"], outputs: ["sum"], attributes: { keepdims: 0 } },
    { op: "Less", inputs: ["sum", "sum"], outputs: ["next"] },
  ]);
  assert.match(problemsOf(decided), /inputs decide how many steps.*fixed number of steps/);
});

const scaled = {
  name: "Scaled",
  nodes: [
    {
      op: "Elu",
      inputs: ["in"],
      outputs: ["e"],
      attributes: { alpha: { reference: "alpha", kind: "float" as const } },
    },
    {
      op: "Softmax",
      inputs: ["e"],
      outputs: ["out"],
      attributes: { axis: { reference: "axis", kind: "int" as const } },
    },
  ],
  inputs: ["in", "unused"],
  outputs: ["out"],
  opsets: { "ai.onnx": 17 },
  attributes: ["axis"],
  defaults: { alpha: { float: 0.5 } },
};

Deno.test("lowerGraph puts functions of the model in the place of their calls", async () => {
  const twice = {
    ...scaled,
    name: "Twice",
    nodes: [
      { op: "Scaled", domain: "local", inputs: ["in"], outputs: ["a"] },
      {
        op: "Scaled",
        domain: "local",
        inputs: ["a", "a"],
        outputs: ["out"],
        attributes: { alpha: { float: 2 }, axis: 1 },
      },
    ],
    opsets: { "ai.onnx": 17, local: 1 },
    attributes: [],
    defaults: {},
  };
  await assertSameAsRuntime(model([
    {
      op: "Scaled",
      domain: "local",
      inputs: ["x", ""],
      outputs: ["a"],
      attributes: { axis: -1 },
    },
    { op: "Sub", inputs: ["x", "a"], outputs: ["b"] },
    { op: "Twice", domain: "local", inputs: ["b", "b"], outputs: ["y"] },
  ], { functions: [scaled, twice] }));
});

Deno.test("lowerGraph names the node inside of a function that cannot be lowered", () => {
  const stepped = {
    ...scaled,
    nodes: [{ op: "Floor", name: "steps", inputs: ["in"], outputs: ["out"] }],
  };
  const call: WrittenNode = {
    op: "Scaled",
    name: "call",
    domain: "local",
    inputs: ["x"],
    outputs: ["y"],
  };
  assert.match(
    problemsOf(model([call], { functions: [stepped] })),
    /^node 0 "call", Scaled \(local 1\), node 0 "steps", Floor \(ai\.onnx 17\): it is piecewise/,
  );
  const absent = { ...scaled, nodes: [{ op: "Tanh", inputs: ["unused"], outputs: ["out"] }] };
  assert.match(problemsOf(model([call], { functions: [absent] })), /one of its first 1 inputs is/);
});

Deno.test("lowerGraph refuses functions that call themselves", () => {
  const circle = {
    ...scaled,
    nodes: [
      { op: "Scaled", domain: "local", inputs: ["in"], outputs: ["a"] },
      { op: "Scaled", domain: "local", inputs: ["a"], outputs: ["out"] },
    ],
    opsets: { local: 1 },
  };
  const call = { op: "Scaled", domain: "local", inputs: ["x"], outputs: ["y"] };
  assert.match(
    problemsOf(model([call], { functions: [circle] })),
    /functions call functions more than 32 deep/,
  );
});
