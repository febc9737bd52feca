import assert from "node:assert/strict";
import { validateCommand } from "../../src/validate_command.ts";
import { writeModel, type WrittenNode } from "../model/onnx_writer.ts";

const STRATEGY = `
name: small
variables:
  Coal: { type: operative, unit: t/h, bounds: [5, 12], max_move: 0.4 }
  Lime: { type: predicted, unit: "%" }
skills:
  quality: { type: model, file: models/quality.onnx, inputs: [Coal], outputs: [Lime] }
  optimum: { type: optimizer, minimize: Lime, model: quality }
tasks:
  - { name: predict, skill: quality }
  - { name: optimise, skill: optimum }
`;

/** What the command says of STRATEGY with a model of these nodes beside it, or of the given bytes. */
function validated(
  model: readonly WrittenNode[] | Uint8Array | undefined,
  strategy = STRATEGY,
): { readonly code: number; readonly said: string } {
  const folder = Deno.makeTempDirSync();
  try {
    Deno.writeTextFileSync(`${folder}/strategy.yaml`, strategy);
    Deno.mkdirSync(`${folder}/models`);
    if (model !== undefined) {
      const bytes = model instanceof Uint8Array ? model : writeModel({
        opsets: { "ai.onnx": 17 },
        nodes: model,
        inputs: [{ name: "x", shape: ["N", 1] }],
        outputs: [{ name: "y" }],
      });
      Deno.writeFileSync(`${folder}/models/quality.onnx`, bytes);
    }
    const said: string[] = [];
    const tell = (text: string) => said.push(text);
    const code = validateCommand([folder], { print: tell, complain: tell });
    return { code, said: said.join("\n") };
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

const SMOOTH: WrittenNode[] = [{ op: "Tanh", inputs: ["x"], outputs: ["y"] }];
const STEPS: WrittenNode[] = [{ op: "Floor", name: "f", inputs: ["x"], outputs: ["y"] }];

Deno.test("checkModels finds nothing wrong with a model that fits and is smooth", () => {
  const { code, said } = validated(SMOOTH);
  assert.match(said, /no problems \(2 variables, 2 skills, 2 tasks\)$/);
  assert.equal(code, 0);
});

Deno.test("checkModels says why a model cannot be part of an optimizer", () => {
  const { code, said } = validated(STEPS);
  assert.match(
    said,
    /Skill "quality" \(models\/quality\.onnx\): .*node 0 "f", Floor .*prediction/s,
  );
  assert.match(said, /: 1 problem$/);
  assert.equal(code, 1);
});

Deno.test("checkModels lets a model without slopes serve in predictions", () => {
  const predicting = STRATEGY.replace(/ {2}optimum: .*\n/, "").replace(/ {2}- .*optimum }\n/, "");
  assert.equal(validated(STEPS, predicting).code, 0);
});

Deno.test("checkModels holds a model against the skill's inputs, and a damaged file as a problem", () => {
  const two = STRATEGY.replace("inputs: [Coal]", "inputs: [Coal, Feed]").replace(
    "  Lime:",
    "  Feed: { type: informative, unit: t/h }\n  Lime:",
  );
  const misfit = validated(SMOOTH, two);
  assert.match(misfit.said, /it has 1 inputs, the skill 2/);
  assert.equal(misfit.code, 1);
  const damaged = validated(Uint8Array.of(1, 2, 3));
  assert.match(damaged.said, /not a whole ONNX model \(3 bytes\)/);
  assert.equal(damaged.code, 1);
});

Deno.test("checkModels names the files that are not there yet, which is no problem", () => {
  const { code, said } = validated(undefined);
  assert.match(said, /no problems .*\n.*models\/quality\.onnx is not there yet, NOT CHECKED$/s);
  assert.equal(code, 0);
});
