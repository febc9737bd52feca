/** A site's strategy and its committed models, run by ONNX Runtime alone: no code of src/model. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { parseStrategy } from "../../src/strategy/parse.ts";
import type { ModelSkill, Strategy } from "../../src/strategy/strategy.ts";

interface Standard {
  readonly kind: string;
  readonly mean: readonly number[];
  readonly scale: readonly number[];
}

export interface ScalerFile {
  readonly inputs: Standard;
  readonly outputs: Standard;
  readonly names: { readonly inputs: readonly string[]; readonly outputs: readonly string[] };
  readonly trained_range: { readonly inputs: readonly (readonly [number, number])[] };
  readonly distribution?: {
    readonly mean: readonly number[];
    readonly covariance: readonly (readonly number[])[];
    readonly radius: number;
  };
}

/** A path inside a site's folder. */
export function sitePath(site: string, file: string): string {
  return fileURLToPath(new URL(`../../strategies/${site}/${file}`, import.meta.url));
}

/** The site's strategy; fails with the parser's problems where there are any. */
export function siteStrategy(site: string): Strategy {
  const file = "process-optimization-strategy-config.yaml";
  const parsed = parseStrategy(readFileSync(sitePath(site, file), "utf8"), { file });
  assert.equal(parsed.kind, "strategy", JSON.stringify(parsed, null, 1));
  if (parsed.kind !== "strategy") throw new Error("unreachable after the assertion");
  return parsed.strategy;
}

export function modelSkills(strategy: Strategy): ModelSkill[] {
  return [...strategy.skills.values()].filter((skill) => skill.type === "model");
}

export function readScalerFile(site: string, skill: ModelSkill): ScalerFile {
  assert.ok(skill.scaler, `${skill.name} has no scaler`);
  return JSON.parse(readFileSync(sitePath(site, skill.scaler), "utf8"));
}

/** Predictions in engineering units, one row of outputs per row of inputs. */
export async function predictRows(
  site: string,
  skill: ModelSkill,
  rows: readonly (readonly number[])[],
): Promise<number[][]> {
  const { inputs, outputs } = readScalerFile(site, skill);
  const width = skill.inputs.length;
  const scaled = Float32Array.from(
    rows.flatMap((row) =>
      row.map((value, at) => (value - (inputs.mean[at] ?? NaN)) / (inputs.scale[at] ?? NaN))
    ),
  );
  const session = await InferenceSession.create(sitePath(site, skill.file), {
    intraOpNumThreads: 1,
  });
  try {
    const [inputName = ""] = session.inputNames;
    const [outputName = ""] = session.outputNames;
    const answer = await session.run({
      [inputName]: new Tensor("float32", scaled, [rows.length, width]),
    });
    const values = answer[outputName]?.data;
    assert.ok(values instanceof Float32Array, `${skill.file} answers in float32`);
    const count = skill.outputs.length;
    return rows.map((_, row) =>
      skill.outputs.map((_, at) =>
        (values[row * count + at] ?? NaN) * (outputs.scale[at] ?? NaN) + (outputs.mean[at] ?? NaN)
      )
    );
  } finally {
    await session.release();
  }
}
