import assert from "node:assert/strict";
import { parse } from "yaml";
import { configSchemaJson, referenceMarkdown, referenceRows } from "../src/config_reference.ts";
import { configReferenceCommand } from "../src/config_reference_command.ts";
import { knownKeys } from "../src/config_problems.ts";
import { parseConfig } from "../src/config.ts";

Deno.test("referenceRows has every key that the file may hold, each with its meaning", () => {
  const rows = referenceRows();
  const sections = ["", ...rows.filter(({ type }) => type === "section").map(({ key }) => key)];
  for (const section of sections) {
    const path = section === "" ? [] : section.split(".");
    for (const key of knownKeys(path)) {
      const wanted = [...path, key].join(".");
      assert.ok(rows.some((row) => row.key === wanted), `${wanted} is missing`);
    }
  }
  const silent = rows.filter(({ meaning }) => meaning === undefined || meaning.length < 8);
  assert.deepEqual(silent.map(({ key }) => key), [], "add .describe() in src/config_schema.ts");
});

Deno.test("referenceRows gives a unit where the key's name has one", () => {
  const named = /_(seconds|minutes|days|megabytes)$|\.megabytes$/;
  for (const { key, unit } of referenceRows()) {
    assert.equal(unit !== undefined, named.test(key), `${key} has the unit ${unit}`);
  }
});

Deno.test("referenceRows tells the defaults that parseConfig takes", () => {
  const fallback = (key: string) => referenceRows().find((row) => row.key === key)?.fallback;
  const config = parseConfig("", { path: "/site/config.yaml", env: {} });
  assert.equal(fallback("api.port"), String(config.api.port));
  assert.equal(fallback("optimization.interval_seconds"), "300");
  assert.equal(config.optimization.intervalSeconds, 300);
  assert.equal(fallback("state.records"), String(config.state.records));
  assert.equal(fallback("optimization.run_at_start"), "true");
});

Deno.test("referenceMarkdown has one table row per key, and says what is required", () => {
  const rows = referenceRows();
  const text = referenceMarkdown(rows);
  for (const { key } of rows.filter((row) => row.key.includes("."))) {
    assert.equal(text.split(`| \`${key}\` |`).length, 2, key);
  }
  assert.match(text, /\| `storage\.minio\.bucket` \| text \| required \|/);
  assert.match(text, /\| `api\.port` \| whole number, 0 to 65535 \| `8005` \|/);
  assert.match(text, /`\$\{VAR:-default\}`/);
  const lines: string[] = [];
  assert.equal(configReferenceCommand([], { say: (line) => lines.push(line) }), 0);
  assert.equal(lines.join("\n"), text);
});

Deno.test("configSchemaJson takes numbers, switches and choices from the environment too", () => {
  const schema = JSON.parse(JSON.stringify(configSchemaJson()));
  const { port, host } = schema.properties.api.properties;
  assert.deepEqual(port.anyOf.map(({ type }: { type: string }) => type), ["integer", "string"]);
  assert.equal(port.description, "Port to listen on; 0: any that is free");
  assert.equal(host.type, "string");
  assert.equal(schema.additionalProperties, false);
  const described = JSON.stringify(schema).match(/"description"/g)?.length ?? 0;
  assert.ok(described >= referenceRows().length, `${described} descriptions`);
});

Deno.test("parseConfig reports what the schema refuses in every section at once", () => {
  const wrong = referenceRows()
    .filter(({ key, type }) => /^number|^whole/.test(type) && key.split(".").length === 2);
  const sections = Map.groupBy(wrong, ({ key }) => key.split(".")[0]!);
  const text = [...sections].map(([name, rows]) =>
    `${name}:\n${rows.map(({ key }) => `  ${key.split(".")[1]}: "\${EIGHT}"\n`).join("")}` +
    (name === "database" ? "  dbname: plant\n" : "")
  ).join("");
  assert.equal(Object.keys(parse(text)).length, sections.size);
  assert.throws(
    () => parseConfig(text, { path: "config.yaml", env: { EIGHT: "eight" } }),
    (error: Error & { problems?: readonly { key: string }[] }) => {
      assert.deepEqual(
        error.problems?.map(({ key }) => key).toSorted(),
        wrong.map(({ key }) => key).toSorted(),
      );
      return true;
    },
  );
});
