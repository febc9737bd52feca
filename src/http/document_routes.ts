/** The interface's own description: `/openapi.json`, and `/docs` that shows it without internet. */

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { callerOf } from "./access.ts";
import type { AppParts } from "./app_parts.ts";
import type { Strategy } from "../strategy/strategy.ts";
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
  const textOf = documentTexts(routes, { secured: parts.tokens.length > 0 });
  const bytesOf = assetBytes();
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
        return context.body(textOf(strategy), 200, { "content-type": "application/json" });
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
        return context.body(await bytesOf(known.package), 200, {
          "content-type": `${known.type}; charset=utf-8`,
          "cache-control": "max-age=3600",
        });
      },
    }),
  ];
}

/** The document is made once per strategy: it takes some 30 ms, and anybody may ask for it. */
function documentTexts(
  routes: readonly Route[],
  { secured }: { readonly secured: boolean },
): (strategy: Strategy | undefined) => string {
  const texts = new WeakMap<Strategy, string>();
  let plain: string | undefined;
  const make = (strategy: Strategy | undefined) =>
    JSON.stringify(openApiDocument(routes, { strategy, secured }));
  return (strategy) => {
    if (strategy === undefined) return plain ??= make(undefined);
    const known = texts.get(strategy) ?? make(strategy);
    texts.set(strategy, known);
    return known;
  };
}

/** The page's parts, read once and shared by all who read them slowly. */
function assetBytes(): (name: string | undefined) => Promise<Uint8Array<ArrayBuffer>> {
  const read = new Map<string, Promise<Uint8Array<ArrayBuffer>>>();
  const start = Promise.resolve(new TextEncoder().encode(START));
  return (name) => {
    if (name === undefined) return start;
    const bytes = read.get(name) ??
      readFile(fileURLToPath(import.meta.resolve(name))).then((file) => new Uint8Array(file));
    read.set(name, bytes);
    bytes.catch(() => read.delete(name));
    return bytes;
  };
}
