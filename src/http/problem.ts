/** Errors as RFC 9457 problem documents: what is wrong, where, and the cure. */

import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";

/** One wrong place in a request; `pointer` is a JSON pointer (RFC 6901) into the body. */
export interface ProblemPlace {
  readonly pointer: string;
  readonly detail: string;
}

/** The kinds of problem that this interface answers with. */
const PROBLEMS = {
  "not-json": { status: 400, title: "The body is not valid JSON" },
  "invalid-request": { status: 422, title: "The request has wrong fields" },
  "unknown-variable": { status: 422, title: "The strategy has no such variable" },
  "too-large": { status: 413, title: "The body is too large" },
  "wrong-media-type": { status: 415, title: "The body must be application/json" },
  "not-found": { status: 404, title: "There is nothing here" },
  "wrong-mode": { status: 409, title: "The box does not take requests" },
  "not-ready": { status: 503, title: "No strategy is active" },
  "busy": { status: 503, title: "Too many requests wait" },
  "broken": { status: 500, title: "The service failed at this request" },
} as const satisfies Record<string, { status: ContentfulStatusCode; title: string }>;

export type ProblemKind = keyof typeof PROBLEMS;

/** Answers with a problem document of the given kind. */
export function problem(
  context: Context,
  { kind, detail, errors, retryAfterSeconds }: {
    readonly kind: ProblemKind;
    readonly detail: string;
    readonly errors?: readonly ProblemPlace[];
    readonly retryAfterSeconds?: number;
  },
): Response {
  const { status, title } = PROBLEMS[kind];
  if (retryAfterSeconds !== undefined) context.header("Retry-After", String(retryAfterSeconds));
  return context.body(
    JSON.stringify({
      type: `urn:setpoint:problem:${kind}`,
      title,
      status,
      detail,
      instance: context.req.path,
      ...(errors === undefined ? {} : { errors }),
    }),
    status,
    { "content-type": "application/problem+json" },
  );
}
