import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { CycleRecord } from "../../src/cycle/recommendation.ts";
import { listen } from "../../src/http/server.ts";
import { isInstalled } from "../programs.ts";
import { freePort } from "../storage/postgres_server.ts";
import { sampleWithAllMetrics } from "./all_metrics.ts";

/** The list as the README documents it: a name that goes or changes breaks dashboards at the plant. */
const LIST: Readonly<Record<string, string>> = {
  setpoint_bias: "gauge",
  setpoint_bundle_age_seconds: "gauge",
  setpoint_bundle_info: "gauge",
  setpoint_cache_bytes: "gauge",
  setpoint_cache_items: "gauge",
  setpoint_cache_requests_total: "counter",
  setpoint_cycle_stage_seconds: "histogram",
  setpoint_cycles_total: "counter",
  setpoint_event_clients: "gauge",
  setpoint_health_status: "gauge",
  setpoint_http_request_seconds: "histogram",
  setpoint_http_requests_total: "counter",
  setpoint_last_cycle_timestamp_seconds: "gauge",
  setpoint_memory_bytes: "gauge",
  setpoint_objective: "gauge",
  setpoint_outbox_age_seconds: "gauge",
  setpoint_outbox_records: "gauge",
  setpoint_queue_waiting: "gauge",
  setpoint_referee_difference_ratio: "gauge",
  setpoint_solver_iterations_total: "counter",
  setpoint_solver_rungs_total: "counter",
  setpoint_start_timestamp_seconds: "gauge",
};

const MONITORING = new URL("../../strategies/cement-kiln/monitoring/", import.meta.url);

/** One cycle with all that a cycle can have; what the sample strategy gives has no solver. */
function richRecord(record: CycleRecord): CycleRecord {
  const { recommendation } = record;
  return {
    ...record,
    bias: { Predicted_NOX: -12.5 },
    recommendation: {
      ...recommendation,
      objective: {
        ...{ optimizer: "optimum", unit: "EUR/h", sense: "maximize", now: 1400, expected: 1431.9 },
        ...{ improvement: 31.9, penalties: [], quality: "good", source_time: null },
      },
      referee: { worst_difference: 3e-8, variable: "Predicted_NOX", tolerance: 1e-4 },
      solver: {
        optimizer: 'with "quotes"',
        outcome: "optimal",
        iterations: 14,
        total_ms: 9,
        evaluation_ms: 1,
        rungs: [],
      },
    },
  };
}

async function filledApp() {
  const sample = sampleWithAllMetrics();
  const record = await sample.cycles.run({ trigger: "schedule", given: new Map() });
  sample.noteCycle(richRecord(record));
  await sample.app.request("/cache/stats");
  return sample;
}

Deno.test("the metrics are those of the documented list, with their kinds", async () => {
  const { metrics } = await filledApp();
  const found = [...metrics.text().matchAll(/^# TYPE (\w+) (\w+)$/gm)].map(([, n, k]) => [n, k]);
  assert.deepEqual(Object.fromEntries(found), LIST);
});

Deno.test("dashboard and alert rules ask for metrics that there are", () => {
  for (const file of ["grafana_dashboard.json", "alerts.yaml"]) {
    const names = readFileSync(new URL(file, MONITORING), "utf8").match(/setpoint_[a-z_]+/g) ?? [];
    assert.ok(names.length > 8, file);
    for (const name of names) {
      const family = name.replace(/_(bucket|sum|count)$/, "");
      assert.ok(name in LIST || LIST[family] === "histogram", `${file}: ${name}`);
    }
  }
});

Deno.test("promtool finds nothing to say about the metrics and the alert rules", {
  ignore: !isThere("promtool"),
}, async () => {
  const { metrics } = await filledApp();
  const check = new Deno.Command("promtool", {
    args: ["check", "metrics"],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = check.stdin.getWriter();
  await writer.write(new TextEncoder().encode(metrics.text()));
  await writer.close();
  const { code, stdout, stderr } = await check.output();
  const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  assert.deepEqual([code, said], [0, ""]);
  const rules = await new Deno.Command("promtool", {
    args: ["check", "config", "prometheus.yaml"],
    cwd: MONITORING,
  }).output();
  assert.equal(rules.code, 0, new TextDecoder().decode(rules.stderr));
});

Deno.test(
  "Prometheus scrapes the listening service",
  { ignore: !isThere("prometheus") },
  async () => {
    const { app } = await filledApp();
    const server = await listen(app, {
      host: "127.0.0.1",
      port: 0,
      maxConnections: 50,
      tls: undefined,
      tlsFailed: () => {},
    });
    const folder = await Deno.makeTempDir();
    await Deno.writeTextFile(
      join(folder, "prometheus.yaml"),
      "global: { scrape_interval: 200ms }\nscrape_configs:\n" +
        `  - { job_name: setpoint, static_configs: [{ targets: ["127.0.0.1:${server.port}"] }] }\n`,
    );
    const port = freePort();
    const prometheus = new Deno.Command("prometheus", {
      args: [
        `--config.file=${join(folder, "prometheus.yaml")}`,
        `--storage.tsdb.path=${join(folder, "data")}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      stdout: "null",
      stderr: "null",
    }).spawn();
    try {
      const query = async (text: string) => {
        const url = `http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(text)}`;
        const { data } = await (await fetch(url)).json();
        return data.result.map(({ value }: { value: [number, string] }) => value[1]);
      };
      let up: string[] = [];
      const deadline = performance.now() + 120_000;
      while (up[0] !== "1") {
        assert.ok(performance.now() < deadline, "Prometheus has no sample after 120 s");
        await new Promise((resolve) => setTimeout(resolve, 100));
        up = await query('up{job="setpoint"}').catch(() => []);
      }
      assert.deepEqual(await query('setpoint_cycles_total{status="unchanged"}'), ["1"]);
      assert.deepEqual(await query('setpoint_objective{at="expected"}'), ["1431.9"]);
    } finally {
      prometheus.kill("SIGTERM");
      await prometheus.status;
      await server.stop();
      await Deno.remove(folder, { recursive: true });
    }
  },
);

function isThere(program: string): boolean {
  if (isInstalled(program)) return true;
  console.error(`IGNORED: no ${program} here (Debian: prometheus)`);
  return false;
}
