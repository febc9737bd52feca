import assert from "node:assert/strict";
import type { CycleRecord, Recommendation } from "../../src/cycle/recommendation.ts";
import { routesOf } from "../../src/http/app.ts";
import type { Health } from "../../src/http/health.ts";
import { openApiDocument } from "../../src/http/openapi.ts";
import type { Route } from "../../src/http/route.ts";
import * as schemas from "../../src/http/schemas.ts";
import type { z } from "zod";
import { newToken } from "../../src/http/access.ts";
import { posted, sampleApp, samplePlan } from "./sample_app.ts";

function routes(): Route[] {
  let rows: Route[] = [];
  sampleApp({ inspect: (parts) => rows = routesOf(parts) });
  return rows;
}

/** Without those that show the document, and the pages for people. */
function describedRoutes(): Route[] {
  return routes().filter(({ path }) => !/^\/(docs|openapi|dashboard|$)/.test(path));
}

type Plain<T> = T extends readonly (infer E)[] ? Plain<E>[]
  : T extends object ? { -readonly [K in keyof T]: Plain<T[K]> }
  : T;

// These hold the interfaces of cycle/ and the schemas together: they do not compile otherwise.
export const sentRecommendation = (
  sent: Plain<Recommendation>,
): z.infer<typeof schemas.recommendation> => ({
  ...sent,
  solver: sent.solver && { ...sent.solver, rungs: sent.solver.rungs.map((r) => ({ ...r })) },
});
export const sentBias = (
  sent: Plain<CycleRecord["bias"]>,
): z.infer<typeof schemas.cycleRecord>["bias"] => sent;
export const sentStatus = (sent: Health["status"]): z.infer<typeof schemas.health>["status"] =>
  sent;

interface Document {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, DocumentedOperation>>;
  readonly components: { readonly schemas: Record<string, unknown> };
}

interface DocumentedOperation {
  readonly operationId: string;
  readonly security: unknown[];
  readonly requestBody?: {
    readonly content: Record<string, { readonly schema: Record<string, unknown> }>;
  };
  readonly responses: Record<string, { readonly content?: Record<string, unknown> }>;
}

async function documentOf(headers: Record<string, string> = {}, parts = {}): Promise<Document> {
  const { app } = sampleApp({ parts });
  return await (await app.request("/openapi.json", { headers })).json();
}

Deno.test("openApiDocument names every route once and every reference resolves", async () => {
  const document = await documentOf();
  assert.equal(document.openapi, "3.1.0");
  const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
  assert.equal(operations.length, describedRoutes().length);
  assert.equal(new Set(operations.map((o) => o.operationId)).size, operations.length);
  const references = [
    ...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g),
  ];
  assert.ok(references.length > 20);
  for (const [, id] of references) assert.ok(id! in document.components.schemas, id);
});

Deno.test("every example in the rows is what its schema takes", () => {
  for (const { path, operation } of routes()) {
    if (operation.body !== undefined) {
      const parsed = operation.body.schema.safeParse(operation.body.example);
      assert.ok(parsed.success, `${path}: ${parsed.error}`);
    }
    for (const { schema, example } of Object.values(operation.answers)) {
      if (example === undefined) continue;
      const parsed = schema!.safeParse(example);
      assert.ok(parsed.success, `${path}: ${parsed.error}`);
    }
  }
});

Deno.test("what each route answers is what its schema says", async () => {
  const { app, cycles } = sampleApp();
  const { recommendation } = await cycles.run({ trigger: "schedule", given: new Map() });
  const bodies: Record<string, string> = {
    "/strategy/activate": '{"version": "8"}',
    "/controls/mode": '{"mode": "active"}',
    "/controls/switch": '{"variable": "Kiln_Coal_PV", "on": false}',
    "/predict": '{"sweep": {"Kiln_Coal_PV": {"from": 8, "to": 9}}}',
  };
  let held = 0;
  for (const { method, path, operation } of routes()) {
    const schema = operation.answers[200]?.schema;
    if (schema === undefined) continue;
    const query = path === "/trends"
      ? "?variable=Kiln_Coal_PV&from=2026-03-01T00:00:00Z&to=2026-03-02T00:00:00Z"
      : "";
    const url = path.replace(":id", recommendation.cycle_id) + query;
    const response = await app.request(
      url,
      method === "post" ? posted(bodies[path] ?? "{}") : {},
    );
    assert.equal(response.status, 200, url);
    const parsed = schema.safeParse(await response.json());
    assert.ok(parsed.success, `${url}: ${parsed.error}`);
    held++;
  }
  assert.ok(held >= 12, `${held} routes answer with JSON`);
});

Deno.test("openApiDocument shows the strategy's live values by name and range, to those who may read", async () => {
  const { text, sha256 } = newToken();
  const tokens = [{ name: "a", role: "read" as const, sha256, expires: undefined }];
  const valuesIn = (document: Document) => {
    const { schema } = document.paths["/optimize"]!.post!.requestBody!.content["application/json"]!;
    return (schema.properties as { input_data: { properties: unknown } } | undefined)?.input_data
      .properties;
  };
  const seen = await documentOf({ authorization: `Bearer ${text}` }, { tokens });
  assert.deepEqual(valuesIn(seen), {
    Kiln_Coal_PV: { type: "number", description: "in t/h", minimum: 4, maximum: 13 },
    Ambient_temperature: { type: "number", description: "in degC" },
  });
  const { schema } = seen.paths["/optimize"]!.post!.requestBody!.content["application/json"]!;
  const { switch_off } = schema.properties as { switch_off: { items: unknown } };
  assert.deepEqual(switch_off.items, { enum: ["Kiln_Coal_PV"] });
  const unseen = await documentOf({}, { tokens });
  assert.equal(valuesIn(unseen), undefined);
  assert.ok(!JSON.stringify(unseen.paths).includes("Ambient_temperature"));
});

Deno.test("openApiDocument asks for a token where one is needed, and only where there are tokens", () => {
  const securityOf = (secured: boolean) => {
    const { paths } = openApiDocument(describedRoutes(), {
      strategy: samplePlan.strategy,
      secured,
    }) as unknown as Document;
    return [paths["/optimize"]!.post!.security, paths["/health/live"]!.get!.security];
  };
  assert.deepEqual(securityOf(true), [[{ token: [] }], []]);
  assert.deepEqual(securityOf(false), [[], []]);
});

Deno.test("GET /docs shows the document with assets of this box alone", async () => {
  const { app } = sampleApp();
  const page = await app.request("/docs");
  const html = await page.text();
  assert.ok(!/https?:\/\//.test(html), "no other host is named");
  assert.match(page.headers.get("content-security-policy") ?? "", /default-src 'none'/);
  for (const [, asset] of html.matchAll(/(?:src|href)="(\/docs\/[^"]+)"/g)) {
    const response = await app.request(asset!);
    assert.equal(response.status, 200, asset);
    assert.ok((await response.text()).length > 100, asset);
  }
  assert.equal((await app.request("/docs/..%2f..%2fdeno.json")).status, 404);
});

Deno.test("a method that a route has not is answered with those that it has", async () => {
  const { app } = sampleApp();
  const response = await app.request("/optimize", { method: "DELETE" });
  assert.equal(response.status, 405);
  assert.equal(response.headers.get("allow"), "POST");
});
