import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

interface Span {
  readonly name: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly traceId: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly { key: string; value: Record<string, unknown> }[];
  readonly status: { readonly code?: number };
}

interface Export {
  readonly resourceSpans: readonly { scopeSpans: readonly { spans: readonly Span[] }[] }[];
}

Deno.test("traceCycle gives one trace per cycle with its stages where OTEL_DENO is set", async () => {
  const exported: Export[] = [];
  const collector = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    async (request) => {
      if (new URL(request.url).pathname === "/v1/traces") exported.push(await request.json());
      else await request.body?.cancel();
      return Response.json({});
    },
  );
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "-A", fileURLToPath(new URL("traced_cycle.ts", import.meta.url))],
    env: {
      OTEL_DENO: "true",
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${collector.addr.port}`,
    },
    stderr: "piped",
  });
  const { success, stderr } = await child.output();
  await collector.shutdown();
  assert.ok(success, new TextDecoder().decode(stderr));

  const spans = exported.flatMap(({ resourceSpans }) =>
    resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
  );
  const cycle = spans.find(({ name }) => name === "cycle");
  assert.ok(cycle, "the cycle has a span");
  const stages = spans.filter(({ parentSpanId }) => parentSpanId === cycle.spanId);
  const msOf = (span: Span) =>
    (Number(BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano))) / 1e6;
  assert.deepEqual(
    stages.map((span) => [span.name, Math.round(msOf(span))]),
    [["read", 10], ["predict", 5], ["solve", 30], ["referee", 4]],
  );
  assert.equal(Math.round(msOf(cycle)), 52);
  assert.ok(stages.every(({ traceId }) => traceId === cycle.traceId));
  assert.equal(cycle.status.code, 2);
  const id = cycle.attributes.find(({ key }) => key === "setpoint.cycle_id");
  assert.deepEqual(id?.value, { stringValue: "c-1" });
});
