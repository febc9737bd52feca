/** How the box is: for orchestrators, monitoring and people. */

import type { AppParts } from "./app_parts.ts";
import { route } from "./route.ts";
import type { Route } from "./route.ts";
import { readinessOf } from "./health.ts";
import { health, shortHealth } from "./schemas.ts";

export function monitoringRoutes(parts: AppParts): Route[] {
  return [
    route({
      method: "get",
      at: "/health",
      role: "read",
      operation: {
        id: "health",
        tag: "Health",
        summary: "Every part of the box, the versions, the last cycle, the modes",
        description: "draft-inadarei-api-health-check-06",
        answers: {
          200: { description: "It works", mediaType: "application/health+json", schema: health },
          503: {
            description: "No recommendation is possible",
            mediaType: "application/health+json",
            schema: health,
          },
        },
        problems: [],
      },
      answer: (context) => {
        const found = parts.health();
        return context.body(JSON.stringify(found), found.status === "fail" ? 503 : 200, {
          "content-type": "application/health+json",
          "cache-control": "no-store",
        });
      },
    }),
    route({
      method: "get",
      at: "/health/live",
      role: null,
      operation: {
        id: "live",
        tag: "Health",
        summary: "The process answers; depends on nothing",
        answers: { 200: { description: "It does", schema: shortHealth } },
        problems: [],
      },
      answer: (context) => context.json({ status: "pass" }),
    }),
    route({
      method: "get",
      at: "/health/ready",
      role: null,
      operation: {
        id: "ready",
        tag: "Health",
        summary: "A valid recommendation is possible now",
        answers: {
          200: { description: "It is", schema: shortHealth },
          503: { description: "It is not", schema: shortHealth },
        },
        problems: [],
      },
      answer: (context) => {
        const ready = readinessOf(parts.health());
        return context.json(ready, ready.status === "fail" ? 503 : 200);
      },
    }),
    route({
      method: "get",
      at: "/metrics",
      role: "read",
      operation: {
        id: "metrics",
        tag: "Monitoring",
        summary: "Counters, gauges and histograms for Prometheus",
        answers: { 200: { description: "Text format 0.0.4", mediaType: "text/plain" } },
        problems: [],
      },
      answer: (context) =>
        context.body(parts.metrics(), 200, {
          "content-type": "text/plain; version=0.0.4; charset=utf-8",
        }),
    }),
  ];
}
