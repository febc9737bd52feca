import assert from "node:assert/strict";
import { parseStrategy } from "../../src/strategy/parse.ts";
import { processorTimeOf } from "../processor_time.ts";

/** Of a processor, for each text; none needs a tenth of it. */
const quickMs = 3000;

function refusal(text: string): string {
  const { value: result, ms } = processorTimeOf(() =>
    parseStrategy(text, { file: "hostile.yaml" })
  );
  assert.ok(ms < quickMs, `took ${ms.toFixed(0)} ms`);
  assert.ok(result.kind === "problems", "was accepted");
  return result.problems.map(({ message }) => message).join("\n");
}

function aliasBomb(levels: number): string {
  const lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"];
  for (let i = 1; i <= levels; i++) {
    lines.push(`a${i}: &a${i} [${Array(9).fill(`*a${i - 1}`).join(", ")}]`);
  }
  return lines.join("\n");
}

const hostile: readonly (readonly [string, string, RegExp])[] = [
  ["an alias bomb", aliasBomb(9), /aliases/],
  ["many small aliases", `a: &a 1\nb: [${"*a, ".repeat(5000)}]`, /Too many aliases/],
  ["an alias inside its own anchor", "a: &a [*a]", /contains itself|No anchor/],
  ["10 MB of text", "name: " + "x".repeat(10_000_000), /10000006 characters/],
  ["10 MB of keys", "k: 1\n".repeat(2_000_000), /characters/],
  [
    "many different keys",
    Array.from({ length: 30_000 }, (_, i) => `k${i}: 1`).join("\n"),
    /words and marks/,
  ],
  ["100,000 open brackets", "[".repeat(100_000), /words and marks|nested too deeply/],
  ["20,000 open brackets", "[".repeat(20_000), /nested too deeply/],
  ["20,000 closed brackets", "[".repeat(20_000) + "]".repeat(20_000), /nested too deeply/],
  ["20,000 lists in one line", "- ".repeat(20_000) + "a", /nested too deeply/],
  ["20,000 keys in one line", "? ".repeat(20_000) + "a", /nested too deeply/],
  ["an empty file", "", /The file is empty/],
  ["a comment alone", "# nothing", /The file is empty/],
  ["a list", "- a\n- b", /not a mapping/],
  ["a text", "hello", /not a mapping/],
  ["null bytes", "name: a\0b\nvariables: {}\nskills: {}\ntasks: []", /./],
  ["a key __proto__", "__proto__: { name: x }\nname: a", /"__proto__" cannot be a key/],
  ["a key constructor", "constructor: { name: x }\nname: a", /Unknown key "constructor"/],
  ["a list as a key", "[a, b]: 1", /A key is not a plain text/],
  ["a merge key", "a: &a { name: x }\n<<: *a", /Unknown key "<<"/],
  ["a tag", "name: !!python/object:os.system x", /This is not YAML/],
];

for (const [name, text, message] of hostile) {
  Deno.test(`parseStrategy refuses ${name} quickly`, () => {
    assert.match(refusal(text), message);
  });
}
