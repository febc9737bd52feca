/** The sites of this repository, loaded as a bundle is: strategy, models with scalers, runtimes. */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { SkillRuntime } from "../../src/cycle/predict.ts";
import { readGraph } from "../../src/model/onnx.ts";
import {
  createPredictionModel,
  type PredictionModel,
  predictModel,
} from "../../src/model/prediction_model.ts";
import { readScaler } from "../../src/model/read_scaler.ts";
import { openRuntime } from "../../src/model/runtime.ts";
import { parseStrategy } from "../../src/strategy/parse.ts";
import { printProblem } from "../../src/strategy/problem.ts";
import type { Strategy } from "../../src/strategy/strategy.ts";

export interface Site {
  readonly strategy: Strategy;
  readonly text: string;
  readonly models: ReadonlyMap<string, PredictionModel>;
  readonly runtimes: ReadonlyMap<string, SkillRuntime>;
  release(): Promise<void>;
}

const strategies = new URL("../../strategies/", import.meta.url);

/** A site by the name of its folder; `edit` changes the strategy's text first. */
export async function loadSite(
  folder: string,
  edit: (text: string) => string = (text) => text,
): Promise<Site> {
  const base = fileURLToPath(new URL(`${folder}/`, strategies));
  const file = "process-optimization-strategy-config.yaml";
  const text = edit(Deno.readTextFileSync(base + file));
  const parsed = parseStrategy(text, { file });
  assert.ok(
    parsed.kind === "strategy",
    parsed.kind === "problems" ? parsed.problems.map(printProblem).join("\n") : "",
  );
  const models = new Map<string, PredictionModel>();
  const runtimes = new Map<string, SkillRuntime>();
  const opened: { release(): Promise<void> }[] = [];
  for (const skill of parsed.strategy.skills.values()) {
    if (skill.type !== "model") continue;
    const bytes = Deno.readFileSync(base + skill.file);
    const model = createPredictionModel({
      graph: readGraph(bytes),
      scaler: skill.scaler === undefined
        ? undefined
        : readScaler(JSON.parse(Deno.readTextFileSync(base + skill.scaler))),
      inputs: skill.inputs,
      outputs: skill.outputs,
    });
    const runtime = await openRuntime(bytes);
    opened.push(runtime);
    models.set(skill.name, model);
    runtimes.set(skill.name, {
      async predict(inputs) {
        const [outputs] = await predictModel(model, runtime, [Float64Array.from(inputs)]);
        return [...outputs ?? []];
      },
    });
  }
  return {
    strategy: parsed.strategy,
    text,
    models,
    runtimes,
    async release() {
      for (const runtime of opened) await runtime.release();
    },
  };
}
