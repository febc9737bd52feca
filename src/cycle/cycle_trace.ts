/**
 * One trace per cycle with its stages, through Deno's own OpenTelemetry: it exports where the variable
 * OTEL_DENO is set, and costs nothing where it is not (docs.deno.com, "OpenTelemetry").
 */

import { context, SpanStatusCode, trace } from "@opentelemetry/api";
import type { CycleRecord } from "./recommendation.ts";

/** Writes the trace of a cycle that has just ended, at `endMs` of the wall clock. */
export function traceCycle(
  { recommendation, times }: CycleRecord,
  { endMs }: { readonly endMs: number },
): void {
  const { cycle_id, status, trigger, strategy, version, reason, solver } = recommendation;
  const tracer = trace.getTracer("setpoint");
  const startMs = endMs - times.total_ms;
  const cycle = tracer.startSpan("cycle", {
    startTime: startMs,
    attributes: {
      "setpoint.cycle_id": cycle_id,
      "setpoint.status": status,
      "setpoint.trigger": trigger,
      "setpoint.strategy": strategy,
      "setpoint.version": version,
    },
  });
  if (status === "failed") cycle.setStatus({ code: SpanStatusCode.ERROR, message: reason ?? "" });
  const within = trace.setSpan(context.active(), cycle);
  let stageMs = startMs;
  // The stages run one after the other, in this order.
  for (const stage of ["read", "predict", "solve", "referee"] as const) {
    const span = tracer.startSpan(stage, {
      startTime: stageMs,
      attributes: stage === "solve" && solver !== null
        ? { "setpoint.iterations": solver.iterations, "setpoint.outcome": solver.outcome }
        : {},
    }, within);
    stageMs += times[`${stage}_ms`];
    span.end(stageMs);
  }
  cycle.end(endMs);
}
