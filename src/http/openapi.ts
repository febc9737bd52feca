/** The OpenAPI 3.1 document (spec.openapis.org/oas/v3.1.1), made from the routes and their schemas. */

import { z } from "zod";
import type { Strategy, Variable } from "../strategy/strategy.ts";
import { PROBLEMS } from "./problem.ts";
import type { ProblemKind } from "./problem.ts";
import type { Answer, Operation, Route } from "./route.ts";
import { named, problemDocument } from "./schemas.ts";

type Json = Readonly<Record<string, unknown>>;

/** Of the interface, not of the program: a new path or field makes it 1.1, a broken client 2.0. */
const INTERFACE_VERSION = "1.0";

const reference = (id: string) => `#/components/schemas/${id}`;

/** The whole interface; with a strategy, its live values stand in the requests by name and range. */
export function openApiDocument(
  routes: readonly Route[],
  { strategy, secured }: { readonly strategy: Strategy | undefined; readonly secured: boolean },
): Json {
  const { schemas } = z.toJSONSchema(named, { uri: reference, io: "input" });
  const paths: Record<string, Record<string, unknown>> = {};
  for (const { method, path, role, operation } of routes) {
    const at = path.replaceAll(/:(\w+)/g, "{$1}");
    paths[at] = { ...paths[at], [method]: operationOf(operation, { role, strategy, secured }) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Setpoint",
      version: INTERFACE_VERSION,
      description:
        "Process optimisation on the plant floor. Times are UTC instants; numbers are in " +
        "the unit that stands beside them. Errors are problem documents (RFC 9457).",
    },
    servers: [{ url: "/" }],
    tags: ["Recommendations", "What-if", "Strategy", "Cache", "Health", "Monitoring"]
      .map((name) => ({ name })),
    paths,
    components: {
      schemas: Object.fromEntries(
        Object.entries(schemas).map(([id, schema]) => [id, withoutDialect(schema)]),
      ),
      securitySchemes: {
        token: { type: "http", scheme: "bearer", description: "deno task token makes one" },
      },
    },
  };
}

function operationOf(
  operation: Operation,
  { role, strategy, secured }: {
    readonly role: Route["role"];
    readonly strategy: Strategy | undefined;
    readonly secured: boolean;
  },
): Json {
  const guarded: ProblemKind[] = role === null
    ? []
    : secured
    ? ["unauthenticated", "forbidden", "too-many"]
    : ["bad-host", "cross-site"];
  const kinds = [...operation.problems, ...guarded, "broken" as const];
  return {
    operationId: operation.id,
    tags: [operation.tag],
    summary: operation.summary,
    ...(operation.description === undefined ? {} : { description: operation.description }),
    ...(role === null || !secured
      ? { security: [] }
      : { security: [{ token: [] }], "x-role": role }),
    parameters: [
      ...parametersOf(operation.path, "path"),
      ...parametersOf(operation.query, "query"),
      ...parametersOf(operation.headers, "header"),
    ],
    ...bodyOf(operation, strategy),
    responses: responsesOf(operation.answers, kinds),
  };
}

function parametersOf(schema: z.ZodObject | undefined, place: "path" | "query" | "header"): Json[] {
  const { properties = {}, required = [] } = schema === undefined
    ? {}
    : z.toJSONSchema(schema, { io: "input" });
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...rest } = withoutDialect(property as Json);
    return {
      name: place === "header" ? headerName(name) : name,
      in: place,
      required: place === "path" || required.includes(name),
      ...(description === undefined ? {} : { description }),
      schema: rest,
    };
  });
}

/** `last-event-id` as it is usually written: `Last-Event-Id`. */
function headerName(name: string): string {
  return name.replaceAll(/(^|-)\w/g, (start) => start.toUpperCase());
}

function bodyOf({ body }: Operation, strategy: Strategy | undefined): Json {
  if (body === undefined) return {};
  const schema = body.givesValues && strategy !== undefined
    ? withLiveValues(body.schema, strategy)
    : { $ref: reference(named.get(body.schema)!.id) };
  return {
    requestBody: {
      required: body.required,
      content: { "application/json": { schema, example: body.example } },
    },
  };
}

