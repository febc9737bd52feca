/**
 * Requests that are refused before anything of their bodies is read. In a flood nearly all are
 * refused, so a refusal must cost next to nothing: this one takes a fifth of what the way through
 * the app takes, and whoever asks something else in between is not kept waiting.
 */

import type { IncomingMessage, RequestListener } from "node:http";
import type { AppParts } from "./app_parts.ts";
import { hasBody } from "./connections.ts";
import { PROBLEMS, problemText } from "./problem.ts";

/** Why a request is not let in. */
export interface Refusal {
  readonly status: number;
  readonly retryAfterSeconds: number;
  /** A problem document. */
  readonly body: string;
}

export type Admission = (request: IncomingMessage) => Refusal | undefined;

const RETRY_AFTER_SECONDS = 5;
/** What a client may have sent already, and node:http reads to its end and throws away. */
const SMALL_BODY_BYTES = 65_536;

/**
 * Refuses requests for an optimum while the queue is full. One with an Idempotency-Key may have its
 * answer already, and goes on.
 */
export function admissionOf(
  { cycles, answered }: Pick<AppParts, "cycles" | "answered">,
): Admission {
  return ({ method, url = "", headers }) => {
    const isOptimize = method === "POST" && /^\/optimize(\?|$)/.test(url);
    if (!isOptimize || !cycles.isFull || headers["idempotency-key"] !== undefined) return undefined;
    const { status } = PROBLEMS.busy;
    answered({ route: "/optimize", method, status, seconds: 0, caller: undefined });
    return {
      status,
      // Those that are refused together must not all come back together.
      retryAfterSeconds: RETRY_AFTER_SECONDS + Math.floor(Math.random() * RETRY_AFTER_SECONDS),
      body: problemText({ kind: "busy", detail: "As many requests wait as may wait" }, "/optimize"),
    };
  };
}

/** The app's listener, behind the admission. */
export function behind(admission: Admission, listener: RequestListener): RequestListener {
  return (request, response) => {
    const refusal = admission(request);
    if (refusal === undefined) return listener(request, response);
    const { status, retryAfterSeconds, body } = refusal;
    response.writeHead(status, {
      "content-type": "application/problem+json",
      "content-length": body.length,
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      "retry-after": String(retryAfterSeconds),
      ...(hasLargeBody(request) ? { connection: "close" } : {}),
    });
    response.end(body);
  };
}

function hasLargeBody(request: IncomingMessage): boolean {
  const length = Number(request.headers["content-length"] ?? Infinity);
  return hasBody(request) && length > SMALL_BODY_BYTES;
}
