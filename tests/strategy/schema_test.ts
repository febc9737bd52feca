import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { parseStrategy } from "../../src/strategy/parse.ts";
import { strategyFile, strategySchemaJson } from "../../src/strategy/schema.ts";
import { readYaml } from "../../src/strategy/yaml_document.ts";
import { fullStrategy } from "./full_strategy.ts";
import { accepts } from "./json_schema_check.ts";
import { mutatedStrategy } from "./mutations.ts";
import { sampleStrategy } from "./sample_strategy.ts";
import { sites } from "./sites.ts";

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

Deno.test("strategySchemaJson describes every key and every word that a key may have", () => {
  const bare: string[] = [];
  function walk(value: unknown, path: string): void {
    if (typeof value !== "object" || value === null) return;
    const words = Reflect.get(value, "enum");
    const meanings = Reflect.get(value, "enumDescriptions");
    if (Array.isArray(words) && !(Array.isArray(meanings) && meanings.length === words.length)) {
      bare.push(path);
    }
    const properties: unknown = Reflect.get(value, "properties");
    if (typeof properties === "object" && properties !== null && !Array.isArray(properties)) {
      for (const [key, property] of Object.entries(properties)) {
        if (typeof Reflect.get(property, "description") !== "string") bare.push(`${path}/${key}`);
      }
    }
    for (const [key, inner] of Object.entries(value)) walk(inner, `${path}/${key}`);
  }
  walk(strategySchemaJson(), "");
  assert.deepEqual(bare, []);
});

assert.ok(sites.length >= 3, "the repository has at least three sites");
for (const site of sites) {
  Deno.test(`parseStrategy accepts the strategy of ${site.name}`, () => {
    const { file } = site;
    const result = parseStrategy(Deno.readTextFileSync(file), { file });
    assert.deepEqual(result.kind === "problems" ? result.problems : [], []);
  });
  Deno.test(`strategySchemaJson takes the strategy of ${site.name}, and its editor finds it`, () => {
    const text = Deno.readTextFileSync(site.file);
    assert.ok(accepts(strategySchemaJson(), valueOf(text)));
    assert.match(text, /^# yaml-language-server: \$schema=\.\.\/strategy\.schema\.json\n/);
  });
}

Deno.test("strategySchemaJson takes what the reader takes, and refuses what it refuses", () => {
  const schema = strategySchemaJson();
  assert.ok(accepts(schema, valueOf(sampleStrategy)));
  assert.ok(accepts(schema, valueOf(fullStrategy)));
  let refused = 0;
  for (let seed = 0; seed < 150; seed++) {
    const yaml = readYaml(mutatedStrategy(seed));
    if (yaml.kind === "faults") continue;
    const { value } = yaml.document;
    const byReader = strategyFile.safeParse(value).success;
    assert.equal(accepts(schema, value), byReader, `seed ${seed}`);
    if (!byReader) refused += 1;
  }
  assert.ok(refused > 15, `only ${refused} files were refused`);
});

function valueOf(text: string): unknown {
  const yaml = readYaml(text);
  assert.ok(yaml.kind === "document");
  return yaml.document.value;
}