/** The request's schema with the strategy's live values in `input_data`, each with unit and range. */
function withLiveValues(schema: z.ZodType, strategy: Strategy): Json {
  const own = withoutDialect(z.toJSONSchema(schema, { io: "input" }));
  const live = [...strategy.variables.values()]
    .filter(({ type }) => type === "operative" || type === "informative");
  const properties = own.properties as Record<string, Json>;
  const ranges = Object.fromEntries(live.map((variable) => [variable.name, rangeOf(variable)]));
  return {
    ...own,
    properties: {
      ...properties,
      input_data: {
        ...without(properties.input_data!, ["propertyNames"]),
        properties: ranges,
        additionalProperties: false,
      },
      ...(properties.sweep === undefined ? {} : { sweep: axesOf(properties.sweep, live) }),
      ...(properties.switch_off === undefined ? {} : {
        switch_off: { ...properties.switch_off, items: { enum: settingsOf(strategy) } },
      }),
    },
  };
}

function rangeOf(variable: Variable): Json {
  const valid = "valid" in variable ? variable.valid : undefined;
  return {
    type: "number",
    description: [variable.description, variable.unit && `in ${variable.unit}`]
      .filter(Boolean).join("; "),
    ...(valid === undefined ? {} : { minimum: valid[0], maximum: valid[1] }),
  };
}

function settingsOf(strategy: Strategy): string[] {
  return [...strategy.variables.values()]
    .filter(({ type }) => type === "operative").map(({ name }) => name);
}

/** One axis per live value, each end inside its range. */
function axesOf(sweep: Json, live: readonly Variable[]): Json {
  const axis = sweep.additionalProperties as Json;
  const ends = axis.properties as Json;
  const properties = Object.fromEntries(live.map((variable) => {
    const range = rangeOf(variable);
    return [variable.name, { ...axis, properties: { ...ends, from: range, to: range } }];
  }));
  return { ...without(sweep, ["propertyNames"]), properties, additionalProperties: false };
}

function responsesOf(
  answers: Readonly<Record<number, Answer>>,
  kinds: readonly ProblemKind[],
): Json {
  const responses: Record<string, unknown> = {};
  for (const [status, answer] of Object.entries(answers)) responses[status] = responseOf(answer);
  for (const kind of kinds) {
    const { status, title } = PROBLEMS[kind];
    const known = responses[status] as { description: string; content?: Json } | undefined;
    const content = {
      ...known?.content,
      "application/problem+json": { schema: { $ref: reference(named.get(problemDocument)!.id) } },
    };
    const description = known === undefined ? title : `${known.description}; ${title}`;
    responses[status] = { ...known, description, content };
  }
  return responses;
}

function responseOf({ description, mediaType, schema, example, headers }: Answer): Json {
  const shape = schema === undefined
    ? { schema: { type: "string" } }
    : { schema: { $ref: reference(named.get(schema)!.id) } };
  const hasBody = mediaType !== undefined || schema !== undefined;
  return {
    description,
    ...(headers === undefined ? {} : {
      headers: Object.fromEntries(
        Object.entries(headers).map(([name, about]) => [name, {
          description: about,
          schema: { type: "string" },
        }]),
      ),
    }),
    ...(hasBody
      ? {
        content: {
          [mediaType ?? "application/json"]: {
            ...shape,
            ...(example === undefined ? {} : { example }),
          },
        },
      }
      : {}),
  };
}

/** OpenAPI names the dialect once; and what we send is not what JSON Schema calls read-only. */
function withoutDialect(schema: object): Json {
  return without(schema as Json, ["$schema", "$id"]);
}

function without(schema: Json, keys: readonly string[]): Json {
  return Object.fromEntries(Object.entries(schema).filter(([key]) => !keys.includes(key)));
}
