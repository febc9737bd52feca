/** Errors as RFC 9457 problem documents: what is wrong, where, and the cure. */

import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";

/** One wrong place in a request; `pointer` is a JSON pointer (RFC 6901) into the body. */
export interface ProblemPlace {
  readonly pointer: string;
  readonly detail: string;
}

/** The kinds of problem that this interface answers with. */
export const PROBLEMS = {
  "not-json": { status: 400, title: "The body is not valid JSON" },
  "cut-off": { status: 400, title: "The request ended before its end" },
  "bad-host": { status: 400, title: "The request names another host" },
  "unauthenticated": { status: 401, title: "Who asks is not known" },
  "forbidden": { status: 403, title: "The token's role may not do this" },
  "cross-site": { status: 403, title: "A page of another site may not do this" },
  "not-found": { status: 404, title: "There is nothing here" },
  "method-not-allowed": { status: 405, title: "This route has no such method" },
  "wrong-mode": { status: 409, title: "The box does not take requests" },
  "refused": { status: 409, title: "The version cannot be put in force" },
  "too-large": { status: 413, title: "The body is too large" },
  "wrong-media-type": { status: 415, title: "The body must be application/json" },
  "invalid-request": { status: 422, title: "The request has wrong fields" },
  "unknown-variable": { status: 422, title: "The strategy has no such variable" },
  "key-reused": { status: 409, title: "The Idempotency-Key came with another request before" },
  "too-many": { status: 429, title: "The token's rate limit is reached" },
  "not-ready": { status: 503, title: "No strategy is active" },
  "busy": { status: 503, title: "Too many requests wait" },
  "broken": { status: 500, title: "The service failed at this request" },
} as const satisfies Record<string, { status: ContentfulStatusCode; title: string }>;

export type ProblemKind = keyof typeof PROBLEMS;

/** What is wrong with a request; `problem` makes the answer from it. */
export interface Problem {
  readonly kind: ProblemKind;
  readonly detail: string;
  readonly errors?: readonly ProblemPlace[];
  readonly retryAfterSeconds?: number;
}

/** The problem document of a request to this path. */
export function problemText({ kind, detail, errors }: Problem, path: string): string {
  const { status, title } = PROBLEMS[kind];
  return JSON.stringify({
    type: `urn:setpoint:problem:${kind}`,
    title,
    status,
    detail,
    instance: path,
    ...(errors === undefined ? {} : { errors }),
  });
}

/** Answers with a problem document of the given kind. */
export function problem(context: Context, said: Problem): Response {
  const { status } = PROBLEMS[said.kind];
  const { retryAfterSeconds } = said;
  if (retryAfterSeconds !== undefined) {
    context.header("Retry-After", String(Math.max(1, Math.ceil(retryAfterSeconds))));
  }
  return context.body(
    problemText(said, context.req.path),
    status,
    { "content-type": "application/problem+json", "cache-control": "no-store" },
  );
}

export function isProblem(value: object): value is Problem {
  return "kind" in value && "detail" in value;
}
