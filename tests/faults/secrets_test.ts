/** Secrets of every kind in one box's configuration, and a search for them in all that leaves it. */

import assert from "node:assert/strict";
import { newToken } from "../../src/http/access.ts";
import { freePort } from "../storage/postgres_server.ts";
import { RunningBox } from "./running_box.ts";
import { writeSmallSite } from "./small_site.ts";
import type { SmallSite } from "./small_site.ts";

/** Marked, so that a part of one is found too. */
const SECRETS = {
  accessKey: "AKIA-zebra-access-5117",
  secretKey: "zebra/secret+key=9931",
  password: "zebra pass&word%4402",
  wrongToken: "sp_zebra-wrong-token-7720",
} as const;

Deno.test("no answer and no log line of the service holds a secret, whatever is asked and whatever fails", async () => {
  const { text: token, sha256 } = newToken();
  const site = await writeSmallSite({ yaml: "" });
  let box = await RunningBox.start(site, { startMs: 120_000 });
  try {
    // From the disk it has a plan later on, when store and database are away and must be complained of.
    await box.healthBecomes(({ last_cycle }) => last_cycle !== null, 30_000);
    await box.stop();
    await writeSecretConfig(site, sha256);
    box = await RunningBox.start(site, { startMs: 120_000 });
    const url = `http://127.0.0.1:${box.port}`;
    const said = [
      ...await askEverything(url, token),
      ...await askEverything(url, SECRETS.wrongToken),
      ...await askEverything(url, undefined),
    ];
    for (const presented of [token, SECRETS.wrongToken]) {
      const answer = await fetch(`${url}/dashboard/sign-in`, {
        method: "POST",
        body: new URLSearchParams({ token: presented, next: "/" }),
        redirect: "manual",
      });
      said.push(JSON.stringify([...answer.headers]) + await answer.text());
    }
    const allowed = { authorization: `Bearer ${token}` };
    await box.until(async () => {
      const text = await (await fetch(`${url}/health`, { headers: allowed })).text();
      said.push(text);
      return /no whole answer/.test(text) && /database: [^"]*refused/i.test(text);
    }, 30_000);
    assert.ok(said.some((text) => text.includes("small site")), "a plan was in force");
    await box.stop();
    assert.ok(box.lines.length < 2_000, "lines were thrown away unread");
    assert.ok(box.lines.some((line) => /"level":"debug"/.test(line)), "debug lines are there");
    const kept = await textsUnder(site.stateFolder);
    for (const [name, secret] of Object.entries({ ...SECRETS, token })) {
      for (const form of formsOf(secret)) {
        const where = [...said, ...box.lines, ...kept].find((text) => text.includes(form));
        assert.equal(where, undefined, `${name} shows as ${form}`);
      }
    }
  } finally {
    await box.kill();
    await Deno.remove(site.folder, { recursive: true });
  }
});

/** As text, as a part of an address, in base64, and its telling middle alone. */
function formsOf(secret: string): string[] {
  return [secret, encodeURIComponent(secret), btoa(secret), btoa(`:${secret}`).slice(4, -4)];
}

async function writeSecretConfig(site: SmallSite, sha256: string): Promise<void> {
  await Deno.writeTextFile(`${site.folder}/password`, SECRETS.password);
  await Deno.writeTextFile(
    site.configPath,
    `api:
  port: 0
  requests_per_minute: 100000
  tokens: [{ name: engineer, role: admin, sha256: ${sha256} }]
optimization: { interval_seconds: 1, config_file: strategy.yaml }
storage:
  minio:
    endpoint: 127.0.0.1:${freePort()}
    bucket: process-optimization
    access_key: ${JSON.stringify(SECRETS.accessKey)}
    secret_key: ${JSON.stringify(SECRETS.secretKey)}
bundles: { poll_seconds: 0.5 }
database:
  host: 127.0.0.1
  port: ${freePort()}
  dbname: process_db
  user: box
  password_file: password
  connect_timeout_seconds: 1
state: { folder: ${JSON.stringify(site.stateFolder)} }
log: { level: TRACE }
`,
  );
}

interface Described {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

interface Operation {
  readonly requestBody?: { readonly content: Record<string, { readonly example?: unknown }> };
}

/** Heads and bodies of the answers of every route, to its example and to nonsense. */
async function askEverything(url: string, token: string | undefined): Promise<string[]> {
  const { paths } = await (await fetch(`${url}/openapi.json`)).json() as Described;
  const said: string[] = [];
  for (const [path, operations] of Object.entries(paths)) {
    for (const [method, { requestBody }] of Object.entries(operations)) {
      const example = Object.values(requestBody?.content ?? {})[0]?.example;
      const bodies = method === "get" ? [undefined] : [JSON.stringify(example ?? {}), "{nonsense"];
      for (const body of bodies) {
        const address = url + path.replace(/\{\w+\}/g, "nothing-like-it");
        said.push(await answerOf(address, { method: method.toUpperCase(), token, body }));
      }
    }
  }
  return said;
}

async function answerOf(
  address: string,
  { method, token, body }: {
    readonly method: string;
    readonly token: string | undefined;
    readonly body: string | undefined;
  },
): Promise<string> {
  const abort = new AbortController();
  const response = await fetch(address, {
    method,
    signal: abort.signal,
    headers: {
      "content-type": "application/json",
      "idempotency-key": `key ${method} ${body ?? ""}`.replaceAll(/[^\w -]/g, ""),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body }),
  });
  const head = JSON.stringify([...response.headers]);
  if (response.headers.get("content-type") === "text/event-stream") {
    const reader = response.body!.getReader();
    const { value } = await reader.read();
    abort.abort();
    await reader.cancel().catch(() => {});
    return head + new TextDecoder().decode(value);
  }
  return head + await response.text();
}

/** Every file of the state folder, as text. */
async function textsUnder(folder: string): Promise<string[]> {
  const texts: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) texts.push(...await textsUnder(path));
    else texts.push(new TextDecoder("latin1").decode(await Deno.readFile(path)));
  }
  return texts;
}
