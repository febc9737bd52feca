/** Signing in and out with a browser, and the page for who may not see another one. */

import { z } from "zod";
import { callerOf } from "../access.ts";
import type { AppParts } from "../app_parts.ts";
import { RateLimits } from "../rate_limits.ts";
import { route } from "../route.ts";
import type { HttpContext, Route } from "../route.ts";
import { dropSessionCookie, sessionCookie, setSessionCookie } from "../session_cookie.ts";
import type { Sessions } from "../sessions.ts";
import { RefusalPage, SignInPage } from "./pages/sign_in_page.tsx";
import { secured, viewOf } from "./page.ts";
import { texts } from "./texts.ts";

/** Tries of everybody together: a token cannot be guessed, but trying costs the box time. */
const TRIES_PER_MINUTE = 30;
const MOST_LETTERS = 2_000;

const SIGN_IN = "/dashboard/sign-in";

/** Where a stranger goes, and comes back from. */
export function signInPath(context: HttpContext): string {
  const { pathname, search } = new URL(context.req.url);
  return `${SIGN_IN}?next=${encodeURIComponent(pathname + search)}`;
}

/** Tells in words why a page is not for the caller, under status 403. */
export function refused(
  context: HttpContext,
  { parts, detail }: { readonly parts: AppParts; readonly detail: string },
): Response | Promise<Response> {
  secured(context);
  const title = texts.refusal.title;
  return context.html(
    <RefusalPage view={viewOf(context, parts)} title={title} detail={detail} />,
    403,
  );
}

export function signInRoutes(parts: AppParts, sessions: Sessions): Route[] {
  const tries = new RateLimits({ perMinute: TRIES_PER_MINUTE });
  const operation = (id: string, summary: string) => ({
    id,
    tag: "Monitoring" as const,
    summary,
    answers: { 200: { description: "HTML", mediaType: "text/html" } },
    problems: [],
  });
  return [
    route({
      method: "get",
      at: SIGN_IN,
      role: null,
      query: z.object({ next: z.string().max(MOST_LETTERS).optional() }),
      operation: operation("signInPage", "Where a browser signs in"),
      answer: (context, { query: { next } }) => {
        secured(context);
        if (parts.tokens.length === 0) return context.redirect(ownPath(next), 303);
        return context.html(<SignInPage next={ownPath(next)} refusal={undefined} />);
      },
    }),
    route({
      method: "post",
      at: SIGN_IN,
      role: null,
      operation: operation("signIn", "Begin a session with a token"),
      answer: async (context) => {
        secured(context);
        const form = await context.req.parseBody();
        const next = ownPath(textOf(form.next));
        const now = parts.now();
        const presented = textOf(form.token).trim();
        const caller = callerOf(`Bearer ${presented}`, { tokens: parts.tokens, now, address: "" });
        if ("refusal" in caller) {
          // Only wrong tokens count: whoever tries them must not lock out those who have a right one.
          const waitSeconds = tries.take("sign-in", performance.now());
          return waitSeconds > 0
            ? context.html(
              <SignInPage next={next} refusal={texts.signIn.tooMany(Math.ceil(waitSeconds))} />,
              429,
            )
            : context.html(<SignInPage next={next} refusal={caller.refusal} />, 401);
        }
        const token = parts.tokens.find(({ name }) => name === caller.name);
        if (token !== undefined) setSessionCookie(context, sessions.begin(token, now));
        return context.redirect(next, 303);
      },
    }),
    route({
      method: "post",
      at: "/dashboard/sign-out",
      role: null,
      operation: operation("signOut", "End the session"),
      answer: (context) => {
        const cookie = sessionCookie(context);
        if (cookie !== undefined) sessions.end(cookie);
        dropSessionCookie(context);
        return context.redirect(SIGN_IN, 303);
      },
    }),
  ];
}

function textOf(field: unknown): string {
  return typeof field === "string" ? field.slice(0, MOST_LETTERS) : "";
}

/** A path of this box, whatever was asked for: nobody is sent elsewhere after signing in. */
function ownPath(next: string | undefined): string {
  if (next === undefined || !/^\/(?![/\\])[^\\\r\n]*$/.test(next)) return "/";
  return next.startsWith(SIGN_IN) ? "/" : next;
}
