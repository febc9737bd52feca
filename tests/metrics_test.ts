import assert from "node:assert/strict";
import { Metrics } from "../src/metrics.ts";

Deno.test("Metrics gives counters, gauges and histograms as Prometheus text", () => {
  const metrics = new Metrics();
  const cycles = metrics.counter("setpoint_cycles_total", "Cycles by status");
  cycles.add(1, { status: "held", mode: "advisory" });
  cycles.add(2, { mode: "advisory", status: "held" });
  metrics.gauge("setpoint_up", "1 while it runs").set(1);
  metrics.gaugeOf("setpoint_cache_bytes", "Bytes", () => [[{ kind: 'a"b\\' }, 7]]);
  const times = metrics.histogram("setpoint_solve_seconds", "Solves", { buckets: [0.1, 1] });
  for (const seconds of [0.05, 0.1, 0.5, 3]) times.observe(seconds);
  assert.equal(
    metrics.text(),
    `# HELP setpoint_cycles_total Cycles by status
# TYPE setpoint_cycles_total counter
setpoint_cycles_total{mode="advisory",status="held"} 3
# HELP setpoint_up 1 while it runs
# TYPE setpoint_up gauge
setpoint_up 1
# HELP setpoint_cache_bytes Bytes
# TYPE setpoint_cache_bytes gauge
setpoint_cache_bytes{kind="a\\"b\\\\"} 7
# HELP setpoint_solve_seconds Solves
# TYPE setpoint_solve_seconds histogram
setpoint_solve_seconds_bucket{le="0.1"} 2
setpoint_solve_seconds_bucket{le="1"} 3
setpoint_solve_seconds_bucket{le="+Inf"} 4
setpoint_solve_seconds_sum 3.65
setpoint_solve_seconds_count 4
`,
  );
});

Deno.test("Metrics refuses a name twice, a bad name and a counter that goes down", () => {
  const metrics = new Metrics();
  const counter = metrics.counter("a_total", "A");
  assert.throws(() => metrics.gauge("a_total", "A again"), TypeError);
  assert.throws(() => metrics.gauge("A total", "bad"), TypeError);
  assert.throws(() => counter.add(-1), RangeError);
  assert.throws(() => counter.add(NaN), RangeError);
});
