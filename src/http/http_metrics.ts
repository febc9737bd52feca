/** What is measured of the requests. */

import type { Metrics } from "../metrics.ts";
import type { AnsweredRequest } from "./app_parts.ts";

/** Methods beyond these are one label, so that nobody can fill the memory with series. */
const METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]);

/** Registers the metrics and returns what notes a request in them. */
export function httpMetrics(metrics: Metrics): (request: AnsweredRequest) => void {
  const requests = metrics.counter(
    "setpoint_http_requests_total",
    "Requests by route, method and status",
  );
  const seconds = metrics.histogram(
    "setpoint_http_request_seconds",
    "Time until the answer began, by route",
  );
  return ({ route, method, status, seconds: took }) => {
    const known = METHODS.has(method) ? method : "other";
    requests.add(1, { route, method: known, status: String(status) });
    seconds.observe(took, { route });
  };
}
