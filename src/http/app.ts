/** The HTTP interface as a Hono app; it does not listen. */

import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { secureHeaders } from "hono/secure-headers";
import type { CycleRecord } from "../cycle/recommendation.ts";
import type { Plan } from "../cycle/plan.ts";
import type { Cycles } from "../cycle/cycles.ts";
import { QueueFullError, StoppedError } from "../cycle/cycles.ts";
import type { MemoryCache } from "../storage/memory_cache.ts";
import type { Health } from "./health.ts";
import { optimizeRequest } from "./optimize_request.ts";
import { problem } from "./problem.ts";

export interface AppParts {
  readonly cycles: Cycles;
  readonly activePlan: () => Plan | undefined;
  /** False: the box works by its schedule alone. */
  readonly takesRequests: boolean;
  readonly cache: MemoryCache;
  readonly health: () => Health;
  readonly metrics: () => string;
  readonly cycle: (id: string) => CycleRecord | undefined;
  readonly failed: (error: unknown, path: string) => void;
}

const BODY_LIMIT_BYTES = 1_000_000;
const RETRY_AFTER_SECONDS = 5;

export function createApp(parts: AppParts): Hono {
  const app = new Hono();
  app.use(secureHeaders());
  app.use(bodyLimit({
    maxSize: BODY_LIMIT_BYTES,
    onError: (c) =>
      problem(c, { kind: "too-large", detail: `At most ${BODY_LIMIT_BYTES} bytes are read` }),
  }));

  app.get("/health", (c) => {
    const health = parts.health();
    return c.body(JSON.stringify(health), health.status === "fail" ? 503 : 200, {
      "content-type": "application/health+json",
      "cache-control": "no-store",
    });
  });
  app.get("/health/live", (c) => c.json({ status: "pass" }));
  app.get("/health/ready", (c) => {
    const { status, output } = parts.health();
    return c.json(
      { status, ...(output === undefined ? {} : { output }) },
      status === "fail" ? 503 : 200,
    );
  });

  app.post("/optimize", async (c) => {
    if (!parts.takesRequests) {
      return problem(c, {
        kind: "wrong-mode",
        detail: "This box works by its schedule alone; set app.mode to hybrid or api",
      });
    }
    const plan = parts.activePlan();
    if (plan === undefined) {
      return problem(c, {
        kind: "not-ready",
        detail: "No strategy is active yet; GET /health tells why",
        retryAfterSeconds: RETRY_AFTER_SECONDS,
      });
    }
    const request = await optimizeRequest(c.req.raw, plan.strategy);
    if ("kind" in request) return problem(c, request);
    try {
      const record = await parts.cycles.run({ trigger: "request", given: request.given });
      return c.json(record.recommendation, record.recommendation.status === "failed" ? 500 : 200);
    } catch (error) {
      if (!(error instanceof QueueFullError || error instanceof StoppedError)) throw error;
      return problem(c, {
        kind: "busy",
        detail: error.message,
        retryAfterSeconds: RETRY_AFTER_SECONDS,
      });
    }
  });

  app.get("/recommendations/latest", (c) => {
    const { latest } = parts.cycles;
    if (latest === undefined) {
      return problem(c, { kind: "not-found", detail: "No cycle has ended yet" });
    }
    return c.json(latest.recommendation, 200, { "cache-control": "no-store" });
  });
  app.get("/cycles/:id", (c) => {
    const record = parts.cycle(c.req.param("id"));
    return record === undefined
      ? problem(c, { kind: "not-found", detail: `No cycle ${c.req.param("id")} is stored` })
      : c.json(record);
  });

  app.get("/cache/stats", (c) => c.json(parts.cache.stats()));
  app.post("/cache/clear", (c) => c.json({ cleared: parts.cache.clear() }));
  app.get(
    "/metrics",
    (c) =>
      c.body(parts.metrics(), 200, { "content-type": "text/plain; version=0.0.4; charset=utf-8" }),
  );

  app.notFound((c) =>
    problem(c, { kind: "not-found", detail: `${c.req.method} ${c.req.path} does not exist` })
  );
  app.onError((error, c) => {
    parts.failed(error, c.req.path);
    return problem(c, { kind: "broken", detail: "The log has the cause" });
  });
  return app;
}
