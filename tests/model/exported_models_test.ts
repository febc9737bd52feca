import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { compareWithRuntime } from "../../src/model/compare.ts";
import { LoweringError } from "../../src/model/lower.ts";
import { readGraph } from "../../src/model/onnx.ts";
import { openRuntime } from "../../src/model/runtime.ts";
import { numberedModel } from "../cases/numbered_model.ts";
import { lowerWhole } from "./lowered.ts";

/** Models that data/models/make_models.py exports from scikit-learn and PyTorch. */
const FOLDER = fileURLToPath(new URL("../data/models/", import.meta.url));
const TREES = "sklearn_boosted.onnx";

/** Instructions allowed: exported detours must not grow into long tapes. */
const MOST_INSTRUCTIONS: Readonly<Record<string, number>> = {
  "sklearn_gp_rbf.onnx": 12,
  "sklearn_mlp_tanh.onnx": 6,
  "torch_residual.onnx": 22,
  "torch_residual_scripted.onnx": 22,
  "torch_lstm.onnx": 100,
  "torch_convolution.onnx": 14,
};

Deno.test("compareWithRuntime agrees on models exported by scikit-learn and PyTorch", async () => {
  const wrong: string[] = [];
  const files = readdirSync(FOLDER).filter((name) => name.endsWith(".onnx") && name !== TREES);
  assert.ok(files.length >= 25, `${files.length} models in ${FOLDER}`);
  for (const file of files) {
    const bytes = readFileSync(FOLDER + file);
    const runtime = await openRuntime(bytes);
    try {
      const graph = readGraph(bytes);
      const model = numberedModel(graph);
      const ranges = model.inputs.map(() => [-2, 2] as const);
      const { worst, agrees } = await compareWithRuntime(model, runtime, { ranges });
      if (!agrees) wrong.push(`${file}: differs by ${worst}`);
      const { length } = lowerWhole(graph).tape.instructions;
      if (length > (MOST_INSTRUCTIONS[file] ?? Infinity)) {
        wrong.push(`${file}: ${length} instructions`);
      }
    } catch (error) {
      wrong.push(`${file}: ${error instanceof Error ? error.message : error}`);
    } finally {
      await runtime.release();
    }
  }
  assert.deepEqual(wrong, []);
});

Deno.test("lowerGraph refuses boosted trees behind a scaler, which ONNX Runtime still predicts", async () => {
  const bytes = readFileSync(FOLDER + TREES);
  assert.throws(() => lowerWhole(readGraph(bytes)), (error) => {
    assert.ok(error instanceof LoweringError);
    assert.equal(error.problems.length, 1);
    assert.match(error.message, /TreeEnsembleRegressor \(ai\.onnx\.ml 1\): trees are piecewise/);
    return true;
  });
  const runtime = await openRuntime(bytes);
  const rows = [Float64Array.of(0, 1, 2), Float64Array.of(-1, 0, 1)];
  const results = await runtime.predict(rows);
  assert.equal(results.length, 2);
  assert.ok(results.every((row) => row.length === 1 && Number.isFinite(row[0])));
  await runtime.release();
});
