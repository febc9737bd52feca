/**
 * Models that others trained and exported: each agrees with ONNX Runtime at 1,000 points, or is
 * refused for the nodes that have no derivative, and then still predicts.
 */

import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import { compareWithRuntime } from "../../src/model/compare.ts";
import { LoweringError } from "../../src/model/lower.ts";
import { readGraph } from "../../src/model/onnx.ts";
import { REFUSALS } from "../../src/model/operators/tables.ts";
import type { PredictionModel } from "../../src/model/prediction_model.ts";
import { openRuntime, type RuntimeModel } from "../../src/model/runtime.ts";
import type { CaseResult } from "./case_result.ts";
import { numberedModel } from "./numbered_model.ts";
import { purposeOf, TEXT } from "./purposes.ts";

const POINTS = 1000;
/** Where the makers give no inputs. */
const DEFAULT_RANGE = [-3, 3] as const;

const makersInputs = z.object({
  input: z.union([
    z.array(z.array(z.number())),
    z.record(z.string(), z.array(z.number())).transform((columns) => {
      const all = Object.values(columns);
      return (all[0] ?? []).map((_, row) => all.map((column) => column[row] ?? 0));
    }),
  ]),
});

/** Runs all models that the folder's index.json lists. */
export async function runOnnxModels(folder: string): Promise<CaseResult[]> {
  const index = JSON.parse(readFileSync(`${folder}/index.json`, "utf8")) as { file: string }[];
  const results: CaseResult[] = [];
  for (const { file } of index) {
    try {
      results.push(await runFile(file, `${folder}/${file}`));
    } catch (error) {
      results.push({ name: file, verdict: "failed", detail: String(error) });
    }
  }
  return results;
}

async function runFile(name: string, path: string): Promise<CaseResult> {
  const bytes = readFileSync(path);
  const model = numberedModel(readGraph(bytes));
  const runtime = await openRuntime(bytes);
  try {
    const ranges = rangesOf(model, path.replace(/\.onnx$/, ".io.json"));
    return await runModel(name, { model, runtime, ranges });
  } finally {
    await runtime.release();
  }
}

function rangesOf(model: PredictionModel, path: string): (readonly [number, number])[] {
  const rows = existsSync(path)
    ? makersInputs.safeParse(JSON.parse(readFileSync(path, "utf8"))).data?.input ?? []
    : [];
  return model.inputs.map((_, column) => {
    const given = rows.flatMap((row) => row[column % row.length] ?? []);
    const range = [Math.min(...given), Math.max(...given)] as const;
    return range[0] < range[1] ? range : DEFAULT_RANGE;
  });
}

async function runModel(
  name: string,
  { model, runtime, ranges }: {
    readonly model: PredictionModel;
    readonly runtime: RuntimeModel;
    readonly ranges: readonly (readonly [number, number])[];
  },
): Promise<CaseResult> {
  try {
    const { worst, agrees, at, illConditioned } = await compareWithRuntime(model, runtime, {
      ranges,
      points: POINTS,
    });
    const detail = agrees
      ? `${worst.toExponential(1)} at worst of ${POINTS} points, ${illConditioned} left out`
      : `${worst} at output ${at?.output}: ${at?.lowered} against ${at?.runtime}`;
    return { name, verdict: agrees ? "matched" : "failed", detail };
  } catch (error) {
    if (!(error instanceof LoweringError)) throw error;
    return await judgeRefusal(name, { error, model, runtime, ranges });
  }
}

/**
 * The right reason names every operator without a derivative, and the model still predicts; unless it
 * is of text, which a plant does not have.
 */
async function judgeRefusal(
  name: string,
  { error, model, runtime, ranges }: {
    readonly error: LoweringError;
    readonly model: PredictionModel;
    readonly runtime: RuntimeModel;
    readonly ranges: readonly (readonly [number, number])[];
  },
): Promise<CaseResult> {
  const refused = model.graph.nodes.filter(({ op }) => op in REFUSALS);
  const named = refused.every(({ op }) => error.problems.some(({ where }) => where.includes(op)));
  const purpose = purposeOf(error);
  const ops = [...new Set(refused.map(({ op }) => op))].join(", ");
  const failed = { name, verdict: "failed", detail: error.message } as const;
  if (!named || (refused.length === 0 && purpose === undefined)) return failed;
  if (purpose === TEXT) return { name, verdict: "refused", detail: purpose };
  const middle = Float64Array.from(ranges, ([low, high]) => (low + high) / 2);
  const [prediction] = await runtime.predict([middle]);
  return prediction !== undefined && prediction.every(Number.isFinite)
    ? {
      name,
      verdict: "refused",
      detail: `${ops === "" ? purpose : ops}; predicts ${prediction.length} numbers`,
    }
    : failed;
}
