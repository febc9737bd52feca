import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { parseStrategy } from "../../src/strategy/parse.ts";
import { strategySchemaJson } from "../../src/strategy/schema.ts";

const strategies = fileURLToPath(new URL("../../strategies/", import.meta.url));

Deno.test("strategySchemaJson is what editors get from strategies/strategy.schema.json", () => {
  const file = JSON.parse(Deno.readTextFileSync(`${strategies}strategy.schema.json`));
  assert.deepEqual(
    file,
    JSON.parse(JSON.stringify(strategySchemaJson())),
    "run: deno task validate --schema > strategies/strategy.schema.json",
  );
});

Deno.test("strategySchemaJson allows no unknown key anywhere and describes every variable type", () => {
  const schema = strategySchemaJson();
  let objects = 0;
  function walk(value: unknown): void {
    if (typeof value !== "object" || value === null) return;
    if (Reflect.get(value, "type") === "object" && Reflect.has(value, "properties")) {
      objects += 1;
      assert.equal(Reflect.get(value, "additionalProperties"), false);
    }
    Object.values(value).forEach(walk);
  }
  walk(schema);
  assert.ok(objects > 12, `only ${objects} mappings`);
  for (const type of ["operative", "informative", "calculated", "predicted"]) {
    assert.ok(JSON.stringify(schema).includes(`"const":"${type}"`), type);
  }
});

for (const site of Deno.readDirSync(strategies)) {
  if (!site.isDirectory) continue;
  Deno.test(`parseStrategy accepts the strategy of ${site.name}`, () => {
    const file = `${strategies}${site.name}/process-optimization-strategy-config.yaml`;
    const result = parseStrategy(Deno.readTextFileSync(file), { file });
    assert.deepEqual(result.kind === "problems" ? result.problems : [], []);
  });
}
