/**
 * What `validate` says of the models beside a strategy: whether each fits its skill, and whether those
 * that an optimizer uses can be lowered. ONNX Runtime's word comes with `publish`.
 */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { readGraph } from "../model/onnx.ts";
import { createPredictionModel, lowerModel } from "../model/prediction_model.ts";
import { readScaler } from "../model/read_scaler.ts";
import { TapeBuilder } from "../model/tape_builder.ts";
import { stepsOf } from "../strategy/chain.ts";
import type { ModelSkill, Strategy } from "../strategy/strategy.ts";

/** What is wrong with the models in a folder, and the files that are not there to be checked. */
export interface ModelFindings {
  readonly problems: readonly string[];
  readonly absent: readonly string[];
}

/** Checks every model skill of a strategy whose files stand relative to `folder`. */
export function checkModels(strategy: Strategy, folder: string): ModelFindings {
  const skills = [...strategy.skills.values()];
  const optimized = new Set(
    skills.filter((skill) => skill.type === "optimizer")
      .flatMap(({ model }) => stepsOf(strategy, model)).map(({ name }) => name),
  );
  const problems: string[] = [];
  const absent: string[] = [];
  for (const skill of skills) {
    if (skill.type !== "model") continue;
    const files = [skill.file, ...(skill.scaler === undefined ? [] : [skill.scaler])];
    const missing = files.filter((file) => !existsSync(join(folder, file)));
    absent.push(...missing);
    if (missing.length > 0) continue;
    const problem = modelProblem(skill, { folder, isOptimized: optimized.has(skill.name) });
    if (problem !== undefined) problems.push(problem);
  }
  return { problems, absent: [...new Set(absent)] };
}

function modelProblem(
  { name, file, scaler, inputs, outputs }: ModelSkill,
  { folder, isOptimized }: { readonly folder: string; readonly isOptimized: boolean },
): string | undefined {
  try {
    const model = createPredictionModel({
      graph: readGraph(Deno.readFileSync(join(folder, file))),
      scaler: scaler === undefined
        ? undefined
        : readScaler(JSON.parse(Deno.readTextFileSync(join(folder, scaler)))),
      inputs,
      outputs,
    });
    if (!isOptimized) return undefined;
    const builder = new TapeBuilder();
    lowerModel(model, builder, builder.input(inputs.map((_, k) => k)));
    return undefined;
  } catch (error) {
    // Whatever a file from elsewhere does to a reader is a problem of that file.
    const why = error instanceof Error ? error.message : String(error);
    return `Skill "${name}" (${file}): ${why}`;
  }
}
