/** The interface's own description: `/openapi.json`, and `/docs` that shows it without internet. */

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { callerOf } from "./access.ts";
import type { AppParts } from "./app_parts.ts";
import { openApiDocument } from "./openapi.ts";
import { problem } from "./problem.ts";
import { route } from "./route.ts";
import type { Route } from "./route.ts";

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Setpoint: HTTP interface</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="interface"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`;

/** With a token entered under Authorize, "Try it out" works where tokens are needed. */
const START = `SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#interface",
  deepLinking: true,
  validatorUrl: null,
});
`;

/** The page is ours and so is every script; Swagger UI sets styles and draws icons from data URLs. */
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; " +
  "img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'";

const ASSETS: Readonly<Record<string, { readonly type: string; readonly package?: string }>> = {
  "swagger-ui.css": { type: "text/css", package: "swagger-ui-dist/swagger-ui.css" },
  "swagger-ui-bundle.js": {
    type: "text/javascript",
    package: "swagger-ui-dist/swagger-ui-bundle.js",
  },
  "start.js": { type: "text/javascript" },
};

/** `routes` are those that the document describes. */
export function documentRoutes(parts: AppParts, routes: readonly Route[]): Route[] {
  const secured = parts.tokens.length > 0;
  return [
    route({
      method: "get",
      at: "/openapi.json",
      role: null,
      operation: {
        id: "openapi",
        tag: "Monitoring",
        summary: "This document; with a token, the active strategy's values stand in it by name",
        answers: { 200: { description: "OpenAPI 3.1", schema: z.looseObject({}) } },
        problems: [],
      },
      answer: (context) => {
        const caller = callerOf(context.req.header("authorization"), {
          tokens: parts.tokens,
          now: parts.now(),
          address: "",
        });
        // Tags tell much of a plant: they are for those who may read it.
        const strategy = "refusal" in caller ? undefined : parts.activePlan()?.strategy;
        return context.json(openApiDocument(routes, { strategy, secured }));
      },
    }),
    route({
      method: "get",
      at: "/docs",
      role: null,
      operation: {
        id: "docs",
        tag: "Monitoring",
        summary: "The page that shows this document",
        answers: { 200: { description: "HTML", mediaType: "text/html" } },
        problems: [],
      },
      answer: (context) => {
        context.header("Content-Security-Policy", POLICY);
        return context.html(PAGE);
      },
    }),
    route({
      method: "get",
      at: "/docs/:asset",
      role: null,
      path: z.object({ asset: z.string() }),
      operation: {
        id: "docsAsset",
        tag: "Monitoring",
        summary: "What the page needs",
        answers: { 200: { description: "Style or script", mediaType: "text/javascript" } },
        problems: ["not-found"],
      },
      answer: async (context, { path: { asset } }) => {
        const known = Object.hasOwn(ASSETS, asset) ? ASSETS[asset] : undefined;
        if (known === undefined) {
          return problem(context, { kind: "not-found", detail: `${asset} is no part of /docs` });
        }
        const bytes = known.package === undefined
          ? new TextEncoder().encode(START)
          : new Uint8Array(await readFile(fileURLToPath(import.meta.resolve(known.package))));
        return context.body(bytes, 200, {
          "content-type": `${known.type}; charset=utf-8`,
          "cache-control": "max-age=3600",
        });
      },
    }),
  ];
}
