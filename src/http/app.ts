/** The HTTP interface as a Hono app; it does not listen. */

import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { secureHeaders } from "hono/secure-headers";
import type { AppParts } from "./app_parts.ts";
import { CycleHistory } from "./cycle_history.ts";
import { dashboardRoutes } from "./dashboard/dashboard_routes.tsx";
import { deskRoutes } from "./desk_routes.ts";
import { documentRoutes } from "./document_routes.ts";
import { guardsFor, localOnly, sameOrigin } from "./guards.ts";
import { monitoringRoutes } from "./monitoring_routes.ts";
import { problem } from "./problem.ts";
import { recommendationRoutes } from "./recommendation_routes.ts";
import type { HttpEnv, Route } from "./route.ts";
import { Sessions } from "./sessions.ts";
import { strategyRoutes } from "./strategy_routes.ts";
import { trendRoutes } from "./trend_routes.ts";
import { whatIfRoutes } from "./what_if_routes.ts";

const BODY_LIMIT_BYTES = 1_000_000;

/** Every route of the interface, each a row with its role. */
export function routesOf(parts: AppParts, sessions = new Sessions(parts)): Route[] {
  const history = new CycleHistory({
    records: parts.cycleList,
    latest: () => parts.cycles.latest,
    requestsCount: parts.cycles.requestsCount,
  });
  const described = [
    ...recommendationRoutes(parts),
    ...whatIfRoutes(parts),
    ...strategyRoutes(parts),
    ...deskRoutes(parts),
    ...trendRoutes(parts, history),
    ...monitoringRoutes(parts),
  ];
  return [
    ...described,
    ...documentRoutes(parts, described),
    ...dashboardRoutes(parts, { history, sessions }),
  ];
}

/** `open`: any host and no tokens, as the configuration says in so many words. */
export function createApp(
  parts: AppParts,
  { open = false }: { readonly open?: boolean } = {},
): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>();
  const sessions = new Sessions({ tokens: parts.tokens, ...parts.sessions });
  const routes = routesOf(parts, sessions);
  const guard = guardsFor(parts, sessions);

  app.use(async (context, next) => {
    const began = performance.now();
    await next();
    parts.answered({
      route: routes.find(({ path }) => path === context.req.routePath)?.path ?? "none",
      method: context.req.method,
      status: context.res.status,
      seconds: (performance.now() - began) / 1000,
      caller: context.var.caller?.name,
    });
  });
  // With no-referrer a browser would not even say that a form comes from a page of ours.
  app.use(secureHeaders({ referrerPolicy: "same-origin" }));
  if (parts.tokens.length === 0 && !open) app.use(localOnly());
  app.use(sameOrigin());
  app.use(bodyLimit({
    maxSize: BODY_LIMIT_BYTES,
    onError: (c) =>
      problem(c, { kind: "too-large", detail: `At most ${BODY_LIMIT_BYTES} bytes are read` }),
  }));

  for (const { method, path, role, answer, isPage = false } of routes) {
    if (role === null) app.on(method, path, answer);
    else app.on(method, path, guard({ role, isPage }), answer);
  }
  for (const path of new Set(routes.map((row) => row.path))) {
    const allowed = routes.filter((row) => row.path === path)
      .flatMap(({ method }) => method === "get" ? ["GET", "HEAD"] : ["POST"]).join(", ");
    app.all(path, (context) => {
      context.header("Allow", allowed);
      const detail = `${context.req.path} takes ${allowed}, not ${context.req.method}`;
      return problem(context, { kind: "method-not-allowed", detail });
    });
  }
  app.notFound((context) => {
    const detail = `${context.req.method} ${context.req.path} does not exist`;
    return problem(context, { kind: "not-found", detail });
  });
  app.onError((error, context) => {
    // Nobody is there to read this answer; it is no fault of ours.
    if (isCutOff(error)) {
      return problem(context, { kind: "cut-off", detail: "The connection ended first" });
    }
    parts.failed(error, context.req.path);
    return problem(context, { kind: "broken", detail: "The log has the cause" });
  });
  return app;
}

/** As node:http words it when the other side goes, or is sent away, within a request. */
function isCutOff(error: Error): boolean {
  return error.message === "aborted" && "code" in error && error.code === "ECONNRESET";
}
