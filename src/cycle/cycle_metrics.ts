/** What is measured of the cycles, in base units as Prometheus wants them. */

import type { Metrics } from "../metrics.ts";
import type { CycleRecord } from "./recommendation.ts";

/** Registers the metrics and returns what notes a cycle in them. */
export function cycleMetrics(metrics: Metrics): (record: CycleRecord) => void {
  const cycles = metrics.counter("setpoint_cycles_total", "Cycles by trigger and status");
  const stages = metrics.histogram("setpoint_cycle_stage_seconds", "Time of a cycle by stage");
  const iterations = metrics.counter("setpoint_solver_iterations_total", "Iterations of IPOPT");
  const rungs = metrics.counter("setpoint_solver_rungs_total", "Solves by rung and outcome");
  const difference = metrics.gauge(
    "setpoint_referee_difference_ratio",
    "Largest relative difference between the optimizer's model and ONNX Runtime, last cycle",
  );
  const lastEnd = metrics.gauge(
    "setpoint_last_cycle_timestamp_seconds",
    "Time of the last cycle by trigger",
  );
  const objective = metrics.gauge(
    "setpoint_objective",
    "Objective at the present (now) and at the recommended settings (expected), in its own unit",
  );
  const bias = metrics.gauge("setpoint_bias", "Bias of a predicted variable, in its own unit");

  return ({ recommendation, times, bias: biases }) => {
    const { trigger, status, solver, referee, time, objective: found } = recommendation;
    cycles.add(1, { trigger, status });
    for (const [stage, ms] of Object.entries(times)) {
      stages.observe(ms / 1000, { stage: stage.replace(/_ms$/, "") });
    }
    iterations.add(solver?.iterations ?? 0);
    for (const { rung, outcome } of solver?.rungs ?? []) rungs.add(1, { rung, outcome });
    if (referee !== null) difference.set(referee.worst_difference);
    lastEnd.set(Date.parse(time) / 1000, { trigger });
    if (found !== null && trigger !== "request") {
      objective.set(found.now, { at: "now", unit: found.unit });
      objective.set(found.expected, { at: "expected", unit: found.unit });
    }
    for (const [variable, value] of Object.entries(biases)) bias.set(value, { variable });
  };
}
