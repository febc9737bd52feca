import assert from "node:assert/strict";
import { parseConfig } from "../src/config.ts";
import { callerOf } from "../src/http/access.ts";
import { tokenCommand } from "../src/token_command.ts";

Deno.test("tokenCommand prints a token once, and configuration under which it is known", () => {
  const { text, code } = tokenCommand(["--name", "scada", "--role", "operate"]);
  assert.equal(code, 0);
  const token = /stp_\S+/.exec(text)![0];
  const yaml = text.slice(text.indexOf("api:"));
  assert.ok(!yaml.includes(token), "the configuration does not hold the token");
  const { api } = parseConfig(yaml, { path: "config.yaml", env: {} });
  const caller = callerOf(`Bearer ${token}`, { tokens: api.tokens, now: new Date(), address: "" });
  assert.deepEqual(caller, { name: "scada", role: "operate", address: "" });
});

Deno.test("tokenCommand helps where a name or role is missing or wrong", () => {
  for (const args of [[], ["--name", "a b", "--role", "read"], ["--name", "a", "--role", "root"]]) {
    assert.equal(tokenCommand(args).code, 2);
  }
});

Deno.test("parseConfig takes a network host with tokens, and no token in clear", () => {
  const parse = (yaml: string) => () => parseConfig(yaml, { path: "config.yaml", env: {} });
  const sha256 = "0".repeat(64);
  const row = `{ name: a, role: read, sha256: "${sha256}", expires: 2027-06-30 }`;
  const { api } = parse(`api: { host: 0.0.0.0, tokens: [${row}] }`)();
  assert.equal(api.tokens[0]?.expires?.toISOString(), "2027-06-30T00:00:00.000Z");
  assert.throws(parse("api: { host: 0.0.0.0 }"), /api\.tokens/);
  assert.throws(parse(`api: { auth: none, tokens: [${row}] }`), /lets everybody in/);
  assert.throws(parse(`api: { tokens: [${row}, ${row}] }`), /stands twice/);
  assert.throws(
    parse("api: { tokens: [{ name: a, role: read, sha256: stp_secret }] }"),
    (error) => {
      assert.match(String(error), /not the token itself/);
      assert.ok(!String(error).includes("stp_secret"), "the token is not repeated");
      return true;
    },
  );
});
