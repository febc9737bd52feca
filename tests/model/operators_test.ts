import assert from "node:assert/strict";
import { readGraph } from "../../src/model/onnx.ts";
import { OPERATOR_SETS } from "../../src/model/operators/tables.ts";
import { SEQUENCES } from "../../src/model/operators/sequences.ts";
import { seededRandom } from "../../src/model/random.ts";
import { openRuntime } from "../../src/model/runtime.ts";
import { NativeSolver } from "../../src/solve/native_solver.ts";
import { derivativeError } from "./derivative_error.ts";
import { evaluateWhole, lowerWhole, worstDifference } from "./lowered.ts";
import { oneNodeModel } from "./one_node_model.ts";
import { writeModel } from "./onnx_writer.ts";
import { OPERATOR_CASES, type OperatorCase } from "./operator_cases.ts";

function rowsOf(one: OperatorCase, many: number): Float64Array[] {
  const random = seededRandom(11);
  return Array.from({ length: many }, () =>
    Float64Array.from(one.inputs.flatMap((input) => {
      if (input === null || "values" in input) return [];
      const { shape, low = -2, high = 2 } = input;
      const size = shape.reduce((all, part) => all * part, 1);
      return Array.from({ length: size }, () => Math.fround(low + random() * (high - low)));
    })));
}

Deno.test("lowerGraph agrees with ONNX Runtime on every operator and version", async () => {
  const wrong: string[] = [];
  let models = 0;
  for (const one of OPERATOR_CASES) {
    for (const opset of one.opsets) {
      const name = `${one.op} ${opset} ${JSON.stringify(one.attributes ?? {})}`;
      const bytes = writeModel(oneNodeModel(one, opset));
      const rows = rowsOf(one, 5);
      try {
        const ours = evaluateWhole(lowerWhole(readGraph(bytes)), rows);
        const runtime = await openRuntime(bytes);
        const theirs = await runtime.predict(rows);
        await runtime.release();
        const worst = worstDifference(ours, theirs);
        if (!(worst <= 1e-5)) wrong.push(`${name}: differs by ${worst}`);
        models += 1;
      } catch (error) {
        wrong.push(`${name}: ${error instanceof Error ? error.message : error}`);
      }
    }
  }
  assert.deepEqual(wrong, []);
  console.log(`${models} one-node models agree with ONNX Runtime`);
});

Deno.test("evaluateNative has exact derivatives of every operator", async () => {
  const solver = new NativeSolver();
  const wrong: string[] = [];
  try {
    for (const one of OPERATOR_CASES) {
      const bytes = writeModel(oneNodeModel(one, one.opsets.at(-1) as number));
      const [x = new Float64Array(0)] = rowsOf(one, 1);
      const error = await derivativeError(solver, { bytes, x });
      if (!(error <= 1e-8)) wrong.push(`${one.op} ${JSON.stringify(one.attributes)}: ${error}`);
    }
  } finally {
    await solver.close();
  }
  assert.deepEqual(wrong, []);
});

Deno.test("OPERATOR_CASES leaves out only operators that need no numbers of their own", () => {
  const covered = new Set(OPERATOR_CASES.map(({ op }) => op));
  /** Run by other tests: on constants, in the ONNX project's node tests, or in lower_test.ts. */
  const elsewhere = new Set([
    ...["Floor", "Ceil", "Round", "Constant", "ConstantOfShape", "Shape", "Size", "Range"],
    ...["Greater", "Less", "GreaterOrEqual", "LessOrEqual", "Equal", "Not", "And", "Or", "Where"],
    ...["CastLike", "Scan", "Mod", "Xor", "If", "Loop", ...Object.keys(SEQUENCES)],
  ]);
  const missing = Object.values(OPERATOR_SETS)
    .flatMap(({ operators }) => Object.keys(operators))
    .filter((op) => !covered.has(op) && !elsewhere.has(op));
  assert.deepEqual(missing, []);
});
