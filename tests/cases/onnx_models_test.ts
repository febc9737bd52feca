import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { countCases } from "./case_result.ts";
import { casesFolder } from "./folder.ts";
import { runOnnxModels } from "./onnx_models.ts";

const folder = `${casesFolder()}/onnx-models`;
const present = existsSync(folder);
if (!present) console.error(`NOT RUN: models made by others, as ${folder} is not there`);

Deno.test({
  name: "compareWithRuntime finds every model made by others equal to its tape, or it is refused",
  ignore: !present,
  async fn() {
    const results = await runOnnxModels(folder);
    console.log(`ONNX models: ${countCases(results)}`);
    assert.deepEqual(results.filter(({ verdict }) => verdict === "failed"), []);
  },
});
