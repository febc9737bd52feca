import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { countCases } from "./case_result.ts";
import { casesFolder } from "./folder.ts";
import { NODE_TESTS_REFUSED, runNodeTests } from "./onnx_node_tests.ts";

const folder = `${casesFolder()}/onnx-node-tests`;
const present = existsSync(folder);
if (!present) console.error(`NOT RUN: the ONNX project's node tests, as ${folder} is not there`);

Deno.test({
  name: "lowerGraph passes the ONNX project's node tests, or refuses those on the list",
  ignore: !present,
  fn() {
    const results = runNodeTests(folder);
    console.log(`ONNX node tests: ${countCases(results)}`);
    const failed = results.filter(({ verdict }) => verdict === "failed");
    assert.deepEqual(failed, []);
    const refused = results.filter(({ verdict }) => verdict === "refused").map(({ name }) => name);
    assert.deepEqual(refused.sort(), Object.keys(NODE_TESTS_REFUSED).sort());
  },
});
