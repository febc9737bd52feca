/** What every request must pass before a route sees it: who asks, what he may, how often, from where. */

import { getConnInfo } from "@hono/node-server/conninfo";
import type { MiddlewareHandler } from "hono";
import { callerOf, mayDo } from "./access.ts";
import type { Caller, Role, Stranger } from "./access.ts";
import type { AppParts } from "./app_parts.ts";
import { refused, signInPath } from "./dashboard/sign_in.tsx";
import { problem } from "./problem.ts";
import { RateLimits } from "./rate_limits.ts";
import type { HttpContext, HttpEnv, Route } from "./route.ts";
import { sessionCookie } from "./session_cookie.ts";
import type { Sessions } from "./sessions.ts";

/** What a guard knows of the route behind it. */
type Guarded = Pick<Route, "isPage"> & { readonly role: Role };

/** Lets a caller of at least the role through, within his rate: by his token, or by his session. */
export function guardsFor(
  parts: AppParts,
  sessions: Sessions,
): (route: Guarded) => MiddlewareHandler<HttpEnv> {
  const limits = new RateLimits({ perMinute: parts.requestsPerMinute });
  const secured = parts.tokens.length > 0;
  return ({ role, isPage = false }) => async (context, next) => {
    const caller = whoAsks(context, { parts, sessions });
    if ("refusal" in caller) {
      if (isPage) return context.redirect(signInPath(context), 303);
      context.header("WWW-Authenticate", 'Bearer realm="setpoint"');
      return problem(context, { kind: "unauthenticated", detail: caller.refusal });
    }
    if (!mayDo(caller, role)) {
      const detail = `This needs the role ${role}; ${caller.name} has ${caller.role}`;
      if (isPage) {
        context.set("caller", caller);
        return refused(context, { parts, detail });
      }
      return problem(context, { kind: "forbidden", detail });
    }
    const waitSeconds = secured ? limits.take(caller.name, performance.now()) : 0;
    if (waitSeconds > 0) {
      const detail = `${caller.name} may ask ${parts.requestsPerMinute} times a minute`;
      return problem(context, { kind: "too-many", detail, retryAfterSeconds: waitSeconds });
    }
    context.set("caller", caller);
    await next();
  };
}

/** A header counts before a cookie, so that a machine on a browser's host is who it says. */
function whoAsks(
  context: HttpContext,
  { parts, sessions }: { readonly parts: AppParts; readonly sessions: Sessions },
): Caller | Stranger {
  const address = addressOf(context);
  const authorization = context.req.header("authorization");
  const cookie = sessionCookie(context);
  if (parts.tokens.length === 0 || authorization !== undefined || cookie === undefined) {
    return callerOf(authorization, { tokens: parts.tokens, now: parts.now(), address });
  }
  const token = sessions.find(cookie, parts.now());
  if (token === undefined) return { refusal: "The session has ended: sign in again" };
  // What changes something must say that it comes from a page of ours; `sameOrigin` compares it.
  const changes = context.req.method !== "GET" && context.req.method !== "HEAD";
  if (changes && context.req.header("origin") === undefined) {
    return { refusal: "A request with a session must name its Origin" };
  }
  return { name: token.name, role: token.role, address };
}

/**
 * Without tokens a browser on this machine is the way in: a page of another site may post here, or
 * have its own name point to 127.0.0.1. So the host must be this machine and the origin ours.
 */
export function localOnly(): MiddlewareHandler<HttpEnv> {
  return async (context, next) => {
    const host = context.req.header("host");
    if (host !== undefined && !isLocal(host)) {
      const detail = `Without tokens this box answers to localhost alone, not to ${host}`;
      return problem(context, { kind: "bad-host", detail });
    }
    await next();
  };
}

/** A page of another site may not act in the name of whoever has it open. */
export function sameOrigin(): MiddlewareHandler<HttpEnv> {
  return async (context, next) => {
    const origin = context.req.header("origin");
    const host = context.req.header("host");
    if (origin !== undefined && host !== undefined && hostOf(origin) !== host) {
      const detail = `The request comes from a page of ${origin}`;
      return problem(context, { kind: "cross-site", detail });
    }
    await next();
  };
}

function isLocal(host: string): boolean {
  const name = host.replace(/:\d+$/, "");
  return name === "localhost" || name === "[::1]" || /^127(\.\d{1,3}){3}$/.test(name);
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}

/** Empty where the app is called without a socket. */
export function addressOf(context: HttpContext): string {
  const environment: unknown = context.env;
  const hasSocket = typeof environment === "object" && environment !== null &&
    "incoming" in environment;
  return hasSocket ? getConnInfo(context).remote.address ?? "" : "";
}
