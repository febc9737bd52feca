/** What every page's answer has in common: a policy that lets nothing in from elsewhere, and the view. */

import { LOCAL } from "../access.ts";
import type { AppParts } from "../app_parts.ts";
import type { HttpContext } from "../route.ts";
import type { DeskView } from "./desk_view.ts";

/** No inline script or style, nothing from another host, no frame around it. */
const POLICY = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; " +
  "frame-ancestors 'none'";

export function secured(context: HttpContext): void {
  context.header("Content-Security-Policy", POLICY);
  context.header("Cache-Control", "no-store");
}

export function viewOf(context: HttpContext, parts: AppParts): DeskView {
  return {
    health: parts.health(),
    latest: parts.cycles.latest?.recommendation,
    caller: context.var.caller ?? { ...LOCAL, address: "" },
    secured: parts.tokens.length > 0,
    now: parts.now(),
  };
}
