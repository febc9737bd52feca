/** The cookie of a browser's session: no script reads it, no other site sends it. */

import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import type { HttpContext } from "./route.ts";

const NAME = "setpoint_session";

export function sessionCookie(context: HttpContext): string | undefined {
  return getCookie(context, NAME);
}

export function setSessionCookie(
  context: HttpContext,
  { value, maxAgeSeconds }: { readonly value: string; readonly maxAgeSeconds: number },
): void {
  setCookie(context, NAME, value, { ...attributes(context), maxAge: maxAgeSeconds });
}

export function dropSessionCookie(context: HttpContext): void {
  deleteCookie(context, NAME, attributes(context));
}

/** Over TLS it never travels without. */
function attributes(context: HttpContext) {
  return {
    path: "/",
    httpOnly: true,
    sameSite: "Strict",
    secure: new URL(context.req.url).protocol === "https:",
  } as const;
}
